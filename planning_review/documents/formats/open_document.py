"""The text of an OpenDocument text file (.odt). For worker processes."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import MAX_PAGE_CHARACTERS, MAX_SPAN, lay_out_rows, make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT = f"{{{_NAMES}text:1.0}}"
_TABLE = f"{{{_NAMES}table:1.0}}"
_OFFICE = f"{{{_NAMES}office:1.0}}"
_STYLE = f"{{{_NAMES}style:1.0}}"
_PARAGRAPHS = (f"{_TEXT}p", f"{_TEXT}h")
_ROW_GROUPS = tuple(f"{_TABLE}table-{name}" for name in ("header-rows", "rows", "row-group"))
_NOTE = f"{_TEXT}note"
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
# Comments, deleted text that is kept for its history, and the number that stands for a note.
_SKIPPED = (f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation")
_HEADERS = tuple(f"{_STYLE}{name}" for name in ("header", "header-first", "header-left"))
_FOOTERS = tuple(f"{_STYLE}{name}" for name in ("footer", "footer-first", "footer-left"))
_MAX_SPACES = 100
_MAX_REPEATED_CHARACTERS = 50


def read_odt(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an OpenDocument text as one page: headers, text with its tables and boxes, footers, notes.

    The XML is read directly: odfdo, which writes such files well, runs headings into the next
    paragraph, breaks the rows of tables, and replaces entities. Raises Unreadable.
    """
    with Package(path, "the OpenDocument file") as package:
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise Unreadable(DocumentState.LOCKED, "the OpenDocument file is locked with a password")
        content, styles = package.parse("content.xml"), package.parse("styles.xml")
    body = None if content is None else content.find(f"{_OFFICE}body")
    if body is None:
        raise Unreadable(DocumentState.DAMAGED, "the OpenDocument file is damaged: its text is missing")
    notes: list[str] = []
    texts = [
        *_page_edges(styles, _HEADERS),
        *_blocks(body, notes),
        *_page_edges(styles, _FOOTERS),
        *notes,
    ]
    text = "\n\n".join(filter(None, (text.strip() for text in texts)))
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text else "picture", text))


def _page_edges(styles: etree._Element | None, names: tuple[str, ...]) -> list[str]:
    """Return the texts of the headers or footers, each once: every style of page may repeat them."""
    texts: dict[str, None] = {}
    for edge in () if styles is None else styles.iter(*names):
        texts["\n".join(filter(None, map(str.strip, _blocks(edge, []))))] = None
    return list(texts)


def _blocks(parent: etree._Element, notes: list[str]) -> Iterator[str]:
    for child in parent:
        if child.tag in _PARAGRAPHS:
            yield _paragraph_text(child, notes)
        elif child.tag == f"{_TABLE}table":
            yield "\n".join(lay_out_rows(list(_rows(child, notes))))
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _blocks(child, notes)


def _rows(table: etree._Element, notes: list[str]) -> Iterator[list[str]]:
    # A repeated row is read once: the file can say "a million times" in a word.
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield [text for cell in child for text in _cell_texts(cell, notes)]
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child, notes)


def _cell_texts(cell: etree._Element, notes: list[str]) -> list[str]:
    """Return a cell's text for each column that repeats it; a long one once."""
    text = " ".join(" ".join(_blocks(cell, notes)).split())
    repeats = max(1, _count(cell.get(f"{_TABLE}number-columns-repeated", "1"), MAX_SPAN))
    return [text] + [text if len(text) <= _MAX_REPEATED_CHARACTERS else ""] * (repeats - 1)


def _paragraph_text(paragraph: etree._Element, notes: list[str]) -> str:
    pieces: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, element in walk:
        # The paragraphs of a text box stand inside the one that it is anchored in.
        is_inner = element.tag in _PARAGRAPHS and element is not paragraph
        if event == "end":
            if element is not paragraph:
                pieces += ["\n" if is_inner else "", element.tail or ""]
            continue
        if element.tag == _NOTE:
            notes.append("\n".join(filter(None, map(str.strip, _blocks(element, notes)))))
        if element.tag == _NOTE or element.tag in _SKIPPED:
            walk.skip_subtree()
            continue
        if is_inner:
            pieces.append("\n")
        elif element.tag in _BREAKS:
            pieces.append(_BREAKS[element.tag])
        elif element.tag == f"{_TEXT}s":
            pieces.append(" " * _count(element.get(f"{_TEXT}c", "1"), _MAX_SPACES))
        pieces.append(element.text or "")
    return "".join(pieces)[: MAX_PAGE_CHARACTERS + 1]


def _count(stated: str, most: int) -> int:
    return min(int(stated[:9]), most) if stated.isascii() and stated.isdecimal() else 1
