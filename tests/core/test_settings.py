"""The settings: where they come from, and what is said of wrong ones."""

import os
from pathlib import Path

import pytest

from cli.server.local_server import use_named_server
from cli.server.password import locate_password, require_password
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


def test_every_secret_is_known_whole_and_without_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "S3_SECRET_ACCESS_KEY": "secret-of-s3",
        "ANTHROPIC_API_KEY": "secret-of-the-model",
        "PREFECT_API_AUTH_STRING": "name:secret-of-the-client",
        "PREFECT_SERVER_API_AUTH_STRING": "name:secret-of-the-server",
        "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://prefect:secret%20of%20it@host/prefect",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    known = load_settings(_env_file=None).list_secrets()
    assert {*secrets.values()} - {secrets["PREFECT_API_DATABASE_CONNECTION_URL"]} <= {*known}
    assert {"secret-of-the-client", "secret-of-the-server", "secret of it"} <= {*known}


@pytest.mark.parametrize(
    ("name", "value"),
    [("PLANNING_PREFECT_HOSTS", "http://a.example"), ("PLANNING_FORM_FOLDERS", "folder/of/mine")],
)
def test_names_and_folders_that_can_not_be_meant_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name):
        load_settings()


def test_own_servers_password_goes_to_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for host, is_given in (("127.0.0.1", True), ("prefect.example.org", False)):
        monkeypatch.setenv("PREFECT_API_URL", f"http://{host}:4200/api")
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", "")
        settings = load_settings(PLANNING_DATA_DIR=tmp_path, _env_file=None)
        password = require_password(settings)
        use_named_server(settings)
        assert os.environ["PREFECT_API_AUTH_STRING"] == (password if is_given else "")
        assert locate_password(settings).stat().st_mode & 0o777 == 0o600
