"""Tasks that turn a stored file into text, and text into searchable passages."""

from prefect import task

from planning_review.documents.chunking import cut_chunks
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.errors import ExtractionError
from planning_review.models import DocumentState, Frozen, StoredFile
from run.context import current_run
from run.document_outcome import TextSummary
from run.progress import tell
from tasks.task_policies import (
    STORAGE_RETRIES,
    STORAGE_RETRY_DELAYS,
    STORAGE_RETRY_JITTER,
    can_help,
    extract_key,
    index_key,
)


class IndexSummary(Frozen):
    """A document whose passages stand in the index; nothing to index counts too."""

    document_id: str


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
    """Read the text of a stored file, page by page, and keep it in the text store."""
    run = current_run()
    text = None if "extract" in run.refresh else run.texts.find(stored.sha256)
    if text is None:
        with run.timed("extract"):
            text = run.pool.read_document(run.files.open_local(stored), stored.sha256, stored.kind)
            run.texts.save(text)
        tell("read", title, f"pages: {text.page_count}, by OCR: {text.ocr_pages}")
    # Also one that was there already: an earlier try may have kept it here alone.
    run.texts.share(text.sha256)
    return TextSummary(
        sha256=text.sha256,
        state=text.state,
        reason=text.reason,
        page_count=text.page_count,
        ocr_pages=text.ocr_pages,
    )


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
    """Cut a document's text into passages, embed them and put them into the index."""
    run = current_run()
    if text.state != DocumentState.INDEXED:
        return IndexSummary(document_id=stored.document_id)
    pages = run.texts.find(stored.sha256)
    if pages is None:
        raise ExtractionError(
            f"The text of {title} ({stored.key}) is no longer in {run.settings.text_dir}. "
            "Run the same command again: it will be read anew."
        )
    with run.timed("index"):
        if "extract" not in run.refresh and run.has_passages(stored):
            return IndexSummary(document_id=stored.document_id)
        chunks = cut_chunks(pages, run.embedder.count_tokens)
        vectors = run.embedder.embed([chunk.text for chunk in chunks])
        passages = run.store.add_document(
            reference, stored.document_id, title, stored.sha256, EXTRACTOR_VERSION, chunks, vectors
        )
    tell("indexed", title, f"{passages} passages" if passages > 1 else "1 passage")
    return IndexSummary(document_id=stored.document_id)
