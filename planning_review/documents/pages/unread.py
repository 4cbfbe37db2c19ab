"""What of an image looks like writing, and was not read from it: OCR leaves out without a word what it can't.

The image is made as small as its words allow, so that they are as high as print is at a pixel a point.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

_WORD_PIXELS = 9.0
_MOST_PIXELS = 3_000
_ASKEW_SHARE = 0.25
_LOST_LINES = 3
_LOST_SHARE = 0.1

_LOOK_PIXELS = 850
_LEAST_PAPER, _PAPER_LEVELS, _PAPER_SHARE = 150, 40, 0.6
_MARK_LEVELS, _LEAST_MARKS = 60, 0.004

_Box = tuple[float, float, float, float]


class Unread(NamedTuple):
    """What no word covers: how many lines of writing, their share of all, and that of the marks."""

    lines: int
    share_of_lines: float
    share_of_marks: float

    @property
    def may_be_askew(self) -> bool:
        """Whether lines may be among the marks that are not level, and were not read for that."""
        return self.lines > 0 or self.share_of_marks > _ASKEW_SHARE

    @property
    def is_much(self) -> bool:
        """Whether more is left than a letterhead or what a picture holds by chance."""
        return self.lines >= _LOST_LINES and self.share_of_lines > _LOST_SHARE


NOTHING_UNREAD = Unread(0, 0.0, 0.0)


def find_unread(image: "Image", words: Sequence[_Box]) -> Unread:
    """Return what of a grey image none of the words that were read from it covers; boxes are in pixels."""
    import numpy as np

    from planning_review.documents.pages.writing import find_ink, find_writing

    heights = sorted(bottom - top for _, top, _, bottom in words)
    scale = min(1.0, _WORD_PIXELS / max(1.0, heights[len(heights) // 2]), _MOST_PIXELS / max(image.size))
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    grey = np.asarray(small)
    covered = [
        (left * scale, top * scale, right * scale, bottom * scale) for left, top, right, bottom in words
    ]
    marks = find_ink(grey)
    lines = len(find_writing(grey, covered).lines)
    all_marks = np.count_nonzero(marks)
    for left, top, right, bottom in covered:
        marks[max(0, int(top - 1)) : int(bottom + 2), max(0, int(left - 1)) : int(right + 2)] = False
    read_lines = len({round(top / _WORD_PIXELS) for _, top, _, _ in covered})
    return Unread(
        lines,
        lines / (lines + read_lines) if lines else 0.0,
        float(np.count_nonzero(marks) / all_marks) if all_marks else 0.0,
    )


def shows_writing(image: "Image") -> bool:
    """Return whether an image of which nothing was read is paper with marks on it, and no photograph."""
    import numpy as np

    scale = _LOOK_PIXELS / max(1, *image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    levels = np.asarray(image.resize(size), dtype=np.int16)
    paper = float(np.median(levels))
    is_paper = np.abs(levels - paper) < _PAPER_LEVELS
    # Specks and the shadow of a fold are less.
    marks = float(np.mean(levels < paper - _MARK_LEVELS))
    return bool(paper > _LEAST_PAPER and is_paper.mean() > _PAPER_SHARE and marks > _LEAST_MARKS)
