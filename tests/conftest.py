"""What the tests share: one real Prefect server, and the command line as a user runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Before any test imports PyMuPDF: workers leave its layout network out, with which tables read otherwise.
import planning_review.documents.formats.pdf  # noqa: F401
from cli.server.local_server import ensure_server, stop_server
from planning_review.settings import load_settings


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API address of a Prefect server of these tests' own, stopped with them."""
    settings = load_settings(PLANNING_DATA_DIR=tmp_path_factory.mktemp("prefect-server"))
    yield f"{ensure_server(settings).url}/api"
    stop_server(settings)


@dataclass(frozen=True)
class CommandResult:
    """What a command ended with; line is the last line of stdout, read as JSON where it is."""

    status: int
    stdout: str
    stderr: str

    @property
    def line(self) -> Any:
        return json.loads(self.stdout.splitlines()[-1])


Command = Callable[..., CommandResult]


@pytest.fixture
def command(prefect_url: str, tmp_path: Path) -> Command:
    """Run `planning-review` in a process of its own, with a data folder of this test's own."""

    def run(*arguments: str, **variables: str) -> CommandResult:
        return run_command(arguments, prefect_url, tmp_path, variables)

    return run


def run_command(
    arguments: tuple[str, ...], prefect_url: str, folder: Path, variables: dict[str, str]
) -> CommandResult:
    """Run `planning-review` to its end with its data under a folder."""
    process = start_command(arguments, prefect_url, folder, variables)
    stdout, stderr = process.communicate(timeout=240)
    return CommandResult(process.returncode, stdout, stderr)


def start_command(
    arguments: tuple[str, ...], prefect_url: str, folder: Path, variables: dict[str, str]
) -> subprocess.Popen[str]:
    """Start `planning-review` and return without waiting for it."""
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("planning-review")), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=command_environment(prefect_url, folder, variables),
    )


def command_environment(prefect_url: str, folder: Path, variables: dict[str, str]) -> dict[str, str]:
    """Return an environment with a test's own folders, and nothing of the person who runs it."""
    ours = ("PLANNING_", "S3_", "PREFECT_", "ANTHROPIC_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return (
        environment
        | {
            "PLANNING_DATA_DIR": str(folder / "data"),
            "PLANNING_TEMP_DIR": str(folder / "temp"),
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
            "PREFECT_API_URL": prefect_url,
            "PREFECT_HOME": str(folder / "prefect-home"),
        }
        | variables
    )


LONGEST_FIRST = (
    "test_storage_flow.py",
    "test_review_flow.py",
    "test_deployments.py",
    "test_scan.py",
    "test_retry_command.py",
)
"""Files run side by side, each in one process: the long ones begin first, so that none is left over."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within a file stays."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))
