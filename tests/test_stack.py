"""The stack of compose.yaml and its image: what can be seen of them without an engine for containers."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from run_stack import read_services  # noqa: E402

PORTS = {"postgres": 1, "prefect": 2, "chroma": 3, "s3": 4, "health": 5}
SECRETS = {"PREFECT_AUTH": "name:word", "POSTGRES_PASSWORD": "abc"}


@pytest.fixture
def services() -> dict[str, Any]:
    return read_services(SECRETS, PORTS)


def test_the_worker_is_given_every_setting_of_the_store_and_the_register(services: dict[str, Any]) -> None:
    named = re.findall(
        r"^#((?:S3|ANTHROPIC|ADVOCACY)_\w+|PLANNING_(?:REGISTER|COUNCIL|CONTACT)\w*)=",
        (ROOT / ".env.example").read_text(),
        re.MULTILINE,
    )
    assert len(named) > 15
    for service in ("deploy", "worker"):
        assert set(named) <= set(services[service]["environment"])


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
    published = re.findall(r'ports: \["([^"]+)"\]', (ROOT / "compose.yaml").read_text())
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_has_the_versions_that_were_tested() -> None:
    def read_pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9_.-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    image, tested = read_pins("requirements-image.lock"), read_pins("requirements.lock")
    assert len(image) > 100
    assert image < tested
    assert not {pin.partition("==")[0] for pin in image} & {"pytest", "moto", "mypy", "ruff"}
