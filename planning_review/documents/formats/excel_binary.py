"""The text of a binary Excel workbook (.xlsb), with python-calamine. For worker processes."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from planning_review.documents.formats.sheets import MAX_CELLS, MAX_SHEETS, make_sheet, show_date, show_number
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText


def read_xlsb(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a workbook's sheets as pages: the sheet's name, a line a row. Raises Unreadable."""
    # For its limits: the library unpacks whatever there is.
    with Package(path, "the Excel file"):
        pass
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = book.sheets_metadata
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable(DocumentState.DAMAGED, "the Excel file is damaged and does not open") from error
    yield Opened(page_count=len(sheets))
    for number, sheet in enumerate(sheets[:MAX_SHEETS], start=1):
        is_hidden = sheet.visible != SheetVisibleEnum.Visible
        yield PageRead(page=_read_sheet(book, number, sheet.name, is_hidden=is_hidden))


def _read_sheet(book: CalamineWorkbook, number: int, name: str, *, is_hidden: bool) -> PageText:
    rows: list[list[str]] = []
    cells = 0
    reason = None
    try:
        for row_number, row in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
            if any(texts := [_text_of(value) for value in row]):
                rows.append(texts)
            cells += len(row)
            if cells > MAX_CELLS:
                reason = f"only its first {row_number:,} rows were read"
                break
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - what was read of the sheet is kept, whatever is wrong with the rest
        reason = "the sheet is damaged"
    return make_sheet(number, name, rows, is_hidden=is_hidden, reason=reason)


def _text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return show_date(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return show_number(value, "")
    return " ".join(str(value).split())
