"""Tasks that judge an application by what was read of it, and write and publish its review."""

from collections.abc import Mapping, Sequence
from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.models import Application
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import WrittenReview
from planning_review.report.pictures import Picture
from planning_review.rules.judgement import Judgement
from run.context import current_run
from run.judgement import JudgementBasis, judge_documents
from run.outputs import enter_in_index, write_run_review
from run.pictures import DrawnQuotes, draw_judged_quotes
from tasks.task_policies import (
    STORAGE_RETRIES,
    STORAGE_RETRY_DELAYS,
    STORAGE_RETRY_JITTER,
    can_help,
    judge_key,
)


@task(name="judge-application", task_run_name="{basis.reference} judge", cache_key_fn=judge_key)
def judge_application(basis: JudgementBasis, application: Application, today: date) -> Judgement:
    """Hold an application's documents against policy."""
    return judge_documents(current_run(), basis, application, today)


@task(
    name="draw-quotes",
    task_run_name="{reference} draw the quotes",
    # Each picture is a file that is looked for first.
    cache_policy=NO_CACHE,
    persist_result=False,
)
def draw_quotes(reference: str, judgement: Judgement) -> DrawnQuotes:
    """Draw the place of each quote on its page, where there is no picture of it yet."""
    return draw_judged_quotes(current_run(), judgement)


@task(
    name="write-review",
    task_run_name="{application.reference} write the review",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_review(
    application: Application,
    judgement: Judgement,
    documents: Sequence[ReviewedDocument],
    today: date,
    pictures: Mapping[str, Picture],
) -> WrittenReview:
    """Put the review together from the judgement and today's facts, and write its files."""
    return write_run_review(current_run(), application, judgement, documents, today, pictures)


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
    return enter_in_index(current_run(), written, has_public_page=has_public_page)
