"""The register that serves the bundled sample: in the background, there as a real one would be."""

import os
import socket
import sys
from pathlib import Path

import httpx
from filelock import FileLock

from cli.server.background import (
    Background,
    await_background,
    find_background,
    find_free_port,
    start_background,
    stop_background,
)
from cli.telling import tell_step
from planning_review.folders import require_folders
from planning_review.settings import Settings

NAME = "The sample's register"


def ensure_sample_register(settings: Settings) -> Background:
    """Return the sample's register when it answers, started where there is none.

    One that lives is waited for and never replaced. It keeps its port between starts where that is free, so
    that links in earlier reviews open.
    """
    require_folders(settings)
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    record = _record(settings)
    tell_step("Starting the sample's register")
    with FileLock(settings.locks_dir / "sample.lock"):
        if running := find_background(record):
            await_background(running, record=record, is_ready=_answers, name=NAME)
            return running
        remembered = settings.data_dir / "sample" / "port"
        port = _load_port(remembered) or find_free_port()
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.write_text(str(port))
        return start_background(
            [sys.executable, "-m", "planning_review.sample.serve", "--port", str(port)],
            record=record,
            url=f"http://127.0.0.1:{port}",
            is_ready=_answers,
            environment=os.environ,
            name=NAME,
        )


def stop_sample_register(settings: Settings) -> bool:
    """Stop the sample's register; says whether there was one."""
    return stop_background(_record(settings))


def _record(settings: Settings) -> Path:
    return settings.data_dir / "sample" / "register.json"


def _load_port(path: Path) -> int | None:
    try:
        port = int(path.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError):
        return None
    return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/Search/Advanced", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
