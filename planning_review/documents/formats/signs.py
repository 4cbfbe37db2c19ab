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
from planning_review.documents.formats.encodings import find_wide_encoding

_HEAD_BYTES = 64 * 1024
_SAMPLE_BYTES = 4096
_HTML = re.compile(
    rb"<(?:!--|(?:!doctype\s+html|html|head|body|title|meta|script|div|p|h\d|table|br)\b)", re.IGNORECASE
)
# Comments (999) may stand before the first section.
_DXF = re.compile(rb"(?:\s*999\r?\n[^\n]*\n){0,50}\s*0\r?\n\s*SECTION\s")
_WORD_XML = re.compile(
    rb"http://schemas\.microsoft\.com/office/word/2003/wordml|<pkg:package\b(?s:.*)/word/document\.xml"
)
_OPEN_DOCUMENT = rb"mimetypeapplication/vnd\.oasis\.opendocument\."
_FIRST_NAME_AT = 30
_NO_TEXT = (b"<?xml", b"%!PS", b"ISO-10303-21")
# The line that mailboxes put between two mails begins with "From " and has no colon.
_HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*:|[ \t]|From ")
# What a text that merely begins like a letter has not, or not all of.
_MAIL_ONLY = frozenset((b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to"))
_MAIL_HEADERS = frozenset((b"from", b"date", b"subject"))
_MIME_HEADERS = frozenset((b"mime-version", b"content-type"))
_UNDATED_HEADERS = frozenset((b"from", b"to", b"subject"))
_SENT_HEADERS = frozenset((b"to", b"received", b"message-id", b"return-path", b"delivered-to"))
_OTHER_HEADERS = frozenset(
    (
        b"",
        b"cc",
        b"bcc",
        b"reply-to",
        b"content-type",
        b"content-transfer-encoding",
        b"importance",
        b"x-mailer",
    )
)


class Look:
    """A file as the signs see it: its head, and the names in a container where a sign asks for them.

    Raises OSError where the file itself can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.head = file.read(_HEAD_BYTES)

    @cached_property
    def text(self) -> bytes:
        """The head in one byte a letter, where it is a text of two."""
        wide = find_wide_encoding(self.head)
        if not wide:
            return self.head
        # A letter of nothing, which readers drop, is no sign that a text is none.
        return self.head.decode(wide, "ignore").replace("\x00", "").encode("utf-8", "replace")

    @cached_property
    def start(self) -> bytes:
        """The text without what may stand before it."""
        return self.text.removeprefix(b"\xef\xbb\xbf").lstrip()

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


def says_open_document(form: bytes) -> Sign:
    """Return the sign of OpenDocument files of a form: they say it in a member that is never packed.

    It should be the first one; some programs put it behind others, and a cut file has lost its directory.
    """
    compiled = re.compile(_OPEN_DOCUMENT + form)

    def is_told(look: Look) -> bool:
        if compiled.match(look.head, _FIRST_NAME_AT):
            return look.is_zip
        return b"mimetype" in look.members and compiled.search(look.head) is not None

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


def is_word_perfect(look: Look) -> bool:
    """Return whether a file is a WordPerfect document: its macros and dictionaries begin alike."""
    return look.head.startswith(b"\xffWPC") and look.head[8:10] == b"\x01\x0a"


def is_word_xml(look: Look) -> bool:
    """Return whether a text is a Word file in XML: Word 2003's own, or a package written flat."""
    return look.start.startswith(b"<?xml") and _WORD_XML.search(look.start, 0, _SAMPLE_BYTES) is not None


def is_written_drawing(look: Look) -> bool:
    """Return whether a file begins as a CAD drawing written out as text."""
    return _DXF.match(look.head) is not None


def is_mail(look: Look) -> bool:
    """Return whether a text begins with the headers of an e-mail, or of what is written like one."""
    names = _header_names(look)
    if names >= _MAIL_HEADERS or len(names & _MAIL_ONLY) >= 2 or names >= _MIME_HEADERS:
        return True
    # Without a date it might be a memo: it is a mail if it has what mails have, and nothing else.
    return names >= _UNDATED_HEADERS and names <= _UNDATED_HEADERS | _MAIL_ONLY | _OTHER_HEADERS


def is_saved_page(look: Look) -> bool:
    """Return whether a file is a web page saved in one file (.mht): no mail, though written like one."""
    names = _header_names(look)
    head = look.start.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0].lower()
    is_page = b"multipart/related" in head or b"text/html" in head
    return names >= _MIME_HEADERS and is_page and not names & _SENT_HEADERS


def _header_names(look: Look) -> set[bytes]:
    names = set()
    for line in look.start.splitlines():
        found = _HEADER_LINE.match(line)
        if not line or not found:
            break
        names.add((found[1] or b"").lower())
    return names


def is_text(look: Look) -> bool:
    """Return whether a file is a text that a person wrote, in one of the usual encodings."""
    if not look.start or look.start.startswith(_NO_TEXT):
        return False
    sample = look.text[:_SAMPLE_BYTES]
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
