"""The text of one document, whatever it is: what a worker process does with a job."""

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from planning_review.documents.formats.file_faults import is_our_fault
from planning_review.documents.formats.file_types import refuse_kind
from planning_review.documents.pages.ocr import OcrFailed, read_page_image
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import OcrJob, Opened, PageRead, TextJob, Unreadable
from planning_review.documents.workers.parent_death import group_dies_with_parent
from planning_review.models import DocumentState, FileKind, PageText

EXTRACTOR_VERSION = f"4-pymupdf-{version('pymupdf')}"
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
    yield from _stop_at_limit(_choose_reader(path, job))


def _choose_reader(path: Path, job: TextJob) -> Iterator[Opened | PageRead]:
    # The main process takes the version from this module, and must not load any reader with it.
    match job.kind:
        case FileKind.PDF:
            from planning_review.documents.formats.pdf import read_pdf

            return read_pdf(path, job.first_page)
        case FileKind.JPEG | FileKind.PNG | FileKind.TIFF:
            from planning_review.documents.pages.image import read_picture

            return read_picture(path, job.kind)
        case FileKind.DOCX:
            from planning_review.documents.formats.word import read_docx

            return read_docx(path)
        case FileKind.XLSX:
            from planning_review.documents.formats.excel import read_xlsx

            return read_xlsx(path)
        case FileKind.ODT:
            from planning_review.documents.formats.open_document import read_odt

            return read_odt(path)
        case FileKind.RTF:
            from planning_review.documents.formats.rtf import read_rtf

            return read_rtf(path)
        case FileKind.EML:
            from planning_review.documents.formats.mail import read_eml

            return read_eml(path)
        case FileKind.MSG:
            from planning_review.documents.formats.outlook import read_msg

            return read_msg(path)
        case FileKind.TEXT:
            from planning_review.documents.formats.plain_text import read_plain_text

            return read_plain_text(path)
        case _:
            raise refuse_kind(path, job.kind)


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


def read_by_ocr(job: OcrJob) -> PageText:
    """Return the job's page as read from its pixels, or as it was, with the reason it could not be.

    Raises OSError where our own side failed (the file is gone, the disk is full).
    """
    from planning_review.documents.pages.image import TooLarge, load_page_image

    before = job.page
    started = time.monotonic()
    path = Path(job.path)
    with path.open("rb"):
        pass
    reason = None
    try:
        try:
            image = load_page_image(path, job.kind, before.number)
        except OSError as error:
            # Pillow says so of a picture that is cut short.
            if is_our_fault(error):
                raise
            reason = "the picture is cut short, and only a part of it was read"
            image = load_page_image(path, job.kind, before.number, is_cut=True)
        with group_dies_with_parent():
            text, confidence = read_page_image(image, job.limit_seconds - (time.monotonic() - started))
    except OcrFailed as failure:
        return before.model_copy(update={"reason": str(failure)})
    except TooLarge as error:
        return before.model_copy(update={"reason": str(error)})
    except OSError as error:
        if is_our_fault(error):
            raise
        return before.model_copy(update={"reason": "the picture is damaged"})
    except Exception:  # noqa: BLE001 - the libraries raise many kinds, and each is only this page's
        return before.model_copy(update={"reason": "the page could not be drawn"})
    return make_page(
        before.number,
        before.page_class if text else "picture",
        text,
        ocr=True,
        ocr_confidence=confidence,
        reason=reason,
    )
