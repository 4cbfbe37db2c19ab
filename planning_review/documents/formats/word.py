"""The text of a Word file. For worker processes."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.asides import Aside, give_asides
from planning_review.documents.formats.drawing import read_parts
from planning_review.documents.formats.plain_text import give_pages
from planning_review.documents.formats.word_numbers import W
from planning_review.documents.formats.word_text import TextWriter, parse_styles
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import HIDDEN_TEXT
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageClass

_MAIN_PART = re.compile(r"word/document\d*\.xml")
_HEADER = re.compile(r"word/header\d*\.xml")
_FOOTER = re.compile(r"word/footer\d*\.xml")
_PICTURES = "word/media/"
# Drawings with words of their own, and what people call them.
_DRAWINGS = (("charts/chart", "chart"), ("diagrams/data", "diagram"))


def read_docx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a Word file's pages, as far as the file says where they end; then its comments, charts, diagrams.

    A page has its text with tables and text boxes, and the notes to it; the first has the headers, the last
    the footers. Where the file says nothing of pages (Word knows them once it has laid them out), it is one.
    The XML is read directly: python-docx refuses files with macros and leaves out content controls, which
    forms are made of. Raises Unreadable.
    """
    with Package(path, "the Word file") as package:
        name = next((name for name in sorted(package.names) if _MAIN_PART.fullmatch(name)), "")
        root = package.parse(name)
        if root is None:
            raise Unreadable(DocumentState.DAMAGED, "the Word file is damaged: its text is missing")
        writer = TextWriter(parse_styles(package), package.parse("word/numbering.xml"))
        text = "\n\n".join(filter(None, _write(writer, package, root)))
        asides = list(_find_asides(writer, package))
        has_pictures = any(name.startswith(_PICTURES) for name in package.names)
    reason = HIDDEN_TEXT if writer.has_hidden else None
    textless: PageClass = "picture" if has_pictures else "blank"
    yield from give_asides(give_pages(text, reason=reason, textless=textless), asides)


def _write(writer: TextWriter, package: Package, root: etree._Element) -> Iterator[str]:
    """Yield the pieces of the text; a form feed ends a page."""
    headers, footers = _edges(writer, package, _HEADER), _edges(writer, package, _FOOTER)
    body = "\n\n".join(
        text
        for part in root.iterchildren(f"{W}body")
        for text in writer.write_blocks(part)
        if text.strip("\n ")
    )
    notes = {kind: _notes(writer, package, kind) for kind in ("footnote", "endnote")}
    *pages, last = body.split("\f")
    yield from headers
    for number, page in enumerate(pages):
        texts = [page.strip(), *_notes_of(writer, notes["footnote"], number)]
        yield "\n\n".join(filter(None, texts)) + "\f"
    # What no page refers to is not lost.
    yield from (
        last.strip(),
        *footers,
        *_notes_of(writer, notes["footnote"], len(pages)),
        *notes["footnote"].values(),
        *notes["endnote"].values(),
    )


def _notes_of(writer: TextWriter, notes: dict[str, str], page: int) -> Iterator[str]:
    for at, note in writer.note_places:
        if at == page and note in notes:
            yield notes.pop(note)


def _edges(writer: TextWriter, package: Package, names: re.Pattern[str]) -> list[str]:
    """Return the texts of the headers or footers, each once: every section may repeat them."""
    texts: dict[str, None] = {}
    for name in sorted(filter(names.fullmatch, package.names)):
        root = package.parse(name)
        if root is not None:
            texts["\n".join(writer.write_aside(root))] = None
    return list(texts)


def _notes(writer: TextWriter, package: Package, kind: str) -> dict[str, str]:
    """Return the notes by their ids."""
    root = package.parse(f"word/{kind}s.xml")
    notes = () if root is None else root.iterchildren(f"{W}{kind}")
    # The lines that part notes from the text are notes too, of a type of their own.
    return {
        note.get(f"{W}id", str(number)): "\n".join(writer.write_aside(note))
        for number, note in enumerate(notes)
        if note.get(f"{W}type", "normal") == "normal"
    }


def _find_asides(writer: TextWriter, package: Package) -> Iterator[Aside]:
    """Yield what stands beside the text, each with its place: comments, charts, diagrams."""
    comments = package.parse("word/comments.xml")
    texts = []
    for comment in () if comments is None else comments.iterchildren(f"{W}comment"):
        author, words = comment.get(f"{W}author", ""), "\n".join(writer.write_aside(comment))
        if words:
            texts.append(f"{author}: {words}" if author else words)
    if texts:
        yield "comments", "\n\n".join(texts)
    for name, word in _DRAWINGS:
        for number, text in enumerate(read_parts(package, "word", name), start=1):
            yield f"{word} {number}", text
