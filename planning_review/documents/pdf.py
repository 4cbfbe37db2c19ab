"""The text of a PDF by page, with PyMuPDF. For worker processes: a hostile file can't be interrupted."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from planning_review.documents.page_text import A3_POINTS, TEXT_CHARACTERS, classify_page, make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText

# PyMuPDF loads its layout network with onnxruntime where it finds it, and runs it once: 1.2 s and 90 MB
# a worker for something that is not used here. Without it the import takes 0.13 s.
for _name in ("pymupdf.layout", "pymupdf4llm"):
    cast(dict[str, Any], sys.modules).setdefault(_name, None)

import pymupdf as _pymupdf  # noqa: E402

pymupdf: Any = _pymupdf  # it calls itself typed, and half of it is not

MAX_PAGES = 5000

# PyMuPDF's own set keeps ligatures (a search for "traffic" misses them) and puts glyph numbers in
# place of characters that the font doesn't explain: a garbled page then looks like a clean one.
_TEXT_FLAGS = (
    pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES & ~pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
)
_TEXT_BLOCK = 0

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def open_pdf(path: Path) -> Any:
    """Return the pymupdf.Document of a PDF that has pages and no password, or raise Unreadable."""
    try:
        document = pymupdf.open(path, filetype="pdf")
        is_pdf, is_locked = document.is_pdf, bool(document.needs_pass)
        page_count = 0 if is_locked else document.page_count
    except (RuntimeError, ValueError) as error:
        raise Unreadable(
            DocumentState.DAMAGED, f"the PDF is damaged and does not open ({type(error).__name__})"
        ) from error
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
    for number in range(first_page, min(document.page_count, MAX_PAGES) + 1):
        try:
            page = _read_page(document[number - 1], number)
        except Exception as error:  # noqa: BLE001 - MuPDF raises many kinds, and each is only this page's
            page = make_page(number, "blank", "", reason=f"the page is damaged ({type(error).__name__})")
        yield PageRead(page=page)


def _read_page(page: Any, number: int) -> PageText:
    blocks = page.get_text("blocks", flags=_TEXT_FLAGS)
    text = "\n\n".join(block[4].strip() for block in blocks if block[6] == _TEXT_BLOCK)
    rect = page.rect
    area_points = rect.width * rect.height
    image_share, has_marks = 0.0, True
    # Images are looked for only where they can decide: it costs as much as the text.
    if len(text) < TEXT_CHARACTERS * 2 or area_points > A3_POINTS:
        image_share = _share_of_images(page, area_points)
        has_marks = image_share > 0 or len(page.read_contents()) > 100
    page_class = classify_page(text, area_points, image_share, has_marks)
    return make_page(number, page_class, "" if page_class == "garbled" else text)


def _share_of_images(page: Any, area_points: float) -> float:
    """Return the part of the page that its images cover; strips of one scan add up."""
    covered = 0.0
    for image in page.get_image_info():
        seen = pymupdf.Rect(image["bbox"]) & page.rect
        if not seen.is_empty:
            covered += seen.width * seen.height
    return min(1.0, covered / area_points) if area_points else 0.0
