"""One page's text made fit to keep, a table's rows as lines of it, and what sort of page it is."""

import re
from collections.abc import Sequence

from planning_review.models import PageClass, PageText
from planning_review.text.language import is_letter_soup

MAX_PAGE_CHARACTERS = 1_000_000
"""A Word file is one page, and this is a report of some 400; beyond it, someone is filling the disk."""

DAMAGED_IN_PART = "the page is damaged, at least in part"

HIDDEN_TEXT = "it holds hidden text, which was left out"

TEXT_CHARACTERS = 100
GARBLED_SHARE = 0.2
GARBLED_CHARACTERS = 20
IMAGE_SHARE = 0.5
A3_POINTS = 842 * 1191
# NUL and lone surrogates break JSON, SQLite and Chroma; other controls are never text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_GAP = re.compile(r"\n{3,}")
_GARBLED = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd]")
# Where Word's bullets stand in its symbol fonts (Symbol, Wingdings): private-use codes that no other font
# can show.
_SYMBOL_BULLETS = re.compile("[\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc]")

MAX_SPAN = 63
"""Columns of a table in Word, and how far one cell is followed that says that it covers more."""


def clean_text(text: str) -> str:
    """Drop what no later step can keep (control characters, lone surrogates) and idle white space.

    Bullets of symbol fonts become real ones.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    text = _SYMBOL_BULLETS.sub("•", _CONTROLS.sub("", text))
    # A pattern for a line's end is tried at each of its blanks, and there may be millions.
    text = "\n".join(line.rstrip(" \t\xa0") for line in text.split("\n"))
    return _GAP.sub("\n\n", text).strip()


def make_page(
    number: int,
    page_class: PageClass,
    text: str,
    *,
    ocr_confidence: float | None = None,
    ocr: bool = False,
    reason: str | None = None,
    unread: bool = False,
) -> PageText:
    """Return a page with its text cleaned, and cut (with the reason) where it is beyond all measure."""
    text = clean_text(text)
    if len(text) > MAX_PAGE_CHARACTERS:
        text = text[:MAX_PAGE_CHARACTERS]
        reason = f"only its first {MAX_PAGE_CHARACTERS:,} characters were read"
    return PageText(
        number=number,
        page_class=page_class,
        text=text,
        ocr=ocr,
        ocr_confidence=ocr_confidence,
        reason=reason,
        unread=unread,
    )


def classify_page(text: str, area_points: float, image_share: float, has_marks: bool) -> PageClass:
    """Return what sort of page it is, in an order that matters.

    image_share is the part of the page that images cover; has_marks says that anything at all is
    drawn on it. Scans and garbled pages are the ones to read by OCR. A page with 100 or more
    characters over an image that fills it was read by somebody else's OCR, and counts as text.
    """
    characters = len("".join(text.split()))
    garbled = len(_GARBLED.findall(text))
    # A few symbols of a legend are no reason to read a whole drawing by OCR.
    if garbled >= GARBLED_CHARACTERS and garbled > characters * GARBLED_SHARE:
        return "garbled"
    if is_letter_soup(text):
        return "garbled"
    is_covered = image_share > IMAGE_SHARE
    if area_points > A3_POINTS * 1.05 and not is_covered:
        return "drawing" if has_marks or characters else "blank"
    if characters >= TEXT_CHARACTERS:
        return "text"
    if is_covered:
        return "scan"
    if characters:
        return "text"
    if image_share > 0:
        return "picture"
    return "drawing" if has_marks else "blank"


def needs_ocr(page: PageText) -> bool:
    """Return whether a page is still to be looked at, and perhaps read, from its pixels."""
    is_waiting = page.page_class in ("scan", "garbled") or page.unread
    return is_waiting and not page.ocr and page.reason in (None, DAMAGED_IN_PART)


def lay_out_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row that holds anything, a dash for a cell left empty before another.

    So that a figure stands below its heading. Columns that no row fills are left out; a row that is
    mostly empty only places something on a sheet, and gets no dashes.
    """
    filled = {number for row in rows for number, cell in enumerate(row) if cell}
    lines = []
    for row in rows:
        cells = [cell for number, cell in enumerate(row) if number in filled]
        while cells and not cells[-1]:
            cells.pop()
        present = [cell for cell in cells if cell]
        is_row = len(present) > 1 and 3 * len(present) > len(cells)
        lines.append(" | ".join((cell or "–" for cell in cells) if is_row else present))
    return [line for line in lines if line]
