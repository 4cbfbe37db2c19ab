"""The text of one document, whatever it is: what a worker process does with a job."""

import base64
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from planning_review.documents.pages.ocr import OcrText, read_page_image
from planning_review.documents.parts import opened_part, read_with_parts
from planning_review.documents.workers.messages import (
    BUSY_RATIO,
    DrawJob,
    Drawn,
    OcrJob,
    Opened,
    PageRead,
    TextJob,
    Unreadable,
    is_our_fault,
)
from planning_review.documents.workers.parent_death import group_dies_with_parent
from planning_review.models import DocumentState, FileKind, PageText

if TYPE_CHECKING:
    from planning_review.documents.pages.image import PageImage

EXTRACTOR_VERSION = f"7-pymupdf-{version('pymupdf')}"
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
    yield from _stop_at_limit(read_with_parts(path, job.kind, job.first_page))


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
    from planning_review.documents.pages.image import TooLarge

    before = job.page
    path = Path(job.path)
    with path.open("rb"):
        pass

    def read(shown: "PageImage") -> OcrText:
        with group_dies_with_parent():
            # By the clock many times the limit: the pool sees to that of the processor.
            return read_page_image(shown.image, job.limit_seconds * BUSY_RATIO)

    try:
        with opened_part(path, job.kind, before.part) as (file, kind):
            found = _read_pixels(file, kind, before, read)
        own = {"number": before.number, "part": before.part, "part_page": before.part_page}
        return found.model_copy(update={"page": found.page.model_copy(update=own)})
    except (TooLarge, Unreadable) as error:
        reason = str(error)
    except OSError as error:
        if is_our_fault(error):
            raise
        reason = "the picture is damaged"
    except Exception:  # noqa: BLE001 - the libraries raise many kinds, and each is only this page's
        reason = "the page could not be drawn"
    return PageRead(page=before.model_copy(update={"reason": reason}))


def draw_pictures(job: DrawJob) -> Iterator[Drawn]:
    """Yield a picture of each of the job's quotes, one without bytes where its words are not on the page."""
    from planning_review.documents.pages.marked import draw_quotes

    for marked in draw_quotes(Path(job.path), job.kind, job.page, job.quotes, job.places):
        if marked is None:
            yield Drawn()
        else:
            data = base64.b64encode(marked.data).decode()
            yield Drawn(data=data, width=marked.width, height=marked.height)


def _read_pixels(
    path: Path, kind: FileKind, before: PageText, read: Callable[["PageImage"], OcrText]
) -> PageRead:
    """Return a page of a file, which may be a part of a document and counts its own pages."""
    from planning_review.documents.pages.look import read_pixels

    inner = before.model_copy(update={"number": before.part_page or before.number})
    try:
        return read_pixels(path, kind, inner, read)
    except OSError as error:
        # Pillow says so of a picture that is cut short.
        if is_our_fault(error):
            raise
        found = read_pixels(path, kind, inner, read, is_cut=True)
        reason = "the picture is cut short, and only a part of it was read"
        return found.model_copy(update={"page": found.page.model_copy(update={"reason": reason})})
