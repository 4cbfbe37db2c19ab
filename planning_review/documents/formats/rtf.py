"""The text of an RTF file, with striprtf. For worker processes."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from planning_review.documents.formats.rtf_source import move_asides, prepare_source
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.pages.row_lines import lay_out_rows
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

MAX_CHARACTERS = 4_000_000
"""Of RTF without its pictures, text and commands together: more than a page is kept of."""

_MAX_FILE_BYTES = 256 * 1024 * 1024


def read_rtf(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an RTF file as one page: its text with its tables, then boxes, headers, footers and notes.

    Raises Unreadable.
    """
    from striprtf.striprtf import rtf_to_text

    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES)
    is_whole = data.rstrip(b"\x00\r\n\t ").endswith(b"}")
    source = prepare_source(data)
    reason = None
    if len(source) > MAX_CHARACTERS:
        source = source[:MAX_CHARACTERS]
        reason = "only its beginning was read: it is longer than an RTF file may be"
    try:
        rtf = move_asides(source).decode("cp1252", "replace")
        text = str(rtf_to_text(rtf, errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, OverflowError, LookupError) as error:
        raise Unreadable(DocumentState.DAMAGED, "the RTF file is damaged and can't be read") from error
    # Characters beyond the first 65,536 are written as two halves.
    text = _lay_out_tables(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    yield Opened(page_count=1, repaired=not is_whole)
    yield PageRead(page=make_page(1, "text" if text.strip() else "blank", text, reason=reason))


def _lay_out_tables(text: str) -> str:
    """Return the text with its rows as other files have them: striprtf ends every cell with a bar."""
    lines: list[str] = []
    for is_row, group in groupby(text.split("\n"), key=lambda line: line.rstrip().endswith("|")):
        if is_row:
            cells = [[" ".join(cell.split()) for cell in line.rstrip()[:-1].split("|")] for line in group]
            lines += lay_out_rows(cells)
        else:
            lines += group
    return "\n".join(lines)
