"""Plain text, in whichever of the usual encodings it is. For worker processes."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from planning_review.documents.formats.encodings import find_wide_encoding
from planning_review.documents.pages.page_text import MAX_PAGE_CHARACTERS, make_page
from planning_review.documents.workers.messages import Opened, PageRead
from planning_review.models import PageClass

_MAX_BYTES = MAX_PAGE_CHARACTERS * 4
# Programs state these whatever they write.
_OFTEN_WRONG = ("ascii", "iso8859-1", "cp1252", "utf-8")


def read_plain_text(path: Path) -> Iterator[Opened | PageRead]:
    """Yield the pages of a text file, which form feeds part."""
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    text = decode_text(data[:_MAX_BYTES])
    reason = f"only its first {_MAX_BYTES:,} bytes were read" if len(data) > _MAX_BYTES else None
    yield from give_pages(text, reason=reason)


def give_pages(
    text: str, *, reason: str | None = None, textless: PageClass = "blank"
) -> Iterator[Opened | PageRead]:
    """Yield a text as the pages that form feeds part; a reason that is true of it all stands on the last."""
    pages = text.strip("\f\r\n\t ").split("\f")
    yield Opened(page_count=len(pages))
    for number, page in enumerate(pages, start=1):
        is_last = number == len(pages)
        page_class: PageClass = "text" if page.strip() else textless
        yield PageRead(page=make_page(number, page_class, page, reason=reason if is_last else None))


def decode_text(data: bytes, encoding: str | None = None) -> str:
    """Return bytes as text: in the encoding that was stated if it fits, else in the likeliest.

    That is UTF-8 where most of what is not ASCII is UTF-8 (a text may be cut within a letter), else
    the one of Western Windows.
    """
    if wide := find_wide_encoding(data):
        return data.decode(wide, "replace")
    stated = _codec_name(encoding)
    if stated not in (None, *_OFTEN_WRONG):
        try:
            return data.decode(str(stated))
        except (UnicodeError, LookupError):
            pass
    text = data.decode("utf-8-sig", "replace")
    lost = text.count("\ufffd")
    if lost == 0 or sum(char > "\x7f" for char in text) > 2 * lost:
        return text
    return data.decode("cp1252", "replace")


def _codec_name(encoding: str | None) -> str | None:
    try:
        return codecs.lookup(encoding).name if encoding else None
    except (LookupError, ValueError):
        return None
