"""What a Prefect server knows of this project: its workers, its scans, and the runs that need a person."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.deployments import WORK_POOL
from cli.runs import Run, walk_runs
from cli.server import find_server, use_named_server
from planning_review.register.councils import list_councils
from planning_review.review.presentation import format_date
from planning_review.scan.contract import ScanParameters
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

MOST_RUNS = 500
"""How far back runs are looked at."""


@contextmanager
def connect_if_running(settings: Settings) -> "Iterator[tuple[SyncPrefectClient | None, str]]":
    """Give a client of the server in use and its address; none, and why, where it does not answer.

    Nothing is started: whoever asks how things are must not change them.
    """
    url = use_named_server(settings)
    if url is None:
        server = find_server(settings)
        if server is None:
            yield None, "not running (planning-review up)"
            return
        url = server.url
        os.environ["PREFECT_API_URL"] = f"{url}/api"
        os.environ["PREFECT_HOME"] = str(settings.prefect_dir)
    import httpx
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        try:
            client.hello()
        except httpx.HTTPStatusError as error:
            refused = error.response.status_code in (401, 403)
            reason = (
                "wants PREFECT_API_AUTH_STRING=name:password" if refused else "does not answer as it should"
            )
            yield None, f"{url} {reason}"
            return
        except httpx.HTTPError as error:
            yield None, f"{url} does not answer as it should ({type(error).__name__})"
            return
        yield client, url


def describe_workers(client: "SyncPrefectClient") -> list[str]:
    """Return a line for each worker that was heard of lately, or what starts one."""
    from prefect.exceptions import ObjectNotFound

    try:
        # Asked for the workers of a pool that is not there, the client raises an error of its transport.
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        return ["none, and no deployments either (make deploy, then make worker)"]
    workers = client.read_workers_for_work_pool(WORK_POOL)
    online = [worker for worker in workers if worker.status and worker.status.value == "ONLINE"]
    if not online:
        return ["none online: runs of deployments wait (make worker)"]
    return [f"{worker.name}, heard of at {worker.last_heartbeat_time:%H:%M:%S} UTC" for worker in online]


def describe_scans(client: "SyncPrefectClient") -> list[str]:
    """Return a line for each council that was ever scanned: how far, how many wait, the last run."""
    from tasks.scan_report import read_memory

    last: dict[str, Run] = {}
    for run in _recent_runs(client):
        if isinstance(run.parameters, ScanParameters):
            last.setdefault(run.parameters.council, run)
    lines = []
    for council in list_councils():
        memory, run = read_memory(council), last.get(council)
        if memory.scanned_to is None and run is None:
            continue
        reached = (
            f"searched up to {format_date(memory.scanned_to)}" if memory.scanned_to else "never to the end"
        )
        waiting = f", {len(memory.waiting)} wait for documents" if memory.waiting else ""
        ended = f"; the last one {run.state_name} at {run.changed_at:%d %B %H:%M} UTC" if run else ""
        lines.append(f"{council}: {reached}{waiting}{ended}")
    return lines or ["none yet: planning-review scan --dry-run"]


def describe_problems(
    client: "SyncPrefectClient", url: str, application: tuple[str, str] | None = None
) -> list[str]:
    """Return a line for each run that a person should see to, with the command, newest first.

    A run that failed gives way to a later one of the same that ended well or is under way.
    application is a council and a reference.
    """
    settled: set[tuple[str, ...]] = set()
    lines = []
    for run in _recent_runs(client):
        if application and run.subject[1:] != application:
            continue
        if run.subject not in settled and run.state_type in ("FAILED", "CRASHED"):
            lines.append(
                f"{run.name}: {run.state_name} on {format_date(run.changed_at.date())}: "
                f"planning-review retry {run.id}"
            )
        if run.state_type != "CANCELLED":
            settled.add(run.subject)
    return lines


def _recent_runs(client: "SyncPrefectClient") -> Iterator[Run]:
    for number, run in enumerate(walk_runs(client)):
        if number == MOST_RUNS:
            return
        yield run
