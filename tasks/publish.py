"""The task that tells people of a review: the index of all reviews and the feed, here and in the bucket."""

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from blocks.storage import create_storage_backend
from planning_review.publish.local_site import PublishedIndex, publish_on_disk
from planning_review.report.output_files import WrittenReview
from planning_review.settings import Settings
from run.bucket_site import publish_in_bucket
from run.context import RunContext, current_run
from run.times import london_today
from tasks.task_policies import STORAGE_RETRIES, STORAGE_RETRY_DELAYS, STORAGE_RETRY_JITTER, can_help


@task(
    name="publish-index",
    task_run_name="{reference} publish the index",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def publish_index(reference: str, written: WrittenReview, has_public_page: bool) -> str:
    """Enter a review in the catalogue here and, where its page is public, in the bucket's; link or path."""
    run = current_run()
    now, today = datetime.now(UTC), london_today()
    path = publish_on_disk(run.settings, [written.review], now, today)
    if not run.files.storage.is_remote:
        return str(path)
    # Without its page the review stays out, and the rest of the index may still be made whole.
    reviews = [written.review] if has_public_page else []
    return publish_in_bucket(run.settings, run.files.storage, reviews, now, today) or str(path)


def publish_catalogue(run: RunContext, written: WrittenReview, page_url: str | None) -> PublishedIndex:
    """Publish index and feed with a review in them; page_url is its page's public link, if it has one.

    Fails no run: what went wrong is in the log and in the answer's problem, with the next command.
    """
    again = f"To try again: `{run.command}`."
    state = publish_index(run.reference, written, page_url is not None, return_state=True)
    if not state.is_completed():
        problem = f"The index of all reviews was not published: {state.message} {again}"
        get_run_logger().warning(problem)
        return PublishedIndex(location=None, problem=problem)
    if run.files.storage.is_remote and page_url is None:
        problem = f"The review is not in the bucket's index, as its page was not uploaded. {again}"
        get_run_logger().warning(problem)
        return PublishedIndex(location=state.result(), problem=problem)
    return PublishedIndex(location=state.result())


def publish_folder(settings: Settings) -> str:
    """Publish index and feed with all that the data folder knows, as after a push; returns link or path.

    In the bucket only reviews whose pages are there are entered. Needs no run.
    """
    now, today = datetime.now(UTC), london_today()
    path = publish_on_disk(settings, [], now, today)
    storage = create_storage_backend(settings)
    if not storage.is_remote:
        return str(path)
    return publish_in_bucket(settings, storage, [], now, today, is_whole_folder=True) or str(path)
