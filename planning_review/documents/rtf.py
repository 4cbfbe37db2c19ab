"""The text of an RTF file, with striprtf. For worker processes."""

import re
from collections.abc import Iterator
from pathlib import Path

from planning_review.documents.page_text import make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

MAX_CHARACTERS = 4_000_000
"""Of RTF without its pictures, text and commands together: more than a page is kept of."""

_MAX_FILE_BYTES = 256 * 1024 * 1024
# Pictures stand in the file as hexadecimal digits, which striprtf would take apart one by one.
_PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{200,}")


def read_rtf(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an RTF file as one page. Raises Unreadable."""
    from striprtf.striprtf import rtf_to_text

    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES)
    is_whole = data.rstrip(b"\x00\r\n\t ").endswith(b"}")
    # striprtf looks for the end of every link in all that follows, on the same line.
    source = _PICTURE.sub(b"", data).replace(b"\\fldinst", b"\\fldinst\n").decode("cp1252", "replace")
    reason = None
    if len(source) > MAX_CHARACTERS:
        source = source[:MAX_CHARACTERS]
        reason = "only its beginning was read: it is longer than an RTF file may be"
    try:
        text = str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, OverflowError, LookupError) as error:
        raise Unreadable(DocumentState.DAMAGED, "the RTF file is damaged and can't be read") from error
    # Characters beyond the first 65,536 are written as two halves.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    yield Opened(page_count=1, repaired=not is_whole)
    yield PageRead(page=make_page(1, "text" if text.strip() else "blank", text, reason=reason))
