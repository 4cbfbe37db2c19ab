"""The words of a page with their places, as MuPDF gives them. For worker processes."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from planning_review.documents.pages.columns import Block


class Word(NamedTuple):
    """A word and its box in points, as a reader sees the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    block: int
    line: int


def read_words(page: Any, textpage: Any) -> list[Word]:
    """Return a page's words in the order of its file."""
    return [Word(*word[:7]) for word in page.get_text("words", textpage=textpage)]


def words_in(words: Iterable[Word], block: Block) -> list[Word]:
    """Return the words that stand in a block."""
    return [
        word
        for word in words
        if block.left <= (word.left + word.right) / 2 <= block.right
        and block.top <= (word.top + word.bottom) / 2 <= block.bottom
    ]


def set_lines(words: Sequence[Word]) -> str:
    """Return words as text, in the lines that they stand in."""
    text, before = "", None
    for word in words:
        place = (word.block, word.line)
        text += ("" if before is None else " " if place == before else "\n") + word.text
        before = place
    return text
