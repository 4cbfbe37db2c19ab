"""The rows of a table as lines: `Long-stay cycle spaces | – | 1 per bedroom`. For worker processes."""

from collections.abc import Sequence

MAX_SPAN = 63
"""Columns of a table in Word, and how far one cell is followed that says that it covers more."""


def lay_out_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row that holds anything, a dash for a cell left empty before another.

    So that a figure stands below its heading. Columns that no row fills are left out; a row that is
    mostly empty only places something on a sheet, and gets no dashes.
    """
    filled = {number for row in rows for number, cell in enumerate(row) if cell}
    lines = []
    for row in rows:
        cells = [cell for number, cell in enumerate(row) if number in filled]
        while cells and not cells[-1]:
            cells.pop()
        present = [cell for cell in cells if cell]
        is_row = len(present) > 1 and 3 * len(present) > len(cells)
        lines.append(" | ".join((cell or "–" for cell in cells) if is_row else present))
    return [line for line in lines if line]
