"""Lines of writing among the marks on a page that no word read from it covers, found on a small picture.

What is drawn and not said in letters (a scan below a stamp, a letter pasted as a picture, text turned into
outlines) is held against what was read. A line of writing is a low, long band of small marks that lie close
together; photographs, hatching and rules make none. For worker processes.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_BACKGROUND_PIXELS = 10
_CONTRAST_LEVELS = 28
_DARK_LEVEL = 110
_RULE_PIXELS = 36
_WORD_GAP_PIXELS = 6
_LEAST_LINE_PIXELS = 42
_LOWEST_LINE_PIXELS, _TALLEST_LINE_PIXELS = 3, 26
_LEAST_LENGTH_RATIO = 4.0
_SAME_LINE_SHARE = 0.5
_LEAST_INK, _MOST_INK = 0.10, 0.72
_PIXELS_A_STROKE = 9.0
_MOST_INK_BESIDE = 0.55
_MOST_RUNS = 20_000
_GROWN_POINTS = 1.5

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_Pixels = NDArray[np.uint8]
_Mask = NDArray[np.bool_]


class Writing(NamedTuple):
    """The lines of writing that were found, each as its box in points."""

    lines: tuple[Box, ...]

    @property
    def box(self) -> Box:
        """The box around all of them."""
        lefts, tops, rights, bottoms = zip(*self.lines, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def find_writing(grey: _Pixels, covered: Iterable[Box]) -> Writing:
    """Return the lines of writing of a page, drawn a pixel a point, that no covered box explains."""
    ink = find_ink(grey)
    for left, top, right, bottom in covered:
        rows = slice(max(0, int(top - _GROWN_POINTS)), max(0, int(bottom + _GROWN_POINTS) + 1))
        ink[rows, max(0, int(left - _GROWN_POINTS)) : max(0, int(right + _GROWN_POINTS) + 1)] = False
    ink &= ~(_find_long_runs(ink) | _find_long_runs(ink.T).T)
    if np.count_nonzero(ink) < _LEAST_LINE_PIXELS:
        return Writing(())
    bands = _join_runs(_list_runs(_close_gaps(ink)))
    return Writing(tuple(band for band in bands if _is_line(ink, *band)))


def find_ink(grey: _Pixels) -> _Mask:
    """Return what stands out from its surroundings, darker or, on a dark ground, lighter."""
    around = np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(_BACKGROUND_PIXELS)), dtype=np.int16)
    difference = around - grey
    found: _Mask = difference > _CONTRAST_LEVELS
    found |= (difference < -_CONTRAST_LEVELS) & (around < _DARK_LEVEL)
    return found


def _find_long_runs(ink: _Mask) -> _Mask:
    """Return the pixels of each row that stand in a run as long as a rule."""
    width = ink.shape[1]
    if width < _RULE_PIXELS:
        return np.zeros_like(ink)
    before = np.pad(np.cumsum(ink, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    starts = before[:, _RULE_PIXELS:] - before[:, :-_RULE_PIXELS] == _RULE_PIXELS
    steps = np.zeros((ink.shape[0], width + 1), dtype=np.int32)
    steps[:, : starts.shape[1]] += starts
    steps[:, _RULE_PIXELS : _RULE_PIXELS + starts.shape[1]] -= starts
    found: _Mask = np.cumsum(steps[:, :-1], axis=1) > 0
    return found


def _close_gaps(ink: _Mask) -> _Mask:
    """Return the marks with the gaps within a line filled: between letters, and between words."""
    gap = _WORD_GAP_PIXELS
    before = np.pad(np.cumsum(np.pad(ink, ((0, 0), (gap, gap))), axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    left = before[:, gap + 1 : -gap] - before[:, : -2 * gap - 1] > 0
    right = before[:, 2 * gap + 1 :] - before[:, gap : -gap - 1] > 0
    closed: _Mask = ink | (left & right)
    return closed


def _list_runs(marks: _Mask) -> list[tuple[int, int, int]]:
    """Return each row's runs that are as long as a short line: row, left, right."""
    padded = np.pad(marks, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(padded, axis=1)
    rows, lefts = np.nonzero(steps == 1)
    _, rights = np.nonzero(steps == -1)
    long = rights - lefts >= _LEAST_LINE_PIXELS
    return list(zip(rows[long].tolist(), lefts[long].tolist(), rights[long].tolist(), strict=True))[
        :_MOST_RUNS
    ]


def _join_runs(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Return the bands that runs in adjacent rows make: left, top, right, bottom."""
    done: list[tuple[int, int, int, int]] = []
    open_bands: list[list[int]] = []
    for row, left, right in runs:
        for band in open_bands:
            overlap = min(right, band[2]) - max(left, band[0])
            if row <= band[3] and overlap > _SAME_LINE_SHARE * min(right - left, band[2] - band[0]):
                band[0], band[2], band[3] = min(left, band[0]), max(right, band[2]), row + 1
                break
        else:
            open_bands.append([left, row, right, row + 1])
        if open_bands[0][3] < row:
            done += [(b[0], b[1], b[2], b[3]) for b in open_bands if b[3] < row]
            open_bands = [b for b in open_bands if b[3] >= row]
    return done + [(b[0], b[1], b[2], b[3]) for b in open_bands]


def _is_line(ink: _Mask, left: int, top: int, right: int, bottom: int) -> bool:
    height, width = bottom - top, right - left
    if not _LOWEST_LINE_PIXELS <= height <= _TALLEST_LINE_PIXELS or width < height * _LEAST_LENGTH_RATIO:
        return False
    inside = ink[top:bottom, left:right]
    share = inside.mean()
    if not _LEAST_INK <= share <= _MOST_INK:
        return False
    # Letters begin and end many strokes; the edge of a shape does not.
    strokes = np.count_nonzero(np.diff(inside.astype(np.int8), axis=1) == 1, axis=1)
    if np.median(strokes) * _PIXELS_A_STROKE < width:
        return False
    beside = max(2, height // 3)
    above = ink[max(0, top - beside - 1) : max(0, top - 1), left:right]
    below = ink[bottom + 1 : bottom + 1 + beside, left:right]
    return all(part.size == 0 or part.mean() < share * _MOST_INK_BESIDE for part in (above, below))
