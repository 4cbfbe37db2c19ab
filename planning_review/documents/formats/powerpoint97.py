"""The text of a PowerPoint file of before 2007 (.ppt), a slide a page. For worker processes.

No library for Python that is kept reads these. Source: [MS-PPT], PowerPoint Binary File Format, sections
2.1 to 2.4 and 2.9; [MS-ODRAW], section 2.2.23, for pictures.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from olefile import OleFileIO  # type: ignore[import-untyped]

from planning_review.documents.formats.part import Part
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState

_STREAM, _CURRENT, _PICTURES = "PowerPoint Document", "Current User", "Pictures"
_MAX_STREAM_BYTES = 256 * 1024 * 1024
_ENCRYPTED_TOKEN = 0xF3D1C4DF
_USER_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SLIDE_LIST, _SLIDE_PLACE = 0x0FF0, 0x03F3
_CHARACTERS, _BYTES = 0x0FA0, 0x0FA8
_SLIDES, _NOTES = 0, 2
_MAX_DEPTH, _MAX_EDITS = 40, 10_000
_HEADER_BYTES = 8
# How many bytes stand before a picture's own, by what its record says that it is.
_PICTURE_HEADS = {0x46A: 17, 0x46B: 33, 0x6E2: 17, 0x6E3: 33, 0x6E0: 17, 0x6E1: 33, 0x7A8: 17, 0x7A9: 33}
# How lines and paragraphs end.
_CONTROLS = str.maketrans({"\r": "\n", "\x0b": "\n"})


class _Record(NamedTuple):
    """One record: what it is, and where its content stands."""

    kind: int
    instance: int
    is_container: bool
    start: int
    end: int


def read_ppt(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a presentation's slides as pages: their text, then their notes. Raises Unreadable."""
    stream, current = _read_streams(path)
    try:
        if struct.unpack_from("<I", current, 12)[0] == _ENCRYPTED_TOKEN:
            raise Unreadable(DocumentState.LOCKED, "the PowerPoint file is locked with a password")
        slides = list(_read_slides(stream, struct.unpack_from("<I", current, 16)[0]))
    except (struct.error, KeyError, RecursionError) as error:
        raise _damaged() from error
    yield Opened(page_count=len(slides))
    for number, text in enumerate(slides, start=1):
        yield PageRead(page=make_page(number, "text" if text else "picture", text))


def find_ppt_pictures(path: Path) -> Iterator[Part]:
    """Yield the pictures of a presentation, each once, as files."""
    with OleFileIO(path) as container:
        if not container.exists(_PICTURES):
            return
        data = container.openstream(_PICTURES).read(_MAX_STREAM_BYTES)
    number = 0
    for record in _records(data, 0, len(data)):
        head = _PICTURE_HEADS.get(record.instance)
        if head is not None:
            number += 1
            yield Part(f"picture {number}", "", data[record.start + head : record.end])


def _read_streams(path: Path) -> tuple[bytes, bytes]:
    try:
        with OleFileIO(path) as container:
            stream = container.openstream(_STREAM).read(_MAX_STREAM_BYTES)
            return stream, container.openstream(_CURRENT).read(_MAX_STREAM_BYTES)
    except Exception as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and is_our_fault(error)):
            raise
        raise _damaged() from error


def _read_slides(data: bytes, edit_at: int) -> Iterator[str]:
    """Yield the text of each slide, as the newest of the edits that are kept in the file has it."""
    places, document_at = _find_places(data, edit_at)
    document = _record_at(data, document_at)
    lists = {record.instance: record for record in _children(data, document) if record.kind == _SLIDE_LIST}
    notes = [text for _, text in _list_slides(data, lists.get(_NOTES), places)]
    slides = list(_list_slides(data, lists.get(_SLIDES), places))
    # As many notes as slides, in their order: else they can't be told apart, and stand at the end.
    is_paired = len(notes) == len(slides)
    for number, (_, text) in enumerate(slides):
        note = notes[number] if is_paired else ""
        yield "\n\n".join(filter(None, (text, f"Notes: {note}" if note else "")))
    if not is_paired and (rest := "\n\n".join(filter(None, notes))):
        yield f"Notes: {rest}"


def _find_places(data: bytes, edit_at: int) -> tuple[dict[int, int], int]:
    """Return where each part of the presentation stands, and where the whole does."""
    places: dict[int, int] = {}
    document_at = None
    for _ in range(_MAX_EDITS):
        edit = _record_at(data, edit_at)
        if edit.kind != _USER_EDIT:
            raise KeyError(edit_at)
        _, _, edit_before, directory_at, document = struct.unpack_from("<IIIII", data, edit.start)
        for number, place in _read_directory(data, directory_at):
            # The newest edit comes first.
            places.setdefault(number, place)
        document_at = document if document_at is None else document_at
        if not edit_before or edit_before >= edit_at:
            break
        edit_at = edit_before
    return places, places[document_at or 0]


def _read_directory(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    directory = _record_at(data, at)
    at = directory.start
    while directory.kind == _DIRECTORY and at + 4 <= directory.end:
        (packed,) = struct.unpack_from("<I", data, at)
        first, count = packed & 0xFFFFF, packed >> 20
        count = min(count, (directory.end - at - 4) // 4)
        yield from enumerate(struct.unpack_from(f"<{count}I", data, at + 4), start=first)
        at += 4 + 4 * count


def _list_slides(data: bytes, record: _Record | None, places: dict[int, int]) -> Iterator[tuple[int, str]]:
    """Yield the slides of a list with their texts: those of the outline, then those of boxes on the slide."""
    outlines: list[tuple[int, list[str]]] = []
    for child in () if record is None else _children(data, record):
        if child.kind == _SLIDE_PLACE:
            outlines.append((struct.unpack_from("<I", data, child.start)[0], []))
        elif outlines and (text := _text_of(data, child)):
            outlines[-1][1].append(text)
    for number, texts in outlines:
        if number in places:
            texts += _find_texts(data, _record_at(data, places[number]), _MAX_DEPTH)
        yield number, "\n\n".join(dict.fromkeys(texts))


def _find_texts(data: bytes, record: _Record, depth: int) -> Iterator[str]:
    for child in _children(data, record) if depth else ():
        if text := _text_of(data, child):
            yield text
        elif child.is_container:
            yield from _find_texts(data, child, depth - 1)


def _text_of(data: bytes, record: _Record) -> str:
    content = data[record.start : record.end]
    if record.kind == _CHARACTERS:
        text = content.decode("utf-16-le", "replace")
    elif record.kind == _BYTES:
        # The lower halves of characters.
        text = content.decode("latin-1")
    else:
        return ""
    # A slide's number is written as a star.
    text = text.translate(_CONTROLS).strip()
    return "" if text == "*" else text


def _children(data: bytes, record: _Record) -> Iterator[_Record]:
    return _records(data, record.start, record.end)


def _records(data: bytes, at: int, end: int) -> Iterator[_Record]:
    while at + _HEADER_BYTES <= end:
        record = _record_at(data, at)
        yield record._replace(end=min(record.end, end))
        at = record.end


def _record_at(data: bytes, at: int) -> _Record:
    version, kind, length = struct.unpack_from("<HHI", data, at)
    start = at + _HEADER_BYTES
    return _Record(kind, version >> 4, version & 0xF == 0xF, start, min(start + length, len(data)))


def _damaged() -> Unreadable:
    return Unreadable(DocumentState.DAMAGED, "the PowerPoint file is damaged and can't be read")
