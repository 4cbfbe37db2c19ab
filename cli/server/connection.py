"""The connection to the Prefect server in use: whether it answers, and the words for it where it does not."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.server.local_server import await_server, find_server, use_named_server, use_own_server
from cli.telling import tell_step
from planning_review.errors import PlanningReviewError
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_PAUSE_SECONDS = 1.0
_STILL_SECONDS = 30.0
"""How long the own server is waited for that does nothing at all, where somebody asks how things are."""
_LEAST_ERROR = 500


class _Fault(NamedTuple):
    """Why a server can't be used; may_pass where it may only be starting."""

    reason: str
    may_pass: bool


@contextmanager
def connect_if_running(settings: Settings) -> "Iterator[tuple[SyncPrefectClient | None, str]]":
    """Give a client of the server in use and its address; none, and why, where it does not answer.

    Nothing is started: whoever asks how things are must not change them.
    """
    url = use_named_server(settings)
    if url is None:
        server = find_server(settings)
        if server is None:
            yield None, "not running; a review starts it, or planning-review up"
            return
        url = server.url
        try:
            await_server(settings, server, _STILL_SECONDS)
        except PlanningReviewError as error:
            yield None, str(error)
            return
        use_own_server(settings, url)
    tell_step("Loading Prefect")
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        fault = _find_fault(client)
        if fault:
            yield None, f"{url} {fault.reason}"
        else:
            yield client, url


def require_named_server(url: str, wait_seconds: float) -> None:
    """Return when the server that PREFECT_API_URL names answers.

    One that may only be starting is waited for, and a line says so. Raises PlanningReviewError where it
    does not answer in that time, refuses, or is no Prefect server. Imports Prefect.
    """
    from prefect.client.orchestration import get_client

    deadline = time.monotonic() + wait_seconds
    is_told = False
    while True:
        with get_client(sync_client=True) as client:
            fault = _find_fault(client)
        if fault is None:
            return
        if not fault.may_pass or time.monotonic() >= deadline:
            raise PlanningReviewError(f"The Prefect server {url} {fault.reason}")
        if not is_told:
            click.echo(
                f"Waiting up to {wait_seconds:.0f} s for the Prefect server {url} to answer.", err=True
            )
            is_told = True
        time.sleep(_PAUSE_SECONDS)


def _find_fault(client: "SyncPrefectClient") -> _Fault | None:
    import httpx

    try:
        client.hello()
    except httpx.HTTPStatusError as error:
        status_code = error.response.status_code
        return _Fault(_explain_refusal(status_code), may_pass=status_code >= _LEAST_ERROR)
    except httpx.HTTPError as error:
        reason = f"does not answer ({type(error).__name__}). Start it, or correct PREFECT_API_URL"
        return _Fault(f"{reason}: docs/operations.md", may_pass=True)
    return None


def _explain_refusal(status_code: int) -> str:
    if status_code not in (401, 403):
        return (
            f"does not answer as it should (HTTP {status_code}). Does PREFECT_API_URL name a Prefect server?"
        )
    if os.environ.get("PREFECT_API_AUTH_STRING"):
        return "refuses the name and the password in PREFECT_API_AUTH_STRING"
    return "wants a name and a password: set PREFECT_API_AUTH_STRING=name:password"
