"""Reviews that a scan asks for: the deployment that does them, and what was asked before."""

from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

from blocks.storage import create_storage_backend
from planning_review.parameters import ReviewParameters
from planning_review.references import reference_folder
from planning_review.report.output_files import find_newest_review
from planning_review.scan.contract import Step
from run.scan_context import ScanContext
from run.unbegun import settle_unbegun_runs

REVIEW_DEPLOYMENT = "review-application/review"


def has_review_deployment() -> bool:
    """Return whether the server has the deployment that reviews are asked of."""
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(REVIEW_DEPLOYMENT)
        except ObjectNotFound:
            return False
    return True


def settle_unbegun(scan: ScanContext) -> None:
    """Settle the runs that never began, so that the reviews among them are asked for again."""
    with get_client(sync_client=True) as client:
        settle_unbegun_runs(client, scan.settings.pending_seconds)


def queue_review(scan: ScanContext, reference: str, fingerprint: str) -> Step:
    """Ask the deployment for a review of these documents, once; one that ended without is retried.

    Prefect gives back the run that an idempotency key made before, whatever became of it.
    """
    council = scan.council.code
    key = f"{council}:{reference}:{fingerprint}"
    with get_client(sync_client=True) as client:
        made = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[key]))
        )
        if made:
            return _see_to_run(scan, client, made[0], reference)
        parameters = ReviewParameters(reference=reference, council=council, model=scan.settings.review_model)
        run_deployment(
            REVIEW_DEPLOYMENT,
            parameters={"parameters": parameters.model_dump(mode="json")},
            timeout=0,
            as_subflow=False,
            idempotency_key=key,
            tags=[council, reference],
        )
    return Step.STARTED


def _see_to_run(scan: ScanContext, client: SyncPrefectClient, run: FlowRun, reference: str) -> Step:
    """Say what became of a run that was asked for before; one that made no review is asked for again."""
    state = run.state
    if state is None or not state.is_final():
        return Step.UNDER_WAY
    if state.is_cancelled():
        return Step.CANCELLED
    if state.is_completed() and has_review(scan, reference):
        return Step.UNCHANGED
    again: State[Any] = AwaitingRetry()
    # A run that completed goes on only where it is forced to.
    client.set_flow_run_state(run.id, again, force=state.is_completed())
    return Step.RETRIED


def was_reviewed(scan: ScanContext, reference: str, fingerprint: str) -> bool:
    """Return whether a run that a scan made itself has reviewed these documents, and the review is there."""
    wanted = [scan.council.code, reference, _tag_documents(fingerprint)]
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=wanted),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED])),
            ),
            limit=1,
        )
    return bool(runs) and has_review(scan, reference)


def has_review(scan: ScanContext, reference: str) -> bool:
    """Return whether a review of the application stands in the output folder or in the bucket."""
    folder = reference_folder(reference, scan.council.code)
    if find_newest_review(scan.settings.output_dir / folder):
        return True
    storage = create_storage_backend(scan.settings, 1)
    # Without a bucket another machine's reviews are not to be seen from here.
    return storage.is_remote and any(key.endswith("_review.json") for key in storage.list_keys(folder))


def remember_documents(state: State[Any], fingerprint: str) -> None:
    """Tag a run that has ended with the documents that it reviewed."""
    run_id = state.state_details.flow_run_id
    if run_id is None:
        return
    with get_client(sync_client=True) as client:
        tags = client.read_flow_run(run_id).tags
        client.update_flow_run(run_id, tags=sorted({*tags, _tag_documents(fingerprint)}))


def _tag_documents(fingerprint: str) -> str:
    """Return the tag that a run of one state of an application's documents carries."""
    return f"documents-{fingerprint}"
