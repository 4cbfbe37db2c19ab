"""A PDF page's blocks of text, upright and in the order in which they are read. For worker processes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from planning_review.documents.pages.columns import Block, has_mixed_lines, may_have_columns, part_mixed_lines
from planning_review.documents.pages.mupdf import TEXT_FLAGS, pymupdf
from planning_review.documents.pages.page_text import A3_POINTS
from planning_review.documents.pages.reading_order import order_blocks

_TEXT_BLOCK = 0
_UPRIGHT_SHARE = 0.5
_TALL_RATIO = 2
# Which way a line runs on the page as it was written, down counted as 1, and how the page is then to be
# turned, clockwise, for a reader.
_TURNS = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}


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
    blocks = [
        Block(left, top, right, bottom, words)
        for left, top, right, bottom, text, *_ in found
        if (words := text.strip())
    ]
    if not may_have_columns(blocks):
        return blocks, textpage
    if any(has_mixed_lines(block) for block in blocks):
        lines_of = _read_lines(page, textpage)
        blocks = [part for block in blocks for part in _part_block(block, lines_of)]
    return order_blocks(blocks, page.rect.height), textpage


def _read_textpage(page: Any, rotation: int) -> Any:
    if not rotation:
        return page.get_textpage(flags=TEXT_FLAGS)
    # MuPDF reads a page as it was written, and lines that run upwards in it come one a block. Without
    # its own sides given, what lies outside the sides of the page as written is lost.
    sides = pymupdf.Rect(page.rect)
    return page.get_textpage(clip=sides, flags=TEXT_FLAGS, matrix=page.rotation_matrix)


def _list_blocks(page: Any, textpage: Any) -> list[Sequence[Any]]:
    return [block for block in page.get_text("blocks", textpage=textpage) if block[6] == _TEXT_BLOCK]


def _runs_upwards(blocks: Sequence[Sequence[Any]]) -> bool:
    """Tell whether most of a page's letters stand in lines that are taller than wide."""
    letters = [
        (len(text.strip()), bottom - top, right - left) for left, top, right, bottom, text, *_ in blocks
    ]
    tall = sum(count for count, height, width in letters if count > 1 and height > width * _TALL_RATIO)
    return tall > sum(count for count, _, _ in letters) * _UPRIGHT_SHARE


def _turn_upright(page: Any) -> bool:
    """Turn a page so that most of its text runs from left to right; tell whether it had to be."""
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
