"""What became of each document of a run, read from the states of its tasks."""

from typing import Any, NamedTuple

from prefect.futures import PrefectFuture

from planning_review.documents.classes.classification import classify_read_document
from planning_review.errors import DocumentGone, NotADocument
from planning_review.models import Choice, DocumentState, Frozen, PageText, StoredFile
from planning_review.report.contract import ReviewedDocument
from run.context import current_run


class TextSummary(Frozen):
    """What a reading found; the text itself is in the text store under the file's sha256."""

    sha256: str
    state: DocumentState
    reason: str | None
    page_count: int
    ocr_pages: int


class Journey(NamedTuple):
    """The tasks of one document; uploaded is None without a bucket."""

    stored: PrefectFuture[Any]
    uploaded: PrefectFuture[Any] | None
    text: PrefectFuture[Any]
    indexed: PrefectFuture[Any]


def settle_document(choice: Choice, journey: Journey | None) -> ReviewedDocument:
    """Return a listed document with its final state, its class by what was read, and its links.

    Works within a run.
    """
    document = choice.document
    stored: StoredFile | None = None
    text: TextSummary | None = None
    if journey is None:
        state, reason = DocumentState.LEFT_OUT, choice.reason
    elif (error := _error_of(journey.stored)) is not None:
        state, reason = _state_of_failed_download(error), str(error)
    else:
        stored = journey.stored.result()
        if (error := _error_of(journey.text)) is not None:
            state, reason = DocumentState.FAILED, f"Its text could not be read: {error}"
        else:
            text = journey.text.result()
            state, reason = text.state, text.reason
            if (error := _error_of(journey.indexed)) is not None:
                state, reason = DocumentState.FAILED, f"It could not be indexed: {error}"
    public_url = None
    if journey and journey.uploaded and stored:
        if (error := _error_of(journey.uploaded)) is None:
            public_url = journey.uploaded.result().url
        else:
            note = f"It could not be uploaded ({error}); the link is the register's."
            reason = f"{reason} {note}" if reason else note
    told = classify_read_document(document, _find_pages(text))
    return ReviewedDocument(
        document_id=document.document_id,
        title=document.title,
        category=document.category,
        document_type=told.document_type,
        url=public_url or document.register_url,
        register_url=document.register_url,
        sha256=stored.sha256 if stored else None,
        size_bytes=stored.size_bytes if stored else None,
        pages=text.page_count if text else None,
        ocr_pages=text.ocr_pages if text else None,
        state=state,
        reason=reason,
        document_type_reason=told.reason,
    )


def _find_pages(text: TextSummary | None) -> tuple[PageText, ...]:
    """Return what was read of a document, nothing where its text is not to be had."""
    if text is None or not text.page_count:
        return ()
    found = current_run().texts.find(text.sha256)
    return found.pages if found else ()


def _error_of(future: PrefectFuture[Any]) -> BaseException | None:
    """Return what a task failed with, None where it completed."""
    future.wait()
    if future.state.is_completed():
        return None
    try:
        future.result()
    except Exception as error:  # noqa: BLE001 - whatever it was becomes the document's reason
        return error
    return RuntimeError(f"the task ended as {future.state.name}")


def _state_of_failed_download(error: BaseException) -> DocumentState:
    if isinstance(error, DocumentGone):
        return DocumentState.GONE
    if isinstance(error, NotADocument):
        return DocumentState.DAMAGED
    return DocumentState.FAILED
