"""Processes that outlive a command: started in a session of their own, remembered in a file."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from planning_review.errors import PlanningReviewError

# Held, so that a process that is meant to go on is not taken for one that was forgotten.
_started: list[subprocess.Popen[bytes]] = []


class Background(BaseModel):
    """A process started here: its address, and what tells it from another with the same pid."""

    pid: int
    url: str
    started_ticks: str | None


def find_free_port() -> int:
    """Return a port on 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_background(
    command: Sequence[str],
    *,
    record: Path,
    url: str,
    is_ready: Callable[[str], bool],
    environment: Mapping[str, str],
    wait_seconds: float,
) -> Background:
    """Start a command that goes on by itself, wait until it is ready, and record it.

    Its output goes to a `.log` file beside the record. Raises PlanningReviewError with the end of
    that log where it dies or does not get ready.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    log_path = record.with_suffix(".log")
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    _started.append(process)
    background = Background(pid=process.pid, url=url, started_ticks=_find_start(process.pid))
    _write(record, background)
    deadline = time.monotonic() + wait_seconds
    while not is_ready(url):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_background(record)
            tail = log_path.read_text(errors="replace")[-600:]
            raise PlanningReviewError(
                f"{' '.join(command[:4])} … did not get ready at {url} within {wait_seconds:.0f} s. "
                f"Its log is {log_path}; it ends:\n{tail}"
            )
        time.sleep(0.1)
    return background


def find_background(record: Path) -> Background | None:
    """Return the recorded process if it still runs and is the one that was started."""
    try:
        background = Background.model_validate_json(record.read_text())
    except (OSError, ValidationError, ValueError):
        return None
    start = _find_start(background.pid)
    if start is None or start != background.started_ticks:
        return None
    return background


def stop_background(record: Path, wait_seconds: float = 10) -> bool:
    """End the recorded process and all it started; says whether there was one."""
    background = find_background(record)
    if background is None:
        record.unlink(missing_ok=True)
        return False
    deadline = time.monotonic() + wait_seconds
    os.killpg(background.pid, signal.SIGTERM)
    while _find_start(background.pid) == background.started_ticks:
        if time.monotonic() > deadline:
            os.killpg(background.pid, signal.SIGKILL)
        _reap(background.pid)
        time.sleep(0.1)
    record.unlink(missing_ok=True)
    return True


def _write(record: Path, background: Background) -> None:
    temporary = record.with_suffix(".tmp")
    temporary.write_text(json.dumps(background.model_dump()))
    temporary.replace(record)


def _find_start(pid: int) -> str | None:
    """Return when a process started, in the kernel's ticks; a zombie counts as ended."""
    if not Path("/proc/self/stat").exists():
        return _find_start_by_ps(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _find_start_by_ps(pid: int) -> str | None:
    result = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - macOS has no /proc
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or None


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
