"""The text of Word and Excel files, and of plain text. For worker processes."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from lxml import etree

from planning_review.documents.page_text import MAX_PAGE_CHARACTERS, make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

_MAX_PART_BYTES = 128 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}


def read_docx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a Word file as one page: paragraphs, headings, text boxes and tables in their order.

    Its pages exist only once Word has laid them out. The XML is read directly: python-docx refuses
    files with macros and leaves out content controls, which forms are made of. Raises Unreadable.
    """
    try:
        with zipfile.ZipFile(path) as package:
            name = next(n for n in package.namelist() if re.fullmatch(r"word/document\d*\.xml", n))
            with package.open(name) as part:
                data = part.read(_MAX_PART_BYTES)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        body = etree.fromstring(data, parser).find(f"{_W}body")
        text = "" if body is None else "\n\n".join(filter(None, map(str.strip, _paragraphs(body))))
    except (
        zipfile.BadZipFile,
        EOFError,
        StopIteration,
        KeyError,
        etree.XMLSyntaxError,
        RecursionError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise Unreadable(
            DocumentState.DAMAGED, f"the Word file is damaged ({type(error).__name__})"
        ) from error
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text else "picture", text))


def _paragraphs(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph_text(child)
        elif child.tag == f"{_W}tbl":
            yield "\n".join(_rows(child))
        elif isinstance(child.tag, str) and child.tag not in (f"{_W}del", f"{_W}sectPr"):
            yield from _paragraphs(child)


def _rows(table: etree._Element) -> Iterator[str]:
    for row in _children(table, "tr"):
        cells = (" ".join(" ".join(_paragraphs(cell)).split()) for cell in _children(row, "tc"))
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
        if element.tag == _FALLBACK:
            # Text boxes stand twice in the file: once for Word, once for programs before 2010.
            walk.skip_subtree()
        elif element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in _BREAKS:
            pieces.append(_BREAKS[element.tag])
        elif element.tag == f"{_W}p" and element is not paragraph:
            pieces.append("\n")
    return "".join(pieces)


def read_xlsx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an Excel file's sheets as pages: the sheet's name, then a line a row. Raises Unreadable."""
    import openpyxl  # type: ignore[import-untyped]

    try:
        # From the open file: given a path, it refuses a name that doesn't end in .xlsx.
        book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
    except OSError:
        raise
    except Exception as error:
        raise Unreadable(
            DocumentState.DAMAGED, f"the Excel file is damaged ({type(error).__name__})"
        ) from error
    yield Opened(page_count=len(book.worksheets))
    for number, sheet in enumerate(book.worksheets, start=1):
        try:
            text = _sheet_text(sheet)
            page = make_page(number, "text" if text else "blank", f"{sheet.title}\n\n{text}" if text else "")
        except Exception as error:  # noqa: BLE001 - openpyxl raises many kinds; the other sheets go on
            page = make_page(number, "blank", "", reason=f"the sheet is damaged ({type(error).__name__})")
        yield PageRead(page=page)


def _sheet_text(sheet: Any) -> str:
    # The size that a sheet states can be a million empty rows.
    sheet.reset_dimensions()
    lines: list[str] = []
    characters = 0
    for row in sheet.iter_rows(values_only=True):
        cells = (str(value).strip() for value in row if value is not None)
        if line := " | ".join(filter(None, cells)):
            lines.append(line)
            characters += len(line) + 1
        if characters > MAX_PAGE_CHARACTERS:
            break
    return "\n".join(lines)


def read_plain_text(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a text file as one page, in whichever of the usual encodings it is."""
    with path.open("rb") as file:
        data = file.read(MAX_PAGE_CHARACTERS * 4)
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",)
    for encoding in chain(encodings, ("cp1252",)):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode("latin-1")
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text.strip() else "blank", text))
