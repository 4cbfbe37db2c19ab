"""Tables of a PDF's page as lines that read across: `Long-stay cycle spaces | 1 per bedroom`.

Finding tables takes some twenty times as long as reading the page: only pages that speak of what a review
measures are looked at, each for so much time of the processor, and so many of a document. For worker
processes.
"""

import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from types import FrameType
from typing import Any, NamedTuple

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.mupdf import pymupdf

_MAX_CONTENT_BYTES = 2_000_000
_MAX_ROWS = 300
# Lines that are drawn, thin boxes among them; then, where they make no table, the sides of shaded boxes
# too. Both at once make cells of a shaded head's lines.
_STRATEGIES = ("lines_strict", "lines")
_MARK_FONT = "helv"
_Box = tuple[float, float, float, float]

PAGE_SECONDS = 1.5
_MAX_PAGES = 80
_DOCUMENT_SECONDS = 20.0
_MAX_CELL_CHARACTERS = 90
_SHORT_LINE = 45
_LEAST_CELLS = 6
_LEAST_FIGURES = 3
_CAPTION_LINES = 2
_SUBJECT = re.compile(
    r"\b(?:parking|cycl\w*|bicycles?|stands?|footways?|footpaths?|carriageways?|widths?|gradients?|visibility|"
    r"vehicles?|traffic|flows?|trips?|two-way|peak|mode share|modal)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_PARAGRAPH_NUMBER = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){1,3}\.?(?:\s|$)|\(?\w{1,3}[.)]\s|[•–-]|page\b", re.IGNORECASE
)


class Table(NamedTuple):
    """A table's box in points, as the page is shown, and its cells' text by rows.

    A cell that is part of a merged one is None, an empty one "".
    """

    left: float
    top: float
    right: float
    bottom: float
    rows: list[list[str | None]]


def find_tables(page: Any, textpage: Any, limit_seconds: float) -> list[Table]:
    """Return a page's ruled tables, none where they are not found in time or outside the main thread.

    textpage is MuPDF's, of the page as it is shown: the cells hold its words.
    """
    if threading.current_thread() is not threading.main_thread():
        return []  # nothing could stop it there
    try:
        # Where nothing is drawn there are no lines.
        if len(page.read_contents()) > _MAX_CONTENT_BYTES or not page.get_cdrawings():
            return []
        with _stop_after(limit_seconds):
            lines = (_copy_as_shown(page) if page.rotation else page).get_drawings()
            words = page.get_text("words", textpage=textpage)
            sheet = _mark_words(page.rect, words)
            for strategy in _STRATEGIES:
                found = sheet.find_tables(strategy=strategy, use_layout=False, paths=lines)
                if found and found.tables:
                    return [_read_table(table, words) for table in found.tables]
    except _TooSlow:
        return []
    except Exception:  # noqa: BLE001 - the plain text is there, and tables are an extra
        return []
    return []


class _TooSlow(BaseException):
    """Not an Exception: PyMuPDF catches those while it looks for tables."""


@contextmanager
def _stop_after(seconds: float) -> Iterator[None]:
    """Raise _TooSlow in the block after so many seconds of the processor. For the main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _copy_as_shown(page: Any) -> Any:
    """Return a page of its own document that looks as this one is shown and is not turned.

    MuPDF looks for lines on the page as it was written; what PyMuPDF does about that moves the tables
    of a page that is cut to a part of its sheet, and loses the cut.
    """
    rotation, width, height = page.rotation, page.rect.width, page.rect.height
    copy = pymupdf.open().new_page(width=width, height=height)
    page.set_rotation(0)
    try:
        copy.show_pdf_page(copy.rect, page.parent, page.number, rotate=-rotation)
    finally:
        page.set_rotation(rotation)
    return copy


def _mark_words(sides: Any, words: Sequence[Sequence[Any]]) -> Any:
    """Return an empty page with one small letter in the middle of each word.

    PyMuPDF asks of a page's letters only whether there are any within lines, and lists every one of
    them for it: that took three quarters of the time of finding tables.
    """
    sheet = pymupdf.open().new_page(width=sides.width, height=sides.height)
    sheet.insert_font(fontname=_MARK_FONT)
    marks = [
        f"1 0 0 1 {(left + right) / 2:.1f} {sides.height - (top + bottom) / 2:.1f} Tm (x) Tj"
        for left, top, right, bottom, *_ in words
    ]
    contents = sheet.parent.get_new_xref()
    sheet.parent.update_object(contents, "<<>>")
    sheet.parent.update_stream(contents, "\n".join(["BT", f"/{_MARK_FONT} 1 Tf", *marks, "ET"]).encode())
    sheet.set_contents(contents)
    return sheet


def _read_table(table: Any, words: Sequence[Sequence[Any]]) -> Table:
    box = table.bbox
    inside = [word for word in words if _stands_in(word, box)]
    rows = []
    for row in table.rows[:_MAX_ROWS]:
        beside = [word for word in inside if _stands_in(word, row.bbox)]
        rows.append([None if cell is None else _read_cell(cell, beside) for cell in row.cells])
    left, top, right, bottom = box
    return Table(left, top, right, bottom, rows)


def _read_cell(cell: _Box, words: Sequence[Sequence[Any]]) -> str:
    # PyMuPDF's own text of a cell sorts its letters: those of a ligature change places.
    return " ".join(word[4] for word in words if _stands_in(word, cell))


def _stands_in(word: Sequence[Any], box: _Box) -> bool:
    across, down = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(box[0] <= across < box[2] and box[1] <= down < box[3])


class TableReader:
    """Reads the tables of one document's pages until its pages or its seconds are used up."""

    def __init__(self, page_seconds: float = PAGE_SECONDS) -> None:
        self._page_seconds = page_seconds
        self._pages = _MAX_PAGES
        self._seconds = _DOCUMENT_SECONDS

    def add_rows(self, page: Any, blocks: Sequence[Block], textpage: Any) -> str | None:
        """Return the page's text with each table's rows after it, or None where none is found in time.

        blocks are the page's, in reading order. All of their text stays, in its order, so that what was
        quoted from it can be found; the rows stand between two blocks, behind the table and not at the
        page's end, where they would part a sentence that goes on overleaf from its second half and a
        footer from the page's edge.
        """
        if self._pages < 1 or self._seconds <= 0:
            return None
        if not may_hold_table("\n".join(block.text for block in blocks)):
            return None
        self._pages -= 1
        started = time.process_time()
        tables = find_tables(page, textpage, min(self._page_seconds, self._seconds))
        self._seconds -= time.process_time() - started
        rows = [(table, lines) for table in tables if (lines := _write_rows(table))]
        return _insert_rows(blocks, rows) if rows else None


def may_hold_table(text: str) -> bool:
    """Return whether a page's text may hold a table that a review needs: figures in cells, and its words.

    MuPDF gives each cell a line: short lines, one below the other, of which some hold a figure that is
    no paragraph's number. The words are looked for in them and in the lines above, where a caption is.
    """
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    for is_short, group in groupby(enumerate(lines), key=lambda numbered: len(numbered[1]) <= _SHORT_LINE):
        run = list(group)
        if not is_short or len(run) < _LEAST_CELLS:
            continue
        figures = sum(bool(_FIGURE.search(line)) and not _PARAGRAPH_NUMBER.match(line) for _, line in run)
        first = max(0, run[0][0] - _CAPTION_LINES)
        if figures >= _LEAST_FIGURES and _SUBJECT.search("\n".join(lines[first : run[-1][0] + 1])):
            return True
    return False


def _write_rows(table: Table) -> list[str]:
    """Return a table's rows as lines; none where it is a frame around a text.

    A cell that is part of a merged one is left out, an empty one is a dash.
    """
    filled = {number for row in table.rows for number, cell in enumerate(row) if cell}
    kept = [[cell for number, cell in enumerate(row) if number in filled] for row in table.rows]
    kept = [[cell for cell in row if cell is not None] for row in kept]
    across = [row for row in kept if sum(map(bool, row)) > 1]
    cells = [cell for row in across for cell in row if cell]
    if len(across) < 2 or sum(map(len, cells)) > _MAX_CELL_CHARACTERS * len(cells):
        return []
    return [" | ".join(cell or "–" for cell in row) for row in across]


def _insert_rows(blocks: Sequence[Block], tables: Sequence[tuple[Table, list[str]]]) -> str:
    parts_after: dict[int, list[str]] = {}
    for table, rows in sorted(tables, key=lambda pair: pair[0].top):
        place = _find_place(blocks, table)
        # A sentence that goes on in the next block is not to be torn.
        while place + 1 < len(blocks) and blocks[place + 1].text[:1].islower():
            place += 1
        parts_after.setdefault(place, []).append("\n".join(rows))
    parts: list[str] = []
    for number, block in enumerate(blocks):
        parts += [block.text, *parts_after.get(number, [])]
    return "\n\n".join(parts)


def _find_place(blocks: Sequence[Block], table: Table) -> int:
    """Return the number of the block that a table's rows are to follow: the last that stands in it."""
    inside = [number for number, block in enumerate(blocks) if _is_inside(block, table)]
    if inside:
        return inside[-1]
    # A block that reaches beyond the table holds its text.
    touching = [
        number for number, block in enumerate(blocks) if block.top < table.bottom and block.bottom > table.top
    ]
    return touching[-1] if touching else len(blocks) - 1


def _is_inside(block: Block, table: Table) -> bool:
    across, down = (block.left + block.right) / 2, (block.top + block.bottom) / 2
    return table.left <= across <= table.right and table.top <= down <= table.bottom
