"""What a PDF holds besides the text that its pages show: comments, form values, attached files.

For worker processes.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lxml import etree

from planning_review.documents.formats.part import Part
from planning_review.documents.pages.mupdf import pymupdf

NOT_DRAWN = "its pages are drawn from an XFA form by Adobe Reader only, so the form itself was not read"
ONLY_ANSWERS = f"{NOT_DRAWN}: its answers were, without the questions"

_MOST_NOTES = 2000
_PACKET = re.compile(r"\((datasets)\)\s*(\d+) 0 R")
_ANSWERS = "{http://www.xfa.org/schema/xfa-data/1.0/}data"
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


def read_xfa_answers(document: Any) -> str:
    """Return what was filled in, a line a field, in a form whose pages the file doesn't hold."""
    kind, packets = document.xref_get_key(document.pdf_catalog(), "AcroForm/XFA")
    found = [packets.split()[0]] if kind == "xref" else [xref for name, xref in _PACKET.findall(packets)]
    lines = []
    for xref in found:
        root = etree.fromstring(document.xref_stream(int(xref)) or b" ", _make_parser())
        for data in () if root is None else root.iter(_ANSWERS):
            for element in data.iter(etree.Element):
                words = " ".join((element.text or "").split())
                if len(element) == 0 and words:
                    lines.append(f"{etree.QName(element).localname}: {words}")
    return "\n".join(lines)


def _make_parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, recover=True)


def list_attachments(document: Any) -> Iterator[Part]:
    """Yield the files attached to a document, and then those that are pinned to its pages."""
    number = 0
    for index in range(document.embfile_count()):
        number += 1
        yield _take_out(number, partial(document.embfile_info, index), partial(document.embfile_get, index))
    for page_number in range(document.page_count):
        for annotation in _list_pinned(document, page_number):
            number += 1
            yield _take_out(number, partial(getattr, annotation, "file_info"), annotation.get_file)


def _take_out(number: int, tell: Callable[[], dict[str, Any]], take: Callable[[], bytes]) -> Part:
    place, name = f"attachment {number}", ""
    try:
        name = str(tell().get("filename") or "")
        return Part(place, name, take())
    except Exception:  # noqa: BLE001 - MuPDF raises many kinds, and each is only this file's
        return Part(place, name, None, "it can't be taken out of the PDF")


def _list_pinned(document: Any, page_number: int) -> Iterator[Any]:
    try:
        # Most pages have none, and need not be loaded to tell.
        kinds = document.page_annot_xrefs(page_number)
        pinned = [xref for xref, kind, _ in kinds if kind == pymupdf.PDF_ANNOT_FILE_ATTACHMENT]
        page = document[page_number] if pinned else None
        found = [page.load_annot(xref) for xref in pinned] if page else []
    except Exception:  # noqa: BLE001 - the page itself has said that it is damaged
        return
    yield from (annotation for annotation in found if not annotation.flags & _NOT_SEEN)


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
