"""The local Prefect server: one for each data folder, left running between commands."""

import os
import sys
from collections.abc import Callable
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
from cli.server.password import find_password, locate_password, require_password
from cli.telling import tell_step
from planning_review.register.http import is_loopback
from planning_review.settings import Settings

NAME = "The Prefect server"
COMMAND = (sys.executable, "-m", "cli.server.serve")

_ANSWER_SECONDS = 2


def use_named_server(settings: Settings) -> str | None:
    """Hand Prefect the server and the password that the settings name; returns its address, if any.

    Prefect reads the environment and, for itself, `.env`; this makes both count for us as well. A server
    on this machine that nobody gave a password for may be the data folder's own, run as a unit.
    """
    if not settings.prefect_api_url:
        return None
    os.environ["PREFECT_API_URL"] = settings.prefect_api_url
    if settings.prefect_api_auth_string:
        os.environ["PREFECT_API_AUTH_STRING"] = settings.prefect_api_auth_string.get_secret_value()
    elif is_loopback(settings.prefect_api_url) and (password := find_password(settings)):
        os.environ["PREFECT_API_AUTH_STRING"] = password
    return settings.prefect_api_url.removesuffix("/api")


def use_own_server(settings: Settings, url: str) -> None:
    """Hand Prefect this data folder's server at its address, with its password."""
    os.environ["PREFECT_API_URL"] = f"{url}/api"
    os.environ["PREFECT_API_AUTH_STRING"] = require_password(settings)
    # The profile in the person's home may name another server, and its own settings.
    os.environ["PREFECT_HOME"] = str(settings.prefect_dir)


def ensure_server(settings: Settings, prepare: Callable[[str], None] | None = None) -> Background:
    """Return this data folder's Prefect server when it answers, started where there is none.

    One that lives is waited for and never replaced, however slow. prepare is called with the server's
    address once that is known, before the server is started or waited for: Prefect reads its settings
    when it is imported, and what is checked then must not wait for it.
    """
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    tell_step("Waiting for another command, which starts the Prefect server")
    with FileLock(settings.locks_dir / "server.lock"):
        tell_step("Looking for the Prefect server")
        running = find_server(settings)
        port = find_free_port()
        url = running.url if running else f"http://127.0.0.1:{port}"
        if prepare:
            prepare(url)
        if running:
            await_server(settings, running)
            return running
        is_first = not (settings.prefect_dir / "prefect.db").exists()
        first = ": the first time it makes its database, which may take minutes" if is_first else ""
        tell_step(f"Starting the Prefect server{first}")
        return start_background(
            [*COMMAND, "--port", str(port)],
            record=_record(settings),
            url=url,
            is_ready=_answers,
            environment=_server_environment(settings),
            name=NAME,
        )


def find_server(settings: Settings) -> Background | None:
    """Return this data folder's Prefect server if it lives, whether or not it answers now."""
    return find_background(_record(settings))


def await_server(settings: Settings, server: Background, still_seconds: float | None = None) -> None:
    """Return when a server that lives answers; raises PlanningReviewError where it ends or stands still."""
    tell_step(f"Waiting for the Prefect server at {server.url}, which is busy or starting")
    await_background(
        server, record=_record(settings), is_ready=_answers, name=NAME, still_seconds=still_seconds
    )


def stop_server(settings: Settings) -> bool:
    """Stop this data folder's Prefect server, and no other; says whether there was one."""
    return stop_background(_record(settings))


def describe_sign_in(settings: Settings, url: str) -> str:
    """Say how a person gets into the server's page."""
    where = (
        "PREFECT_SERVER_API_AUTH_STRING"
        if settings.prefect_server_api_auth_string
        else f"the one line of {locate_password(settings)}"
    )
    return f"{url} asks a person for a password: it is {where}, the name before the colon included."


def _record(settings: Settings) -> Path:
    return settings.prefect_dir / "server.json"


def _server_environment(settings: Settings) -> dict[str, str]:
    # A profile or an address of the person's own Prefect must not reach this server.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return environment | {
        "PLANNING_DATA_DIR": str(settings.data_dir),
        "PREFECT_HOME": str(settings.prefect_dir),
        "PREFECT_SERVER_API_AUTH_STRING": require_password(settings),
    }


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=_ANSWER_SECONDS).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
