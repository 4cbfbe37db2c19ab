"""Ruled tables of a PDF's page as lines that read across: `Long-stay cycle spaces | 1 per bedroom`.

For worker processes. Finding them takes some twenty times as long as reading the page: only pages that
speak of what a review measures are looked at, each for so long, and so many of a document.
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

PAGE_SECONDS = 1.5
_MAX_PAGES = 80
_DOCUMENT_SECONDS = 20.0
_MAX_CONTENT_BYTES = 2_000_000
_MAX_CELL_CHARACTERS = 90
_MAX_ROWS = 300
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
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


class Table(NamedTuple):
    """A table's box in points, as the page is shown, and its rows as lines of text."""

    left: float
    top: float
    right: float
    bottom: float
    rows: list[str]


class TableReader:
    """Reads the tables of one document's pages until its pages or its seconds are used up."""

    def __init__(self, page_seconds: float = PAGE_SECONDS) -> None:
        self._page_seconds = page_seconds
        self._pages = _MAX_PAGES
        self._seconds = _DOCUMENT_SECONDS

    def add_rows(self, page: Any, blocks: Sequence[Sequence[Any]]) -> str | None:
        """Return the page's text with each table's rows after it, or None where none is found in time.

        blocks are the page's, in reading order: the four sides, then the text. All of their text stays,
        in its order, so that what was quoted from it can be found; the rows stand between two blocks,
        behind the table and not at the page's end, where they would part a sentence that goes on
        overleaf from its second half and a footer from the page's edge.
        """
        text = "\n".join(block[4] for block in blocks)
        if self._pages < 1 or self._seconds <= 0 or not may_hold_table(text):
            return None
        self._pages -= 1
        started = time.monotonic()
        tables = _find_tables(page, min(self._page_seconds, self._seconds))
        self._seconds -= time.monotonic() - started
        return _insert_rows(blocks, tables) if tables else None


def may_hold_table(text: str) -> bool:
    """Tell whether a page's text may hold a table that a review needs: figures in cells, and its words.

    MuPDF gives each cell a line: short lines, one below the other, of which some hold a figure that is
    no paragraph's number. The words are looked for in them and in the lines above, where a caption is.
    """
    if not _SUBJECT.search(text):
        return False
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


def _find_tables(page: Any, limit_seconds: float) -> list[Table]:
    if threading.current_thread() is not threading.main_thread():
        return []  # nothing could stop it there
    try:
        if len(page.read_contents()) > _MAX_CONTENT_BYTES:
            return []
        with _stop_after(limit_seconds):
            found = page.find_tables()
            tables = [_make_table(table) for table in found.tables] if found else []
    except _TooSlow:
        return []
    except Exception:  # noqa: BLE001 - the plain text is there, and tables are an extra
        return []
    return [table for table in tables if table.rows]


class _TooSlow(BaseException):
    """Not an Exception: PyMuPDF catches those while it looks for tables."""


@contextmanager
def _stop_after(seconds: float) -> Iterator[None]:
    """Raise _TooSlow in the block after so many seconds. For the main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _make_table(table: Any) -> Table:
    left, top, right, bottom = table.bbox
    return Table(left, top, right, bottom, _read_rows(table))


def _read_rows(table: Any) -> list[str]:
    """Return a table's rows; none where it is a frame around a text.

    A cell that is part of a merged one is left out, an empty one is a dash.
    """
    rows = [[_clean_cell(cell) for cell in row] for row in table.extract()[:_MAX_ROWS]]
    filled = {number for row in rows for number, cell in enumerate(row) if cell}
    kept = [[cell for number, cell in enumerate(row) if number in filled] for row in rows]
    kept = [[cell for cell in row if cell is not None] for row in kept]
    across = [row for row in kept if sum(map(bool, row)) > 1]
    cells = [cell for row in across for cell in row if cell]
    if len(across) < 2 or sum(map(len, cells)) > _MAX_CELL_CHARACTERS * len(cells):
        return []
    return [" | ".join(cell or "–" for cell in row) for row in across]


def _clean_cell(cell: str | None) -> str | None:
    return None if cell is None else " ".join(cell.translate(_LIGATURES).split())


def _insert_rows(blocks: Sequence[Sequence[Any]], tables: Sequence[Table]) -> str:
    parts_after: dict[int, list[str]] = {}
    for table in sorted(tables, key=lambda table: table.top):
        inside = [number for number, block in enumerate(blocks) if _is_inside(block, table)]
        place = inside[-1] if inside else len(blocks) - 1
        # A sentence that goes on in the next block is not to be torn.
        while place + 1 < len(blocks) and blocks[place + 1][4].lstrip()[:1].islower():
            place += 1
        parts_after.setdefault(place, []).append("\n".join(table.rows))
    parts: list[str] = []
    for number, block in enumerate(blocks):
        parts += [block[4].strip(), *parts_after.get(number, [])]
    return "\n\n".join(parts)


def _is_inside(block: Sequence[Any], table: Table) -> bool:
    across, down = (block[0] + block[2]) / 2, (block[1] + block[3]) / 2
    return bool(table.left <= across <= table.right and table.top <= down <= table.bottom)
