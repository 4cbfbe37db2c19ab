"""The text of one document, whatever it is: what a worker process does with a job."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from planning_review.documents import formats
from planning_review.documents.formats.sniffing import find_format
from planning_review.documents.formats.table import Refusal
from planning_review.documents.pages.ocr import OcrText, read_page_image
from planning_review.documents.workers.messages import (
    BUSY_RATIO,
    OcrJob,
    Opened,
    PageRead,
    TextJob,
    Unreadable,
    is_our_fault,
)
from planning_review.documents.workers.parent_death import group_dies_with_parent
from planning_review.models import DocumentState

EXTRACTOR_VERSION = f"5-pymupdf-{version('pymupdf')}"
"""Part of the identity of stored text: raise the first number when the same bytes give other text."""

MAX_DOCUMENT_CHARACTERS = 20_000_000
"""More than 5,000 pages full of text."""


def read_text(job: TextJob) -> Iterator[Opened | PageRead]:
    """Yield how many pages the document has, then each page as it is read.

    Scans and garbled pages come without text: they wait for OCR. Raises Unreadable for a document
    that is damaged, locked or of a type that is not read, and OSError where its file is not there.
    """
    path = Path(job.path)
    with path.open("rb"):
        pass  # a file that is not there is our fault, not the document's
    yield from _stop_at_limit(_start_reader(path, job))


def _start_reader(path: Path, job: TextJob) -> Iterator[Opened | PageRead]:
    row = find_format(path, job.kind)
    if isinstance(row.reader, Refusal):
        raise Unreadable(DocumentState(row.reader.state), row.reader.reason)
    # The main process takes the version from this module, and must not load any reader with it.
    module, _, function = row.reader.partition(":")
    read = getattr(import_module(f"{formats.__name__}.{module}"), function)
    events: Iterator[Opened | PageRead] = read(path, job.first_page) if row.can_go_on else read(path)
    return events


def _stop_at_limit(events: Iterator[Opened | PageRead]) -> Iterator[Opened | PageRead]:
    characters = 0
    for event in events:
        yield event
        if isinstance(event, PageRead):
            characters += len(event.page.text)
            if characters > MAX_DOCUMENT_CHARACTERS:
                raise Unreadable(
                    DocumentState.DAMAGED,
                    f"of one document {MAX_DOCUMENT_CHARACTERS // 1_000_000} million characters are read",
                )


def read_by_ocr(job: OcrJob) -> PageRead:
    """Return the job's page with what its pixels say, or as it was, with the reason it could not be read.

    Raises OSError where our own side failed (the file is gone, the disk is full).
    """
    from planning_review.documents.pages.image import PageImage, TooLarge
    from planning_review.documents.pages.look import read_pixels

    before = job.page
    path = Path(job.path)
    with path.open("rb"):
        pass

    def read(shown: PageImage) -> OcrText:
        with group_dies_with_parent():
            # By the clock many times the limit: the pool sees to that of the processor.
            return read_page_image(shown.image, job.limit_seconds * BUSY_RATIO)

    try:
        try:
            return read_pixels(path, job.kind, before, read)
        except OSError as error:
            # Pillow says so of a picture that is cut short.
            if is_our_fault(error):
                raise
            found = read_pixels(path, job.kind, before, read, is_cut=True)
            reason = "the picture is cut short, and only a part of it was read"
            return found.model_copy(update={"page": found.page.model_copy(update={"reason": reason})})
    except TooLarge as error:
        reason = str(error)
    except OSError as error:
        if is_our_fault(error):
            raise
        reason = "the picture is damaged"
    except Exception:  # noqa: BLE001 - the libraries raise many kinds, and each is only this page's
        reason = "the page could not be drawn"
    return PageRead(page=before.model_copy(update={"reason": reason}))
