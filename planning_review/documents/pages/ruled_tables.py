"""Where ruled tables stand on a PDF's page and what their cells hold. For worker processes.

Finding them takes some twenty times as long as reading the page, so it has a limit of processor time.
"""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from planning_review.documents.pages.mupdf import pymupdf

_MAX_CONTENT_BYTES = 2_000_000
_MAX_ROWS = 300
# Lines that are drawn, thin boxes among them; then, where they make no table, the sides of shaded boxes
# too. Both at once make cells of a shaded head's lines.
_STRATEGIES = ("lines_strict", "lines")

_MARK_FONT = "helv"

_Box = tuple[float, float, float, float]


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
