"""The text of a PDF by page, with PyMuPDF. For worker processes: a hostile file can't be interrupted."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from planning_review.documents.page_text import A3_POINTS, TEXT_CHARACTERS, classify_page, make_page
from planning_review.documents.reading_order import (
    Block,
    has_mixed_lines,
    may_have_columns,
    order_blocks,
    part_mixed_lines,
)
from planning_review.documents.table_rows import TableReader
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText

# PyMuPDF loads its layout network with onnxruntime where it finds it, and runs it once: 1.2 s and 90 MB
# a worker for something that is not used here. Without it the import takes 0.13 s.
for _name in ("pymupdf.layout", "pymupdf4llm"):
    cast(dict[str, Any], sys.modules).setdefault(_name, None)

import pymupdf as _pymupdf  # noqa: E402

pymupdf: Any = _pymupdf  # it calls itself typed, and half of it is not

MAX_PAGES = 5000
_SLOW_SECONDS = 0.3

# PyMuPDF's own set keeps ligatures (a search for "traffic" misses them) and puts glyph numbers in
# place of characters that the font doesn't explain: a garbled page then looks like a clean one.
_TEXT_FLAGS = (
    pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES & ~pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
)
_TEXT_BLOCK = 0

pymupdf.no_recommend_layout()
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


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
    started = time.monotonic()
    blocks = _read_blocks(page)
    is_slow = time.monotonic() - started > _SLOW_SECONDS
    text = "\n\n".join(block[4].strip() for block in blocks)
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
    # On one that is shown turned MuPDF takes columns for rows.
    is_searched = not (is_slow or page.rotation or page_class == "drawing")
    rows = tables.add_rows(page, blocks) if is_searched else None
    return make_page(number, page_class, rows or text)


def _read_blocks(page: Any) -> Sequence[Sequence[Any]]:
    """Return a page's blocks of text in reading order: the four sides, then the text."""
    # MuPDF reads a page as it was written, and lines that run upwards in it come one a block.
    turned = None
    if page.rotation:
        # Without its own sides given, what lies outside the sides of the page as written is lost.
        sides = pymupdf.Rect(page.rect)
        turned = page.get_textpage(clip=sides, flags=_TEXT_FLAGS, matrix=page.rotation_matrix)
    found = page.get_text("blocks", flags=_TEXT_FLAGS, textpage=turned)
    found = [block for block in found if block[6] == _TEXT_BLOCK]
    if not may_have_columns(found):
        return cast(list[Sequence[Any]], found)
    blocks = [
        Block(left, top, right, bottom, words)
        for left, top, right, bottom, text, *_ in found
        if (words := text.strip())
    ]
    if any(has_mixed_lines(block, page.rect.width) for block in blocks):
        lines_of = _read_lines(page, turned)
        blocks = [part for block in blocks for part in _part_block(block, page.rect.width, lines_of)]
    return order_blocks(blocks, page.rect.height)


def _part_block(block: Block, page_width: float, lines_of: dict[str, list[Block]]) -> list[Block]:
    lines = lines_of.get("".join(block.text.split())) if has_mixed_lines(block, page_width) else None
    return (part_mixed_lines(lines) if lines else []) or [block]


def _read_lines(page: Any, turned: Any) -> dict[str, list[Block]]:
    """Return each block's lines by its letters. They cost more than the blocks: for pages that need them."""
    lines_of = {}
    for block in page.get_text("dict", flags=_TEXT_FLAGS, textpage=turned)["blocks"]:
        if block["type"] == _TEXT_BLOCK:
            lines = [
                Block(left, top, right, bottom, "".join(span["text"] for span in line["spans"]).rstrip())
                for line in block["lines"]
                for left, top, right, bottom in [line["bbox"]]
            ]
            lines_of["".join("".join(line.text for line in lines).split())] = lines
    return lines_of


def _share_of_images(page: Any, area_points: float) -> float:
    """Return the part of the page that its images cover; strips of one scan add up."""
    covered = 0.0
    for image in page.get_image_info():
        seen = pymupdf.Rect(image["bbox"]) & page.rect
        if not seen.is_empty:
            covered += seen.width * seen.height
    return min(1.0, covered / area_points) if area_points else 0.0
