"""Word's files in one XML file, as packages: Word 2003's own XML, and packages written flat.

Read as the Word files that they are in other clothes. For worker processes.
"""

import base64
import binascii
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.office_parts import find_office_parts
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.word import read_docx
from planning_review.documents.formats.word_numbers import W
from planning_review.documents.formats.zip_xml import parse_xml
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_MAX_BYTES = 64 * 1024 * 1024
_PACKAGE = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_W2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_PICTURE_NAME = re.compile(r"[^./\\]+\.(\w{2,5})\Z")
_NAME = "the Word file"


def read_word_xml(path: Path) -> Iterator[Opened | PageRead]:
    """Yield the pages as those of a Word file. Raises Unreadable."""
    with _packed(path) as package:
        yield from read_docx(package)


def find_word_xml_parts(path: Path) -> Iterator[Part]:
    """Yield the pictures and embedded files. Raises Unreadable."""
    with _packed(path) as package:
        yield from find_office_parts(package)


@contextmanager
def _packed(path: Path) -> Iterator[Path]:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        limit = _MAX_BYTES // 1024**2
        raise Unreadable(DocumentState.DAMAGED, f"{_NAME} is longer than the {limit} MB that it may be")
    root = parse_xml(data.replace(_W2003, W[1:-1].encode()), _NAME)
    with tempfile.NamedTemporaryFile(prefix="word-", suffix=".docx") as file:
        with zipfile.ZipFile(file, "w") as package:
            for name, content in _flat_parts(root) if root.tag == f"{_PACKAGE}package" else _old_parts(root):
                package.writestr(name, content)
        file.flush()
        yield Path(file.name)


def _flat_parts(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    for part in root.iterchildren(f"{_PACKAGE}part"):
        name = part.get(f"{_PACKAGE}name", "").lstrip("/")
        content = next(iter(part), None)
        if content is None:
            continue
        if content.tag == f"{_PACKAGE}xmlData" and len(content):
            yield name, etree.tostring(content[0])
        else:
            yield name, _decode(content.text)


def _old_parts(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of Word 2003's XML: the numbers of its lists stand in it as they are shown."""
    for paragraph in root.iter(f"{W}p"):
        shown = paragraph.find(f"{W}pPr/{W}listPr/{_HINT}t")
        if shown is not None and (label := shown.get(f"{_HINT}val", "").strip()):
            run = etree.Element(f"{W}r")
            etree.SubElement(run, f"{W}t").text = f"{label} "
            paragraph.insert(1, run)
    for number, edge in enumerate(list(root.iter(f"{W}hdr", f"{W}ftr")), start=1):
        kind = "header" if edge.tag == f"{W}hdr" else "footer"
        yield f"word/{kind}{number}.xml", etree.tostring(edge)
    styles = root.find(f"{W}styles")
    if styles is not None:
        yield "word/styles.xml", etree.tostring(styles)
    for number, data in enumerate(root.iter(f"{W}binData"), start=1):
        suffix = _PICTURE_NAME.search(data.get(f"{W}name", ""))
        if suffix:
            yield f"word/media/image{number}.{suffix[1]}", _decode(data.text)
    body = root.find(f"{W}body")
    if body is not None:
        document = etree.Element(f"{W}document")
        document.append(body)
        yield "word/document.xml", etree.tostring(document)


def _decode(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "")
    except (binascii.Error, ValueError):
        return b""
