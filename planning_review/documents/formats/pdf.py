"""The text of a PDF by page, with PyMuPDF. For worker processes: a hostile file can't be interrupted."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planning_review.documents.formats.part import Part
from planning_review.documents.formats.pdf_lock import locks_attachments_only, without_lock
from planning_review.documents.formats.pdf_notes import (
    NOT_DRAWN,
    ONLY_ANSWERS,
    is_drawn_by_adobe_only,
    list_attachments,
    list_notes,
    may_cover_text,
    read_xfa_answers,
)
from planning_review.documents.pages.drawn import DrawnReader
from planning_review.documents.pages.hidden import may_hide_words
from planning_review.documents.pages.mending import Vocabulary, join_divided_words, mend_blocks
from planning_review.documents.pages.mupdf import is_damaged, pymupdf
from planning_review.documents.pages.page_text import (
    A3_POINTS,
    DAMAGED_IN_PART,
    IMAGE_SHARE,
    TEXT_CHARACTERS,
    classify_page,
    make_page,
)
from planning_review.documents.pages.reading_order import read_blocks
from planning_review.documents.pages.tables import TableReader
from planning_review.documents.pages.words import read_words
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText
from planning_review.text.language import has_few_common_words, has_spoilt_words

MAX_PAGES = 5000
_SLOW_SECONDS = 0.3


def open_pdf(path: Path) -> Any:
    """Return the pymupdf.Document of a PDF that has pages and no password, or raise Unreadable."""
    try:
        document = pymupdf.open(path, filetype="pdf")
        if document.needs_pass and locks_attachments_only(path):
            document = pymupdf.open(stream=without_lock(path), filetype="pdf")
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
    notes, answers = [], ""
    if is_drawn_by_adobe_only(document):
        answers = read_xfa_answers(document)
        notes.append(ONLY_ANSWERS if answers else NOT_DRAWN)
    count = document.page_count + bool(answers)
    yield Opened(page_count=count, repaired=bool(document.is_repaired), notes=tuple(notes))
    reader = _PdfReader()
    for number in range(first_page, min(document.page_count, MAX_PAGES) + 1):
        pymupdf.TOOLS.reset_mupdf_warnings()
        try:
            page = reader.read(document[number - 1], number)
            if page.reason is None and is_damaged(pymupdf.TOOLS.mupdf_warnings()):
                page = page.model_copy(update={"reason": DAMAGED_IN_PART})
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - MuPDF raises many kinds, and each is only this page's
            page = make_page(number, "blank", "", reason="the page is damaged")
        yield PageRead(page=page)
    if answers and first_page <= count:
        page = make_page(count, "text", answers)
        yield PageRead(page=page.model_copy(update={"part": "answers of the form", "part_page": 1}))


def find_attachments(path: Path) -> Iterator[Part]:
    """Yield the files that are attached to a PDF or pinned to its pages. Raises Unreadable."""
    document = open_pdf(path)
    if not pymupdf.open(path, filetype="pdf").needs_pass:
        yield from list_attachments(document)
        return
    for number in range(1, document.embfile_count() + 1):
        yield Part(f"attachment {number}", "", None, "it is locked with a password")


class _PdfReader:
    """Reads one document's pages; what it has seen on one it need not look at on the next."""

    def __init__(self) -> None:
        self._tables = TableReader()
        self._drawn = DrawnReader()
        self._vocabulary = Vocabulary()

    def read(self, page: Any, number: int) -> PageText:
        # In time of the processor, here and for tables: how busy the machine is must not decide what is read.
        started = time.process_time()
        blocks, textpage = read_blocks(page)
        is_slow = time.process_time() - started > _SLOW_SECONDS
        blocks = mend_blocks(blocks, lambda: read_words(page, textpage))
        text = "\n\n".join(block.text for block in blocks)
        rect = page.rect
        area_points = rect.width * rect.height
        contents = page.read_contents()
        drawn = self._drawn.read(page, contents, len(text))
        has_images = bool(drawn.images) or drawn.has_inline_images
        # Somebody's OCR over a scan, perhaps, and a bad one.
        is_doubtful = has_images and (has_few_common_words(text) or has_spoilt_words(text))
        image_share, has_marks = 0.0, True
        # Where images stand costs as much as the text: only where it can decide.
        if len(text) < TEXT_CHARACTERS * 2 or area_points > A3_POINTS or is_doubtful:
            image_share = _share_of_images(page, area_points)
            has_marks = image_share > 0 or len(contents) > 100
        page_class = classify_page(text, area_points, image_share, has_marks)
        if page_class == "text" and image_share > IMAGE_SHARE and is_doubtful:
            page_class = "garbled"
        if page_class == "garbled":
            return make_page(number, page_class, "")
        if page_class == "scan":
            return make_page(number, page_class, text)
        # A page that is slow to read is slower to search, and MuPDF's part of that can't be interrupted.
        is_searched = not (is_slow or page_class == "drawing")
        rows = self._tables.add_rows(page, blocks, textpage) if is_searched else None
        notes = list_notes(page, text)
        self._vocabulary.add(text)
        unread = self._drawn.is_new(drawn) or may_hide_words(contents) or may_cover_text(page)
        text = "\n\n".join(filter(None, (join_divided_words(rows or text, self._vocabulary), *notes)))
        return make_page(number, page_class, text, unread=unread)


def _share_of_images(page: Any, area_points: float) -> float:
    """Return the part of the page that its images cover; strips of one scan add up."""
    covered = 0.0
    for image in page.get_image_info():
        seen = pymupdf.Rect(image["bbox"]) & page.rect
        if not seen.is_empty:
            covered += seen.width * seen.height
    return min(1.0, covered / area_points) if area_points else 0.0
