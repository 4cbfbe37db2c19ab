"""The state of this project on a Prefect server: its workers, its scans, the runs that need a person."""

import re
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.runs import WORK_POOL, Run, walk_runs
from planning_review.dates import LONDON, format_date
from planning_review.register.councils import list_councils
from planning_review.scan.contract import ScanParameters

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

MOST_RUNS = 500
"""How far back runs are looked at."""

_MOST_CHARACTERS = 160
_MOST_VARIABLES = 200
_PREFECTS_WORDS = re.compile(r"^(Flow|Task) run encountered an exception:? \w+: ")


def describe_workers(client: "SyncPrefectClient") -> list[str]:
    """Return a line for each worker that was heard of lately, or what starts one."""
    from prefect.exceptions import ObjectNotFound

    try:
        # Asked for the workers of a pool that is not there, the client raises an error of its transport.
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        return ["none, and nothing is scheduled. For the nightly scan: make deploy, then make worker"]
    workers = client.read_workers_for_work_pool(WORK_POOL)
    online = [worker for worker in workers if worker.status and worker.status.value == "ONLINE"]
    if not online:
        return ["none online: scheduled runs and those asked for wait until one is (make worker)"]
    return [
        f"{worker.name}, heard of {_format_time(heard_at)}"
        for worker in online
        if (heard_at := worker.last_heartbeat_time)
    ]


def describe_going(client: "SyncPrefectClient") -> list[str]:
    """Return a line for each run that was begun or asked for and has not ended."""
    lines = []
    for run in _recent_runs(client):
        # Not the first alone: a run may be waiting since long before others ended.
        if not run.is_going:
            continue
        lines.append(f"{run.name}: {run.state_name} since {_format_time(run.changed_at)}")
    return lines


def describe_scans(client: "SyncPrefectClient") -> list[str]:
    """Return a line for each council that was ever scanned: how far, how many wait, the last run."""
    from run.scan_report import load_memory, name_variable

    last: dict[str, Run] = {}
    for run in _recent_runs(client):
        if isinstance(run.parameters, ScanParameters):
            last.setdefault(run.parameters.council, run)
    lines = []
    # By the names that are there: asked for one by one, hundreds of councils would take long.
    kept = {variable.name for variable in client.read_variables(limit=_MOST_VARIABLES)}
    for council in list_councils():
        newest = last.get(council)
        if name_variable(council) not in kept and newest is None:
            continue
        memory = load_memory(council)
        if memory.scanned_to is None and newest is None:
            continue
        reached = (
            f"searched up to {format_date(memory.scanned_to)}"
            if memory.scanned_to
            else "no search by date has succeeded yet"
        )
        waiting = f", {len(memory.waiting)} wait for documents" if memory.waiting else ""
        ended = f"; the last one {newest.state_name} {_format_time(newest.changed_at)}" if newest else ""
        lines.append(f"{council}: {reached}{waiting}{ended}")
    return [*(lines or ["none yet: planning-review scan --dry-run"]), *_describe_schedule(client)]


def _describe_schedule(client: "SyncPrefectClient") -> list[str]:
    """Return when the next scan is due; nothing where there is no deployment for it."""
    from prefect.client.schemas.filters import DeploymentFilter, FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flow = FlowFilter(name={"any_": ["scan-register"]})
    deployments = client.read_deployments(flow_filter=flow, deployment_filter=DeploymentFilter())
    if not deployments:
        return []
    due = FlowRunFilter(
        state={"type": {"any_": ["SCHEDULED"]}}, expected_start_time={"after_": datetime.now(UTC)}
    )
    runs = client.read_flow_runs(
        flow_filter=flow, flow_run_filter=due, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=1
    )
    due_at = runs[0].expected_start_time if runs else None
    if due_at is None:
        return ["next: none is due. Are its schedules paused? See the deployment `scan` on Prefect's page"]
    return [f"next: {_format_time(due_at)}"]


def describe_problems(
    client: "SyncPrefectClient", url: str, application: tuple[str, str] | None = None
) -> list[str]:
    """Return each run that a person should see to, newest first: a line with the command, one with why.

    A run that failed gives way to a later one of the same that ended well or is under way.
    application is a council and a reference.
    """
    settled: set[tuple[str, ...]] = set()
    lines = []
    for run in _recent_runs(client):
        if application and run.subject[1:] != application:
            continue
        if run.subject not in settled and run.is_retryable and run.state_type in ("FAILED", "CRASHED"):
            lines.append(
                f"{run.name}: {run.state_name} on {format_date(run.changed_at.date())}: "
                f"planning-review retry {run.id}"
            )
            lines += _shorten(run.message)
        if run.state_type != "CANCELLED":
            settled.add(run.subject)
    return lines


def _shorten(message: str) -> list[str]:
    """Return the beginning of a state's message as one indented line, if there is any."""
    # It may repeat what a page says, which must not steer the terminal.
    plain = "".join(character if character.isprintable() else " " for character in message)
    text = textwrap.shorten(_PREFECTS_WORDS.sub("", plain), _MOST_CHARACTERS, placeholder=" …")
    return [f"  {text}"] if text else []


def _format_time(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%d %B %H:%M} London time"


def _recent_runs(client: "SyncPrefectClient") -> Iterator[Run]:
    for number, run in enumerate(walk_runs(client)):
        if number == MOST_RUNS:
            return
        yield run
