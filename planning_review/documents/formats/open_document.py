"""The text of an OpenDocument file: a text (.odt), a spreadsheet (.ods), a presentation (.odp).

For worker processes.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.asides import give_asides
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.plain_text import give_pages
from planning_review.documents.formats.sheets import make_sheet
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import (
    HIDDEN_TEXT,
    MAX_PAGE_CHARACTERS,
    MAX_SPAN,
    lay_out_rows,
    make_page,
)
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
_DRAW = f"{{{_NAMES}drawing:1.0}}"
_FO = f"{{{_NAMES}xsl-fo-compatible:1.0}}"
_COMMENT = f"{_OFFICE}annotation"
_AUTHOR = "{http://purl.org/dc/elements/1.1/}creator"
# Comments, which are read by themselves, deleted text that is kept for its history, and the number of
# a note.
_SKIPPED = (_COMMENT, f"{_TEXT}tracked-changes", f"{_TEXT}note-citation")
_HIDDEN = (f"{_TEXT}hidden-text", f"{_TEXT}hidden-paragraph")
# LibreOffice keeps a drawing of each table on a slide beside the table itself.
_PICTURE = re.compile(r"(?:.*/)?Pictures/(?!TablePreview)[^/]+")
_OBJECT = re.compile(r"(Object \d+)/content\.xml")
_BREAK_BEFORE, _BREAK_AFTER = f"{_FO}break-before", f"{_FO}break-after"
_HEADERS = tuple(f"{_STYLE}{name}" for name in ("header", "header-first", "header-left"))
_FOOTERS = tuple(f"{_STYLE}{name}" for name in ("footer", "footer-first", "footer-left"))
_PAGE_END = f"{_TEXT}soft-page-break"
_MAX_SPACES = 100
_MAX_REPEATED_CHARACTERS = 50


def read_odt(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an OpenDocument text's pages, as far as the file says where they end; then comments and charts.

    Headers stand on the first, footers and notes on the last. The XML is read directly: odfdo, which writes
    such files well, runs headings into the next paragraph, breaks the rows of tables, and replaces entities.
    Raises Unreadable.
    """
    with _opened(path) as package:
        body = _body_of(package)
        styles = _Styles(package)
        notes: list[str] = []
        text = styles.mark_pages("\n\n".join(filter(None, map(_strip, _blocks(body, notes, styles)))))
        texts = [
            *_page_edges(styles.root, _HEADERS),
            text,
            *_page_edges(styles.root, _FOOTERS),
            *notes,
        ]
        asides = list(_find_asides(package, body))
        has_pictures = any(map(_PICTURE.fullmatch, package.names))
    events = give_pages(
        "\n\n".join(filter(None, texts)),
        reason=HIDDEN_TEXT if styles.has_hidden else None,
        textless="picture" if has_pictures or not asides else "blank",
    )
    yield from give_asides(events, asides)


def read_ods(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an OpenDocument spreadsheet's sheets as pages; then comments and charts. Raises Unreadable."""
    with _opened(path) as package:
        body = _body_of(package)
        tables = list(body.iter(f"{_TABLE}table"))
        asides = list(_find_asides(package, body))
    sheets = [
        make_sheet(
            number, table.get(f"{_TABLE}name", ""), [row for row in _rows(table, [], None) if any(row)]
        )
        for number, table in enumerate(tables, start=1)
    ]
    yield from give_asides(
        [Opened(page_count=len(sheets)), *(PageRead(page=page) for page in sheets)], asides
    )


def read_odp(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an OpenDocument presentation's slides as pages, with their notes; then comments and charts.

    Raises Unreadable.
    """
    with _opened(path) as package:
        body = _body_of(package)
        texts = [
            "\n".join(filter(None, map(_strip, _blocks(slide, [], None))))
            for slide in body.iter(f"{_DRAW}page")
        ]
        asides = list(_find_asides(package, body))
    slides = [
        make_page(number, "text" if text else "picture", text) for number, text in enumerate(texts, start=1)
    ]
    yield from give_asides(
        [Opened(page_count=len(slides)), *(PageRead(page=page) for page in slides)], asides
    )


def find_open_document_parts(path: Path) -> Iterator[Part]:
    """Yield the pictures of an OpenDocument file. Raises Unreadable."""
    with _opened(path) as package:
        for number, name in enumerate(sorted(filter(_PICTURE.fullmatch, package.names)), start=1):
            yield Part(f"picture {number}", "", package.read(name))


def _opened(path: Path) -> Package:
    package = Package(path, "the OpenDocument file")
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable(DocumentState.LOCKED, "the OpenDocument file is locked with a password")
    return package


def _body_of(package: Package) -> etree._Element:
    content = package.parse("content.xml")
    body = None if content is None else content.find(f"{_OFFICE}body")
    if body is None:
        raise Unreadable(DocumentState.DAMAGED, "the OpenDocument file is damaged: its text is missing")
    return body


def _find_asides(package: Package, body: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield what stands beside the text, each with its place: comments, then charts and other objects."""
    comments = []
    for comment in body.iter(_COMMENT):
        words = " ".join(filter(None, map(_strip, _blocks(comment, [], None))))
        author = comment.findtext(_AUTHOR, "")
        if words:
            comments.append(f"{author}: {words}" if author else words)
    if comments:
        yield "comments", "\n\n".join(comments)
    for number, name in enumerate(sorted(filter(_OBJECT.fullmatch, package.names)), start=1):
        content = package.parse(name)
        inner = None if content is None else content.find(f"{_OFFICE}body")
        texts = () if inner is None else map(_strip, _blocks(inner, [], None))
        if text := "\n".join(filter(None, texts)):
            yield f"chart {number}", text


class _Styles:
    """What the styles of a text say of its pages and of hidden text."""

    def __init__(self, package: Package) -> None:
        self.root = package.parse("styles.xml")
        self.has_hidden = False
        self._breaks: dict[str, tuple[bool, bool]] = {}
        self._hidden: set[str] = set()
        content = package.parse("content.xml")
        for root in (self.root, content):
            for style in () if root is None else root.iter(f"{_STYLE}style"):
                self._take(style)

    def mark_pages(self, text: str) -> str:
        """Return a text in which no page is ended twice in the same place."""
        return re.sub(r"\f[\s]*\f", "\f", text).strip("\f\n ")

    def is_hidden(self, element: etree._Element) -> bool:
        """Return whether an element is not shown, and keep in mind that there was one with text."""
        is_hidden = element.tag in _HIDDEN or element.get(f"{_TEXT}style-name", "") in self._hidden
        if is_hidden:
            self.has_hidden |= any(map(str.isalnum, "".join(map(str, element.itertext()))))
        return is_hidden

    def around(self, element: etree._Element) -> tuple[str, str]:
        """Return what ends a page before and after a paragraph."""
        before, after = self._breaks.get(element.get(f"{_TEXT}style-name", ""), (False, False))
        return "\f" if before else "", "\f" if after else ""

    def _take(self, style: etree._Element) -> None:
        name = style.get(f"{_STYLE}name", "")
        paragraph = style.find(f"{_STYLE}paragraph-properties")
        if paragraph is not None:
            breaks = paragraph.get(_BREAK_BEFORE) == "page", paragraph.get(_BREAK_AFTER) == "page"
            self._breaks[name] = breaks
        letters = style.find(f"{_STYLE}text-properties")
        if letters is not None and letters.get(f"{_TEXT}display") == "none":
            self._hidden.add(name)


def _strip(text: str) -> str:
    return text.strip(" \t\r\n")


def _page_edges(styles: etree._Element | None, names: tuple[str, ...]) -> list[str]:
    """Return the texts of the headers or footers, each once: every style of page may repeat them."""
    texts: dict[str, None] = {}
    for edge in () if styles is None else styles.iter(*names):
        texts["\n".join(filter(None, map(str.strip, _blocks(edge, [], None))))] = None
    return list(texts)


def _blocks(parent: etree._Element, notes: list[str], styles: _Styles | None) -> Iterator[str]:
    for child in parent:
        if styles and styles.is_hidden(child):
            continue
        if child.tag in _PARAGRAPHS:
            before, after = styles.around(child) if styles else ("", "")
            yield before + _paragraph_text(child, notes, styles) + after
        elif child.tag == f"{_TABLE}table":
            yield "\n".join(lay_out_rows(list(_rows(child, notes, styles))))
        elif child.tag == _PAGE_END:
            yield "\f"
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _blocks(child, notes, styles)


def _rows(table: etree._Element, notes: list[str], styles: _Styles | None) -> Iterator[list[str]]:
    # A repeated row is read once: the file can say "a million times" in a word.
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield [text for cell in child for text in _cell_texts(cell, notes, styles)]
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child, notes, styles)


def _cell_texts(cell: etree._Element, notes: list[str], styles: _Styles | None) -> list[str]:
    """Return a cell's text for each column that repeats it; a long one once."""
    text = " ".join(" ".join(_blocks(cell, notes, styles)).split())
    repeats = max(1, _count(cell.get(f"{_TABLE}number-columns-repeated", "1"), MAX_SPAN))
    return [text] + [text if len(text) <= _MAX_REPEATED_CHARACTERS else ""] * (repeats - 1)


def _paragraph_text(paragraph: etree._Element, notes: list[str], styles: _Styles | None) -> str:
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
            notes.append("\n".join(filter(None, map(str.strip, _blocks(element, notes, styles)))))
        is_hidden = styles is not None and element is not paragraph and styles.is_hidden(element)
        if element.tag == _NOTE or element.tag in _SKIPPED or is_hidden:
            walk.skip_subtree()
            continue
        if is_inner:
            pieces.append("\n")
        elif element.tag == _PAGE_END:
            pieces.append("\f")
        elif element.tag in _BREAKS:
            pieces.append(_BREAKS[element.tag])
        elif element.tag == f"{_TEXT}s":
            pieces.append(" " * _count(element.get(f"{_TEXT}c", "1"), _MAX_SPACES))
        pieces.append(element.text or "")
    return "".join(pieces)[: MAX_PAGE_CHARACTERS + 1]


def _count(stated: str, most: int) -> int:
    return min(int(stated[:9]), most) if stated.isascii() and stated.isdecimal() else 1
