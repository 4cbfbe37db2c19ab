"""Tasks of a scan: search the register, and look at an application's documents."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.models import ApplicationPage
from planning_review.register.search import FoundList, SearchWindow
from run.scan_context import current_scan
from tasks.task_policies import REGISTER_RETRIES, REGISTER_RETRY_DELAYS, REGISTER_RETRY_JITTER, can_help


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
