"""The text of an RTF file, with striprtf, which drops some of what a reader sees, and fails on more.

So its source is made ready first. For worker processes.
Source: Rich Text Format Specification, version 1.9.1.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from planning_review.documents.formats.plain_text import give_pages
from planning_review.documents.formats.rtf_source import MAX_FILE_BYTES, drop_hidden, mark_pages
from planning_review.documents.pages.page_text import HIDDEN_TEXT, lay_out_rows
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

MAX_CHARACTERS = 4_000_000
"""Of RTF without its pictures, text and commands together: more than a page is kept of."""

# Pictures stand in the file as hexadecimal digits, which striprtf would take apart one by one.
_PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{200,}")
_BINARY = re.compile(rb"(?<!\\)\\bin(\d{1,9}) ?")
_CHARACTER = re.compile(rb"(?<!\\)\\u(-?\d{5,})")
_DELETED = re.compile(rb"\{[^{}]*\\deleted(?![a-z0-9])[^{}]*\}")
# Groups that striprtf leaves out: notes, comments, the edges of pages, the text of boxes. No escaped braces.
_GROUPS = re.compile(
    rb"\\[\\{}]|\{\s*(?:\\\*)?\\(?:footnote|annotation|header[lrf]?|footer[lrf]?|shptxt)(?![a-z])|[{}]"
)
# What is taken out leaves an empty group: the command before it and the text behind it must not meet.
_NOTHING = b"{}"


def read_rtf(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an RTF file's pages, as far as it says where they end: its text with its tables.

    Boxes, headers, footers and notes stand on the last. Raises Unreadable.
    """
    from striprtf.striprtf import rtf_to_text

    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES)
    is_whole = data.rstrip(b"\x00\r\n\t ").endswith(b"}")
    source = prepare_source(data)
    source, has_hidden = drop_hidden(source)
    source = mark_pages(source)
    reason = HIDDEN_TEXT if has_hidden else None
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
    for event in give_pages(text, reason=reason):
        yield event.model_copy(update={"repaired": not is_whole}) if isinstance(event, Opened) else event


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


def prepare_source(data: bytes) -> bytes:
    """Return RTF without pictures and deleted text, in which all characters can be."""
    data = data[max(0, data.find(b"{\\rtf")) :]
    data = _PICTURE.sub(b"", _drop_binaries(data))
    data = _CHARACTER.sub(_keep_possible, _DELETED.sub(_NOTHING, data))
    # striprtf looks for the end of every link in all that follows, on the same line.
    return data.replace(b"\\fldinst", b"\\fldinst\n")


def move_asides(data: bytes) -> bytes:
    """Return RTF with its notes, headers, footers and text boxes at its end, each once, as paragraphs."""
    asides: dict[bytes, None] = {}
    open_groups: list[bool] = []
    pieces: list[list[bytes]] = [[]]
    at = 0
    for found in _GROUPS.finditer(data):
        token = found[0]
        if token.startswith(b"\\"):
            continue
        if token == b"{":
            open_groups.append(False)
        elif token != b"}":
            open_groups.append(True)
            pieces[-1] += [data[at : found.start()], _NOTHING]
            pieces.append([])
            at = found.end()
        elif open_groups and open_groups.pop():
            pieces[-1].append(data[at : found.start()])
            asides[b"".join(pieces.pop())] = None
            at = found.end()
    pieces[-1].append(data[at:])
    text, *unended = map(b"".join, pieces)
    is_closed = text.rstrip(b"\x00\r\n\t ").endswith(b"}")
    body = text.rstrip(b"\x00\r\n\t ")[:-1] if is_closed else text
    ends = b"".join(b"\\par{" + aside + b"}" for aside in (*asides, *unended))
    return body + ends + (b"}" if is_closed else b"")


def _drop_binaries(data: bytes) -> bytes:
    pieces = []
    at = 0
    while found := _BINARY.search(data, at):
        pieces += [data[at : found.start()], _NOTHING]
        at = found.end() + int(found[1])
    return b"".join([*pieces, data[at:]])


def _keep_possible(found: re.Match[bytes]) -> bytes:
    number = int(found[1][:9])
    return found[0] if -32_768 <= number < 65_536 else b"\\u65533"
