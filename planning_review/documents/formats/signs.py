"""The signs by which files are told, from a little of their bytes: names are not to be trusted.

They run in the main process, on files that anyone may have written: so only the head of a file and the
directory of a container are read, and nothing is parsed that can grow.
"""

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from planning_review.documents.formats.containers import (
    OLE_MAGIC,
    ZIP_MAGICS,
    read_member_names,
    read_root_names,
)

_HEAD_BYTES = 64 * 1024
_SAMPLE_BYTES = 4096
_HTML = re.compile(
    rb"<(?:!--|(?:!doctype\s+html|html|head|body|title|meta|script|div|p|h\d|table|br)\b)", re.IGNORECASE
)
_DXF = re.compile(rb"\s*0\r?\n\s*SECTION\s")
_OPEN_DOCUMENT = rb"mimetypeapplication/vnd\.oasis\.opendocument\."
_FIRST_NAME_AT = 30
_FIRST_MEMBER_BYTES = 200
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = (b"<?xml", b"%!PS", b"ISO-10303-21")
# The line that mailboxes put between two mails begins with "From " and has no colon.
_HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*:|[ \t]|From ")
# What a text that merely begins like a letter has not, or not all of.
_MAIL_ONLY = frozenset((b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to"))
_MAIL_HEADERS = frozenset((b"from", b"date", b"subject"))


class Look:
    """A file as the signs see it: its head, and the names in a container where a sign asks for them.

    Raises OSError where the file itself can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.head = file.read(_HEAD_BYTES)

    @cached_property
    def start(self) -> bytes:
        """The head without what may stand before a text."""
        return self.head.removeprefix(b"\xef\xbb\xbf").lstrip()

    @cached_property
    def is_zip(self) -> bool:
        """Whether it begins as a ZIP archive does."""
        return self.head.startswith(ZIP_MAGICS)

    @cached_property
    def members(self) -> list[bytes]:
        """The names in a ZIP archive; none where its directory is lost."""
        return (read_member_names(self._path) or []) if self.is_zip else []

    @cached_property
    def streams(self) -> frozenset[str]:
        """The names at the top of an OLE container; none where its directory is lost."""
        return read_root_names(self._path) if self.head.startswith(OLE_MAGIC) else frozenset()


Sign = Callable[[Look], bool]


def begins(*magics: bytes) -> Sign:
    """Return the sign of files that begin with one of some bytes."""
    return lambda look: look.head.startswith(magics)


def says_brand(*brands: bytes) -> Sign:
    """Return the sign of files of the ISO media format (videos, HEIC) of one of some brands."""
    return lambda look: look.head.startswith(b"ftyp", 4) and look.head[8:].startswith(brands)


def says_riff(form: bytes) -> Sign:
    """Return the sign of RIFF files (sounds, videos, WebP) of a form, of four letters."""
    return lambda look: look.head.startswith(b"RIFF") and look.head[8:].startswith(form)


def text_begins(*words: bytes) -> Sign:
    """Return the sign of texts that begin with one of some words."""
    return lambda look: look.start.startswith(words)


def has_stream(name: str) -> Sign:
    """Return the sign of OLE containers with a stream of that name at the top."""
    return lambda look: name in look.streams


def has_member(pattern: bytes, *, may_be_cut: bool = False) -> Sign:
    """Return the sign of ZIP archives with a member whose name begins so.

    A cut transfer has lost the directory at the end: its first members still tell, where it may be cut.
    """
    compiled = re.compile(pattern)

    def is_told(look: Look) -> bool:
        if look.members:
            return any(map(compiled.match, look.members))
        return may_be_cut and look.is_zip and compiled.search(look.head) is not None

    return is_told


def says_open_document(form: bytes, *, is_first: bool = False) -> Sign:
    """Return the sign of OpenDocument files of a form: they say it in a member that is never packed.

    is_first asks for it to be the first one, as it should.
    """
    compiled = re.compile(_OPEN_DOCUMENT + form)

    def is_told(look: Look) -> bool:
        if is_first:
            return look.is_zip and compiled.match(look.head, _FIRST_NAME_AT) is not None
        return look.is_zip and compiled.search(look.head, 0, _FIRST_MEMBER_BYTES) is not None

    return is_told


def is_always(look: Look) -> bool:
    """Return True: a file that has come so far is of no other format."""
    return True


def is_never(look: Look) -> bool:
    """Return False: such files are told as another row's, and have a suffix of their own."""
    return False


def is_empty(look: Look) -> bool:
    """Return whether there is no byte in the file."""
    return not look.head


def is_nothing_but_zeros(look: Look) -> bool:
    """Return whether a file begins with zero bytes only, as one does that was never written whole."""
    return not look.head[:_SAMPLE_BYTES].strip(b"\x00")


def is_ole_without_streams(look: Look) -> bool:
    """Return whether an OLE container has lost its directory."""
    return look.head.startswith(OLE_MAGIC) and not look.streams


def is_pdf(look: Look) -> bool:
    """Return whether a file has the header of a PDF.

    The format allows for junk before it, and mail gateways and old servers put some there.
    """
    return b"%PDF-" in look.head[:1024]


def is_html(look: Look) -> bool:
    """Return whether a text begins as a web page."""
    start = look.start
    return _HTML.match(start) is not None or (start.startswith(b"<?xml") and b"<html" in start[:2048].lower())


def is_written_drawing(look: Look) -> bool:
    """Return whether a file begins as a CAD drawing written out as text."""
    return _DXF.match(look.head) is not None


def is_mail(look: Look) -> bool:
    """Return whether a text begins with the headers of an e-mail."""
    names = set()
    for line in look.start.splitlines():
        found = _HEADER_LINE.match(line)
        if not line or not found:
            break
        names.add((found[1] or b"").lower())
    return names >= _MAIL_HEADERS or len(names & _MAIL_ONLY) >= 2


def is_text(look: Look) -> bool:
    """Return whether a file is a text that a person wrote, in one of the usual encodings."""
    if look.head.startswith(_BYTE_ORDER_MARKS):
        return True
    if not look.start or look.start.startswith(_NO_TEXT):
        return False
    sample = look.head[:_SAMPLE_BYTES]
    # Control characters other than white space don't occur in text of any 8-bit encoding.
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample) and _looks_written(sample)


def _looks_written(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(sample) - 3:
            return True
        plain = sum(32 <= byte < 127 or byte in b"\t\n\r" for byte in sample)
        return plain / len(sample) > 0.85
    return True
