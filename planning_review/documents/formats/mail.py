"""The text of an e-mail (.eml): its headers, its body, and the names of what is attached.

What is attached, a mail that was forwarded too, is a part of the document. A web page that was saved with its
pictures (.mht) is written like a mail. For worker processes.
"""

import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import CloseBoundaryNotFoundDefect, MessageError, StartBoundaryNotFoundDefect
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from planning_review.documents.formats.html import extract_html_text
from planning_review.documents.formats.part import Part
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


@dataclass(frozen=True)
class _Attached:
    """What comes with a mail: the part of it, and the name that is shown."""

    part: Message
    name: str


def read_eml(path: Path) -> Iterator[Opened | PageRead]:
    """Yield an e-mail as one page."""
    data = _read_source(path)
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


def read_mht(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a web page that was saved in one file: its text, without the headers that it was saved with."""
    try:
        message = email.message_from_bytes(_read_source(path), policy=_POLICY)
        text, reason = _shown_text(message, []), None
    except RecursionError:
        text, reason = "", "its parts are nested too deep to be read"
    yield Opened(page_count=1)
    yield PageRead(page=make_page(1, "text" if text.strip() else "blank", text, reason=reason))


def find_attachments(path: Path) -> Iterator[Part]:
    """Yield what is attached to an e-mail, as files."""
    for number, each in enumerate(_list_attached(path), start=1):
        # Signatures are checked by programs, and say nothing to people.
        if not each.part.get_content_subtype().endswith("-signature"):
            data, reason = _take_out(each.part)
            yield Part(f"attachment {number}", each.name, data, reason)


def find_saved_pictures(path: Path) -> Iterator[Part]:
    """Yield the pictures of a web page that was saved in one file; its styles and scripts are none."""
    pictures = [each for each in _list_attached(path) if each.part.get_content_maintype() == "image"]
    for number, each in enumerate(pictures, start=1):
        data, reason = _take_out(each.part)
        yield Part(f"picture {number}", "", data, reason)


def _list_attached(path: Path) -> list[_Attached]:
    attached: list[_Attached] = []
    try:
        _shown_text(email.message_from_bytes(_read_source(path), policy=_POLICY), attached)
    except RecursionError:
        # The page of the mail itself says so.
        return []
    return attached


def lay_out(
    headers: Iterable[tuple[str, str]], body: str, attachments: list[str], mails: Iterable[str] = ()
) -> str:
    """Return a mail as text: a line a header that it has, the body, what is attached, the mails in it."""
    lines = [f"{name}: {value[:_MAX_HEADER_CHARACTERS]}" for name, value in headers if value]
    texts = ["\n".join(lines), body.strip()]
    if attachments:
        more = len(attachments) - _MAX_NAMES
        names = ", ".join(attachments[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        texts.append(f"Attachments: {names}")
    texts += [f"Attached message:\n{mail}" for mail in mails]
    return "\n\n".join(filter(None, texts))


def _read_source(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_FILE_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()


def _read_mail(message: Message) -> str:
    attached: list[_Attached] = []
    body = _shown_text(message, attached)
    return lay_out(_headers(message), body, [each.name for each in attached])


def _take_out(part: Message) -> tuple[bytes | None, str | None]:
    """Return the bytes of an attached file or mail, or the reason that there are none."""
    if part.is_multipart():
        try:
            return part.get_payload(0).as_bytes(policy=_POLICY), None  # type: ignore[union-attr]
        except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None, "it can't be taken out of the message"
    data = part.get_payload(decode=True)
    return (data, None) if isinstance(data, bytes) else (None, "it can't be taken out of the message")


def _headers(message: Message) -> list[tuple[str, str]]:
    values: dict[str, str] = {}
    # As they stand in the file: asked for by name, headers that are not ASCII have lost their letters.
    for name, value in message.raw_items():
        values.setdefault(name.lower(), value)
    return [(name, _decode(values.get(name.lower()))) for name in HEADERS]


def _shown_text(part: Message, attached: list[_Attached]) -> str:
    """Return what a reader is shown of a part of a mail, and add what is attached to the rest."""
    content_type = part.get_content_type()
    if part.is_multipart():
        inner = [each for each in part.get_payload() if isinstance(each, Message)]
        if content_type == "message/rfc822" and inner:
            subject = next((value for name, value in _headers(inner[0]) if name == "Subject"), "")
            attached.append(
                _Attached(part, _file_name(part) or subject[:200] or "a message without a subject")
            )
            return ""
        if part.get_content_maintype() == "multipart":
            texts = [text.strip() for each in inner if (text := _shown_text(each, attached).strip())]
            return _choose(texts) if content_type == "multipart/alternative" else "\n\n".join(texts)
    if content_type in ("text/plain", "text/html") and not _is_file(part):
        text = _text_of(part)
        return extract_html_text(text) if content_type == "text/html" else text
    attached.append(_Attached(part, _file_name(part) or f"a file without a name ({content_type})"))
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
