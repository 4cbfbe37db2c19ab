"""Whether a PDF's page may show more, or less, than its text says: only such a page is drawn and looked at.

Drawing a page costs more than reading it. What its file says that it draws costs little: its images, and the
curves and lines of its contents and of the forms that they use. What stands on one page after another, as a
logo, is looked at once. For worker processes.
"""

import re
from typing import Any, NamedTuple

from planning_review.documents.pages.hidden import may_hide_words

# A letter that was turned into outlines has some ten curves, or as many lines; a rounded box has four.
_LEAST_CURVES = 120
_LEAST_LINES = 300
_ENDS = (b"\n", b" ", b"\r")
_TEXT_BYTES = 24  # for a character, as programs write text, spaced letter by letter
_FEW_BYTES = 6000
_LEAST_IMAGE_PIXELS = 2500
_LEAST_IMAGE_SIDE = 10
_LARGE_IMAGE_PIXELS = 300_000  # a scan, and no logo
_REFERENCE = re.compile(r"(\d+) 0 R")
_CLEAR = re.compile(r"/ca 0?(?:\.0\d*)?(?![.\d])")
_INLINE_IMAGE = re.compile(rb"\bBI\s[^\x80-\xff]{0,400}?\bID\s")


class Drawn(NamedTuple):
    """What a page draws besides its text: its images by number, and how many curves and lines.

    large_images are those that may be a scanned page: more than logos. hiding_forms may hold text that isn't
    seen, as what is drawn in a state without any opacity is not.
    """

    images: frozenset[int]
    large_images: frozenset[int]
    curves: int
    lines: int
    has_inline_images: bool
    hiding_forms: frozenset[int] = frozenset()
    has_clear_state: bool = False


class DrawnReader:
    """Says of one document's pages what they draw, and knows what it has seen before."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[int, int, bool]] = {}
        self._clear_states: dict[str, bool] = {}
        self._seen_forms: set[int] = set()
        self._seen_images: set[int] = set()
        self._seen_counts: set[tuple[int, int]] = set()

    def read(self, page: Any, contents: bytes, characters: int) -> Drawn:
        """Return what a page of these contents and so many characters of text draws."""
        # To count costs as much again: not where the contents are hardly more than the text, without a curve.
        is_plain = len(contents) < characters * _TEXT_BYTES + _FEW_BYTES and not any(
            b" c" + end in contents for end in _ENDS
        )
        curves, lines = (0, 0) if is_plain else _count_paths(contents)
        sizes: dict[int, int] = {}
        hiding: set[int] = set()
        if b" Do" in contents:
            for xref, *_ in page.get_xobjects():
                if xref not in self._forms:
                    form = page.parent.xref_stream(xref) or b""
                    self._forms[xref] = (*_count_paths(form), may_hide_words(form))
                curves, lines = curves + self._forms[xref][0], lines + self._forms[xref][1]
                hiding |= {xref} if self._forms[xref][2] else set()
            sizes = {
                xref: width * height
                for xref, _, width, height, *_ in page.get_images()
                if width * height >= _LEAST_IMAGE_PIXELS and min(width, height) >= _LEAST_IMAGE_SIDE
            }
        large = frozenset(xref for xref, pixels in sizes.items() if pixels >= _LARGE_IMAGE_PIXELS)
        # A plain search first, which costs a tenth.
        has_inline = b"BI" in contents and bool(_INLINE_IMAGE.search(contents))
        is_clear = b" gs" in contents and self._has_clear_state(page)
        return Drawn(frozenset(sizes), large, curves, lines, has_inline, frozenset(hiding), is_clear)

    def _has_clear_state(self, page: Any) -> bool:
        """Return whether one of the states that a page may draw in lets nothing of a letter be seen."""
        document = page.parent
        kind, states = document.xref_get_key(page.xref, "Resources/ExtGState")
        if states not in self._clear_states:
            own = document.xref_object(int(states.split()[0])) if kind == "xref" else states
            texts = [own, *(document.xref_object(int(xref)) for xref in _REFERENCE.findall(own))]
            self._clear_states[states] = any(map(_CLEAR.search, texts))
        return self._clear_states[states]

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
            or drawn.has_clear_state
            or bool(drawn.hiding_forms - self._seen_forms)
        )
        self._seen_forms |= drawn.hiding_forms
        self._seen_images |= drawn.images - drawn.large_images
        self._seen_counts.add(count)
        return is_new


def _count_paths(contents: bytes) -> tuple[int, int]:
    """Return how many curves and lines a content stream draws."""
    curves = sum(contents.count(b" " + name + end) for name in (b"c", b"v", b"y") for end in _ENDS)
    return curves, sum(contents.count(b" l" + end) for end in _ENDS)
