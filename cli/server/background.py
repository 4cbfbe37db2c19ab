"""Processes that outlive a command: started in a session of their own, remembered in a file.

A recorded process is ours while it lives. One that is slow is waited for: only one that is gone is
replaced, and only `stop_background` ends one.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from pydantic import BaseModel, ValidationError

from cli.telling import tell_step
from planning_review.errors import PlanningReviewError

STILL_SECONDS = 300.0
"""How long a process is waited for that lives, does not answer, and does nothing at all."""

_PAUSE_SECONDS = 0.1
_LOOK_SECONDS = 2.0
"""Between two looks at what a process has done: each goes through all processes of the machine."""

_LOG_BYTES = 20_000
_REASON = re.compile(r"^\s*(?:[\w.]*(?:Error|Exception)\b.*|.*\b(?:ERROR|CRITICAL)\b.*)$")
_TELLING = re.compile(r"\w{3}")

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
    name: str,
    still_seconds: float | None = None,
) -> Background:
    """Start a command that goes on by itself, record it, and wait until it is ready as below.

    Its output goes to a `.log` file beside the record.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.with_suffix(".log").open("wb") as log:
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
    await_background(background, record=record, is_ready=is_ready, name=name, still_seconds=still_seconds)
    return background


def await_background(
    background: Background,
    *,
    record: Path,
    is_ready: Callable[[str], bool],
    name: str,
    still_seconds: float | None = None,
) -> None:
    """Return when a recorded process answers at its port, however long it takes over that.

    Raises PlanningReviewError, with the reason from its log, where it ends; and where it lives but did
    nothing at all for still_seconds, STILL_SECONDS by default. It is never ended here.
    """
    still_seconds = STILL_SECONDS if still_seconds is None else still_seconds
    log_path = record.with_suffix(".log")
    seen, moved_at, looked_at = None, time.monotonic(), 0.0
    while True:
        if not _lives(background):
            record.unlink(missing_ok=True)
            raise PlanningReviewError(
                f"{name} ended before it was ready: {find_reason(log_path)}. Its log is {log_path}"
            )
        if is_ready(background.url) and owns_port(background):
            return
        now = time.monotonic()
        if now >= looked_at + min(_LOOK_SECONDS, still_seconds):
            looked_at, progress = now, _measure_progress(background, log_path)
            if progress != seen:
                seen, moved_at = progress, now
        if now - moved_at > still_seconds:
            raise PlanningReviewError(
                f"{name} (process {background.pid}) lives, but has not answered at {background.url} and done "
                f"nothing for {now - moved_at:.0f} s. Its log is {log_path}. To end it: planning-review down"
            )
        time.sleep(_PAUSE_SECONDS)


def find_background(record: Path) -> Background | None:
    """Return the recorded process if it still runs and is the one that was started."""
    try:
        background = Background.model_validate_json(record.read_text())
    except (OSError, ValidationError, ValueError):
        return None
    return background if _lives(background) else None


def owns_port(background: Background) -> bool:
    """Return whether the process, or one that it started, listens at its address."""
    port = urlsplit(background.url if "://" in background.url else f"//{background.url}").port
    try:
        process = psutil.Process(background.pid)
        return _listens(process, port) or any(
            _listens(member, port) for member in process.children(recursive=True)
        )
    except psutil.NoSuchProcess:
        return False


def find_reason(log_path: Path) -> str:
    """Return the line of a log that tells why its process ended: the last of an error, else the last."""
    try:
        text = log_path.read_bytes()[-_LOG_BYTES:].decode(errors="replace")
    except OSError:
        return "it left no log"
    # A banner is made of other signs than letters.
    lines = [line.strip() for line in text.splitlines() if _TELLING.search(line)]
    errors = [line for line in lines if _REASON.match(line)]
    return (errors or lines or ["it wrote nothing"])[-1].rstrip(".")


def stop_background(record: Path, wait_seconds: float = 10) -> bool:
    """End the recorded process and all it started; says whether there was one."""
    background = find_background(record)
    if background is None:
        record.unlink(missing_ok=True)
        return False
    tell_step("Stopping")
    deadline = time.monotonic() + wait_seconds
    os.killpg(background.pid, signal.SIGTERM)
    while _lives(background):
        if time.monotonic() > deadline:
            os.killpg(background.pid, signal.SIGKILL)
        _reap(background.pid)
        time.sleep(_PAUSE_SECONDS)
    record.unlink(missing_ok=True)
    return True


def _lives(background: Background) -> bool:
    start = _find_start(background.pid)
    return start is not None and start == background.started_ticks


def _listens(process: psutil.Process, port: int | None) -> bool:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.AccessDenied:
        # As of a process that went on as another user: then what answers there has to do.
        return True
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in connections
        if connection.laddr
    )


def _measure_progress(background: Background, log_path: Path) -> tuple[float, int]:
    """Return what grows while a process gets on: the CPU time of it and of what it started, and its log."""
    seconds = 0.0
    try:
        process = psutil.Process(background.pid)
        for member in (process, *process.children(recursive=True)):
            used = member.cpu_times()
            seconds += used.user + used.system
    except psutil.Error:
        pass
    return seconds, log_path.stat().st_size if log_path.exists() else 0


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
