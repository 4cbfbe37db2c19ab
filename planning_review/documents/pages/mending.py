"""A PDF's blocks of text put right where letters stand otherwise than a reader sees them.

Words spaced letter by letter come together, what was printed twice to look bold stands once, a raised 2 goes
back to its metres, and words that were divided at a line's end, or could be, are whole. Each is looked for by
a pattern first; a block that has it is set anew from its words and their places. For worker processes.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.words import Word, words_in

_UNITS = frozenset(("m", "km", "cm", "mm"))
_SOFT_HYPHEN = "\xad"
_DIVIDED = re.compile(r"([^\W\d_]{2,})[-\u2010]\n([^\W\d_]{2,})(\S*)( ?)")
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
_LEAST_LINE = 3
_WORD_GAP_RATIO = 2.2
_SAME_PLACE_SHARE = 0.6
_RAISED_SHARE = 0.8
_RAISED_GAP_SHARE = 0.8


def mend_blocks(blocks: Sequence[Block], get_words: Callable[[], Sequence[Word]]) -> list[Block]:
    """Return a page's blocks, those that need it set anew from their words."""
    # Of the whole page first: few have any of it.
    text = "\n".join(block.text for block in blocks)
    is_anew, is_raised = _needs_setting(text), _has_raised_figure(text)
    if not is_anew and not is_raised:
        return list(blocks)
    mended = []
    for block in blocks:
        text = block.text
        if is_anew and _needs_setting(text):
            text = _set_anew(words_in(get_words(), block))
        if is_raised and _has_raised_figure(text):
            text = _lower_figures(text, words_in(get_words(), block))
        mended.append(block._replace(text=text) if text != block.text else block)
    return mended


def _needs_setting(text: str) -> bool:
    """Return whether single letters follow each other, or a line stands twice."""
    run = 0
    for token in text.split():
        run = run + 1 if len(token) == 1 else 0
        if run == _SPACED_LETTERS:
            return True
    return any(line == after and len(line) >= _LEAST_LINE for line, after in pairwise(text.split("\n")))


def _has_raised_figure(text: str) -> bool:
    return "m\n2" in text or "m\n3" in text


def join_divided_words(text: str) -> str:
    """Return a text without the hyphens that only divide a word, at a line's end or where it might end.

    A word that the text has with its hyphen elsewhere keeps it, and so does "on-street".
    """
    if _SOFT_HYPHEN in text:
        text = text.replace(f"{_SOFT_HYPHEN}\n", "").replace(_SOFT_HYPHEN, "")
    if "-\n" not in text and "\u2010\n" not in text:
        return text
    folded = text.casefold()
    return _DIVIDED.sub(lambda match: _join_word(match, folded), text)


def _join_word(match: re.Match[str], folded: str) -> str:
    first, second, rest, gap = match.groups()
    is_compound = second[0].isupper() or (
        f"{first}{second}".casefold() not in folded
        and (
            f"{first}-{second}".casefold() in folded
            or bool(_FIRST_PARTS.fullmatch(first) and _SECOND_PARTS.fullmatch(second))
        )
    )
    # The line ends behind the word, as it would have if there had been room.
    return f"{first}{'-' if is_compound else ''}{second}{rest}" + ("\n" if gap else "")


def _set_anew(words: Sequence[Word]) -> str:
    """Return words as lines, from left to right, each once, spaced letters as words."""
    rows: list[list[Word]] = []
    for word in _drop_repeated(words):
        row = next((row for row in reversed(rows) if _stands_level(row[-1], word)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    return "\n".join(_write_row(sorted(row, key=lambda word: word.left)) for row in rows)


def _drop_repeated(words: Sequence[Word]) -> list[Word]:
    kept: dict[str, list[Word]] = {}
    once = []
    for word in words:
        others = kept.setdefault(word.text, [])
        if not any(_stands_in_place_of(word, other) for other in others):
            once.append(word)
        others.append(word)
    return once


def _stands_in_place_of(word: Word, other: Word) -> bool:
    across = min(word.right, other.right) - max(word.left, other.left)
    down = min(word.bottom, other.bottom) - max(word.top, other.top)
    return across > _SAME_PLACE_SHARE * (word.right - word.left) and (
        down > _SAME_PLACE_SHARE * (word.bottom - word.top)
    )


def _stands_level(one: Word, other: Word) -> bool:
    middle = (other.top + other.bottom) / 2
    return one.top < middle < one.bottom


def _write_row(row: Sequence[Word]) -> str:
    if sum(len(word.text) == 1 for word in row) < _SPACED_LETTERS or len(row) < _SPACED_LETTERS:
        return " ".join(word.text for word in row)
    gaps = [after.left - before.right for before, after in pairwise(row)]
    between_letters = [
        gap
        for gap, before, after in zip(gaps, row[:-1], row[1:], strict=True)
        if len(before.text) == len(after.text) == 1
    ]
    if not between_letters:
        return " ".join(word.text for word in row)
    widest = max(0.5, median(between_letters)) * _WORD_GAP_RATIO
    text = row[0].text
    for gap, before, after in zip(gaps, row[:-1], row[1:], strict=True):
        is_letter = len(before.text) == 1 or len(after.text) == 1
        text += ("" if is_letter and gap < widest else " ") + after.text
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
