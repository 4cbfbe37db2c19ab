"""One document in a run: what is missing of it, its text and passages, and what became of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from prefect.futures import PrefectFuture

from planning_review.documents.chunking import cut_chunks
from planning_review.documents.classes.classification import classify_read_document
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.errors import DocumentGone, ExtractionError, NotADocument
from planning_review.models import (
    Choice,
    DocumentState,
    DocumentText,
    Frozen,
    ListedDocument,
    PageText,
    StoredFile,
)
from planning_review.report.contract import ReviewedDocument
from run.context import RunContext, current_run
from run.progress import tell


class TextSummary(Frozen):
    """What a reading found; the text itself is in the text store under the file's sha256."""

    sha256: str
    state: DocumentState
    reason: str | None
    page_count: int
    ocr_pages: int


class IndexSummary(Frozen):
    """A document whose passages stand in the index; nothing to index counts too."""

    document_id: str


class Uploaded(Frozen):
    """The public link of an object in the bucket."""

    url: str


class Needs(NamedTuple):
    """The stages that a document has to go through again."""

    download: bool
    upload: bool
    reading: bool
    indexing: bool


class Known(NamedTuple):
    """The result of a stage that a document was through before the run looked: it needs no task."""

    value: Any

    def result(self) -> Any:
        """Return it, as a task would."""
        return self.value


Stage = PrefectFuture[Any] | Known
"""What tells a stage's result: its task, or that no task was needed."""


@dataclass
class Journey:
    """A document's way through a run: what tells each stage's result, None where it did not come to it."""

    document: ListedDocument
    needs: Needs
    stored: Stage | None = None
    uploaded: Stage | None = None
    text: Stage | None = None
    indexed: Stage | None = None


def look_at_document(run: RunContext, document: ListedDocument) -> Journey:
    """Look for a document's bytes, text and passages: what is missing, and the results of what is not."""
    here = run.in_place(document)
    # Where only the bytes are gone, what was made of them counts: it is the new bytes' own by their sha256.
    stored = here or (None if "download" in run.refresh else run.files.find_listed(document))
    if stored is None:
        return Journey(document, Needs(download=True, upload=True, reading=True, indexing=True))
    url = run.files.find_link(stored)
    upload = run.files.storage.is_remote and url is None
    text = run.texts.find(stored.sha256)
    if text is None or "extract" in run.refresh or not run.texts.is_shared(stored.sha256):
        reading, indexing = True, True
    else:
        reading = False
        indexing = text.state == DocumentState.INDEXED and not run.had_passages(stored)
    journey = Journey(document, Needs(here is None, upload, reading, indexing))
    if here is None:
        # Whether the new bytes are those that were read and stored is known once they are here.
        return journey
    journey.stored = Known(stored)
    journey.uploaded = Known(Uploaded(url=url)) if url else None
    if text is not None and not reading:
        journey.text = Known(_summarise(text))
        journey.indexed = None if indexing else Known(IndexSummary(document_id=stored.document_id))
    return journey


def is_completed(stage: Stage | None) -> bool:
    """Return whether a stage ended well; waits for the end of its task, where that has begun."""
    if stage is None or isinstance(stage, Known):
        return stage is not None
    stage.wait()
    return stage.state.is_completed()


def extract_text(run: RunContext, stored: StoredFile, title: str) -> TextSummary:
    """Read the text of a stored file, page by page, and keep it in the text store."""
    text = None if "extract" in run.refresh else run.texts.find(stored.sha256)
    if text is None:
        with run.timed("extract"):
            text = run.pool.read_document(run.files.open_local(stored), stored.sha256, stored.kind)
            run.texts.save(text)
        tell("read", title, f"pages: {text.page_count}, by OCR: {text.ocr_pages}")
    # Also one that was there already: an earlier try may have kept it here alone.
    run.texts.share(text.sha256)
    return _summarise(text)


def _summarise(text: DocumentText) -> TextSummary:
    return TextSummary(
        sha256=text.sha256,
        state=text.state,
        reason=text.reason,
        page_count=text.page_count,
        ocr_pages=text.ocr_pages,
    )


def index_text(run: RunContext, stored: StoredFile, text: TextSummary, title: str) -> IndexSummary:
    """Cut a document's text into passages, embed them and put them into the index."""
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
            run.reference, stored.document_id, title, stored.sha256, EXTRACTOR_VERSION, chunks, vectors
        )
    tell("indexed", title, f"{passages} passages" if passages > 1 else "1 passage")
    return IndexSummary(document_id=stored.document_id)


def settle_document(choice: Choice, journey: Journey | None) -> ReviewedDocument:
    """Return a listed document with its final state, its class by what was read, and its links.

    Works within a run.
    """
    document = choice.document
    stored: StoredFile | None = None
    text: TextSummary | None = None
    state: DocumentState
    reason: str | None
    if journey is None:
        state, reason = DocumentState.LEFT_OUT, choice.reason
    elif isinstance(arrived := _result_of(journey.stored), BaseException):
        state, reason = _state_of_failed_download(arrived), str(arrived)
    else:
        stored = arrived
        if isinstance(read := _result_of(journey.text), BaseException):
            state, reason = DocumentState.FAILED, f"Its text could not be read: {read}"
        else:
            text = read
            state, reason = read.state, read.reason
            if isinstance(error := _result_of(journey.indexed), BaseException):
                state, reason = DocumentState.FAILED, f"It could not be indexed: {error}"
    public_url = None
    if journey and journey.uploaded and stored:
        uploaded = _result_of(journey.uploaded)
        if isinstance(uploaded, BaseException):
            note = f"It could not be uploaded ({uploaded}); the link is the register's."
            reason = f"{reason} {note}" if reason else note
        else:
            public_url = uploaded.url
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


def _result_of(task: Stage | None) -> Any:
    """Return a stage's result, or what it failed with."""
    if task is None:
        return RuntimeError("the task was never begun")
    if isinstance(task, Known):
        return task.value
    task.wait()
    try:
        result = task.result()
    except Exception as error:  # noqa: BLE001 - whatever it was becomes the document's reason
        return error
    return result if task.state.is_completed() else RuntimeError(f"the task ended as {task.state.name}")


def _state_of_failed_download(error: BaseException) -> DocumentState:
    if isinstance(error, DocumentGone):
        return DocumentState.GONE
    if isinstance(error, NotADocument):
        return DocumentState.DAMAGED
    return DocumentState.FAILED
