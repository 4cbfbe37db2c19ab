"""Whether a PDF's page may show more, or less, than its text says: only such a page is drawn and looked at.

Drawing a page costs more than reading it. What its file says that it draws costs little: its images, and the
curves and lines of its contents and of the forms that they use. What was looked at once in a document and
held no writing, as a logo that stands on each page, is known again. For worker processes.
"""

import re
from typing import Any, NamedTuple

# A letter that was turned into outlines has some ten curves, or as many lines; a rounded box has four.
_LEAST_CURVES = 120
_LEAST_LINES = 300
_TEXT_BYTES = 24  # for a character, as programs write text, spaced letter by letter
_FEW_BYTES = 6000
_LEAST_IMAGE_PIXELS = 2500
_LEAST_IMAGE_SIDE = 10
_INLINE_IMAGE = re.compile(rb"\bBI\s[^\x80-\xff]{0,400}?\bID\s")


class Drawn(NamedTuple):
    """What a page draws besides its text: its images by number, and how many curves and lines."""

    images: frozenset[int]
    curves: int
    lines: int
    has_inline_images: bool

    @property
    def may_be_writing(self) -> bool:
        """Whether anything of it is large or rich enough to be writing."""
        is_rich = self.curves >= _LEAST_CURVES or self.lines >= _LEAST_LINES
        return bool(self.images) or self.has_inline_images or is_rich


class DrawnReader:
    """Says of one document's pages what they draw, and remembers what was looked at for nothing."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[int, int]] = {}
        self._harmless_images: set[int] = set()
        self._harmless_counts: set[tuple[int, int]] = set()

    def read(self, page: Any, contents: bytes, characters: int) -> Drawn:
        """Return what a page of these contents and so many characters of text draws."""
        # To count costs as much again: not where the contents are hardly more than the text.
        is_plain = len(contents) < characters * _TEXT_BYTES + _FEW_BYTES
        curves, lines = (0, 0) if is_plain else _count_paths(contents)
        for xref, *_ in page.get_xobjects():
            if xref not in self._forms:
                self._forms[xref] = _count_paths(page.parent.xref_stream(xref) or b"")
            curves, lines = curves + self._forms[xref][0], lines + self._forms[xref][1]
        images = frozenset(
            xref
            for xref, _, width, height, *_ in page.get_images()
            if width * height >= _LEAST_IMAGE_PIXELS and min(width, height) >= _LEAST_IMAGE_SIDE
        )
        # A plain search first, which costs a tenth.
        has_inline = b"BI" in contents and bool(_INLINE_IMAGE.search(contents))
        return Drawn(images, curves, lines, has_inline)

    def is_worth_a_look(self, drawn: Drawn) -> bool:
        """Return whether a page draws anything that may be writing and was not looked at before."""
        return (
            bool(drawn.images - self._harmless_images)
            or drawn.has_inline_images
            or (drawn.may_be_writing and (drawn.curves, drawn.lines) not in self._harmless_counts)
        )

    def remember_harmless(self, drawn: Drawn) -> None:
        """Remember that a page that drew this held no writing besides its text."""
        self._harmless_images |= drawn.images
        self._harmless_counts.add((drawn.curves, drawn.lines))


def _count_paths(contents: bytes) -> tuple[int, int]:
    """Return how many curves and lines a content stream draws."""
    ends = (b"\n", b" ", b"\r")
    curves = sum(contents.count(b" " + name + end) for name in (b"c", b"v", b"y") for end in ends)
    return curves, sum(contents.count(b" l" + end) for end in ends)
