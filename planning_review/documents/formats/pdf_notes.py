"""What a PDF holds besides the text that its pages show: comments, form values, forms only Adobe draws.

For worker processes.
"""

from collections.abc import Iterator
from typing import Any

from planning_review.documents.pages.mupdf import pymupdf

NOT_DRAWN = "its pages are drawn from an XFA form by Adobe Reader only, so the form itself was not read"

_MOST_NOTES = 2000
_SHX = "AutoCAD SHX Text"
_NOT_SEEN = pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW
# A pop-up shows the words of the note that it belongs to.
_WITHOUT_WORDS = frozenset((pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP, pymupdf.PDF_ANNOT_WIDGET))
_DRAWN = frozenset(
    (
        pymupdf.PDF_ANNOT_SQUARE,
        pymupdf.PDF_ANNOT_POLYGON,
        pymupdf.PDF_ANNOT_REDACT,
        pymupdf.PDF_ANNOT_STAMP,
        pymupdf.PDF_ANNOT_INK,
        pymupdf.PDF_ANNOT_LINE,
    )
)
_VALUED = frozenset(
    (pymupdf.PDF_WIDGET_TYPE_TEXT, pymupdf.PDF_WIDGET_TYPE_COMBOBOX, pymupdf.PDF_WIDGET_TYPE_LISTBOX)
)


def may_cover_text(page: Any) -> bool:
    """Return whether anything was drawn over a page by hand: a stamp with words, a box over others."""
    return any(kind in _DRAWN for _, kind, _ in page.annot_xrefs())


def list_notes(page: Any, text: str) -> list[str]:
    """Return the comments on a page and the values of its form's fields that its text does not hold whole.

    AutoCAD draws its lettering as lines, and keeps the words as comments.
    """
    kinds = {kind for _, kind, _ in page.annot_xrefs()}
    if kinds <= {pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP}:
        return []
    known = _letters(text)
    notes: list[str] = []
    for note, words in [*_read_comments(page), *_read_values(page)]:
        letters = _letters(words)
        if letters and letters not in known and note not in notes:
            notes.append(note)
        if len(notes) == _MOST_NOTES:
            break
    return notes


def is_drawn_by_adobe_only(document: Any) -> bool:
    """Return whether the pages only ask the reader to open an XFA form in another program."""
    catalog = document.pdf_catalog()
    if document.xref_get_key(catalog, "AcroForm/XFA")[0] == "null":
        return False
    if document.xref_get_key(catalog, "NeedsRendering")[1] == "true":
        return True
    return document.page_count == 1 and next(document[0].widgets(), None) is None


def _read_comments(page: Any) -> Iterator[tuple[str, str]]:
    for annotation in page.annots():
        if annotation.type[0] in _WITHOUT_WORDS or annotation.flags & _NOT_SEEN:
            continue
        words = str(annotation.info["content"]).strip()
        is_lettering = annotation.info["title"] == _SHX
        yield (words if is_lettering else f"Comment: {words}"), words


def _read_values(page: Any) -> Iterator[tuple[str, str]]:
    for field in page.widgets():
        value = field.field_value
        if field.field_type in _VALUED and not field.field_flags & pymupdf.PDF_TX_FIELD_IS_PASSWORD:
            words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
            yield words.strip(), words


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
