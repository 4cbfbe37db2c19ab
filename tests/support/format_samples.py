"""A small file of every format of the table, with words of its text, or why it is not read."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from planning_review.models import DocumentState, FileKind
from tests.support.document_files import (
    PARKING,
    make_mail,
    render_text,
    write_docx,
    write_mail,
    write_odt,
    write_rtf,
    write_text_pdf,
    write_tiff,
    write_xlsx,
    write_zip_members,
)
from tests.support.office_files import (
    word_perfect,
    write_flat_word,
    write_heic,
    write_odp,
    write_ods,
    write_ppt,
    write_pptx,
    write_saved_page,
    write_xls,
    write_xlsb,
)
from tests.support.ole_files import write_msg, write_ole

UNSUPPORTED = DocumentState.UNSUPPORTED


class Sample(NamedTuple):
    """One format's file: text is None where it is not read, for the reason; pictures wait for OCR."""

    kind: FileKind
    make: Callable[[Path], object]
    text: str | None = None
    state: DocumentState = DocumentState.INDEXED
    reason: str = ""


def _read(kind: FileKind, make: Callable[[Path], object], text: str) -> Sample:
    return Sample(kind, make, text)


def _keep(kind: FileKind, name: str, make: Callable[[Path], object]) -> Sample:
    reason = f"{name}: files of this type are kept but not read"
    return Sample(kind, make, None, UNSUPPORTED, reason)


def _holds(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _unknown(name: str, data: bytes) -> Sample:
    # Behind what tells it stand bytes that no text has.
    return _keep(FileKind.UNKNOWN, name, _holds(data + bytes(range(32))))


def _ole(name: str, stream: str) -> Sample:
    return _keep(FileKind.OLE, name, lambda path: write_ole(path, {stream: b"x"}))


def _picture(kind: FileKind, form: str) -> Sample:
    return _read(kind, lambda path: render_text("A").save(path, format=form), "")


def _damaged(kind: FileKind, make: Callable[[Path], object], reason: str) -> Sample:
    return Sample(kind, make, None, DocumentState.DAMAGED, reason)


def _zip(name: str, *members: str) -> Sample:
    return _keep(FileKind.ZIP, name, lambda path: write_zip_members(path, dict.fromkeys(members, "x")))


def _open_document(name: str, form: str) -> Sample:
    kind = f"application/vnd.oasis.opendocument.{form}"
    return _keep(FileKind.ZIP, name, lambda path: write_zip_members(path, {"mimetype": kind}))


SAMPLES = (
    Sample(FileKind.EMPTY, _holds(b""), None, DocumentState.DAMAGED, "the file is empty (0 bytes)"),
    _read(FileKind.PDF, lambda path: write_text_pdf(path, [PARKING]), "24 bicycles"),
    _read(FileKind.DOCX, write_docx, "400 metres from the station"),
    _read(FileKind.XLSX, write_xlsx, "08:00 | 212"),
    _read(FileKind.ODT, write_odt, "400 metres from the station"),
    _read(FileKind.RTF, write_rtf, "24 bicycles"),
    _read(FileKind.EML, lambda path: write_mail(path, make_mail()), "24 bicycles"),
    _read(FileKind.MSG, write_msg, "The shared path is too narrow."),
    _read(FileKind.TEXT, _holds(PARKING.encode()), "24 bicycles"),
    _picture(FileKind.JPEG, "JPEG"),
    _picture(FileKind.PNG, "PNG"),
    _picture(FileKind.WEBP, "WEBP"),
    _picture(FileKind.GIF, "GIF"),
    _picture(FileKind.BMP, "BMP"),
    _picture(FileKind.JP2, "JPEG2000"),
    _read(FileKind.HEIC, lambda path: write_heic(path, "A"), ""),
    _picture(FileKind.AVIF, "AVIF"),
    _read(FileKind.WORDPERFECT, _holds(word_perfect(PARKING)), "24 bicycles"),
    _read(FileKind.TIFF, lambda path: write_tiff(path, ["A"]), ""),
    _read(FileKind.HTML, _holds(f"<!DOCTYPE html><p>{PARKING}</p>".encode()), "24 bicycles"),
    _read(FileKind.MHT, lambda path: write_saved_page(path, f"<p>{PARKING}</p>"), "24 bicycles"),
    _read(FileKind.WORD_XML, lambda path: write_flat_word(path, PARKING), "24 bicycles"),
    _read(FileKind.PPTX, lambda path: write_pptx(path, ["24 bicycles"]), "24 bicycles"),
    _read(FileKind.PPT, lambda path: write_ppt(path, ["24 bicycles"]), "24 bicycles"),
    _read(FileKind.XLS, write_xls, "08:00 | 212"),
    _read(FileKind.XLSB, write_xlsb, "08:00 | 212"),
    _read(FileKind.ODS, write_ods, "08:00 | 212"),
    _read(FileKind.ODP, lambda path: write_odp(path, ["24 bicycles"]), "24 bicycles"),
    _read(FileKind.ZIP, lambda path: write_zip_members(path, {"letters/a.txt": PARKING}), "24 bicycles"),
    Sample(
        FileKind.OLE,
        _holds(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)),
        None,
        DocumentState.DAMAGED,
        "an old Office file or an Outlook message that is damaged: its list of contents is lost",
    ),
    Sample(
        FileKind.OLE,
        lambda path: write_ole(path, {"EncryptedPackage": b"x"}),
        None,
        DocumentState.LOCKED,
        "a Word or Excel file locked with a password",
    ),
    _damaged(
        FileKind.DOC,
        lambda path: write_ole(path, {"WordDocument": b"x"}),
        "the Word file is damaged and can't be read",
    ),
    _damaged(
        FileKind.XLS,
        lambda path: write_ole(path, {"Book": b"x"}),
        "the Excel file is damaged and does not open",
    ),
    _ole("a Visio drawing (.vsd)", "VisioDocument"),
    _ole("a Revit model (.rvt)", "RevitPreview4.0"),
    _ole("a CAD drawing (DGN)", "Dgn~H"),
    _ole("an old Microsoft Office file", "WksSSWorkBook"),
    _open_document("an OpenDocument drawing (.odg)", "graphics"),
    _open_document("an OpenDocument file", "chart"),
    _zip("a Visio drawing (.vsdx)", "visio/document.xml"),
    _zip("an e-book (EPUB)", "META-INF/container.xml"),
    _zip("a map for Google Earth (KMZ)", "doc.kml"),
    _zip("a Pages, Numbers or Keynote document", "Index/Document.iwa"),
    _keep(FileKind.UNKNOWN, "a CAD drawing (DXF)", _holds(b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n")),
    _unknown("a CAD drawing (DXF)", b"AutoCAD Binary DXF\r\n\x1a\x00"),
    _unknown("a CAD drawing (DWG)", b"AC1032"),
    _unknown("a CAD drawing (DWF)", b"(DWF V06.00)"),
    _keep(FileKind.UNKNOWN, "a building model (IFC or STEP)", _holds(b"ISO-10303-21;\nHEADER;\n")),
    _keep(FileKind.UNKNOWN, "a PostScript file", _holds(b"%!PS-Adobe-3.0\n")),
    _keep(FileKind.UNKNOWN, "an XML file", _holds(b'<?xml version="1.0"?><gml/>')),
    _keep(FileKind.UNKNOWN, "a file of nothing but zero bytes", _holds(bytes(5000))),
    _unknown("a video (MP4 or MOV)", b"\x00\x00\x00\x18ftypisom"),
    _unknown("a sound (WAV)", b"RIFF\x00\x01\x00\x00WAVE"),
    _unknown("a video (AVI)", b"RIFF\x00\x01\x00\x00AVI "),
    _unknown("a sound or a video", b"RIFF\x00\x01\x00\x00CDXA"),
    _unknown("a database (SQLite or GeoPackage)", b"SQLite format 3\x00"),
    _unknown("a Photoshop picture", b"8BPS"),
    _unknown("a Windows drawing (WMF)", b"\xd7\xcd\xc6\x9a"),
    _unknown("a Windows drawing (EMF)", b"\x01\x00\x00\x00"),
    _unknown("a RAR archive", b"Rar!\x1a\x07"),
    _unknown("a 7-Zip archive", b"7z\xbc\xaf'\x1c"),
    _unknown("a GZIP archive", b"\x1f\x8b\x08"),
    _unknown("an Outlook mailbox (.pst)", b"!BDN"),
    _unknown("a sound (MP3)", b"ID3\x04"),
    _unknown("a video (MKV or WebM)", b"\x1aE\xdf\xa3"),
    _unknown("a video (MPEG)", b"\x00\x00\x01\xba"),
    _unknown("a video or sound (WMV, WMA)", b"0&\xb2u"),
    _unknown("a Windows program", b"MZ"),
    _unknown("a file of an unknown type", b"\x07\x07\x07"),
)
