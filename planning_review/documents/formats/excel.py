"""The text of an Excel file, a sheet a page. For worker processes."""

import re
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import MAX_PAGE_CHARACTERS, lay_out_rows, make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState, PageText

MAX_SHEETS = 1000
MAX_CELLS = 1_000_000
"""Looked at in one sheet, empty ones too: some 5 seconds."""

_MAX_ROWS = 1_048_576
_PART_BYTES = 1024 * 1024
_FORMULA_BYTES = 1000
# An empty text (t="str") is a value.
_VALUELESS = re.compile(
    rb'<c\b(?![^<>]*\bt="str")[^<>]*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_QUOTED = re.compile(r'"[^"]*"|\\.')


def read_xlsx(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an Excel file's sheets as pages: the sheet's name, then a line a row. Raises Unreadable."""
    import openpyxl  # type: ignore[import-untyped]

    # For its limits: openpyxl unpacks whatever there is.
    with Package(path, "the Excel file"):
        pass
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
        yield Opened(page_count=len(book.worksheets))
        for number, sheet in enumerate(book.worksheets[:MAX_SHEETS], start=1):
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
    if not rows:
        return make_page(number, "blank", "", reason=reason)
    title = sheet.title if sheet.sheet_state == "visible" else f"{sheet.title} (hidden)"
    return make_page(number, "text", "\n".join([f"{title}\n", *lay_out_rows(rows)]), reason=reason)


def _text_of(cell: Any) -> str:
    """Return a cell's value as Excel shows it: 25% and not 0.25, no time where there is none."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Fifteen digits are all that Excel keeps: 0.1 + 0.2 is 0.3.
        is_share = "%" in _QUOTED.sub("", cell.number_format)
        return f"{value * 100:.10g}%" if is_share else f"{value:.15g}"
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
