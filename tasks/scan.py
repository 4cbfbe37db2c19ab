"""Tasks of a scan: search the register, look at an application's documents, see to its review."""

from prefect import task
from prefect.cache_policies import NO_CACHE
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

from planning_review.models import ApplicationPage
from planning_review.parameters import ReviewParameters
from planning_review.register.search import FoundList, SearchWindow
from planning_review.scan.contract import Step
from run.scan_context import current_scan
from tasks.task_policies import REGISTER_RETRIES, REGISTER_RETRY_DELAYS, REGISTER_RETRY_JITTER, can_help

REVIEW_DEPLOYMENT = "review-application/review"


@task(
    name="search-register",
    task_run_name="{council} by date {window.by} {window.date_from} to {window.date_to}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def search_register(council: str, window: SearchWindow) -> FoundList:
    """Find every application of a window, proven by the register's own count.

    Not retried here: the search itself asks for a page again where that can help.
    """
    with current_scan().open_search() as search:
        return search.find(window)


@task(
    name="look-at-application",
    task_run_name="{reference} look at the documents",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=REGISTER_RETRIES,
    retry_delay_seconds=REGISTER_RETRY_DELAYS,
    retry_jitter_factor=REGISTER_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def look_at_application(reference: str) -> ApplicationPage:
    """Read an application's page, for the documents that are online now."""
    with current_scan().open_client() as client:
        return client.fetch_application(reference)


def has_review_deployment() -> bool:
    """Say whether the server has the deployment that reviews are asked of."""
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(REVIEW_DEPLOYMENT)
        except ObjectNotFound:
            return False
    return True


def queue_review(reference: str, fingerprint: str) -> Step:
    """Ask the deployment for a review of these documents, once; a run of it that failed is retried.

    Prefect gives back the run that an idempotency key made before, whatever became of it.
    """
    scan = current_scan()
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


def was_reviewed(reference: str, fingerprint: str) -> bool:
    """Say whether a run that a scan made itself has reviewed these documents."""
    wanted = [current_scan().council.code, reference, tag_documents(fingerprint)]
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
