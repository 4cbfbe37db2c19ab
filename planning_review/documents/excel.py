"""The text of an Excel file, a sheet a page. For worker processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planning_review.documents.package import Package
from planning_review.documents.page_text import MAX_PAGE_CHARACTERS, make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, PageText

MAX_SHEETS = 1000
MAX_CELLS = 1_000_000
"""Looked at in one sheet, empty ones too: some 5 seconds."""

_MAX_ROWS = 1_048_576


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
            raise Unreadable(DocumentState.DAMAGED, "the Excel file is damaged and does not open") from error
        yield Opened(page_count=len(book.worksheets))
        for number, sheet in enumerate(book.worksheets[:MAX_SHEETS], start=1):
            yield PageRead(page=_read_sheet(number, sheet))


def _read_sheet(number: int, sheet: Any) -> PageText:
    lines = [f"{sheet.title}\n"]
    reason = None
    characters = cells = 0
    # The size that a sheet states can be a million empty rows.
    sheet.reset_dimensions()
    try:
        for row_number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            values = (str(value).strip() for value in row if value is not None)
            if line := " | ".join(filter(None, values)):
                lines.append(line)
                characters += len(line) + 1
            cells += len(row)
            if cells > MAX_CELLS or row_number > _MAX_ROWS:
                reason = f"only its first {row_number:,} rows were read"
                break
            if characters > MAX_PAGE_CHARACTERS:
                break
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises many kinds; what was read of the sheet is kept
        reason = "the sheet is damaged"
    is_blank = len(lines) == 1
    return make_page(
        number, "blank" if is_blank else "text", "" if is_blank else "\n".join(lines), reason=reason
    )
