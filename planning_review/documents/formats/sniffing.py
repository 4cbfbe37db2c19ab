"""What a file is, from its bytes: names and content types are not to be trusted."""

import re
import struct
from pathlib import Path

from planning_review.documents.formats.ole_directory import MAGIC as _OLE_MAGIC
from planning_review.documents.formats.ole_directory import read_root_names
from planning_review.models import FileKind

_HEAD_BYTES = 64 * 1024
_DIRECTORY_BYTES = 1024 * 1024
_MAGIC = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
    (b"II+\x00", FileKind.TIFF),
    (b"MM\x00+", FileKind.TIFF),
)
_HTML = re.compile(
    rb"<(?:!--|(?:!doctype\s+html|html|head|body|title|meta|script|div|p|h\d|table|br)\b)", re.IGNORECASE
)
_WORD = re.compile(rb"word/(?:document\d*|styles|settings)\.xml")
_EXCEL = re.compile(rb"xl/(?:workbook\d*|styles|worksheets/sheet\d+)\.xml")
_OPEN_TEXT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_MESSAGE_STREAM = "__properties_version1.0"
_DXF = re.compile(rb"\s*0\r?\n\s*SECTION\s")
# The line that mailboxes put between two mails begins with "From " and has no colon.
_HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*:|[ \t]|From ")
# What a text that merely begins like a letter has not, or not all of.
_MAIL_ONLY = frozenset((b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to"))
_MAIL_HEADERS = frozenset((b"from", b"date", b"subject"))


def sniff_kind(path: Path) -> FileKind:
    """Return what the bytes are. Raises OSError only where the file itself can't be read.

    Reads a little of the head and of the tail, and parses nothing that can grow: it runs in the
    main process, on files that anyone may have written.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        return FileKind.EMPTY
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(_OLE_MAGIC):
        return FileKind.MSG if _MESSAGE_STREAM in read_root_names(path) else FileKind.OLE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(path, head)
    # The format allows for junk before the header, and mail gateways and old servers put some there.
    if b"%PDF-" in head[:1024]:
        return FileKind.PDF
    return _sniff_text(head)


def _sniff_zip(path: Path, head: bytes) -> FileKind:
    # An OpenDocument file says what it is in its first member, which is never packed.
    if head[30:].startswith(_OPEN_TEXT):
        return FileKind.ODT
    names = read_member_names(path)
    # A cut transfer has lost the directory at the end: its first members still tell.
    is_word, is_excel = (_WORD.match, _EXCEL.match) if names else (_WORD.search, _EXCEL.search)
    if any(map(is_word, names or [head])):
        return FileKind.DOCX
    if any(map(is_excel, names or [head])):
        return FileKind.XLSX
    return FileKind.ZIP


def read_member_names(path: Path) -> list[bytes] | None:
    """Return the names in a ZIP's directory (its first 1 MiB), None where it has no end record."""
    with path.open("rb") as file:
        tail_at = max(0, path.stat().st_size - 65_557)
        file.seek(tail_at)
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return None
        (length,) = struct.unpack_from("<I", tail, end + 12)
        # It stands before its end record, also where bytes before it were lost or added.
        file.seek(max(0, tail_at + end - length))
        directory = file.read(min(length, _DIRECTORY_BYTES))
    names = []
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        name_length, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + 46 : at + 46 + name_length])
        at += 46 + name_length + extra + comment
    return names


def _sniff_text(head: bytes) -> FileKind:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileKind.TEXT
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(start) or (start.startswith(b"<?xml") and b"<html" in start[:2048].lower()):
        return FileKind.HTML
    if start.startswith(b"{\\rtf"):
        return FileKind.RTF
    if start.startswith((b"<?xml", b"%!PS", b"ISO-10303-21")) or not start or is_dxf(head):
        return FileKind.UNKNOWN
    if _is_mail(start):
        return FileKind.EML
    # Control characters other than white space don't occur in text of any 8-bit encoding.
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head[:4096])
    return FileKind.TEXT if controls == 0 and _looks_written(head[:4096]) else FileKind.UNKNOWN


def is_dxf(head: bytes) -> bool:
    """Say whether a file begins as a CAD drawing written out as text."""
    return _DXF.match(head) is not None


def _is_mail(start: bytes) -> bool:
    """Say whether the text begins with the headers of an e-mail."""
    names = set()
    for line in start.splitlines():
        found = _HEADER_LINE.match(line)
        if not line or not found:
            break
        names.add((found[1] or b"").lower())
    return names >= _MAIL_HEADERS or len(names & _MAIL_ONLY) >= 2


def _looks_written(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(sample) - 3:
            return True
        plain = sum(32 <= byte < 127 or byte in b"\t\n\r" for byte in sample)
        return plain / len(sample) > 0.85
    return True
