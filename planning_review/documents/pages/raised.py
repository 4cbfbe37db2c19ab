"""Raised figures told from the figures that they stand behind: a footnote's number is no part of "5.5".

MuPDF says what is raised in one of its other forms of a page's text, which costs next to nothing. Metres keep
their 2 and 3 as people write them. For worker processes.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from planning_review.documents.pages.columns import Block

_TAG = re.compile(r"<[^<>]*>")
_FIGURES = re.compile(r"(?:<\w+>)*(\d{1,3})(?=[\s<])")
_BEGIN = "<sup>"
_CONTEXT, _LOOK_BACK = 12, 80
_UNIT = re.compile(r"(?:^|[\d\s])[kcm]?m$")
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raise_figures(blocks: Sequence[Block], textpage: Any) -> list[Block]:
    """Return a page's blocks with the raised figures behind words and figures written as such."""
    found = list(_find_raised(textpage.extractXHTML()))
    texts = [block.text for block in blocks]
    for before, figures in found:
        if not before.strip() or before[-1].isspace() or (figures in ("2", "3") and _UNIT.search(before)):
            continue
        for at, text in enumerate(texts):
            # In a block a line may end where none ends in the other form.
            if match := re.search(_spell(before) + rf"({figures})(?!\d)", text):
                texts[at] = text[: match.start(1)] + figures.translate(_HIGH) + text[match.end(1) :]
                break
    return [block._replace(text=text) for block, text in zip(blocks, texts, strict=True)]


def write_raised(before: str, figures: str) -> str:
    """Return what is raised behind other words as it is written: figures high, but for those of metres."""
    is_figure = figures.isascii() and figures.isdecimal() and before.strip() != ""
    if not is_figure or (figures in ("2", "3") and _UNIT.search(before)):
        return figures
    return figures.translate(_HIGH)


def _find_raised(page: str) -> Iterator[tuple[str, str]]:
    """Yield the raised figures, each with what stands before it."""
    at = page.find(_BEGIN)
    while at >= 0:
        if figures := _FIGURES.match(page, at + len(_BEGIN)):
            line = page[max(0, at - _LOOK_BACK) : at].rpartition("\n")[2]
            yield html.unescape(_TAG.sub("", line))[-_CONTEXT:], figures[1]
        at = page.find(_BEGIN, at + 1)


def _spell(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split(" ")))
