"""Plain text, in whichever of the usual encodings it is. For worker processes."""

from collections.abc import Iterator
from pathlib import Path

from planning_review.documents.page_text import MAX_PAGE_CHARACTERS, make_page
from planning_review.documents.worker_messages import Opened, PageRead

_MAX_BYTES = MAX_PAGE_CHARACTERS * 4


def read_plain_text(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a text file as one page."""
    with path.open("rb") as file:
        text = decode_text(file.read(_MAX_BYTES))
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text.strip() else "blank", text))


def decode_text(data: bytes, encoding: str | None = None) -> str:
    """Return bytes as text: in the encoding that was stated if it fits, else in the likeliest that does."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for name in (encoding, "utf-8-sig", "cp1252"):
        try:
            if name:
                return data.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1")
