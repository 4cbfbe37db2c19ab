"""A PDF's blocks of text put right where letters stand otherwise than a reader sees them.

Words spaced letter by letter come together, a raised 2 goes back to its metres, and words that were divided
at a line's end, or could be, are whole. Each is looked for by
a pattern first; a block that has it is set anew from its words and their places. For worker processes.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Protocol

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.words import Word, words_in

_UNITS = frozenset(("m", "km", "cm", "mm"))
_DIVIDED = re.compile(r"([^\W_]+)[-\u2010\xad]\n([^\W_]+)(\S*)( ?)")
_SOFT_HYPHEN = "\xad"
_ENDS = ("-\n", "\u2010\n", "\xad\n")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
# What is no word of its own, though it looks like one.
_PREFIXES = re.compile(
    "sub|inter|over|under|dis|mis|pre|trans|super|infra|intra|out|counter|micro", re.IGNORECASE
)
# Of words that keep their hyphen, as "on-street" does, the first part and the second.
_FIRST_PARTS = re.compile(
    "on|off|in|one|two|three|four|long|short|medium|high|higher|low|lower|mid|semi|half|part|full|multi|non|self|"
    "well|double|single|first|second|third|mixed|car|cycle|left|right|peak|night|rush|step|traffic|wheel",
    re.IGNORECASE,
)
_SECOND_PARTS = re.compile(
    "streets?|sites?|roads?|ways?|terms?|stay|quality|use|uses|modal|storey|time|turn|turning|free|share|sharing|"
    "peak|hours?|years?|days?|weeks?|miles?|metres?|bed|bedroom|cars?|vehicles?|vehicular|motorised|residential|"
    "contained|rise|density|speed|level|scale|led|depth|designed|lit|used|standing|lane|lanes|sided|stage|detached",
    re.IGNORECASE,
)

_SPACED_LETTERS = 4
_LEAST_PART = 3
_SINGLES_SHARE = 0.7
_NEAR_SHARE = 0.8
_LEAST_GAP_POINTS = 0.5
_WORD_GAP_RATIO = 2.2
_RAISED_SHARE = 0.8
_RAISED_GAP_SHARE = 0.8


def mend_blocks(blocks: Sequence[Block], get_words: Callable[[], Sequence[Word]]) -> list[Block]:
    """Return a page's blocks, those that need it set anew from their words."""
    # Of the whole page first: few have any of it.
    text = "\n".join(block.text for block in blocks)
    is_spaced, is_raised = _has_spaced_letters(text), _has_raised_figure(text)
    if not (is_spaced or is_raised):
        return list(blocks)
    mended = []
    for block in blocks:
        text = block.text
        if is_spaced and _has_spaced_letters(text):
            text = _close_up(text, words_in(get_words(), block))
        if is_raised and _has_raised_figure(text):
            text = _lower_figures(text, words_in(get_words(), block))
        mended.append(block._replace(text=text) if text != block.text else block)
    return mended


def _has_spaced_letters(text: str) -> bool:
    run = 0
    for token in text.split():
        run = run + 1 if len(token) == 1 and token.isalpha() else 0
        if run == _SPACED_LETTERS:
            return True
    return False


def _has_raised_figure(text: str) -> bool:
    return "m\n2" in text or "m\n3" in text


class Known(Protocol):
    """Words that are known."""

    def __contains__(self, word: str, /) -> bool:
        """Return whether a word is among them."""


class Vocabulary:
    """The words that a document has used so far, to tell a divided word from one with a hyphen."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._words: set[str] = set()

    def add(self, text: str) -> None:
        """Take in a page's text; nothing is done with it until somebody asks."""
        self._texts.append(text)

    def __contains__(self, word: str, /) -> bool:
        while self._texts:
            # The halves of divided words are no words.
            whole = _DIVIDED.sub(" ", self._texts.pop())
            self._words.update(_WORD.findall(whole.casefold()))
        return word.casefold() in self._words


def join_divided_words(text: str, known: Known = ()) -> str:
    """Return a text without the hyphens that only divide a word, at a line's end or where it might end.

    known are words of the document, by which a word that has its hyphen everywhere keeps it, as "on-street".
    """
    if any(end in text for end in _ENDS):
        text = _DIVIDED.sub(lambda match: _join_word(match, known), text)
    return text.replace(_SOFT_HYPHEN, "") if _SOFT_HYPHEN in text else text


def _join_word(match: re.Match[str], known: Known) -> str:
    first, second, rest, gap = match.groups()
    if second[0].isupper():
        return match.group().replace(_SOFT_HYPHEN, "-")  # another name, or a table's next cell
    # "site-by-site", "up-to-date"
    is_chain = rest.startswith("-") or match.string[: match.start()].endswith("-")
    hyphen = "-" if is_chain or _keeps_hyphen(first, second, known) else ""
    # The line ends behind the word, as it would have if there had been room.
    return f"{first}{hyphen}{second}{rest}" + ("\n" if gap else "")


def _keeps_hyphen(first: str, second: str, known: Known) -> bool:
    if not first.isalpha() or not second.isalpha():
        return True  # "0-15", "A40-north"
    if f"{first}{second}" in known:
        return False
    if f"{first}-{second}" in known or (_FIRST_PARTS.fullmatch(first) and _SECOND_PARTS.fullmatch(second)):
        return True
    are_words = min(len(first), len(second)) >= _LEAST_PART and first in known and second in known
    return are_words and not _PREFIXES.fullmatch(first)


def _close_up(text: str, words: Sequence[Word]) -> str:
    """Return a block's text as its rows, where it is letters that stand apart but near each other."""
    singles = [word for word in words if len(word.text) == 1]
    if len(singles) < len(words) * _SINGLES_SHARE:
        return text
    rows: list[list[Word]] = []
    for word in words:
        row = next((row for row in reversed(rows) if _stands_level(row[-1], word)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    rows = [sorted(row, key=lambda word: word.left) for row in rows]
    gaps = [after.left - before.right for row in rows for before, after in pairwise(row)]
    usual = median(gaps) if gaps else 0.0
    # Further apart they are a table's cells: "Y", "N".
    if usual > median(word.bottom - word.top for word in singles) * _NEAR_SHARE:
        return text
    return "\n".join(_write_row(row, max(_LEAST_GAP_POINTS, usual) * _WORD_GAP_RATIO) for row in rows)


def _stands_level(one: Word, other: Word) -> bool:
    middle = (other.top + other.bottom) / 2
    return one.top < middle < one.bottom


def _write_row(row: Sequence[Word], word_gap: float) -> str:
    text = row[0].text
    for before, after in pairwise(row):
        text += ("" if after.left - before.right < word_gap else " ") + after.text
    return text


def _lower_figures(text: str, words: Sequence[Word]) -> str:
    """Return a text with each raised 2 or 3 behind the unit that it is part of."""
    for before, after in pairwise(words):
        height = before.bottom - before.top
        is_raised = after.bottom - after.top < height * _RAISED_SHARE and after.bottom < before.bottom
        is_near = 0 <= after.left - before.right + height * 0.1 < height * _RAISED_GAP_SHARE
        if before.text in _UNITS and after.text in ("2", "3") and is_raised and is_near:
            text = re.sub(
                rf"(?<=\d)( ?){before.text}\n{after.text}(?=\s|$)", rf"\1{before.text}{after.text}", text
            )
    return text
