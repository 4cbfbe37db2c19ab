"""The text of a Word file. For worker processes."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.package import Package
from planning_review.documents.page_text import make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_HEADER = re.compile(r"word/header\d*\.xml")
_FOOTER = re.compile(r"word/footer\d*\.xml")
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
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
            yield "\n".join(_rows(child))
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _blocks(child)


def _rows(table: etree._Element) -> Iterator[str]:
    for row in _children(table, "tr"):
        cells = (" ".join(" ".join(_blocks(cell)).split()) for cell in _children(row, "tc"))
        yield " | ".join(filter(None, cells))


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of that name, those inside content controls too."""
    for child in parent:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            yield from _children(child, name)


def _paragraph_text(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in _SKIPPED:
            walk.skip_subtree()
        elif element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in _BREAKS:
            pieces.append(_BREAKS[element.tag])
        elif element.tag == f"{_W}p" and element is not paragraph:
            pieces.append("\n")
    return "".join(pieces)
