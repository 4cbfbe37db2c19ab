"""The text of an e-mail (.eml): its headers, its body, and the names of what is attached.

Attachments are not opened, mails in a mail neither: who sent them wanted them as documents of their
own. For worker processes.
"""

import email
import email.policy
from collections.abc import Iterable, Iterator
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from planning_review.documents.html_text import read_html
from planning_review.documents.page_text import make_page
from planning_review.documents.plain_text import decode_text
from planning_review.documents.worker_messages import Opened, PageRead

HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_FILE_BYTES = 256 * 1024 * 1024
_MAX_HEADER_CHARACTERS = 2000
_MAX_NAMES = 500
_CUT_SHORT = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)

# The older of the two policies: the newer one takes headers apart, and fails on some that are wrong.
_POLICY = email.policy.compat32


def read_eml(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an e-mail as one page."""
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES).removeprefix(b"\xef\xbb\xbf")
    reason = None
    try:
        message = email.message_from_bytes(data, policy=_POLICY)
    except RecursionError:
        message = BytesHeaderParser(policy=_POLICY).parsebytes(data)
        message.set_payload("")
        message.set_type("text/plain")
        reason = "its parts are nested too deep to be read"
    parts = list(_leaves(message))
    body = _body(parts)
    if any(isinstance(defect, _CUT_SHORT) for part in message.walk() for defect in part.defects):
        reason = reason or "the message is cut short, so text may be missing"
    headers = [(name, _decode(message.get(name))) for name in HEADERS]
    text = lay_out(headers, body, [name for part in parts if (name := _attachment_name(part))])
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text else "blank", text, reason=reason))


def lay_out(headers: Iterable[tuple[str, str]], body: str, attachments: list[str]) -> str:
    """Return a mail as text: a line a header that it has, the body, then the attachments' names."""
    lines = [f"{name}: {value[:_MAX_HEADER_CHARACTERS]}" for name, value in headers if value]
    texts = ["\n".join(lines), body.strip()]
    if attachments:
        more = len(attachments) - _MAX_NAMES
        names = ", ".join(attachments[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        texts.append(f"Attachments (not opened): {names}")
    return "\n\n".join(filter(None, texts))


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something, in their order; a mail in the mail is one of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += reversed([inner for inner in payload if isinstance(inner, Message)])
        else:
            yield part


def _body(parts: list[Message]) -> str:
    plain = [_text_of(part) for part in parts if _is_body(part, "text/plain")]
    if any(text.strip() for text in plain):
        return "\n\n".join(plain)
    return "\n\n".join(read_html(_text_of(part)) for part in parts if _is_body(part, "text/html"))


def _is_body(part: Message, content_type: str) -> bool:
    return part.get_content_type() == content_type and not _attachment_name(part)


def _attachment_name(part: Message) -> str:
    """Return the name of an attachment, "" for a part of the body."""
    is_mail = part.get_content_maintype() == "message"
    name = _decode(part.get_filename())
    is_named = bool(name) or part.get_content_disposition() == "attachment"
    if not is_mail and not is_named and part.get_content_maintype() in ("text", "multipart"):
        return ""
    unnamed = "a message" if is_mail else f"a file without a name ({part.get_content_type()})"
    return " ".join(name.split())[:200] or unnamed


def _text_of(part: Message) -> str:
    data = part.get_payload(decode=True)
    return decode_text(data, part.get_content_charset()) if isinstance(data, bytes) else ""


def _decode(value: object) -> str:
    """Return a header's value as a person reads it, on one line."""
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        text = str(value)
    return " ".join(text.split())
