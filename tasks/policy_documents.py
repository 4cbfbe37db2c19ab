"""Tasks that bring in policy documents: the file, and its passages."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.parameters import PolicyResult
from planning_review.policy.fetching import PolicyFile
from run.policies import current_policy_run
from tasks.task_policies import STORAGE_RETRIES, STORAGE_RETRY_DELAYS, STORAGE_RETRY_JITTER, can_help


@task(
    name="bring-policy",
    task_run_name="bring {where}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def bring_policy(where: str, hint: str) -> PolicyFile:
    """Bring a document from a path or an address into the library, checked by its bytes."""
    return current_policy_run().bring(where, hint)


@task(name="index-policy", task_run_name="index {title}", cache_policy=NO_CACHE, persist_result=False)
def index_policy(file: PolicyFile, source: str | None, edition: str | None, title: str) -> PolicyResult:
    """Split a document into passages, embed them and put them into the index."""
    return current_policy_run().index(file, source, edition)
