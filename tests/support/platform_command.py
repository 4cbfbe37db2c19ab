"""`planning-review` in a process where the sample's council has a register on another platform."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.commands import CommandResult, command_environment

PLATFORM_VARIABLE = "SAMPLE_PLATFORM"
ROOT = Path(__file__).parents[2]


def run_on_platform(
    platform: str, url: str, arguments: tuple[str, ...], prefect_url: str, folder: Path, **options: str
) -> CommandResult:
    """Run a command to its end; the register is at url, and everything else under a folder.

    options are the council's, by the platform's own names.
    """
    variables = {
        PLATFORM_VARIABLE: json.dumps({"platform": platform, **options}),
        "PLANNING_COUNCIL": "sample",
        "PLANNING_REGISTER_URL": url,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.platform_command", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=command_environment(prefect_url, folder, variables),
        timeout=240,
        check=False,
    )
    return CommandResult(done.returncode, done.stdout, done.stderr)


def put_on(entry: dict[str, str]) -> None:
    """Give the sample's council a register on a platform, in this process."""
    from planning_review.register.councils import _read_councils

    _read_councils()["sample"] = {
        "name": "Sample District",
        "register_url": "http://127.0.0.1:9",
        **entry,
    }


if __name__ == "__main__":
    from cli.main import main

    put_on(json.loads(os.environ[PLATFORM_VARIABLE]))
    main()
