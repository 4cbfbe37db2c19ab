"""Names for the kinds of file that are kept but not read, in words that a volunteer knows."""

from pathlib import Path

from planning_review.documents.worker_messages import Unreadable
from planning_review.models import DocumentState, FileKind

_SEARCHED_BYTES = 64 * 1024 * 1024
# Names of streams in the OLE container, as UTF-16, with the program that writes them.
_OLE_STREAMS = (
    ("WordDocument", "an old Word file (.doc)"),
    ("Workbook", "an old Excel file (.xls)"),
    ("PowerPoint Document", "an old PowerPoint file (.ppt)"),
    ("__properties_version1.0", "an Outlook message (.msg)"),
    ("VisioDocument", "a Visio drawing (.vsd)"),
)
_MAGIC = (
    (b"AC10", "an AutoCAD drawing (.dwg)"),
    (b"{\\rtf", "a rich-text file (.rtf)"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"<?xml", "an XML file"),
)


def refuse_kind(path: Path, kind: FileKind) -> Unreadable:
    """Return why a file of this kind is not read: its state, and its type by name."""
    if kind is FileKind.EMPTY:
        return Unreadable(DocumentState.DAMAGED, "the file is empty (0 bytes)")
    if kind is FileKind.HTML:
        return Unreadable(DocumentState.UNSUPPORTED, "a web page was served in place of the document")
    if kind is FileKind.OLE:
        return _refuse_ole(path)
    name = "a ZIP archive" if kind is FileKind.ZIP else _name_unknown(path)
    return Unreadable(DocumentState.UNSUPPORTED, f"{name}: files of this type are kept but not read")


def _refuse_ole(path: Path) -> Unreadable:
    with path.open("rb") as file:
        data = file.read(_SEARCHED_BYTES)
    # Word and Excel wrap a file that has a password in this container.
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(DocumentState.LOCKED, "a Word or Excel file locked with a password")
    for stream, name in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return Unreadable(DocumentState.UNSUPPORTED, f"{name}: files of this type are kept but not read")
    return Unreadable(
        DocumentState.UNSUPPORTED, "an old Microsoft Office file: files of this type are kept but not read"
    )


def _name_unknown(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp":
        return "a HEIC picture or a video"
    if head[:4] == b"RIFF":
        return "a WebP picture, a sound or a video"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "a file of an unknown type")
