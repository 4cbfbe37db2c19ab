"""PDFs of which only the attached files are locked: MuPDF asks for the password before it opens any of it.

For worker processes.
Source: ISO 32000-2, section 7.6.6 (crypt filters).
"""

import re
from pathlib import Path

_MAX_BYTES = 512 * 1024 * 1024
_ENCRYPT = re.compile(rb"/Encrypt(?=[\s\d<])")
_DICTIONARY = re.compile(rb"/Filter\s*/Standard\b")
_REACH = 2000
_FOR_FILES = re.compile(rb"/EFF\s*/(?!Identity)")
_OF_THE_REST = re.compile(rb"/(?:StmF|StrF)\s*/(?!Identity)")


def locks_attachments_only(path: Path) -> bool:
    """Return whether a PDF says that its pages are not encrypted and its attached files are."""
    data = _read(path)
    if not _ENCRYPT.search(data):
        return False
    rules = [
        data[max(0, data.rfind(b"obj", 0, at)) : data.find(b"endobj", at, at + _REACH)]
        for at in (found.start() for found in _DICTIONARY.finditer(data))
    ]
    return bool(rules) and all(_FOR_FILES.search(rule) and not _OF_THE_REST.search(rule) for rule in rules)


def without_lock(path: Path) -> bytes:
    """Return a PDF in which nothing says that it is encrypted; every byte keeps its place."""
    return _ENCRYPT.sub(b"/Ignored", _read(path))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)
