"""The text of a Word file. For worker processes."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import MAX_SPAN, lay_out_rows, make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_HEADER = re.compile(r"word/header\d*\.xml")
_FOOTER = re.compile(r"word/footer\d*\.xml")
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
_LETTERS = (f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
# Characters given by their place in a font: what changes the meaning of a form or a figure.
_SYMBOLS = {
    "symbol": {"A3": "≤", "B3": "≥", "B0": "°", "B1": "±", "B4": "×", "B7": "•"},
    "wingdings": {"6F": "☐", "A8": "☐", "78": "☒", "FD": "☒", "FE": "☑", "FB": "✗", "FC": "✓"},
}
# Text boxes stand twice in the file, once for Word and once for programs before 2010; what was deleted
# or moved away with changes tracked is still in it.
_SKIPPED = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    f"{_W}del",
    f"{_W}moveFrom",
    f"{_W}sectPr",
)


def read_docx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a Word file as one page: headers, text with its tables and text boxes, footers, notes.

    Its pages exist only once Word has laid them out. The XML is read directly: python-docx refuses
    files with macros and leaves out content controls, which forms are made of. Raises Unreadable.
    """
    with Package(path, "the Word file") as package:
        name = next((name for name in sorted(package.names) if _MAIN_PART.fullmatch(name)), "")
        root = _parse(package, name)
        if root is None:
            raise Unreadable(DocumentState.DAMAGED, "the Word file is damaged: its text is missing")
        texts = [
            *_parts(package, _HEADER),
            *(text for body in root.iterchildren(f"{_W}body") for text in _blocks(body)),
            *_parts(package, _FOOTER),
            *_notes(package, "footnote"),
            *_notes(package, "endnote"),
        ]
    text = "\n\n".join(filter(None, (text.strip() for text in texts)))
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text.strip() else "picture", text))


def _parse(package: Package, name: str) -> etree._Element | None:
    root = package.parse(name)
    if root is not None and root.nsmap.get(root.prefix) == _STRICT.decode():
        # The "strict" form of the format is the same in other words.
        for element in root.iter(f"{{{_STRICT.decode()}}}*"):
            element.tag = _W + etree.QName(element).localname
    return root


def _parts(package: Package, names: re.Pattern[str]) -> list[str]:
    """Return the texts of the headers or footers, each once: every section may repeat them."""
    texts: dict[str, None] = {}
    for name in sorted(filter(names.fullmatch, package.names)):
        root = _parse(package, name)
        if root is not None:
            texts["\n".join(filter(None, map(str.strip, _blocks(root))))] = None
    return list(texts)


def _notes(package: Package, name: str) -> Iterator[str]:
    root = _parse(package, f"word/{name}s.xml")
    if root is None:
        return
    for note in root.iterchildren(f"{_W}{name}"):
        # The lines that part notes from the text are notes too, of a type of their own.
        if note.get(f"{_W}type", "normal") == "normal":
            yield "\n".join(filter(None, map(str.strip, _blocks(note))))


def _blocks(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph_text(child)
        elif child.tag == f"{_W}tbl":
            yield "\n".join(lay_out_rows(list(_rows(child))))
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _blocks(child)


def _rows(table: etree._Element) -> Iterator[list[str]]:
    for row in _children(table, "tr"):
        cells: list[str] = []
        for cell in _children(row, "tc"):
            text = " ".join(" ".join(_blocks(cell)).split())
            cells += [text] + [""] * (_columns(cell) - 1)
        yield cells


def _columns(cell: etree._Element) -> int:
    """Return over how many columns a cell goes."""
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    stated = "" if span is None else span.get(f"{_W}val", "")
    return max(1, min(int(stated[:9]), MAX_SPAN)) if stated.isascii() and stated.isdecimal() else 1


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of that name, those inside content controls too."""
    for child in parent:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            yield from _children(child, name)


def _paragraph_text(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, element in walk:
        if element.tag == f"{_W}p" and element is not paragraph:
            # The paragraphs of a text box stand inside the one that it is anchored in.
            pieces.append("\n")
        elif event == "end":
            continue
        elif element.tag in _SKIPPED:
            walk.skip_subtree()
        elif element.tag in _LETTERS:
            pieces.append(element.text or "")
        elif element.tag in _BREAKS:
            pieces.append(_BREAKS[element.tag])
        elif element.tag == f"{_W}checkBox":
            pieces.append("☒ " if _is_ticked(element) else "☐ ")
        elif element.tag == f"{_W}sym":
            font = element.get(f"{_W}font", "").partition(" ")[0].lower()
            pieces.append(_SYMBOLS.get(font, {}).get(element.get(f"{_W}char", "")[-2:].upper(), ""))
    return "".join(pieces)


def _is_ticked(box: etree._Element) -> bool:
    """Return whether the box of a form's field is ticked; its default counts where nobody has touched it."""
    states = (box.find(f"{_W}{name}") for name in ("checked", "default"))
    state = next((state for state in states if state is not None), None)
    return state is not None and state.get(f"{_W}val", "1") in ("1", "true", "on")
