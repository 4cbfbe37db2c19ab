"""`planning-review retry`: the same run once more by a worker, or its parameters again in this process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
import httpx

from cli.commands.letter import check_letter, write_letter_here
from cli.commands.pasted import read_address
from cli.commands.review import check_review, review_here, serve_sample
from cli.commands.scan import scan_here
from cli.environment import prepare_prefect
from cli.runs import WORK_POOL, Run, choose_run, find_run, walk_runs
from planning_review.errors import PlanningReviewError, UsageError
from planning_review.parameters import LetterParameters, ReviewParameters
from planning_review.references import SAMPLE_COUNCIL
from planning_review.scan.contract import ScanParameters
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State


def retry_run(text: str | None) -> int:
    """Retry the run with an id, a name or a reference, or the last one; returns the exit status."""
    settings = load_settings()
    server_url = prepare_prefect(settings, is_terminal=sys.stderr.isatty())
    from run.unbegun import settle_unbegun_runs

    with _connect(server_url) as client:
        settle_unbegun_runs(client, settings.pending_seconds)
        run = _find_run(client, text, server_url)
        if run.deployment_id is not None:
            _queue(client, run, run.deployment_id, server_url)
            return 0
    return _run_here(run, settings, server_url)


@contextmanager
def _connect(server_url: str) -> Iterator["SyncPrefectClient"]:
    from prefect.client.orchestration import get_client

    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.HTTPError as error:
        raise PlanningReviewError(
            f"The Prefect server at {server_url} did not answer as it should ({type(error).__name__}). See "
            "that it runs and that PREFECT_API_URL is its address; without PREFECT_API_URL this data "
            "folder's own server is used."
        ) from error


def _find_run(client: "SyncPrefectClient", text: str | None, server_url: str) -> Run:
    if text is None:
        return choose_run(walk_runs(client), server_url, is_named=False)
    run_id = _parse_id(text)
    if run_id is not None:
        found = find_run(client, run_id)
        runs = [found] if found else []
    else:
        runs = list(walk_runs(client, name=text)) or _find_runs_of(client, text)
    if not runs:
        raise UsageError(
            f"There is no run {text[:80]!r} on the Prefect server at {server_url}: name one by its id, its "
            "name, or an application's reference such as 25/00284/F. Without a name the last run that failed "
            "is retried."
        )
    return choose_run(runs, server_url, is_named=True)


def _parse_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _find_runs_of(client: "SyncPrefectClient", text: str) -> list[Run]:
    try:
        reference, council = read_address(text, None)
    except UsageError:
        return []
    return [
        run
        for run in walk_runs(client)
        if isinstance(run.parameters, ReviewParameters | LetterParameters)
        and run.parameters.reference == reference
        and council in (None, run.parameters.council)
    ]


def _queue(client: "SyncPrefectClient", run: Run, deployment_id: UUID, server_url: str) -> None:
    """Hand the run back to the workers of its pool, and say what happens next."""
    from prefect.client.schemas.responses import SetStateStatus
    from prefect.exceptions import ObjectNotFound
    from prefect.states import AwaitingRetry

    try:
        client.read_deployment(deployment_id)
    except ObjectNotFound:
        raise UsageError(
            f"The deployment that made {run} is no longer there, so no worker can take the run up. "
            f"Do it anew: {run.command}"
        ) from None
    # A completed run whose result is kept stays as it is unless it is forced; all others go by the rules.
    awaiting: State[Any] = AwaitingRetry(message="Queued by `planning-review retry`.")
    result = client.set_flow_run_state(run.id, awaiting, force=run.state_type == "COMPLETED")
    if result.status != SetStateStatus.ACCEPT:
        raise PlanningReviewError(
            f"The server did not queue {run}: {getattr(result.details, 'reason', None)}"
        )
    click.echo(f"Queued: {run.name} (it was {run.state_name}); only what is missing is done.")
    if run.work_pool is not None and not _has_worker(client, run.work_pool):
        start = (
            "make worker" if run.work_pool == WORK_POOL else f"prefect worker start --pool {run.work_pool}"
        )
        click.echo(f"No worker of the pool {run.work_pool!r} is online. Start one: {start}")
    click.echo(f"Prefect: {server_url}/runs/flow-run/{run.id}")


def _has_worker(client: "SyncPrefectClient", work_pool: str) -> bool:
    from prefect.client.schemas.filters import WorkerFilter
    from prefect.exceptions import ObjectNotFound

    try:
        online = WorkerFilter(status={"any_": ["ONLINE"]})
        return bool(client.read_workers_for_work_pool(work_pool, worker_filter=online))
    except ObjectNotFound:
        return False


def _run_here(run: Run, settings: Settings, server_url: str) -> int:
    """Run the flow with the same parameters, as the command that made the run did."""
    parameters = run.parameters
    if parameters is None:
        raise UsageError(f"The parameters of {run} do not fit its flow any more. Do it anew: {run.command}")
    if isinstance(parameters, LetterParameters):
        check_letter(parameters, settings)
    elif isinstance(parameters, ReviewParameters):
        if parameters.council == SAMPLE_COUNCIL:
            settings = serve_sample(settings)
        check_review(parameters, settings)
    click.echo(f"Again, with the same parameters: {run} (it was {run.state_name})", err=True)
    if isinstance(parameters, LetterParameters):
        return write_letter_here(parameters, settings, None)
    if isinstance(parameters, ScanParameters):
        return scan_here(parameters, settings, None)
    return review_here(parameters, settings, server_url, None)
