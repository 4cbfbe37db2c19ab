"""The register that serves the bundled sample: in the background, there as a real one would be."""

import os
import socket
import sys
from pathlib import Path

import httpx

from cli.server.background import (
    Background,
    find_background,
    find_free_port,
    start_background,
    stop_background,
)
from planning_review.folders import require_folders
from planning_review.settings import Settings


def ensure_sample_register(settings: Settings) -> Background:
    """Return the sample's register, started if it does not answer.

    It keeps its port between starts where that is free, so that links in earlier reviews open.
    """
    require_folders(settings)
    record = _record(settings)
    running = find_background(record)
    if running is not None and _answers(running.url):
        return running
    stop_background(record)
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
        wait_seconds=60,
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
