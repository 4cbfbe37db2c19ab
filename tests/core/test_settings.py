"""The settings: where they come from, and what is said of wrong ones."""

import os
from pathlib import Path

import pytest

from cli.server.local_server import use_named_server
from planning_review.errors import UsageError
from planning_review.settings import load_settings


def test_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNING_REGISTER_INTERVAL_SECONDS", "secret-value")
    with pytest.raises(UsageError, match="PLANNING_REGISTER_INTERVAL_SECONDS") as caught:
        load_settings()
    assert "secret-value" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4200", "http://127.0.0.1:4200/apiary.html"])
def test_address_of_the_servers_page_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(UsageError, match=r"PREFECT_API_URL.*end in /api"):
        load_settings()


def test_env_file_names_the_server_and_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "PREFECT_API_URL=http://127.0.0.1:9/api/\nPREFECT_API_AUTH_STRING=name:secret-word\n"
    )
    settings = load_settings()
    assert use_named_server(settings) == "http://127.0.0.1:9"
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:9/api"
    assert os.environ["PREFECT_API_AUTH_STRING"] == "name:secret-word"
    assert "secret-word" not in repr(settings)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("PLANNING_WORKER=2", "PLANNING_WORKER in .* is no setting .did you mean PLANNING_WORKERS"),
        ("ANTROPIC_API_KEY=secret-word", "did you mean ANTHROPIC_API_KEY"),
        ("S3_NOTHING_LIKE_IT=secret-word", "S3_NOTHING_LIKE_IT in .* is no setting"),
    ],
)
def test_misspelt_name_in_the_env_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{line}\n")
    with pytest.raises(UsageError, match=said) as caught:
        load_settings()
    assert "secret-word" not in str(caught.value)


def test_names_of_others_in_the_env_file_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    others = "PREFECT_AUTH=a:b\nPOSTGRES_PASSWORD=c\nCOMPOSE_PROFILES=try-s3\nAWS_PROFILE=d\nEDITOR=vi\n"
    (tmp_path / ".env").write_text(f"{others}planning_workers=3\n")
    assert load_settings().workers == 3


def test_folders_are_absolute_and_empty_values_are_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNING_DATA_DIR", "somewhere")
    monkeypatch.setenv("S3_ENDPOINT_URL", "")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "somewhere"
    assert settings.s3_endpoint_url is None
