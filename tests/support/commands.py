"""The command line as a user runs it: a process of its own, with a test's own folders."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.forking import run_forked
from tests.support.server_api import find_password


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


def run_command(
    arguments: tuple[str, ...], prefect_url: str, folder: Path, variables: dict[str, str]
) -> CommandResult:
    """Run `planning-review` to its end with its data under a folder."""
    return CommandResult(*run_forked(arguments, folder, command_environment(prefect_url, folder, variables)))


def run_module(
    module: str, arguments: tuple[str, ...], prefect_url: str, folder: Path, variables: dict[str, str]
) -> CommandResult:
    """Run a module as `python -m` does to its end, in a process and with folders of its own."""
    environment = command_environment(prefect_url, folder, variables)
    return CommandResult(*run_forked(arguments, folder, environment, module))


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
    if password := find_password(prefect_url):
        environment["PREFECT_API_AUTH_STRING"] = password
    if authority := environment.get("SSL_CERT_FILE"):
        # Else Prefect reads the authorities of all the world.
        environment["PREFECT_API_SSL_CERT_FILE"] = authority
    return (
        environment
        | {
            "PLANNING_DATA_DIR": str(folder / "data"),
            "PLANNING_TEMP_DIR": str(folder / "temp"),
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
            "PLANNING_WORKERS": "1",
            "PREFECT_API_URL": prefect_url,
            "PREFECT_HOME": str(folder / "prefect-home"),
        }
        | variables
    )
