"""Whether a PDF's page may show more, or less, than its text says: only such a page is drawn and looked at.

Drawing a page costs more than reading it. What its file says that it draws costs little: its images, and the
curves and lines of its contents and of the forms that they use. What stands on one page after another, as a
logo, is looked at once. For worker processes.
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
_LARGE_IMAGE_PIXELS = 300_000  # a scan, and no logo
_INLINE_IMAGE = re.compile(rb"\bBI\s[^\x80-\xff]{0,400}?\bID\s")


class Drawn(NamedTuple):
    """What a page draws besides its text: its images by number, and how many curves and lines.

    large_images are those that may be a scanned page: more than logos.
    """

    images: frozenset[int]
    large_images: frozenset[int]
    curves: int
    lines: int
    has_inline_images: bool


class DrawnReader:
    """Says of one document's pages what they draw, and knows what it has seen before."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[int, int]] = {}
        self._seen_images: set[int] = set()
        self._seen_counts: set[tuple[int, int]] = set()

    def read(self, page: Any, contents: bytes, characters: int) -> Drawn:
        """Return what a page of these contents and so many characters of text draws."""
        # To count costs as much again: not where the contents are hardly more than the text.
        is_plain = len(contents) < characters * _TEXT_BYTES + _FEW_BYTES
        curves, lines = (0, 0) if is_plain else _count_paths(contents)
        sizes: dict[int, int] = {}
        if b" Do" in contents:
            for xref, *_ in page.get_xobjects():
                if xref not in self._forms:
                    self._forms[xref] = _count_paths(page.parent.xref_stream(xref) or b"")
                curves, lines = curves + self._forms[xref][0], lines + self._forms[xref][1]
            sizes = {
                xref: width * height
                for xref, _, width, height, *_ in page.get_images()
                if width * height >= _LEAST_IMAGE_PIXELS and min(width, height) >= _LEAST_IMAGE_SIDE
            }
        large = frozenset(xref for xref, pixels in sizes.items() if pixels >= _LARGE_IMAGE_PIXELS)
        # A plain search first, which costs a tenth.
        has_inline = b"BI" in contents and bool(_INLINE_IMAGE.search(contents))
        return Drawn(frozenset(sizes), large, curves, lines, has_inline)

    def is_new(self, drawn: Drawn) -> bool:
        """Return whether a page draws what may be writing and was on no page before; it is known then.

        A large image is looked at wherever it stands.
        """
        is_rich = drawn.curves >= _LEAST_CURVES or drawn.lines >= _LEAST_LINES
        count = (drawn.curves, drawn.lines)
        is_new = (
            bool(drawn.images - self._seen_images)
            or drawn.has_inline_images
            or (is_rich and count not in self._seen_counts)
        )
        self._seen_images |= drawn.images - drawn.large_images
        self._seen_counts.add(count)
        return is_new


def _count_paths(contents: bytes) -> tuple[int, int]:
    """Return how many curves and lines a content stream draws."""
    ends = (b"\n", b" ", b"\r")
    curves = sum(contents.count(b" " + name + end) for name in (b"c", b"v", b"y") for end in ends)
    return curves, sum(contents.count(b" l" + end) for end in ends)
