"""The format of a file, from its bytes: names and content types are not to be trusted."""

from pathlib import Path

from planning_review.documents.formats.signs import Look
from planning_review.documents.formats.table import FORMATS, FileKind, Format

_GENERAL_KINDS = frozenset((FileKind.OLE, FileKind.ZIP, FileKind.UNKNOWN, FileKind.TEXT, FileKind.EML))


def sniff_kind(path: Path) -> FileKind:
    """Return what the bytes are. Raises OSError only where the file itself can't be read."""
    return find_format(path).kind


def find_format(path: Path, kind: FileKind | None = None) -> Format:
    """Return the row of the table that a file's bytes tell, among those of one kind where it is given.

    Kinds of which nothing is known but a container count as not given: records on disk call files so that
    were not read when they were written.
    """
    look = Look(path)
    rows = [row for row in FORMATS if kind in (None, *_GENERAL_KINDS, row.kind)]
    return next((row for row in rows if row.sign(look)), rows[-1])
