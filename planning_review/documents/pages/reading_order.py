"""A PDF page's blocks of text, upright and in the order in which they are read: column by column.

Most files hold their text in reading order already, and a table's rows are read across, not down: so
an order is changed only where two or three columns of prose stand side by side for certain. For worker
processes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Any

from planning_review.documents.pages.columns import (
    MIN_COLUMN_LINES,
    MIN_LINES,
    Block,
    find_bounds,
    has_mixed_lines,
    list_columns,
    may_have_columns,
    part_mixed_lines,
)
from planning_review.documents.pages.mupdf import TEXT_FLAGS, pymupdf
from planning_review.documents.pages.page_text import A3_POINTS
from planning_review.documents.pages.raised import raise_figures
from planning_review.documents.pages.words import Word, read_words

_MARGIN_SHARE = 0.08
_APART_POINTS = 30.0
_MOST_EDGE_LINES = 4
_OVERLAP_POINTS = 2.0
_LEVEL_POINTS = 3.0
_Columns = list[list[Block]]

_TEXT_BLOCK = 0
_LEAST_LINE = 3
_SAME_PLACE_SHARE = 0.6
_UPRIGHT_SHARE = 0.5
_TALL_RATIO = 2
# Which way a line runs on the page as it was written, down counted as 1, and how the page is then to be
# turned, clockwise, for a reader.
_TURNS = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}


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
    """Return whether a column goes on beside a block that reaches over the others only.

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
    """Return whether blocks are a table's: cells side by side in one column, or level with each other."""
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
    """Return whether the columns' parts of a strip have the same top or middle, as cells have.

    Columns have the same bottom too: the page's last line.
    """
    tops, middles = [top for top, _ in strip], [(top + bottom) / 2 for top, bottom in strip]
    return len(strip) > 1 and any(max(heights) - min(heights) < _LEVEL_POINTS for heights in (tops, middles))


def read_blocks(page: Any) -> tuple[list[Block], Any]:
    """Return a page's blocks of text in reading order, and MuPDF's text page that they are from.

    Where most of its text runs upwards, downwards or upside down, the page's rotation is changed in
    memory: what is read of it afterwards is upright too.
    """
    rotation = page.rotation
    textpage = _read_textpage(page, rotation)
    found = _list_blocks(page, textpage)
    if (rotation or _runs_upwards(found)) and _turn_upright(page):
        textpage = _read_textpage(page, page.rotation)
        found = _list_blocks(page, textpage)
    if any(_has_line_twice(block[4]) for block in found) and _has_word_twice(read_words(page, textpage)):
        # Printed more than once in one place, to look bold: MuPDF can tell, at a price.
        textpage = _read_textpage(page, page.rotation, TEXT_FLAGS | pymupdf.TEXT_COLLECT_STYLES)
        found = _list_blocks(page, textpage)
    blocks = [
        Block(left, top, right, bottom, words)
        for left, top, right, bottom, text, *_ in found
        if (words := text.strip())
    ]
    blocks = raise_figures(blocks, textpage)
    if not may_have_columns(blocks):
        return blocks, textpage
    if any(has_mixed_lines(block) for block in blocks):
        lines_of = _read_lines(page, textpage)
        blocks = [part for block in blocks for part in _part_block(block, lines_of)]
    return order_blocks(blocks, page.rect.height), textpage


def _has_line_twice(text: str) -> bool:
    return any(line == after and len(line) >= _LEAST_LINE for line, after in pairwise(text.split("\n")))


def _has_word_twice(words: Sequence[Word]) -> bool:
    """Return whether a word stands in the place of one that is the same."""
    lasts: dict[str, Word] = {}
    for word in words:
        last = lasts.get(word.text)
        if last is not None:
            across = min(word.right, last.right) - max(word.left, last.left)
            down = min(word.bottom, last.bottom) - max(word.top, last.top)
            is_over = across > _SAME_PLACE_SHARE * (word.right - word.left)
            if is_over and down > _SAME_PLACE_SHARE * (word.bottom - word.top):
                return True
        lasts[word.text] = word
    return False


def _read_textpage(page: Any, rotation: int, flags: int = TEXT_FLAGS) -> Any:
    if not rotation:
        return page.get_textpage(flags=flags)
    # MuPDF reads a page as it was written, and lines that run upwards in it come one a block. Without
    # its own sides given, what lies outside the sides of the page as written is lost.
    sides = pymupdf.Rect(page.rect)
    return page.get_textpage(clip=sides, flags=flags, matrix=page.rotation_matrix)


def _list_blocks(page: Any, textpage: Any) -> list[Sequence[Any]]:
    return [block for block in page.get_text("blocks", textpage=textpage) if block[6] == _TEXT_BLOCK]


def _runs_upwards(blocks: Sequence[Sequence[Any]]) -> bool:
    """Return whether most of a page's letters stand in lines that are taller than wide."""
    letters = [
        (len(text.strip()), bottom - top, right - left) for left, top, right, bottom, text, *_ in blocks
    ]
    tall = sum(count for count, height, width in letters if count > 1 and height > width * _TALL_RATIO)
    return tall > sum(count for count, _, _ in letters) * _UPRIGHT_SHARE


def _turn_upright(page: Any) -> bool:
    """Turn a page so that most of its text runs from left to right; return whether it had to be."""
    if page.rect.width * page.rect.height > A3_POINTS * 1.05:
        return False  # a drawing's labels run every way, and are many
    letters: Counter[int | None] = Counter()
    for block in page.get_text("dict", flags=TEXT_FLAGS)["blocks"]:
        for line in block.get("lines", ()):
            across, down = line["dir"]
            turn = _TURNS.get((round(across), round(down)))
            letters[turn] += sum(len(span["text"].strip()) for span in line["spans"])
    if not letters:
        return False
    turn, count = letters.most_common(1)[0]
    if turn is None or turn == page.rotation or count <= letters.total() * _UPRIGHT_SHARE:
        return False
    page.set_rotation(turn)
    return True


def _part_block(block: Block, lines_of: dict[str, list[Block]]) -> list[Block]:
    lines = lines_of.get(_letters(block.text)) if has_mixed_lines(block) else None
    return (part_mixed_lines(lines) if lines else []) or [block]


def _read_lines(page: Any, textpage: Any) -> dict[str, list[Block]]:
    """Return each block's lines by its letters. They cost more than the blocks: for pages that need them."""
    lines_of = {}
    for block in page.get_text("dict", textpage=textpage)["blocks"]:
        if block["type"] == _TEXT_BLOCK:
            lines = [
                Block(left, top, right, bottom, "".join(span["text"] for span in line["spans"]).rstrip())
                for line in block["lines"]
                for left, top, right, bottom in [line["bbox"]]
            ]
            lines_of[_letters("".join(line.text for line in lines))] = lines
    return lines_of


def _letters(text: str) -> str:
    return "".join(text.split())
