"""Columns of prose that stand side by side on a page, told from the boxes of its blocks of text.

Looking at boxes costs next to nothing beside reading them.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

MIN_LINES = 3
MIN_COLUMN_LINES = 4

_MAX_BLOCKS = 1000  # a page of more is a drawing or a trap
_MAX_COLUMNS = 3
_MAX_COLUMN_SHARE = 0.55  # of the width that the page's text takes
_MIN_GUTTER_POINTS = 5.0
_MIN_LINE_CHARACTERS = 24  # what is narrower is a table's cell or a diagram's label
_MAX_LEADING_RATIO = 1.5
_FLOWING_SHARE = 0.3
_MOST_MARK_CHARACTERS = 4
_TALLEST_LINE_POINTS = 60.0
# How much wider a block is than its lines, as letters half as wide as a line is high: a block of one
# column has at most 0.5, of two columns whose lines are mixed at least 1.
_MIXED_RATIO = 0.8


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

    @property
    def is_prose(self) -> bool:
        """Whether it is a paragraph of running text: long lines, and several."""
        return (
            self.lines >= MIN_LINES
            and len(self.text) >= self.lines * _MIN_LINE_CHARACTERS
            # A block of text that runs upwards is as tall as its line is long.
            and self.bottom - self.top < self.lines * _TALLEST_LINE_POINTS
        )


def may_have_columns(blocks: Iterable[Block]) -> bool:
    """Return whether a page's blocks need a closer look, as cheaply as can be."""
    furthest, nearest = 0.0, float("inf")
    for block in blocks:
        if block.is_prose:
            furthest, nearest = max(furthest, block.left), min(nearest, block.right)
        if has_mixed_lines(block):
            return True
    return furthest > nearest


def has_mixed_lines(block: Block) -> bool:
    """Return whether a block is too wide and too low for its lines: some may stand side by side."""
    if block.lines < 2 * MIN_COLUMN_LINES:
        return False
    full = [line for line in block.text.split("\n") if len(line) > _MOST_MARK_CHARACTERS]
    letters = sum(map(len, full))
    if len(full) < 2 * MIN_COLUMN_LINES or letters < len(full) * _MIN_LINE_CHARACTERS:
        return False
    line_points, letters_in_line = (block.bottom - block.top) / len(full), letters / len(full)
    return block.right - block.left > letters_in_line * line_points * _MIXED_RATIO


def part_mixed_lines(lines: Sequence[Block]) -> list[Block]:
    """Return a block's lines as one block a column, or nothing where they stand in no columns.

    A program that writes a page line by line, across both of its columns, leaves such a block.
    """
    lines = [line for line in lines if line.text.strip()]  # the gutter may be filled with spaces
    columns = _give_marks_their_text(lines, _merge_spans(lines))
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return []
    members = [_inside(lines, column) for column in columns]
    # A table's cells have gaps beside those of more lines, and begin with a capital or a figure.
    leadings = [_median_leading(column) for column in members]
    if max(leadings) > min(leadings) * _MAX_LEADING_RATIO or not all(map(_flows, members)):
        return []
    parts = [_join(column) for column in members]
    return parts if find_bounds(parts) else []


def find_bounds(blocks: Sequence[Block]) -> list[float]:
    """Return where one column ends and the next begins, from left to right; nothing without columns."""
    if not 2 <= len(blocks) <= _MAX_BLOCKS:
        return []
    width = max(block.right for block in blocks) - min(block.left for block in blocks)
    prose = [b for b in blocks if b.right - b.left < width * _MAX_COLUMN_SHARE and b.is_prose]
    if len(prose) < 2:
        return []
    columns = _merge_spans(prose)
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return []
    members = [_inside(prose, column) for column in columns]
    if any(sum(block.lines for block in column) < MIN_COLUMN_LINES for column in members):
        return []
    stand_beside = all(
        min(max(b.bottom for b in one), max(b.bottom for b in other))
        > max(min(b.top for b in one), min(b.top for b in other))
        for one, other in pairwise(members)
    )
    return [(one[1] + other[0]) / 2 for one, other in pairwise(columns)] if stand_beside else []


def list_columns(block: Block, bounds: Sequence[float]) -> range:
    """Return the numbers of the columns that a block stands in or reaches over, from 0."""
    first = sum(bound < block.left + 1 for bound in bounds)
    last = sum(bound < block.right - 1 for bound in bounds)
    return range(first, max(first, last) + 1)


def _merge_spans(blocks: Iterable[Block]) -> list[tuple[float, float]]:
    """Return the stretches of the page's width that the blocks take, where a gutter parts them."""
    spans: list[tuple[float, float]] = []
    for left, right in sorted((block.left, block.right) for block in blocks):
        if spans and left < spans[-1][1] + _MIN_GUTTER_POINTS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    return spans


def _give_marks_their_text(
    lines: Sequence[Block], spans: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return the spans, those of a list's marks (dashes, bullets, numbers) joined to what follows them."""
    columns: list[tuple[float, float]] = []
    start: float | None = None
    for left, right in spans:
        texts = [line.text.strip() for line in _inside(lines, (left, right))]
        first = left if start is None else start
        if max(map(len, texts)) <= _MOST_MARK_CHARACTERS:
            start = first
        else:
            columns.append((first, right))
            start = None
    return columns


def _median_leading(lines: Sequence[Block]) -> float:
    """Return how far a column's lines stand apart, from top to top."""
    tops = sorted({round(line.top) for line in lines})
    return median([below - above for above, below in pairwise(tops)] or [0.0])


def _flows(lines: Sequence[Block]) -> bool:
    """Return whether sentences go on from line to line."""
    return sum(line.text.lstrip()[:1].islower() for line in lines) >= len(lines) * _FLOWING_SHARE


def _inside(blocks: Iterable[Block], span: tuple[float, float]) -> list[Block]:
    return [block for block in blocks if span[0] <= block.left and block.right <= span[1]]


def _join(lines: Sequence[Block]) -> Block:
    text = ""
    for number, line in enumerate(lines):
        before = lines[number - 1].text.strip() if number else ""
        gap = " " if before and len(before) <= _MOST_MARK_CHARACTERS else "\n"
        text += (gap if number else "") + line.text
    return Block(
        min(line.left for line in lines),
        min(line.top for line in lines),
        max(line.right for line in lines),
        max(line.bottom for line in lines),
        text,
    )
