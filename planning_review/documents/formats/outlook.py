"""The text of an Outlook message (.msg), with python-oxmsg. What is attached to it is a part of the document.

For worker processes.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from olefile import OleFileIO  # type: ignore[import-untyped]
from olefile.olefile import STGTY_STORAGE, STGTY_STREAM, OleFileError  # type: ignore[import-untyped]
from oxmsg import Message
from oxmsg.attachment import Attachment
from oxmsg.domain import constants
from oxmsg.storage import Storage, Stream

from planning_review.documents.formats.html import extract_html_text
from planning_review.documents.formats.mail import lay_out
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.plain_text import decode_text
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState

T = TypeVar("T")

_MAX_STREAM_BYTES = 64 * 1024 * 1024
_MAX_ALL_BYTES = 256 * 1024 * 1024
_MAX_STORAGES = 2000
_PROPERTIES = "__properties_version1.0"
_INNER_MESSAGE = "__substg1.0_3701000D"
_INNER_HEADER_BYTES = 24
_ATTACHMENT = "__attach_version1.0_"
_CONTENT = "__substg1.0_37010102"
# The long name, the short one, and what is shown; messages of before 2003 have each in one byte a letter.
_WIDE, _NARROW = "001F", "001E"
_NAMES = [f"__substg1.0_{name}{form}" for name in ("3707", "3704", "3001") for form in (_WIDE, _NARROW)]
_MAX_NAME_BYTES = 520
_MAX_NESTED = 16
_UNSTATED = "iso-8859-15"  # what python-oxmsg takes where a message names no encoding
_PLAIN_BODY = "__substg1.0_1000"
_HTML_BODY = "__substg1.0_1013"
_BODIES = (_PLAIN_BODY, _HTML_BODY)
_RTF_BODY = "__substg1.0_10090102"
# Subject, headers, bodies, people and names: not the hundred other properties, nor files.
_WANTED = re.compile(
    r"__properties_version1\.0$|__substg1\.0_"
    r"(?:0037|0042|007D|0C1A|0C1F|0E03|0E04|1000|1009|1013|3001|3003|3704|3707|39FE|5D01)[0-9A-F]{4}$"
)
# What a property that is damaged or stated wrongly raises.
_WRONG = (KeyError, ValueError, LookupError, TypeError, AttributeError, OverflowError, AssertionError)


def read_msg(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an Outlook message as one page: headers, body, names of attachments, messages attached.

    Raises Unreadable.
    """
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
    text = _read_message(storage)
    is_packed = any(stream.name == _RTF_BODY for stream in storage.streams) and not _body(message, storage)
    reason = "its text is kept as packed RTF, which is not read" if is_packed else None
    yield PageRead(page=make_page(1, "text" if text else "blank", text, reason=reason))


def find_attachments(path: Path) -> Iterator[Part]:
    """Yield the files attached to a message, and those attached to messages attached to it.

    These messages themselves stand in the text.
    """
    with OleFileIO(path) as container:
        yield from _list_files(container, [], "")


def _list_files(container: OleFileIO, folder: list[str], outer: str) -> Iterator[Part]:
    entries = container.listdir(streams=False, storages=True)
    names = sorted(
        entry[-1] for entry in entries if entry[:-1] == folder and entry[-1].startswith(_ATTACHMENT)
    )
    for number, name in enumerate(names, start=1):
        place, inner = f"{outer}attachment {number}", [*folder, name]
        if container.exists([*inner, _INNER_MESSAGE, _PROPERTIES]):
            if len(inner) < _MAX_NESTED:
                yield from _list_files(container, [*inner, _INNER_MESSAGE], f"{place}, ")
            continue
        shown = next((text for kind in _NAMES if (text := _read_text(container, [*inner, kind]))), "")
        if container.exists([*inner, _CONTENT]):
            data = container.openstream([*inner, _CONTENT]).read(_MAX_ALL_BYTES)
            yield Part(place, shown, data)
        else:
            yield Part(place, shown, None, "an object of another program, which is not read")


def _read_text(container: OleFileIO, stream: list[str]) -> str:
    if not container.exists(stream):
        return ""
    data: bytes = container.openstream(stream).read(_MAX_NAME_BYTES)
    is_wide = stream[-1].endswith(_WIDE)
    text = data.decode("utf-16-le", "replace") if is_wide else decode_text(data.rstrip(b"\x00"))
    return text.strip("\x00 ")


def _load(container: OleFileIO) -> Storage:
    """Return what the message says of itself and its recipients, the names of its attachments, and the
    messages among those.

    Not the files: python-oxmsg's own way to open a message reads all of it.
    """
    left_bytes = _MAX_ALL_BYTES
    left_storages = _MAX_STORAGES

    def load(node: Any, path: list[str], *, is_message: bool) -> Storage:
        nonlocal left_bytes, left_storages
        streams: dict[str, Stream] = {}
        storages = []
        for entry in node.kids:
            inner = [*path, entry.name]
            if entry.entry_type == STGTY_STREAM and entry.name not in streams and _WANTED.match(entry.name):
                left_bytes -= min(entry.size, _MAX_STREAM_BYTES)
                if left_bytes < 0:
                    raise ValueError("the streams are larger than a message may be")
                data = container.openstream(inner).read(_MAX_STREAM_BYTES)
                if is_message and path and entry.name == _PROPERTIES:
                    # Its header is shorter in a message that is attached, which python-oxmsg doesn't expect.
                    data = data[:_INNER_HEADER_BYTES] + bytes(8) + data[_INNER_HEADER_BYTES:]
                streams[entry.name] = Stream("/".join(inner), data)
            elif entry.entry_type == STGTY_STORAGE and (is_message or entry.name == _INNER_MESSAGE):
                left_storages -= 1
                if left_storages < 0:
                    break
                storages.append(load(entry, inner, is_message=not is_message))
        return Storage("/".join(path), tuple(streams.values()), tuple(storages))

    return load(container.root, [], is_message=True)


def _read_message(storage: Storage) -> str:
    message = Message(storage)
    names, mails = [], []
    for attachment in storage.iter_attachment_storages():
        # An object of another program that is embedded is kept in such a place, too.
        inner = [
            each for each in attachment.storages if any(stream.name == _PROPERTIES for stream in each.streams)
        ]
        if inner:
            mails.append(_read_message(inner[0]))
        else:
            names.append(_name(Attachment(attachment)))
    return lay_out(_headers(message), _body(message, storage), names, mails)


def _body(message: Message, storage: Storage) -> str:
    """Return the body, from its bytes: python-oxmsg raises where they are not in the stated encoding."""
    stated = _try(lambda: message.properties.body_encoding)
    encoding = None if stated == _UNSTATED else stated
    texts = {stream.name: stream.bytes_ for stream in storage.streams if stream.name.startswith(_BODIES)}

    def decode(number: str) -> str:
        wide = texts.get(f"{number}001F")
        if wide is not None:
            return wide.decode("utf-16-le", "replace")
        return decode_text(texts.get(f"{number}001E") or texts.get(f"{number}0102", b""), encoding)

    return decode(_PLAIN_BODY).strip("\x00\r\n\t ") or extract_html_text(decode(_HTML_BODY))


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
