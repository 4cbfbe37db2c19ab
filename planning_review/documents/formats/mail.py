"""The text of an e-mail (.eml): its headers, its body, the names of what is attached, and mails in it.

Attached files are not opened: who sent them wanted them as documents of their own. A mail that was
forwarded as an attachment is a text like the rest. For worker processes.
"""

import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.errors import CloseBoundaryNotFoundDefect, MessageError, StartBoundaryNotFoundDefect
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from planning_review.documents.formats.html import extract_html_text
from planning_review.documents.formats.plain_text import decode_text
from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead

HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_FILE_BYTES = 256 * 1024 * 1024
_MAX_HEADER_CHARACTERS = 2000
_MAX_NAMES = 500
_POINTER_CHARACTERS = 100
_CUT_SHORT = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)

# The older of the two policies: the newer one takes headers apart, and fails on some that are wrong.
_POLICY = email.policy.compat32


@dataclass
class _Attached:
    """What comes with a mail: the names of files, and the texts of mails."""

    names: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


def read_eml(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an e-mail as one page."""
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    reason = None
    try:
        message = email.message_from_bytes(data, policy=_POLICY)
        text = _read_mail(message)
        if any(isinstance(defect, _CUT_SHORT) for part in message.walk() for defect in part.defects):
            reason = "the message is cut short, so text may be missing"
    except RecursionError:
        message = BytesHeaderParser(policy=_POLICY).parsebytes(data)
        text = lay_out(_headers(message), "", [])
        reason = "its parts are nested too deep to be read"
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text else "blank", text, reason=reason))


def lay_out(
    headers: Iterable[tuple[str, str]], body: str, attachments: list[str], mails: Iterable[str] = ()
) -> str:
    """Return a mail as text: a line a header that it has, the body, what is attached, the mails in it."""
    lines = [f"{name}: {value[:_MAX_HEADER_CHARACTERS]}" for name, value in headers if value]
    texts = ["\n".join(lines), body.strip()]
    if attachments:
        more = len(attachments) - _MAX_NAMES
        names = ", ".join(attachments[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        texts.append(f"Attachments (not opened): {names}")
    texts += [f"Attached message:\n{mail}" for mail in mails]
    return "\n\n".join(filter(None, texts))


def _read_mail(message: Message) -> str:
    attached = _Attached()
    body = _shown_text(message, attached)
    return lay_out(_headers(message), body, attached.names, attached.mails)


def _headers(message: Message) -> list[tuple[str, str]]:
    values: dict[str, str] = {}
    # As they stand in the file: asked for by name, headers that are not ASCII have lost their letters.
    for name, value in message.raw_items():
        values.setdefault(name.lower(), value)
    return [(name, _decode(values.get(name.lower()))) for name in HEADERS]


def _shown_text(part: Message, attached: _Attached) -> str:
    """Return what a reader is shown of a part of a mail, and add what is attached to the rest."""
    content_type = part.get_content_type()
    if part.is_multipart():
        inner = [each for each in part.get_payload() if isinstance(each, Message)]
        if content_type == "message/rfc822":
            attached.mails += [_read_mail(mail) for mail in inner]
            return ""
        if part.get_content_maintype() == "multipart":
            texts = [text.strip() for each in inner if (text := _shown_text(each, attached).strip())]
            return _choose(texts) if content_type == "multipart/alternative" else "\n\n".join(texts)
    if content_type in ("text/plain", "text/html") and not _is_file(part):
        text = _text_of(part)
        return extract_html_text(text) if content_type == "text/html" else text
    attached.names.append(_file_name(part) or f"a file without a name ({content_type})")
    return ""


def _choose(texts: list[str]) -> str:
    """Return which form of one text to keep: the first, the plain one, unless it only points to another."""
    if not texts:
        return ""
    longest = max(texts, key=len)
    return longest if len(longest) > 2 * len(texts[0]) + _POINTER_CHARACTERS else texts[0]


def _is_file(part: Message) -> bool:
    disposition = _decode(part.get("Content-Disposition")).partition(";")[0].strip().lower()
    # Some mail programs name the parts of a body, too.
    return disposition == "attachment" or (bool(_file_name(part)) and disposition != "inline")


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError):
        return ""
    return _decode(name)[:200]


def _text_of(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except (ValueError, LookupError):
        charset = None
    data = part.get_payload(decode=True)
    return decode_text(data, charset) if isinstance(data, bytes) else ""


def _decode(value: object) -> str:
    """Return a header's value as a person reads it, on one line."""
    if value is None:
        return ""
    text = decode_text(str(value).encode("utf-8", "surrogateescape"))
    try:
        pieces = decode_header(text)
    except (MessageError, ValueError):
        pieces = [(text, None)]
    return " ".join("".join(_decode_piece(*piece) for piece in pieces).split())


def _decode_piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    # What stands between encoded words comes in Python's own escapes.
    return decode_text(piece, charset) if charset else piece.decode("raw-unicode-escape", "replace")
