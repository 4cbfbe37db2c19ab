"""Tables of a PDF's page as lines that read across: `Long-stay cycle spaces | 1 per bedroom`.

Finding tables is dear: only pages that speak of what a review measures are looked at, each for so long,
and so many of a document.
"""

import re
import time
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.ruled_tables import Table, find_tables

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
    """Tell whether a page's text may hold a table that a review needs: figures in cells, and its words.

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
