"""Words that a PDF holds and its page doesn't show: white ones, invisible ones, and those under a black box.

A page that may have such words is drawn, and a word where nothing stands out is not shown. What a scanner
writes invisibly over its picture is: the picture shows the word. For worker processes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.words import Word, set_lines, words_in

_LEAST_CONTRAST = 14
_LEAST_HEIGHT_POINTS = 3.0
_DARK_LEVEL = 110
_MOST_OF_WORD = 0.6
_LEAST_LETTERS = 4
# The operators of colours, with how many numbers they take and from where on these are no colour but white.
_INKS = 4
_COLOURS = ((b" g", 1), (b" rg", 3), (b" k", _INKS), (b" sc", 0), (b" scn", 0))
_WHITE, _NO_INK = 0.95, 0.05
_MAY_BE_WHITE = frozenset((b"0", b"1", b"."))
_NUMBER_BYTES = 10
_NOUGHT = ord("0")
_NEXT_COLOUR = re.compile(rb"\s(?:g|rg|k|scn?)\s")
# Something is written that is no blank: Word's layouts are full of invisible blanks.
_SHOWN = re.compile(rb"\([^)\s]|<[0-9A-Fa-f]{12,}>")
_FILLED_BOX = re.compile(
    rb" re\s(?:h\s)?(?:[\d. ]+ (?:RG|rg|G|g|K|k|w|scn?|SCN?)\s){0,4}(?:f\*?|F|B\*?|b\*?)\s"
)
# A box drawn side by side.
_FILLED_PATH = re.compile(
    rb"(?<![\d.])-?[\d.]+ -?[\d.]+ m\s(?:-?[\d.]+ -?[\d.]+ l\s){3,4}(?:h\s)?(?:f\*?|F|B\*?|b\*?)\s"
)
_WIDTH_ENDS = (b" w\n", b" w ", b" w\r")
_THICK_LINE = 5.0  # as wide as a low line of letters is high
_PATH_ENDS = tuple(side + gap + b"f" for side in (b" h", b"\nh", b" l") for gap in (b"\n", b" ", b"\r"))
_PATH_BYTES = 160
_NUMBER = re.compile(rb"-?\d*\.?\d+")
_LEAST_WIDTH, _LEAST_HEIGHT = 10.0, 5.0
_MOST_BOXES = 500
_STYLE_BYTES, _COLOUR_BYTES, _SIDE_BYTES = 4000, 200, 14


def may_hide_words(contents: bytes) -> bool:
    """Return whether contents hold white or invisible text, or a filled box or thick line after some text.

    Plain searches: each page's contents go through this.
    """
    return _has_invisible_text(contents) or _has_white_text(contents) or _has_late_box(contents)


def _has_invisible_text(contents: bytes) -> bool:
    for at in _find_all(contents, b"3 Tr"):
        end = contents.find(b" Tr", at + 4)
        if _SHOWN.search(contents, at, min(at + _STYLE_BYTES, end if end >= 0 else len(contents))):
            return True
    return False


def _has_white_text(contents: bytes) -> bool:
    for name, count in _COLOURS:
        for at in _find_all(contents, name):
            start = at + len(name)
            if contents[start : start + 1].strip():
                continue  # another operator
            last = contents[contents.rfind(b" ", max(0, at - _NUMBER_BYTES), at) + 1 : at]
            # Most colours are told by their last number.
            if (last == b"0" and count != _INKS) or last[:1] not in _MAY_BE_WHITE:
                continue
            if not _is_white(contents[max(0, at - 4 * _NUMBER_BYTES) : at], count):
                continue
            after = _NEXT_COLOUR.search(contents, start, start + _COLOUR_BYTES)
            if _SHOWN.search(contents, start, after.start() if after else start + _COLOUR_BYTES):
                return True
    return False


def _is_white(before: bytes, count: int) -> bool:
    """Return whether the numbers before a colour's operator are those of white, or nearly."""
    numbers: list[float] = []
    for token in reversed(before.split()):
        try:
            numbers.append(float(token))
        except ValueError:
            break
        if len(numbers) == (count or 3):
            break
    if len(numbers) == _INKS:
        return max(numbers) <= _NO_INK
    # A colour space of one's own has as many numbers as it likes.
    return len(numbers) >= (count or 1) and min(numbers) >= _WHITE


def _has_late_box(contents: bytes) -> bool:
    first_text = contents.find(b"ET")
    if first_text < 0:
        return False
    for count, match in enumerate(_FILLED_BOX.finditer(contents, first_text)):
        at = match.start()
        before = contents.rfind(b" ", at - _SIDE_BYTES, at)
        # Most are lines under words and around cells, of a height that begins with a nought.
        is_large = contents[before + 1] != _NOUGHT and _is_large_box(contents, before, at)
        if is_large or count == _MOST_BOXES:
            return True
    widths = (at for end in _WIDTH_ENDS for at in _find_all(contents, end, first_text))
    for at in islice(widths, _MOST_BOXES):
        width = contents[max(0, at - _SIDE_BYTES) : at].split()[-1:]
        if width and _is_as_large(width[0], _THICK_LINE):
            return True
    ends = (at for end in _PATH_ENDS for at in _find_all(contents, end, first_text))
    return any(
        _is_large_path(contents[max(0, at - _PATH_BYTES) : at + 5]) for at in islice(ends, _MOST_BOXES)
    )


def _is_large_path(end: bytes) -> bool:
    match = _FILLED_PATH.search(end)
    numbers = [float(number) for number in _NUMBER.findall(match[0])] if match else [0.0, 0.0]
    across, down = numbers[::2], numbers[1::2]
    return max(across) - min(across) >= _LEAST_WIDTH and max(down) - min(down) >= _LEAST_HEIGHT


def _is_large_box(contents: bytes, before: int, at: int) -> bool:
    width = contents[max(0, before - _SIDE_BYTES) : before].split()[-1:]
    is_high = _is_as_large(contents[before + 1 : at], _LEAST_HEIGHT)
    return is_high and bool(width) and _is_as_large(width[0], _LEAST_WIDTH)


def _is_as_large(number: bytes, least: float) -> bool:
    try:
        return abs(float(number)) >= least
    except ValueError:
        return False


def _find_all(contents: bytes, words: bytes, start: int = 0) -> Iterator[int]:
    at = contents.find(words, start)
    while at >= 0:
        yield at
        at = contents.find(words, at + 1)


def find_hidden_words(grey: NDArray[np.uint8], words: Sequence[Word], *, is_over_picture: bool) -> list[Word]:
    """Return the words that the page, drawn a pixel a point, doesn't show.

    Over a picture a word may stand beside what it says: only those on its dark parts count.
    """
    hidden = []
    height, width = grey.shape
    for word in words:
        tall = word.bottom - word.top
        # A box above or below the line shows at the edge of a word's box.
        top, bottom = int(word.top + tall * 0.3), round(word.bottom - tall * 0.3) + 1
        left, right = int(word.left) + 1, max(int(word.left) + 2, int(word.right))
        if tall < _LEAST_HEIGHT_POINTS or not any(map(str.isalnum, word.text)):
            continue
        if top < 0 or left < 0 or bottom > height or right > width:
            continue
        inside = grey[top:bottom, left:right]
        is_flat = int(inside.max()) - int(inside.min()) < _LEAST_CONTRAST
        if is_flat and not (is_over_picture and inside.max() > _DARK_LEVEL):
            hidden.append(word)
        elif not is_flat and _longest_dark_run(inside) >= max(_MOST_OF_WORD * (right - left), tall):
            hidden.append(word)  # the comma behind a name stands beside the box
    letters = sum(len(word.text) for word in hidden)
    return hidden if letters >= _LEAST_LETTERS else []


def _longest_dark_run(inside: NDArray[np.uint8]) -> int:
    """Return how many columns beside each other are dark and show nothing."""
    columns = inside.max(axis=0)
    is_dark = (columns < _DARK_LEVEL) & (columns - inside.min(axis=0) < _LEAST_CONTRAST)
    longest = run = 0
    for dark in is_dark.tolist():
        run = run + 1 if dark else 0
        longest = max(longest, run)
    return longest


def leave_out_words(blocks: Sequence[Block], words: Sequence[Word], hidden: Sequence[Word]) -> list[Block]:
    """Return the blocks without the hidden words; a block of nothing else goes."""
    gone = set(hidden)
    kept = []
    for block in blocks:
        inside = words_in(words, block)
        if not gone.intersection(inside):
            kept.append(block)
        elif text := set_lines([word for word in inside if word not in gone]):
            kept.append(block._replace(text=text))
    return kept
