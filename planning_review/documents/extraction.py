"""The text of one document, whatever it is: what a worker process does with a job."""

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from planning_review.documents.file_types import refuse_kind
from planning_review.documents.ocr import OcrFailed, read_page_image
from planning_review.documents.page_text import clean_text, make_page
from planning_review.documents.parent_death import group_dies_with_parent
from planning_review.documents.worker_messages import OcrJob, Opened, PageRead, TextJob, Unreadable
from planning_review.models import FileKind, PageText

EXTRACTOR_VERSION = f"2-pymupdf-{version('pymupdf')}"
"""Part of the identity of stored text: raise the first number when the same bytes give other text."""


def read_text(job: TextJob) -> Iterator[Opened | PageRead]:
    """Yield how many pages the document has, then each page as it is read.

    Scans and garbled pages come without text: they wait for OCR. Raises Unreadable for a document
    that is damaged, locked or of a type that is not read, and OSError where its file is not there.
    """
    path = Path(job.path)
    with path.open("rb"):
        pass  # a file that is not there is our fault, not the document's
    # The main process takes the version from this module, and must not load PyMuPDF with it.
    if job.kind is FileKind.PDF:
        from planning_review.documents.pdf import read_pdf

        yield from read_pdf(path, job.first_page)
    elif job.kind in (FileKind.JPEG, FileKind.PNG, FileKind.TIFF):
        from planning_review.documents.page_image import read_picture

        yield from read_picture(path, job.kind)
    elif job.kind in (FileKind.DOCX, FileKind.XLSX, FileKind.TEXT):
        from planning_review.documents import office

        readers = {
            FileKind.DOCX: office.read_docx,
            FileKind.XLSX: office.read_xlsx,
            FileKind.TEXT: office.read_plain_text,
        }
        yield from readers[job.kind](path)
    else:
        raise refuse_kind(path, job.kind)


def read_by_ocr(job: OcrJob) -> PageText:
    """Return the job's page as read from its pixels, or as it was, with the reason it could not be.

    Raises OSError where our own side failed (the file is gone, the disk is full).
    """
    from planning_review.documents.page_image import load_page_image

    before = job.page
    started = time.monotonic()
    path = Path(job.path)
    with path.open("rb"):
        pass
    try:
        image = load_page_image(path, job.kind, before.number)
        with group_dies_with_parent():
            text, confidence = read_page_image(image, job.limit_seconds - (time.monotonic() - started))
    except OcrFailed as failure:
        return before.model_copy(update={"reason": str(failure)})
    except OSError as error:
        # Pillow says with an OSError without a number that the picture is cut short.
        if error.errno is not None:
            raise
        return before.model_copy(update={"reason": "the picture is damaged"})
    except (ValueError, RuntimeError, SyntaxError, MemoryError, EOFError, Unreadable) as error:
        reason = str(error) if type(error) is ValueError else f"could not be drawn ({type(error).__name__})"
        return before.model_copy(update={"reason": clean_text(reason)[:200]})
    return make_page(
        before.number, before.page_class if text else "picture", text, ocr=True, ocr_confidence=confidence
    )
