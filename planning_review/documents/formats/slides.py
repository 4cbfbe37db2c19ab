"""The text of a PowerPoint file, a slide a page. For worker processes."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lxml import etree

from planning_review.documents.formats.drawing import A, read_chart, read_shapes
from planning_review.documents.formats.office_parts import list_targets
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_IDENTITY = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Placeholders that repeat what every slide has: its number, a date.
_REPEATED = frozenset(("sldNum", "dt", "hdr", "ftr", "sldImg"))


def read_pptx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a presentation's slides as pages: shapes and tables, charts and diagrams, notes, comments.

    The XML is read directly: python-pptx knows neither diagrams nor comments. Raises Unreadable.
    """
    with Package(path, "the PowerPoint file") as package:
        slides = _list_slides(package)
        if not slides:
            raise Unreadable(DocumentState.DAMAGED, "the PowerPoint file is damaged: it has no slides")
        yield Opened(page_count=len(slides))
        for number, name in enumerate(slides, start=1):
            try:
                text = "\n\n".join(filter(None, _read_slide(package, name)))
            except Unreadable as refusal:
                yield PageRead(page=make_page(number, "blank", "", reason=refusal.reason))
                continue
            yield PageRead(page=make_page(number, "text" if text else "picture", text))


def _list_slides(package: Package) -> list[str]:
    """Return the slides in the order of the show; those that a damaged list lacks, by their numbers."""
    main = package.parse(_MAIN)
    targets = {identity: target for target, _, identity in list_targets(package, _MAIN)}
    order = () if main is None else main.iter(f"{_P}sldId")
    shown = [targets.get(each.get(_IDENTITY, ""), "") for each in order]
    slides = [name for name in dict.fromkeys(shown) if name in package.names]
    return slides or sorted(filter(_SLIDE.fullmatch, package.names), key=lambda name: (len(name), name))


def _read_slide(package: Package, name: str) -> Iterator[str]:
    root = package.parse(name)
    if root is None:
        raise Unreadable(DocumentState.DAMAGED, "the slide is missing from the file")
    if root.get("show") in ("0", "false"):
        yield "(hidden slide)"
    yield _read_page(root)
    for target, kind, _ in list_targets(package, name):
        word = PurePosixPath(kind).name
        if target not in package.names or word not in (
            "chart",
            "diagramData",
            "notesSlide",
            "comments",
            "comment",
        ):
            continue
        part = package.parse(target)
        if part is None:
            continue
        if word == "chart":
            yield read_chart(part)
        elif word == "diagramData":
            yield read_shapes(part)
        elif word == "notesSlide":
            notes = _read_page(part)
            yield f"Notes: {notes}" if notes else ""
        else:
            yield from _read_comments(part)


def _read_page(root: etree._Element) -> str:
    for shape in list(root.iter(f"{_P}sp")):
        placeholder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        parent = shape.getparent()
        if placeholder is not None and placeholder.get("type") in _REPEATED and parent is not None:
            parent.remove(shape)
    return read_shapes(root)


def _read_comments(root: etree._Element) -> Iterator[str]:
    for comment in root:
        # Of two forms: with its text in one element, and as shapes have it.
        words = [element.text or "" for element in comment.iter(f"{_P}text", f"{A}t")]
        if text := " ".join(" ".join(words).split()):
            yield f"Comment: {text}"
