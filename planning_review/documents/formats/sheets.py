"""A spreadsheet's sheet as a page, whatever program wrote it: rows, and values as a person sees them."""

import re
from collections.abc import Sequence
from datetime import datetime, time

from planning_review.documents.pages.page_text import lay_out_rows, make_page
from planning_review.models import PageText

MAX_SHEETS = 1000
MAX_CELLS = 1_000_000
"""Looked at in one sheet, empty ones too: some 5 seconds."""

_QUOTED = re.compile(r'"[^"]*"|\\.')


def make_sheet(
    number: int,
    title: str,
    rows: Sequence[Sequence[str]],
    *,
    is_hidden: bool = False,
    notes: Sequence[str] = (),
    reason: str | None = None,
) -> PageText:
    """Return a sheet as a page: its name, a line a row, the notes on its cells."""
    if not rows and not notes:
        return make_page(number, "blank", "", reason=reason)
    shown = f"{title} (hidden)" if is_hidden else title
    lines = [f"{shown}\n", *lay_out_rows(rows)]
    lines += [f"\nComment: {note}" for note in notes if note]
    return make_page(number, "text", "\n".join(lines), reason=reason)


def show_number(value: float, number_format: str) -> str:
    """Return a figure as it is shown: 25% and not 0.25. Fifteen digits are all that Excel keeps."""
    is_share = "%" in _QUOTED.sub("", number_format)
    return f"{value * 100:.10g}%" if is_share else f"{value:.15g}"


def show_date(value: datetime) -> str:
    """Return a date without a time where it has none."""
    return value.date().isoformat() if value.time() == time() else str(value)
