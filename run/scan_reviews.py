"""Reviews that a scan asks for: the deployment that does them, and what was asked before."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

from planning_review.parameters import ReviewParameters
from planning_review.scan.contract import Step
from run.scan_context import ScanContext

REVIEW_DEPLOYMENT = "review-application/review"


def has_review_deployment() -> bool:
    """Return whether the server has the deployment that reviews are asked of."""
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(REVIEW_DEPLOYMENT)
        except ObjectNotFound:
            return False
    return True


def queue_review(scan: ScanContext, reference: str, fingerprint: str) -> Step:
    """Ask the deployment for a review of these documents, once; a run of it that failed is retried.

    Prefect gives back the run that an idempotency key made before, whatever became of it.
    """
    council = scan.council.code
    key = f"{council}:{reference}:{fingerprint}"
    with get_client(sync_client=True) as client:
        made = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[key]))
        )
        if not made:
            parameters = ReviewParameters(
                reference=reference, council=council, model=scan.settings.review_model
            )
            run_deployment(
                REVIEW_DEPLOYMENT,
                parameters={"parameters": parameters.model_dump(mode="json")},
                timeout=0,
                as_subflow=False,
                idempotency_key=key,
                tags=[council, reference],
            )
            return Step.STARTED
        state = made[0].state
        if state is not None and state.type in (StateType.FAILED, StateType.CRASHED):
            client.set_flow_run_state(made[0].id, AwaitingRetry())
            return Step.RETRIED
    return Step.UNCHANGED


def was_reviewed(scan: ScanContext, reference: str, fingerprint: str) -> bool:
    """Return whether a run that a scan made itself has reviewed these documents."""
    wanted = [scan.council.code, reference, tag_documents(fingerprint)]
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=wanted),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED])),
            ),
            limit=1,
        )
    return bool(runs)


def tag_documents(fingerprint: str) -> str:
    """Return the tag that a run of one state of an application's documents carries."""
    return f"documents-{fingerprint}"
