"""The text of an Excel workbook of before 2007 (.xls), with xlrd. For worker processes."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import xlrd  # type: ignore[import-untyped]

from planning_review.documents.formats.sheets import MAX_CELLS, MAX_SHEETS, make_sheet, show_date, show_number
from planning_review.documents.pages.page_text import MAX_PAGE_CHARACTERS
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText


def read_xls(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a workbook's sheets as pages: the sheet's name, a line a row, the notes on its cells.

    xlrd knows how a figure is shown (7% and not 0.07), which python-calamine does not. Raises Unreadable.
    """
    try:
        book = xlrd.open_workbook(
            str(path), logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True
        )
    except MemoryError:
        raise
    except Exception as error:
        if "encrypted" in str(error).lower():
            raise Unreadable(DocumentState.LOCKED, "the Excel file is locked with a password") from error
        raise Unreadable(DocumentState.DAMAGED, "the Excel file is damaged and does not open") from error
    yield Opened(page_count=book.nsheets)
    for number in range(min(book.nsheets, MAX_SHEETS)):
        yield PageRead(page=_read_sheet(book, number))
        book.unload_sheet(number)


def _read_sheet(book: Any, number: int) -> PageText:
    rows: list[list[str]] = []
    reason = None
    notes: list[str] = []
    cells = characters = 0
    name = book.sheet_names()[number]
    try:
        sheet = book.sheet_by_index(number)
        notes = [" ".join(str(note.text).split()) for note in sheet.cell_note_map.values()]
        for row_number in range(sheet.nrows):
            row = sheet.row(row_number)
            texts = [_text_of(book, cell) for cell in row]
            cells += len(row)
            characters += sum(map(len, texts))
            if any(texts):
                rows.append(texts)
            if cells > MAX_CELLS or characters > MAX_PAGE_CHARACTERS:
                reason = f"only its first {row_number + 1:,} rows were read"
                break
        is_hidden = sheet.visibility != 0
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - xlrd raises many kinds; what was read of the sheet is kept
        reason, is_hidden = "the sheet is damaged", False
    return make_sheet(number + 1, name, rows, is_hidden=is_hidden, notes=notes, reason=reason)


def _text_of(book: Any, cell: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return show_number(cell.value, _format_of(book, cell))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            value: datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError):
            return show_number(cell.value, "")
        # Below one day it is an hour of no day.
        return value.time().isoformat() if cell.value < 1 else show_date(value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return str(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return " ".join(str(cell.value).split())


def _format_of(book: Any, cell: Any) -> str:
    try:
        return str(book.format_map[book.xf_list[cell.xf_index].format_key].format_str)
    except (LookupError, TypeError, AttributeError):
        return ""
