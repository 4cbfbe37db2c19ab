"""The messages between the pool and its worker processes: one JSON line each.

JSON and not pickle: a worker reads hostile files, and what it sends must not be able to do more
than be wrong.
"""

import errno
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from planning_review.models import DocumentState, FileKind, Frozen, PageText, WordPlace

BUSY_RATIO = 20
"""So many times as long as work may take of the processor it is waited for, on a machine that is busy."""

# A damaged file raises it without a number, or by sending its reader to a place that no file has.
_ERRORS_OF_THE_FILE = (None, errno.EINVAL, errno.EOVERFLOW)


class TextJob(Frozen):
    """Read the text of a document, from first_page on (1-based)."""

    task: Literal["text"] = "text"
    path: str
    kind: FileKind
    first_page: int = 1


class OcrJob(Frozen):
    """Read one page from its pixels. page is what was read of it without OCR."""

    task: Literal["ocr"] = "ocr"
    path: str
    kind: FileKind
    page: PageText
    limit_seconds: float


class DrawJob(Frozen):
    """Draw the places of quotes on a page; places are those of the words that OCR read there."""

    task: Literal["draw"] = "draw"
    path: str
    kind: FileKind
    page: int
    quotes: tuple[str, ...]
    places: tuple[WordPlace, ...] = ()


class Drawn(Frozen):
    """A quote's picture, its bytes in base64; none where its words don't stand on the page."""

    said: Literal["drawn"] = "drawn"
    data: str = ""
    width: int = 0
    height: int = 0


class Ready(Frozen):
    """The worker has started and takes jobs."""

    said: Literal["ready"] = "ready"


class Opened(Frozen):
    """The document opened. repaired says that its structure was damaged and has been rebuilt.

    notes are what of it is not read, or else to be said of it as a whole.
    """

    said: Literal["opened"] = "opened"
    page_count: int
    repaired: bool = False
    notes: tuple[str, ...] = ()


class PageRead(Frozen):
    """One page of the job is done; places are those of the words that OCR read."""

    said: Literal["page"] = "page"
    page: PageText
    places: tuple[WordPlace, ...] = ()


class Ended(Frozen):
    """The job is done. state and reason are set where the document can't be read at all."""

    said: Literal["ended"] = "ended"
    state: DocumentState | None = None
    reason: str | None = None


class Broken(Frozen):
    """The job failed on our own side (the file is not there, the disk is full)."""

    said: Literal["broken"] = "broken"
    reason: str


Job = TextJob | OcrJob | DrawJob
Event = Ready | Opened | PageRead | Drawn | Ended | Broken

JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="task")])
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="said")])


class Unreadable(Exception):
    """A document that can't be read at all; becomes its state and reason."""

    def __init__(self, state: DocumentState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


def is_our_fault(error: OSError) -> bool:
    """Return whether the disk or the system failed (no file, no room), and not what is in the file.

    Libraries raise OSError for damaged files, too.
    """
    return error.errno not in _ERRORS_OF_THE_FILE
