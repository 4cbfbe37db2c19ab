"""The text of a PDF by page, with PyMuPDF. For worker processes: a hostile file can't be interrupted."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planning_review.documents.pages.mupdf import pymupdf
from planning_review.documents.pages.page_text import A3_POINTS, TEXT_CHARACTERS, classify_page, make_page
from planning_review.documents.pages.reading_order import read_blocks
from planning_review.documents.pages.tables import TableReader
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText

MAX_PAGES = 5000
_SLOW_SECONDS = 0.3


def open_pdf(path: Path) -> Any:
    """Return the pymupdf.Document of a PDF that has pages and no password, or raise Unreadable."""
    try:
        document = pymupdf.open(path, filetype="pdf")
        is_pdf, is_locked = document.is_pdf, bool(document.needs_pass)
        page_count = 0 if is_locked else document.page_count
    except (RuntimeError, ValueError) as error:
        raise Unreadable(DocumentState.DAMAGED, "the PDF is damaged and does not open") from error
    if not is_pdf:
        raise Unreadable(DocumentState.DAMAGED, "the file calls itself a PDF and is none")
    if is_locked:
        raise Unreadable(DocumentState.LOCKED, "the PDF is locked with a password")
    if page_count == 0:
        raise Unreadable(DocumentState.DAMAGED, "the PDF is damaged: it has no pages")
    return document


def read_pdf(path: Path, first_page: int) -> Iterator[Opened | PageRead]:
    """Yield the document's page count, then each page from first_page on.

    A page that fails keeps its reason, and the others go on. Raises Unreadable.
    """
    document = open_pdf(path)
    yield Opened(page_count=document.page_count, repaired=bool(document.is_repaired))
    tables = TableReader()
    for number in range(first_page, min(document.page_count, MAX_PAGES) + 1):
        pymupdf.TOOLS.reset_mupdf_warnings()
        try:
            page = _read_page(document[number - 1], number, tables)
            # What can't be unpacked counts as empty for MuPDF: it only warns.
            if not page.text and page.page_class != "scan" and "error" in pymupdf.TOOLS.mupdf_warnings():
                page = page.model_copy(update={"reason": "the page is damaged, at least in part"})
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - MuPDF raises many kinds, and each is only this page's
            page = make_page(number, "blank", "", reason="the page is damaged")
        yield PageRead(page=page)


def _read_page(page: Any, number: int, tables: TableReader) -> PageText:
    # In time of the processor, here and for tables: how busy the machine is must not decide what is read.
    started = time.process_time()
    blocks, textpage = read_blocks(page)
    is_slow = time.process_time() - started > _SLOW_SECONDS
    text = "\n\n".join(block.text for block in blocks)
    rect = page.rect
    area_points = rect.width * rect.height
    image_share, has_marks = 0.0, True
    # Images are looked for only where they can decide: it costs as much as the text.
    if len(text) < TEXT_CHARACTERS * 2 or area_points > A3_POINTS:
        image_share = _share_of_images(page, area_points)
        has_marks = image_share > 0 or len(page.read_contents()) > 100
    page_class = classify_page(text, area_points, image_share, has_marks)
    if page_class == "garbled":
        return make_page(number, page_class, "")
    # A page that is slow to read is slower to search, and MuPDF's part of that can't be interrupted.
    is_searched = not (is_slow or page_class == "drawing")
    rows = tables.add_rows(page, blocks, textpage) if is_searched else None
    return make_page(number, page_class, rows or text)


def _share_of_images(page: Any, area_points: float) -> float:
    """Return the part of the page that its images cover; strips of one scan add up."""
    covered = 0.0
    for image in page.get_image_info():
        seen = pymupdf.Rect(image["bbox"]) & page.rect
        if not seen.is_empty:
            covered += seen.width * seen.height
    return min(1.0, covered / area_points) if area_points else 0.0
