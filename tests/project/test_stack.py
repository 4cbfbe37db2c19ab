"""The stack of compose.yaml and its image: what can be seen of them without an engine for containers."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from planning_review.settings import load_settings
from planning_review.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from run_stack import read_services  # noqa: E402

PORTS = {"postgres": 1, "prefect": 2, "chroma": 3, "s3": 4, "health": 5}
SECRETS = {"PREFECT_AUTH": "name:word", "POSTGRES_PASSWORD": "abc"}


@pytest.fixture
def services() -> dict[str, Any]:
    return read_services(SECRETS, PORTS)


def test_the_worker_is_given_every_setting(services: dict[str, Any]) -> None:
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#((?:S3|AWS|ANTHROPIC|ADVOCACY|PLANNING)_\w+)=", text, re.MULTILINE))
    assert len(named) > 30
    # The folders are the image's own.
    wanted = named - {"PLANNING_DATA_DIR", "PLANNING_TEMP_DIR"}
    for service in ("deploy", "worker"):
        assert wanted <= set(services[service]["environment"])


def test_defaults_are_those_of_the_settings(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = [
        name
        for name in os.environ
        if name.startswith(("PLANNING_", "S3_", "AWS_", "ANTHROPIC_", "ADVOCACY_", "PREFECT_API_"))
    ]
    for name in ours:
        monkeypatch.delenv(name)
    defaults = load_settings(_env_file=None)
    for name, value in services["worker"]["environment"].items():
        # What the stack sets itself: the index and the server are services of it.
        if name != "PLANNING_CHROMA_URL" and not name.startswith("PREFECT_"):
            monkeypatch.setenv(name, value)
    assert load_settings(_env_file=None) == defaults


def test_settings_reach_the_worker_as_they_stand_in_the_environment() -> None:
    given = SECRETS | {"S3_BUCKET": "ours", "S3_KEY_PREFIX": ""}
    worker = read_services(given, PORTS)["worker"]["environment"]
    assert (worker["S3_BUCKET"], worker["S3_KEY_PREFIX"], worker["S3_REGION"]) == ("ours", "planning", "")
    assert worker["PREFECT_API_URL"] == "http://127.0.0.1:2/api"


@pytest.mark.parametrize("missing", SECRETS)
def test_the_stack_does_not_start_without_its_passwords(missing: str) -> None:
    with pytest.raises(SystemExit, match=missing):
        read_services({k: v for k, v in SECRETS.items() if k != missing}, PORTS)


def test_nothing_listens_for_other_machines() -> None:
    raw = read_yaml(ROOT / "compose.yaml")["services"]
    published = [port for service in raw.values() for port in service.get("ports", ())]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert not [name for name, service in raw.items() if service.get("network_mode")]


def test_the_image_has_the_versions_that_were_tested() -> None:
    def read_pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9_.-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    image, tested = read_pins("requirements-image.lock"), read_pins("requirements.lock")
    assert len(image) > 100
    assert image < tested
    assert not {pin.partition("==")[0] for pin in image} & {"pytest", "moto", "mypy", "ruff"}
