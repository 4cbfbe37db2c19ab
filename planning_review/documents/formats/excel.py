"""The text of an Excel file, a sheet a page. For worker processes."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from planning_review.documents.formats.asides import Aside, give_asides
from planning_review.documents.formats.drawing import read_parts
from planning_review.documents.formats.sheets import (
    MAX_CELLS,
    MAX_SHEETS,
    make_sheet,
    show_date,
    show_number,
)
from planning_review.documents.formats.zip_xml import Package, is_strict, make_transitional
from planning_review.documents.pages.page_text import MAX_PAGE_CHARACTERS
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState, PageText

_MAX_ROWS = 1_048_576
_PART_BYTES = 1024 * 1024
_FORMULA_BYTES = 1000
# An empty text (t="str") is a value.
_VALUELESS = re.compile(
    rb'<c\b(?![^<>]*\bt="str")[^<>]*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_COMMENTS = re.compile(r"xl/(?:comments/?\w*|threadedComments/\w+)\.xml")
_TEXT = re.compile(r"\{.*\}(?:t|text)\Z")
# Drawings with words of their own, and what people call them.
_DRAWINGS = (("drawings/drawing", "text boxes"), ("charts/chart", "chart"), ("diagrams/data", "diagram"))


def read_xlsx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an Excel file's sheets as pages: name, then a line a row; then comments, text boxes, charts.

    Raises Unreadable.
    """
    # For its limits: openpyxl unpacks whatever there is.
    with Package(path, "the Excel file") as package:
        asides = list(_find_asides(package))
        strict = is_strict(package.read("xl/workbook.xml"))
    with _usual(path, strict) as usual:
        yield from give_asides(_read_sheets(usual), asides)


def _find_asides(package: Package) -> Iterator[Aside]:
    comments: dict[str, None] = {}
    for name in sorted(filter(_COMMENTS.fullmatch, package.names)):
        root = package.parse(name)
        for comment in () if root is None else root.iter("{*}comment", "{*}threadedComment"):
            pieces = (element.text or "" for element in comment.iter() if _TEXT.match(str(element.tag)))
            if words := " ".join("".join(pieces).split()):
                comments[f"{comment.get('ref', '')}: {words}"] = None
    if comments:
        yield "comments", "\n".join(comments)
    for name, word in _DRAWINGS:
        for number, text in enumerate(read_parts(package, "xl", name), start=1):
            yield f"{word} {number}", text


@contextmanager
def _usual(path: Path, strict: bool) -> Iterator[Path]:
    """Give the file in the form that openpyxl reads: of the other one it sees no sheet."""
    if not strict:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="excel-") as file:
        with Package(path, "the Excel file") as package, zipfile.ZipFile(file, "w") as usual:
            for name in package.names:
                data = package.read(name)
                usual.writestr(name, make_transitional(data) if name.endswith((".xml", ".rels")) else data)
        file.flush()
        yield Path(file.name)


def _read_sheets(path: Path) -> Iterator[Opened | PageRead]:
    import openpyxl  # type: ignore[import-untyped]

    # From the open file: given a path, it refuses a name that doesn't end in .xlsx.
    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and is_our_fault(error):
                raise
            raise Unreadable(DocumentState.DAMAGED, "the Excel file is damaged and does not open") from error
        # A sheet that is a chart has no cells.
        sheets = book.worksheets
        yield Opened(page_count=len(sheets))
        for number, sheet in enumerate(sheets[:MAX_SHEETS], start=1):
            yield PageRead(page=_read_sheet(number, sheet))


def _read_sheet(number: int, sheet: Any) -> PageText:
    rows: list[list[str]] = []
    reason = None
    characters = cells = 0
    # The size that a sheet states can be a million empty rows.
    sheet.reset_dimensions()
    try:
        for row_number, row in enumerate(sheet.iter_rows(), start=1):
            if any(texts := [_text_of(cell) for cell in row]):
                rows.append(texts)
                characters += sum(map(len, texts))
            cells += len(row)
            if cells > MAX_CELLS or row_number > _MAX_ROWS:
                reason = f"only its first {row_number:,} rows were read"
                break
            if characters > MAX_PAGE_CHARACTERS:
                break
        else:
            reason = _say_what_lacks(sheet)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises many kinds; what was read of the sheet is kept
        reason = "the sheet is damaged"
    return make_sheet(number, sheet.title, rows, is_hidden=sheet.sheet_state != "visible", reason=reason)


def _text_of(cell: Any) -> str:
    """Return a cell's value as Excel shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return show_date(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return show_number(value, cell.number_format)
    return " ".join(str(value).split())


def _say_what_lacks(sheet: Any) -> str | None:
    """Return a reason where a program that doesn't calculate wrote formulas without their values."""
    with sheet.parent._archive.open(sheet._worksheet_path) as xml:
        end = b""
        while part := xml.read(_PART_BYTES):
            if _VALUELESS.search(end + part):
                return "some of its cells hold formulas without their values, and were left out"
            end = part[-_FORMULA_BYTES:]
    return None
