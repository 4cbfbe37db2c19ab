"""The settings, and that the example file tells of every one."""

import re
from pathlib import Path

import pytest

from planning_review.errors import UsageError
from planning_review.settings import Settings, load_settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def name_in_environment(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return str(alias or name).upper()


def test_example_file_tells_of_every_setting_and_of_no_other() -> None:
    told = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    names = {name_in_environment(name) for name in Settings.model_fields}
    # Read when a model is asked; told of when there is one to choose.
    assert names - told <= {"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"}
    assert told <= names


def test_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNING_REGISTER_INTERVAL_SECONDS", "secret-value")
    with pytest.raises(UsageError, match="PLANNING_REGISTER_INTERVAL_SECONDS") as caught:
        load_settings()
    assert "secret-value" not in str(caught.value)


def test_folders_are_absolute_and_empty_values_are_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNING_DATA_DIR", "somewhere")
    monkeypatch.setenv("S3_ENDPOINT_URL", "")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "somewhere"
    assert settings.s3_endpoint_url is None
