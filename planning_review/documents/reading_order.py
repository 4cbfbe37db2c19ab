"""The order in which a page's blocks of text are read: column by column, where it has columns.

Most files hold their text in reading order already, and a table's rows are read across, not down: so
an order is changed only where two or three columns of prose stand side by side for certain. Only the
boxes of the blocks are looked at, which costs next to nothing beside reading them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

_MAX_COLUMNS = 3
_MAX_COLUMN_SHARE = 0.55  # of the width that the page's text takes
_MIN_GUTTER_POINTS = 5.0
_MIN_LINES = 3
_MIN_LINE_CHARACTERS = 24  # what is narrower is a table's cell or a diagram's label
_MIN_COLUMN_LINES = 4
_MARGIN_SHARE = 0.08
_APART_POINTS = 30.0
_OVERLAP_POINTS = 2.0
_LEVEL_POINTS = 3.0
_TIGHTEST_LINE_POINTS = 7.5
_TALLEST_LINE_POINTS = 60.0


class Block(NamedTuple):
    """A piece of text and its box in points as a reader sees the page: top is less than bottom."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def lines(self) -> int:
        """How many lines of text it has."""
        return self.text.count("\n") + 1


def order_blocks(blocks: Sequence[Block], page_height: float) -> list[Block]:
    """Return the blocks of a page as they are to be read; as they came where there are no columns.

    What reaches over more than one column (a title, a table, the caption of a wide figure) parts the
    columns above it from those below. Headers and footers come first and last.
    """
    bounds = _find_bounds(blocks)
    if not bounds:
        return list(blocks)
    edges = _find_edges(blocks, page_height)
    body = [block for block in blocks if block not in edges]
    dividers = [block for block in body if _column_of(block, bounds) is None]
    parts = _part_by_height([block for block in body if block not in dividers], dividers)
    columns = [_sort_columns(part, bounds) for part in parts]
    if _are_rows(columns):
        return list(blocks)
    ordered: list[Block] = []
    for divider, part in zip_longest(sorted(dividers, key=_middle), columns):
        ordered += [block for column in part for block in column]
        ordered += [divider] if divider else []
    if ordered == body:
        # Where only a header or footer comes early or late in the file, the file is right.
        return list(blocks)
    above = [block for block in edges if block.top < ordered[0].top]
    return [*above, *ordered, *(block for block in edges if block not in above)]


def may_have_columns(blocks: Iterable[Sequence[Any]]) -> bool:
    """Tell whether a page's blocks need a closer look, as cheaply as can be.

    blocks are MuPDF's own tuples: the four sides of the box, then the text.
    """
    furthest, nearest = 0.0, float("inf")
    for left, top, right, bottom, text, *_ in blocks:
        lines = text.count("\n")
        if lines >= _MIN_LINES and len(text) >= lines * _MIN_LINE_CHARACTERS:
            furthest, nearest = max(furthest, left), min(nearest, right)
            if bottom - top < lines * _TIGHTEST_LINE_POINTS:
                return True
    return furthest > nearest


def has_mixed_lines(block: Block, page_width: float) -> bool:
    """Tell whether a wide block has more lines than its height has room for: some stand side by side."""
    if block.right - block.left < page_width / 2 or block.lines < 2 * _MIN_COLUMN_LINES:
        return False
    lines = [line for line in block.text.split("\n") if line.strip()]
    return (
        len(lines) >= 2 * _MIN_COLUMN_LINES
        and len(block.text) >= len(lines) * _MIN_LINE_CHARACTERS
        and (block.bottom - block.top < len(lines) * _TIGHTEST_LINE_POINTS)
    )


def part_mixed_lines(lines: Sequence[Block]) -> list[Block]:
    """Return a block's lines as one block a column, or nothing where they stand in no columns.

    A program that writes a page line by line, across both of its columns, leaves such a block.
    """
    columns = _merge_spans(lines)
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return []
    parts = [
        _join([line for line in lines if left <= line.left and line.right <= right])
        for left, right in columns
    ]
    return parts if _find_bounds(parts) else []


def _find_bounds(blocks: Sequence[Block]) -> list[float]:
    """Return where one column ends and the next begins, from left to right; nothing without columns."""
    if len(blocks) < 2:
        return []
    width = max(block.right for block in blocks) - min(block.left for block in blocks)
    prose = [block for block in blocks if block.right - block.left < width * _MAX_COLUMN_SHARE]
    prose = [block for block in prose if _is_prose(block)]
    if len(prose) < 2 or max(block.left for block in prose) < min(block.right for block in prose):
        return []
    columns = _merge_spans(prose)
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return []
    members = [[b for b in prose if left <= b.left and b.right <= right] for left, right in columns]
    if any(sum(block.lines for block in column) < _MIN_COLUMN_LINES for column in members):
        return []
    stand_beside = all(
        min(max(b.bottom for b in one), max(b.bottom for b in other))
        > max(min(b.top for b in one), min(b.top for b in other))
        for one, other in pairwise(members)
    )
    return [(one[1] + other[0]) / 2 for one, other in pairwise(columns)] if stand_beside else []


def _is_prose(block: Block) -> bool:
    lines = block.lines
    # A block of text that runs upwards is as tall as its line is long.
    return (
        lines >= _MIN_LINES
        and len(block.text) >= lines * _MIN_LINE_CHARACTERS
        and block.bottom - block.top < lines * _TALLEST_LINE_POINTS
    )


def _middle(block: Block) -> float:
    return (block.top + block.bottom) / 2


def _merge_spans(blocks: Iterable[Block]) -> list[tuple[float, float]]:
    """Return the stretches of the page's width that the blocks take, where a gutter parts them."""
    spans: list[tuple[float, float]] = []
    for left, right in sorted((block.left, block.right) for block in blocks):
        if spans and left < spans[-1][1] + _MIN_GUTTER_POINTS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    return spans


def _column_of(block: Block, bounds: Sequence[float]) -> int | None:
    """Return the number of the column that a block stands in, None where it reaches over two."""
    first = sum(bound < block.left + 1 for bound in bounds)
    last = sum(bound < block.right - 1 for bound in bounds)
    return first if first == last else None


def _find_edges(blocks: Sequence[Block], page_height: float) -> list[Block]:
    """Return the headers and footers among the blocks: short, and above or below all the prose."""
    prose = [block for block in blocks if _is_prose(block)]
    top, bottom = min(block.top for block in prose), max(block.bottom for block in prose)
    margin = page_height * _MARGIN_SHARE
    return [
        block
        for block in blocks
        if block.lines <= _MIN_LINES
        and (
            (block.bottom <= top and (block.bottom < margin or block.bottom < top - _APART_POINTS))
            or (
                block.top >= bottom
                and (block.top > page_height - margin or block.top > bottom + _APART_POINTS)
            )
        )
    ]


def _part_by_height(blocks: Sequence[Block], dividers: Sequence[Block]) -> list[list[Block]]:
    """Return the blocks above the first divider, between it and the second, and so on."""
    heights = sorted(map(_middle, dividers))
    parts: list[list[Block]] = [[] for _ in range(len(heights) + 1)]
    for block in blocks:
        parts[bisect_right(heights, _middle(block))].append(block)
    return parts


def _sort_columns(blocks: Sequence[Block], bounds: Sequence[float]) -> list[list[Block]]:
    columns: list[list[Block]] = [[] for _ in range(len(bounds) + 1)]
    for block in blocks:
        columns[_column_of(block, bounds) or 0].append(block)
    return [sorted(column, key=lambda block: block.top) for column in columns]


def _are_rows(parts: Sequence[Sequence[Sequence[Block]]]) -> bool:
    """Tell whether blocks are a table's: cells side by side in one column, or level with each other."""
    rows = possible = longest = 0
    for columns in parts:
        if any(one.bottom > two.top + _OVERLAP_POINTS for column in columns for one, two in pairwise(column)):
            return True
        rows += sum(map(_is_row, _find_strips(columns)[1:]))
        possible += max(0, min(map(len, columns)) - 1)
        longest = max(longest, min(sum(block.lines for block in column) for column in columns))
    # Without a second block in a column, only its length tells it from a cell.
    return rows * 2 >= possible if possible else longest < 2 * _MIN_COLUMN_LINES


def _find_strips(columns: Sequence[Sequence[Block]]) -> list[list[tuple[float, float]]]:
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


def _join(lines: Sequence[Block]) -> Block:
    return Block(
        min(line.left for line in lines),
        min(line.top for line in lines),
        max(line.right for line in lines),
        max(line.bottom for line in lines),
        "\n".join(line.text for line in lines),
    )
