"""Tasks that turn a stored file into text, and text into searchable passages."""

from prefect import task

from planning_review.models import StoredFile
from run.context import current_run

# Results that earlier versions kept name both of these as classes of this module.
from run.documents import IndexSummary, TextSummary, extract_text, index_text
from tasks.task_policies import (
    STORAGE_RETRIES,
    STORAGE_RETRY_DELAYS,
    STORAGE_RETRY_JITTER,
    can_help,
    extract_key,
    index_key,
)


@task(
    name="extract-document",
    task_run_name="{reference} read {title}",
    cache_key_fn=extract_key,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def extract_document(stored: StoredFile, title: str, reference: str) -> TextSummary:
    """Read the text of a stored file and keep it."""
    return extract_text(current_run(), stored, title)


@task(
    name="index-document",
    task_run_name="{reference} index {title}",
    cache_key_fn=index_key,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def index_document(
    stored: StoredFile, text: TextSummary, title: str, reference: str, council: str
) -> IndexSummary:
    """Put a document's passages into the index."""
    return index_text(current_run(), stored, text, title)
