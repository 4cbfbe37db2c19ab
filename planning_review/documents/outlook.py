"""The text of an Outlook message (.msg), with python-oxmsg. For worker processes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from olefile import OleFileIO  # type: ignore[import-untyped]
from olefile.olefile import STGTY_STORAGE, STGTY_STREAM, OleFileError  # type: ignore[import-untyped]
from oxmsg import Message
from oxmsg.domain import constants
from oxmsg.storage import Storage, Stream

from planning_review.documents.file_faults import is_our_fault
from planning_review.documents.html_text import read_html
from planning_review.documents.mail import lay_out
from planning_review.documents.page_text import make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState

T = TypeVar("T")

_MAX_STREAM_BYTES = 64 * 1024 * 1024
_MAX_ALL_BYTES = 256 * 1024 * 1024
_MAX_STORAGES = 2000
_CONTENT = "__substg1.0_3701"
_RTF_BODY = "__substg1.0_10090102"
# What a property that is damaged or stated wrongly raises.
_WRONG = (KeyError, ValueError, LookupError, TypeError, AttributeError, OverflowError, AssertionError)


def read_msg(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an Outlook message as one page: headers, body, names of attachments. Raises Unreadable."""
    try:
        with OleFileIO(path) as container:
            storage = _load(container)
        message = Message(storage)
    except (OleFileError, *_WRONG, IndexError, RecursionError) as error:
        raise _damaged() from error
    except OSError as error:
        if is_our_fault(error):
            raise
        raise _damaged() from error
    if not _try(lambda: list(message.properties)):
        raise _damaged()
    yield Opened(page_count=1)
    body = (_try(lambda: message.body) or "").strip() or read_html(_try(lambda: message.html_body) or "")
    has_rtf = any(stream.name == _RTF_BODY for stream in storage.streams)
    reason = "its text is kept as packed RTF, which is not read" if has_rtf and not body else None
    text = lay_out(_headers(message), body, [_name(attachment) for attachment in message.attachments])
    yield PageRead(page=make_page(1, "text" if text else "blank", text, reason=reason))


def _load(container: OleFileIO) -> Storage:
    """Return what the message says of itself and its recipients, and the names of its attachments.

    Not what is attached: python-oxmsg's own way to open a file reads all of it.
    """
    left_bytes = _MAX_ALL_BYTES
    left_storages = _MAX_STORAGES

    def load(node: object, path: list[str], is_top: bool) -> Storage:
        nonlocal left_bytes, left_storages
        streams, storages = [], []
        for entry in node.kids:  # type: ignore[attr-defined]
            inner = [*path, entry.name]
            if entry.entry_type == STGTY_STREAM and not entry.name.startswith(_CONTENT):
                left_bytes -= min(entry.size, _MAX_STREAM_BYTES)
                if left_bytes < 0:
                    raise ValueError("the streams are larger than a message may be")
                streams.append(Stream("/".join(inner), container.openstream(inner).read(_MAX_STREAM_BYTES)))
            elif entry.entry_type == STGTY_STORAGE and is_top and left_storages:
                left_storages -= 1
                storages.append(load(entry, inner, is_top=False))
        return Storage("/".join(path), tuple(streams), tuple(storages))

    return load(container.root, [], is_top=True)


def _headers(message: Message) -> list[tuple[str, str]]:
    recipients = _try(lambda: message.properties.str_prop_value(constants.PID_DISPLAY_TO))
    sent = _try(lambda: message.sent_date)
    return [
        ("From", _try(lambda: message.sender) or ""),
        ("To", recipients or "; ".join(_people(message))),
        ("Cc", _try(lambda: message.properties.str_prop_value(constants.PID_DISPLAY_CC)) or ""),
        ("Date", f"{sent:%d %B %Y %H:%M} UTC" if sent else ""),
        ("Subject", _try(lambda: message.subject) or ""),
    ]


def _people(message: Message) -> Iterator[str]:
    for person in message.recipients:
        name, address = _try(lambda: person.name), _try(lambda: person.email_address)  # noqa: B023 - called at once
        if name or address:
            yield f"{name or ''} <{address}>".strip() if address else name or ""


def _name(attachment: object) -> str:
    properties = attachment.properties  # type: ignore[attr-defined]
    for number in (
        constants.PID_ATTACH_LONG_FILENAME,
        constants.PID_ATTACH_FILENAME,
        constants.PID_DISPLAY_NAME,
    ):
        name = _try(lambda: properties.str_prop_value(number))  # noqa: B023 - called at once
        if name and name.strip("\x00 "):
            return " ".join(name.replace("\x00", "").split())[:200]
    return "a file without a name"


def _try(read: Callable[[], T | None]) -> T | None:
    """Return a property, None where it is not there or not what it should be; the others are read on."""
    try:
        return read()
    except _WRONG:
        return None


def _damaged() -> Unreadable:
    return Unreadable(DocumentState.DAMAGED, "the Outlook message is damaged and does not open")
