"""Names for the kinds of file that are kept but not read, in words that a volunteer knows."""

import re
from pathlib import Path

from planning_review.documents.formats.ole_directory import read_root_names
from planning_review.documents.formats.sniffing import is_dxf, read_member_names
from planning_review.documents.workers.messages import Unreadable
from planning_review.models import DocumentState, FileKind

# Names of streams at the top of an OLE container, with what it is.
_OLE_STREAMS = (
    ("WordDocument", "a Word 97 document (.doc)"),
    ("Workbook", "an Excel 97 workbook (.xls)"),
    ("Book", "an Excel 95 workbook (.xls)"),
    ("PowerPoint Document", "a PowerPoint 97 presentation (.ppt)"),
    ("VisioDocument", "a Visio drawing (.vsd)"),
    ("RevitPreview4.0", "a Revit model (.rvt)"),
    ("Dgn~H", "a CAD drawing (DGN)"),
)
_ZIP_MEMBERS = (
    (re.compile(rb"ppt/"), "a PowerPoint presentation (.pptx)"),
    (re.compile(rb"xl/workbook\.bin"), "an Excel binary workbook (.xlsb)"),
    (re.compile(rb"visio/"), "a Visio drawing (.vsdx)"),
    (re.compile(rb"META-INF/container\.xml"), "an e-book (EPUB)"),
    (re.compile(rb"doc\.kml"), "a map for Google Earth (KMZ)"),
    (re.compile(rb"Index/Document\.iwa"), "a Pages, Numbers or Keynote document"),
)
_OPEN_DOCUMENTS = {
    b"spreadsheet": "an OpenDocument spreadsheet (.ods)",
    b"presentation": "an OpenDocument presentation (.odp)",
    b"graphics": "an OpenDocument drawing (.odg)",
}
_MAGIC = (
    (b"AC10", "a CAD drawing (DWG)"),
    (b"AutoCAD Binary DXF", "a CAD drawing (DXF)"),
    (b"(DWF V", "a CAD drawing (DWF)"),
    (b"ISO-10303-21", "a building model (IFC or STEP)"),
    (b"%!PS", "a PostScript file"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"SQLite format 3\x00", "a database (SQLite or GeoPackage)"),
    (b"8BPS", "a Photoshop picture"),
    (b"\xd7\xcd\xc6\x9a", "a Windows drawing (WMF)"),
    (b"\x01\x00\x00\x00", "a Windows drawing (EMF)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"!BDN", "an Outlook mailbox (.pst)"),
    (b"ID3", "a sound (MP3)"),
    (b"\x1aE\xdf\xa3", "a video (MKV or WebM)"),
    (b"\x00\x00\x01\xba", "a video (MPEG)"),
    (b"0&\xb2u", "a video or sound (WMV, WMA)"),
    (b"MZ", "a Windows program"),
    (b"<?xml", "an XML file"),
)
_HEIC = "a HEIC picture"
_FTYP = {b"heic": _HEIC, b"heix": _HEIC, b"mif1": _HEIC, b"msf1": _HEIC, b"avif": "an AVIF picture"}
_RIFF = {b"WEBP": "a WebP picture", b"WAVE": "a sound (WAV)", b"AVI ": "a video (AVI)"}


def refuse_kind(path: Path, kind: FileKind) -> Unreadable:
    """Return why a file of this kind is not read: its state, and its type by name."""
    if kind is FileKind.EMPTY:
        return Unreadable(DocumentState.DAMAGED, "the file is empty (0 bytes)")
    if kind is FileKind.HTML:
        return Unreadable(DocumentState.UNSUPPORTED, "a web page was served in place of the document")
    if kind is FileKind.OLE:
        return _refuse_ole(path)
    name = _name_zip(path) if kind is FileKind.ZIP else _name_unknown(path)
    return _not_read(name)


def _refuse_ole(path: Path) -> Unreadable:
    names = read_root_names(path)
    if not names:
        return Unreadable(
            DocumentState.DAMAGED,
            "an old Office file or an Outlook message that is damaged: its list of contents is lost",
        )
    # Word and Excel wrap a file that has a password in this container.
    if "EncryptedPackage" in names:
        return Unreadable(DocumentState.LOCKED, "a Word or Excel file locked with a password")
    return _not_read(
        next((name for stream, name in _OLE_STREAMS if stream in names), "an old Microsoft Office file")
    )


def _not_read(name: str) -> Unreadable:
    return Unreadable(DocumentState.UNSUPPORTED, f"{name}: files of this type are kept but not read")


def _name_zip(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(200)
    if found := re.search(rb"mimetypeapplication/vnd\.oasis\.opendocument\.([a-z]+)", head):
        return _OPEN_DOCUMENTS.get(found[1], "an OpenDocument file")
    names = read_member_names(path) or [head]
    return next(
        (name for pattern, name in _ZIP_MEMBERS if any(map(pattern.match, names))),
        "a ZIP archive",
    )


def _name_unknown(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00"):
        return "a file of nothing but zero bytes"
    if head[4:8] == b"ftyp":
        return _FTYP.get(head[8:12], "a video (MP4 or MOV)")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "a sound or a video")
    if is_dxf(head):
        return "a CAD drawing (DXF)"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "a file of an unknown type")
