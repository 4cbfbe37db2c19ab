"""The local Prefect server: one for each data folder, left running between commands."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
from filelock import FileLock

from cli.server.background import (
    Background,
    find_background,
    find_free_port,
    start_background,
    stop_background,
)
from planning_review.settings import Settings

START_SECONDS = 120
"""A fresh database takes 15 to 20 s on a small machine, more on a busy one."""


def use_named_server(settings: Settings) -> str | None:
    """Hand Prefect the server and the password that the settings name; returns its address, if any.

    Prefect reads the environment and, for itself, `.env`; this makes both count for us as well.
    """
    if settings.prefect_api_auth_string:
        os.environ["PREFECT_API_AUTH_STRING"] = settings.prefect_api_auth_string.get_secret_value()
    if not settings.prefect_api_url:
        return None
    os.environ["PREFECT_API_URL"] = settings.prefect_api_url
    return settings.prefect_api_url.removesuffix("/api")


def ensure_server(settings: Settings, prepare: Callable[[str], None] | None = None) -> Background:
    """Return this data folder's Prefect server, started if it does not answer.

    prepare is called with the server's address once that is known, before the server is started:
    Prefect reads its settings when it is imported, and what is checked then must not wait for it.
    """
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.locks_dir / "server.lock"):
        running = find_server(settings)
        port = find_free_port()
        url = running.url if running else f"http://127.0.0.1:{port}"
        if prepare:
            prepare(url)
        if running:
            return running
        stop_background(_record(settings))
        return start_background(
            [sys.executable, "-m", "prefect", "server", "start"],
            record=_record(settings),
            url=url,
            is_ready=_answers,
            environment=_server_environment(settings, port),
            wait_seconds=START_SECONDS,
        )


def find_server(settings: Settings) -> Background | None:
    """Return this data folder's Prefect server if it runs and answers."""
    running = find_background(_record(settings))
    return running if running and _answers(running.url) else None


def stop_server(settings: Settings) -> bool:
    """Stop this data folder's Prefect server, and no other; says whether there was one."""
    return stop_background(_record(settings))


def _record(settings: Settings) -> Path:
    return settings.prefect_dir / "server.json"


def _server_environment(settings: Settings, port: int) -> dict[str, str]:
    # A profile or an address of the person's own Prefect must not reach this server.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {
        "PREFECT_HOME": str(settings.prefect_dir),
        # The page that the server serves calls this address: with --port alone it calls 4200.
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        # What links in notifications begin with.
        "PREFECT_UI_URL": f"http://127.0.0.1:{port}",
        # Runs being watched for heartbeats are forgotten when the server was away for longer than this
        # after their time: 60 s by default, so that a reboot would leave them Running for ever.
        "PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER": "P30D",
        # Slots that runs hold are kept in memory by default, so that those held when the server is
        # restarted would never be free again.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # Logs and artifacts of runs that were deleted stay for ever by default.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    return environment


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
