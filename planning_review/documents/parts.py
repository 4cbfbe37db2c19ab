"""The parts of a document that are files themselves: attachments, members of an archive, pictures.

Each is read as a document of its own would be, within limits. Its pages follow the document's own,
numbered on, and keep their place (`attachment 2`, and the number there); a part that is not read is a page
without text, with the reason. For worker processes.
"""

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from planning_review.documents import formats
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.sniffing import find_format
from planning_review.documents.formats.table import Format, Refusal
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState, FileKind, PageText

MAX_DEPTH = 4
MAX_PARTS = 500
MAX_PARTS_BYTES = 512 * 1024 * 1024
"""Of all parts of one document together, as they are unpacked."""

_MAX_NAME_CHARACTERS = 80
# Smaller ones are logos, bullets and lines: no letter that can be read has room in them.
_SMALLEST_SIDE = 40
_SMALLEST_PIXELS = 40_000
_PICTURES = frozenset(
    (FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.GIF, FileKind.BMP, FileKind.JP2, FileKind.TIFF)
)

_Event = Opened | PageRead


def read_with_parts(path: Path, kind: FileKind | None, first_page: int = 1) -> Iterator[_Event]:
    """Yield how many pages a file has, each page from first_page on, and then those of its parts.

    How many there are is said again whenever a part is opened. Raises Unreadable.
    """
    yield from _Reading(first_page).read(path, find_format(path, kind), first_page)


@contextmanager
def opened_part(path: Path, kind: FileKind, place: str | None) -> Iterator[tuple[Path, FileKind]]:
    """Give the file that a part of a document is, and its kind; the document itself where place is None.

    Raises Unreadable where there is no such part (any more).
    """
    if place is None:
        yield path, kind
        return
    for part in _find_parts(path, find_format(path, kind)):
        if place == part.place or place.startswith(f"{part.place}, "):
            with _written(part) as inner:
                rest = place.removeprefix(part.place).removeprefix(", ") or None
                with opened_part(inner, find_format(inner).kind, rest) as found:
                    yield found
            return
    raise Unreadable(DocumentState.DAMAGED, "the part can't be taken out of the document again")


class _Reading:
    """One document that is read with its parts, and what it has used up of the limits."""

    def __init__(self, first_page: int) -> None:
        self._first_page = first_page
        self._pages = 0
        self._parts = 0
        self._bytes = 0
        self._repaired = False
        self._notes: dict[str, None] = {}

    def read(self, path: Path, row: Format, first_page: int) -> Iterator[_Event]:
        yield from self._read_file(path, row, None, first_page)
        yield from self._read_parts(path, row, None, 1)

    def _read_file(self, path: Path, row: Format, place: str | None, first_page: int = 1) -> Iterator[_Event]:
        """Yield a file's own pages. Raises Unreadable."""
        before = self._pages
        for event in start_reader(path, row, first_page):
            if isinstance(event, Opened):
                self._pages = before + event.page_count
                self._repaired |= event.repaired
                self._notes |= dict.fromkeys(f"{place}: {note}" if place else note for note in event.notes)
                yield self._opened()
                continue
            page = event.page
            # A reader may give its pages places of their own, as Word's comments have.
            inner = page.part_page or page.number
            names = ", ".join(filter(None, (place, page.part)))
            self._pages = max(self._pages, before + page.number)
            yield from self._give(
                page.model_copy(
                    update={
                        "number": before + page.number,
                        "part": names or None,
                        "part_page": inner if names else None,
                    }
                )
            )

    def _read_parts(self, path: Path, row: Format, place: str | None, depth: int) -> Iterator[_Event]:
        if row.parts is None:
            return
        try:
            for part in _find_parts(path, row):
                yield from self._read_part(part, place, depth)
                if self._parts > MAX_PARTS or self._bytes > MAX_PARTS_BYTES:
                    return
        except Exception as error:  # noqa: BLE001 - the libraries raise many kinds; what was read is kept
            yield from self._refuse(place or "its parts", _reason_of(error))

    def _read_part(self, part: Part, outer: str | None, depth: int) -> Iterator[_Event]:
        place = f"{outer}, {part.place}" if outer else part.place
        self._parts += 1
        self._bytes += len(part.data or b"")
        reason = part.reason
        if self._parts > MAX_PARTS:
            reason = f"this and what follows was not read: of one document {MAX_PARTS} parts are"
        elif self._bytes > MAX_PARTS_BYTES:
            limit = MAX_PARTS_BYTES // 1024**2
            reason = f"this and what follows was not read: of one document's parts {limit} MB are"
        elif depth > MAX_DEPTH:
            reason = f"not read: it lies deeper than {MAX_DEPTH} files in one another"
        if reason or part.data is None:
            yield from self._refuse(_name(place, part), reason or "not read")
            return
        before = self._pages
        # As one that was begun: should it stop its reader, it is missed.
        self._pages += 1
        yield self._opened()
        self._pages = before
        try:
            with _written(part) as path:
                row = find_format(path)
                if row.kind in _PICTURES and _is_ornament(part.data):
                    yield self._opened()
                    return
                yield from self._read_file(path, row, place)
                yield from self._read_parts(path, row, place, depth + 1)
        except Exception as error:  # noqa: BLE001 - a part that fails costs itself, and not those behind it
            yield from self._refuse(_name(place, part), _reason_of(error))

    def _refuse(self, name: str, reason: str) -> Iterator[_Event]:
        self._pages += 1
        yield self._opened()
        page = make_page(self._pages, "blank", "", reason=reason)
        yield from self._give(page.model_copy(update={"part": name}))

    def _give(self, page: PageText) -> Iterator[PageRead]:
        if page.number >= self._first_page:
            yield PageRead(page=page)

    def _opened(self) -> Opened:
        return Opened(page_count=self._pages, repaired=self._repaired, notes=tuple(self._notes))


def _reason_of(error: Exception) -> str:
    """Return why a part could not be read. Raises what is our own fault, or the limit of the worker's."""
    if isinstance(error, Unreadable):
        return error.reason
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and is_our_fault(error)):
        raise error
    return "the file is damaged and does not open"


def start_reader(path: Path, row: Format, first_page: int = 1) -> Iterator[_Event]:
    """Return what a format's own reader makes of a file. Raises Unreadable."""
    if isinstance(row.reader, Refusal):
        raise Unreadable(DocumentState(row.reader.state), row.reader.reason)
    read = _load(row.reader)
    events: Iterator[_Event] = read(path, first_page) if row.can_go_on else read(path)
    return events


def _find_parts(path: Path, row: Format) -> Iterator[Part]:
    if row.parts is not None:
        yield from _load(row.parts)(path)


def _load(name: str) -> Callable[..., Iterator[Any]]:
    # The main process takes the version from the extraction, and must not load any reader with it.
    module, _, function = name.partition(":")
    found: Callable[..., Iterator[Any]] = getattr(import_module(f"{formats.__name__}.{module}"), function)
    return found


@contextmanager
def _written(part: Part) -> Iterator[Path]:
    """Give a part as a file of the worker's own folder."""
    with tempfile.NamedTemporaryFile(prefix="part-") as file:
        file.write(part.data or b"")
        file.flush()
        yield Path(file.name)


def _name(place: str, part: Part) -> str:
    name = " ".join(part.name.split())[:_MAX_NAME_CHARACTERS]
    return f"{place} ({name})" if name else place


def _is_ornament(data: bytes) -> bool:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except Exception:  # noqa: BLE001 - what does not open is told by its reader
        return False
    return min(width, height) < _SMALLEST_SIDE or width * height < _SMALLEST_PIXELS
