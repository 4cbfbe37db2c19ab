"""The order in which a page's blocks of text are read: column by column, where it has columns.

Most files hold their text in reading order already, and a table's rows are read across, not down: so
an order is changed only where two or three columns of prose stand side by side for certain.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise, zip_longest

from planning_review.documents.pages.columns import (
    MIN_COLUMN_LINES,
    MIN_LINES,
    Block,
    find_bounds,
    list_columns,
)

_MARGIN_SHARE = 0.08
_APART_POINTS = 30.0
_MOST_EDGE_LINES = 4
_OVERLAP_POINTS = 2.0
_LEVEL_POINTS = 3.0

_Columns = list[list[Block]]


def order_blocks(blocks: Sequence[Block], page_height: float) -> list[Block]:
    """Return the blocks of a page as they are to be read; as they came where there are no columns.

    What reaches over all columns (a title, a table, the caption of a wide figure) parts the columns
    above it from those below. Headers and footers come first and last.
    """
    bounds = find_bounds(blocks)
    if not bounds:
        return list(blocks)
    above, body, below = _part_edges(blocks, page_height)
    dividers = [block for block in body if len(list_columns(block, bounds)) > 1]
    columned = [block for block in body if len(list_columns(block, bounds)) == 1]
    if any(_runs_past(divider, columned, bounds) for divider in dividers):
        return list(blocks)
    dividers.sort(key=_middle)
    parts = [_sort_columns(part, bounds) for part in _part_by_height(columned, dividers)]
    if _are_rows(parts):
        return list(blocks)
    ordered: list[Block] = []
    for divider, part in zip_longest(dividers, parts):
        ordered += [block for column in part for block in column]
        ordered += [divider] if divider else []
    if ordered == body:
        # Where only a header or footer comes early or late in the file, the file is right.
        return list(blocks)
    return [*above, *ordered, *below]


def _middle(block: Block) -> float:
    return (block.top + block.bottom) / 2


def _part_edges(blocks: Sequence[Block], page_height: float) -> tuple[list[Block], list[Block], list[Block]]:
    """Return a page's headers, the blocks between, and its footers.

    An edge is short and above or below all the prose: in the margin, or parted from the prose, with
    what else stands on that side, by a gap. A list or a figure's labels are more than that.
    """
    prose = [block for block in blocks if block.is_prose]
    top, bottom = min(block.top for block in prose), max(block.bottom for block in prose)
    margin = page_height * _MARGIN_SHARE
    over = [block for block in blocks if block.bottom <= top]
    under = [block for block in blocks if block.top >= bottom]
    over_apart = _are_few(over) and max(block.bottom for block in over) < top - _APART_POINTS
    under_apart = _are_few(under) and min(block.top for block in under) > bottom + _APART_POINTS
    above: list[Block] = []
    body: list[Block] = []
    below: list[Block] = []
    for block in blocks:
        is_short = block.lines <= MIN_LINES
        if is_short and block.bottom <= top and (over_apart or block.bottom < margin):
            above.append(block)
        elif is_short and block.top >= bottom and (under_apart or block.top > page_height - margin):
            below.append(block)
        else:
            body.append(block)
    return above, body, below


def _are_few(blocks: Sequence[Block]) -> bool:
    return 0 < sum(block.lines for block in blocks) <= _MOST_EDGE_LINES


def _runs_past(divider: Block, columned: Sequence[Block], bounds: Sequence[float]) -> bool:
    """Tell whether a column goes on beside a block that reaches over the others only.

    It can't be parted there, and whether it is read before or after them is not to be seen.
    """
    covered = list_columns(divider, bounds)
    return len(covered) <= len(bounds) and any(
        list_columns(block, bounds)[0] not in covered
        and block.top < divider.bottom
        and block.bottom > divider.top
        for block in columned
    )


def _part_by_height(blocks: Sequence[Block], dividers: Sequence[Block]) -> list[list[Block]]:
    """Return the blocks above the first divider, between it and the second, and so on."""
    heights = [_middle(divider) for divider in dividers]
    parts: list[list[Block]] = [[] for _ in range(len(heights) + 1)]
    for block in blocks:
        parts[bisect_right(heights, _middle(block))].append(block)
    return parts


def _sort_columns(blocks: Sequence[Block], bounds: Sequence[float]) -> _Columns:
    columns: _Columns = [[] for _ in range(len(bounds) + 1)]
    for block in blocks:
        columns[list_columns(block, bounds)[0]].append(block)
    return [sorted(column, key=lambda block: block.top) for column in columns]


def _are_rows(parts: Sequence[_Columns]) -> bool:
    """Tell whether blocks are a table's: cells side by side in one column, or level with each other."""
    rows = possible = longest = 0
    for columns in parts:
        if any(one.bottom > two.top + _OVERLAP_POINTS for column in columns for one, two in pairwise(column)):
            return True
        rows += sum(map(_is_row, _find_strips(columns)[1:]))
        possible += max(0, min(map(len, columns)) - 1)
        longest = max(longest, min(sum(block.lines for block in column) for column in columns))
    # Without a second block in a column, only its length tells it from a cell.
    return rows * 2 >= possible if possible else longest < 2 * MIN_COLUMN_LINES


def _find_strips(columns: _Columns) -> list[list[tuple[float, float]]]:
    """Return the columns' tops and bottoms in each strip between gaps that run right across them."""
    strips: list[dict[int, tuple[float, float]]] = []
    lowest = 0.0
    numbered = [(block, number) for number, column in enumerate(columns) for block in column]
    for block, number in sorted(numbered, key=lambda pair: pair[0].top):
        if not strips or block.top > lowest:
            strips.append({})
        top, bottom = strips[-1].get(number, (block.top, block.bottom))
        strips[-1][number] = (min(top, block.top), max(bottom, block.bottom))
        lowest = max(lowest, block.bottom)
    return [list(strip.values()) for strip in strips]


def _is_row(strip: Sequence[tuple[float, float]]) -> bool:
    """Tell whether the columns' parts of a strip have the same top or middle, as cells have.

    Columns have the same bottom too: the page's last line.
    """
    tops, middles = [top for top, _ in strip], [(top + bottom) / 2 for top, bottom in strip]
    return len(strip) > 1 and any(max(heights) - min(heights) < _LEVEL_POINTS for heights in (tops, middles))
