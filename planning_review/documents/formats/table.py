"""The table of file formats: how each is told, who reads it, how it is stored, or why it is not read.

To read one more, write its reader beside this file, give it a name in `FileKind` and a row below. No reader
is imported here: the main process asks for media types, and a worker loads the one reader that it needs.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from planning_review.documents.formats.containers import OLE_MAGIC, ZIP_MAGICS
from planning_review.documents.formats.signs import (
    Sign,
    begins,
    has_member,
    has_stream,
    is_always,
    is_empty,
    is_html,
    is_mail,
    is_never,
    is_nothing_but_zeros,
    is_ole_without_streams,
    is_pdf,
    is_saved_page,
    is_text,
    is_word_perfect,
    is_word_xml,
    is_written_drawing,
    says_brand,
    says_open_document,
    says_riff,
    text_begins,
)

UNKNOWN_MEDIA_TYPE = "application/octet-stream"
"""Of a file that a browser saves and doesn't show."""

_OFFICE = "application/vnd.openxmlformats-officedocument"


class FileKind(StrEnum):
    """What the bytes of a file are, whatever its name says. The value is the suffix that it is stored under.

    Records on disk hold these values: none may change.
    """

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    RTF = "rtf"
    EML = "eml"
    MSG = "msg"
    JPEG = "jpg"
    PNG = "png"
    TIFF = "tif"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    PPTX = "pptx"
    XLSB = "xlsb"
    ODS = "ods"
    ODP = "odp"
    MHT = "mht"
    WORD_XML = "xml"
    WORDPERFECT = "wpd"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    JP2 = "jp2"
    HEIC = "heic"
    AVIF = "avif"
    OLE = "ole"
    ZIP = "zip"
    HTML = "html"
    TEXT = "txt"
    EMPTY = "empty"
    UNKNOWN = "bin"


class Refusal(NamedTuple):
    """Why a file is not read: the state that its document gets (a `DocumentState`), and the reason."""

    state: Literal["damaged", "locked", "unsupported"]
    reason: str


class Format(NamedTuple):
    """One format: its sign tells its files, and its reader is for them, or a refusal.

    A reader is `module:function` of this folder, and takes a file's path; one that can go on takes the number
    of the page to begin with, too: it is started again behind a page that kills it. suffixes are those that
    people give such files, and tell the media type under which they are served. parts is a function like a
    reader that yields the files in such a file, as `part.Part`: each is then read as what it is.
    """

    kind: FileKind
    sign: Sign
    reader: str | Refusal
    media_type: str = UNKNOWN_MEDIA_TYPE
    suffixes: Sequence[str] = ()
    can_go_on: bool = False
    parts: str | None = None


def _read(
    kind: FileKind, sign: Sign, reader: str, media_type: str, *suffixes: str, parts: str | None = None
) -> Format:
    return Format(kind, sign, reader, media_type, suffixes, parts=parts)


def _keep(
    kind: FileKind, sign: Sign, name: str, media_type: str = UNKNOWN_MEDIA_TYPE, suffixes: Sequence[str] = ()
) -> Format:
    """Return the row of a format that is kept and not read; name is one that a volunteer knows."""
    refusal = Refusal("unsupported", f"{name}: files of this type are kept but not read")
    return Format(kind, sign, refusal, media_type, suffixes)


# Tried in this order: what is told by few bytes, as a BMP picture by "BM", comes after text, which may begin
# with any. The last row of a kind is for whatever is left of it.
FORMATS = (
    Format(FileKind.EMPTY, is_empty, Refusal("damaged", "the file is empty (0 bytes)")),
    _read(FileKind.JPEG, begins(b"\xff\xd8\xff"), "picture:read_picture", "image/jpeg", "jpg", "jpeg"),
    _read(FileKind.PNG, begins(b"\x89PNG\r\n\x1a\n"), "picture:read_picture", "image/png", "png"),
    _read(
        FileKind.TIFF,
        begins(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
        "picture:read_tiff",
        "image/tiff",
        "tif",
        "tiff",
    ),
    # Containers of old Office files and of Outlook's messages, by the streams at their top.
    _read(
        FileKind.MSG,
        has_stream("__properties_version1.0"),
        "outlook:read_msg",
        "application/vnd.ms-outlook",
        "msg",
        parts="outlook:find_attachments",
    ),
    Format(
        FileKind.OLE,
        is_ole_without_streams,
        Refusal(
            "damaged",
            "an old Office file or an Outlook message that is damaged: its list of contents is lost",
        ),
    ),
    # Word and Excel wrap a file that has a password in such a container.
    Format(
        FileKind.OLE,
        has_stream("EncryptedPackage"),
        Refusal("locked", "a Word or Excel file locked with a password"),
    ),
    _read(
        FileKind.DOC,
        has_stream("WordDocument"),
        "word97:read_doc",
        "application/msword",
        "doc",
        "dot",
        parts="word97:find_doc_parts",
    ),
    _read(FileKind.XLS, has_stream("Workbook"), "excel97:read_xls", "application/vnd.ms-excel", "xls"),
    _read(FileKind.XLS, has_stream("Book"), "excel97:read_xls", "application/vnd.ms-excel"),
    _read(
        FileKind.PPT,
        has_stream("PowerPoint Document"),
        "powerpoint97:read_ppt",
        "application/vnd.ms-powerpoint",
        "ppt",
        parts="powerpoint97:find_ppt_pictures",
    ),
    _keep(FileKind.OLE, has_stream("VisioDocument"), "a Visio drawing (.vsd)"),
    _keep(FileKind.OLE, has_stream("RevitPreview4.0"), "a Revit model (.rvt)"),
    _keep(FileKind.OLE, has_stream("Dgn~H"), "a CAD drawing (DGN)"),
    _keep(FileKind.OLE, begins(OLE_MAGIC), "an old Microsoft Office file"),
    # Packages, by their first member or by the names of all.
    _read(
        FileKind.ODT,
        says_open_document(rb"text"),
        "open_document:read_odt",
        "application/vnd.oasis.opendocument.text",
        "odt",
        parts="open_document:find_open_document_parts",
    ),
    _read(
        FileKind.DOCX,
        has_member(rb"word/(?:document\d*|styles|settings)\.xml", may_be_cut=True),
        "word:read_docx",
        f"{_OFFICE}.wordprocessingml.document",
        "docx",
        parts="office_parts:find_office_parts",
    ),
    _read(
        FileKind.XLSX,
        has_member(rb"xl/(?:workbook\d*|styles|worksheets/sheet\d+)\.xml", may_be_cut=True),
        "excel:read_xlsx",
        f"{_OFFICE}.spreadsheetml.sheet",
        "xlsx",
        parts="office_parts:find_office_parts",
    ),
    _read(
        FileKind.ODS,
        says_open_document(rb"spreadsheet(?![a-z])"),
        "open_document:read_ods",
        "application/vnd.oasis.opendocument.spreadsheet",
        "ods",
        parts="open_document:find_open_document_parts",
    ),
    _read(
        FileKind.ODP,
        says_open_document(rb"presentation(?![a-z])"),
        "open_document:read_odp",
        "application/vnd.oasis.opendocument.presentation",
        "odp",
        parts="open_document:find_open_document_parts",
    ),
    _keep(FileKind.ZIP, says_open_document(rb"graphics(?![a-z])"), "an OpenDocument drawing (.odg)"),
    _keep(FileKind.ZIP, says_open_document(rb"[a-z]"), "an OpenDocument file"),
    _read(
        FileKind.PPTX,
        has_member(rb"ppt/(?:presentation|slides/slide\d+)\.xml", may_be_cut=True),
        "slides:read_pptx",
        f"{_OFFICE}.presentationml.presentation",
        "pptx",
        parts="office_parts:find_office_parts",
    ),
    _read(
        FileKind.XLSB,
        has_member(rb"xl/workbook\.bin"),
        "excel_binary:read_xlsb",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "xlsb",
        parts="office_parts:find_office_parts",
    ),
    _keep(FileKind.ZIP, has_member(rb"visio/"), "a Visio drawing (.vsdx)"),
    _keep(FileKind.ZIP, has_member(rb"META-INF/container\.xml"), "an e-book (EPUB)"),
    _keep(FileKind.ZIP, has_member(rb"doc\.kml"), "a map for Google Earth (KMZ)"),
    _keep(FileKind.ZIP, has_member(rb"Index/Document\.iwa"), "a Pages, Numbers or Keynote document"),
    _read(
        FileKind.ZIP,
        begins(*ZIP_MAGICS),
        "archive:read_zip",
        "application/zip",
        "zip",
        parts="archive:find_members",
    ),
    Format(
        FileKind.PDF,
        is_pdf,
        "pdf:read_pdf",
        "application/pdf",
        ("pdf",),
        can_go_on=True,
        parts="pdf:find_attachments",
    ),
    # Given out as text: a browser would run the scripts of a page in the bucket's name.
    _read(
        FileKind.HTML,
        is_html,
        "html:read_html",
        "text/plain; charset=utf-8",
        "html",
        "htm",
        parts="html:find_html_pictures",
    ),
    _read(
        FileKind.WORD_XML,
        is_word_xml,
        "word_xml:read_word_xml",
        "text/plain; charset=utf-8",
        "xml",
        parts="word_xml:find_word_xml_parts",
    ),
    _read(
        FileKind.RTF,
        text_begins(b"{\\rtf"),
        "rtf:read_rtf",
        "application/rtf",
        "rtf",
        parts="rtf_source:find_rtf_pictures",
    ),
    _keep(FileKind.UNKNOWN, is_written_drawing, "a CAD drawing (DXF)", suffixes=("dxf",)),
    _read(
        FileKind.MHT,
        is_saved_page,
        "mail:read_mht",
        "multipart/related",
        "mht",
        "mhtml",
        parts="mail:find_saved_pictures",
    ),
    _read(FileKind.EML, is_mail, "mail:read_eml", "message/rfc822", "eml", parts="mail:find_attachments"),
    _read(FileKind.TEXT, is_text, "plain_text:read_plain_text", "text/plain; charset=utf-8", "txt"),
    _read(FileKind.TEXT, is_never, "plain_text:read_plain_text", "text/csv; charset=utf-8", "csv"),
    _keep(FileKind.UNKNOWN, is_nothing_but_zeros, "a file of nothing but zero bytes"),
    _read(
        FileKind.HEIC,
        says_brand(b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"),
        "picture:read_picture",
        "image/heic",
        "heic",
        "heif",
    ),
    _read(
        FileKind.WORDPERFECT,
        is_word_perfect,
        "wordperfect:read_wordperfect",
        "application/vnd.wordperfect",
        "wpd",
    ),
    _read(FileKind.AVIF, says_brand(b"avif"), "picture:read_picture", "image/avif", "avif"),
    _keep(FileKind.UNKNOWN, says_brand(b""), "a video (MP4 or MOV)"),
    _read(FileKind.WEBP, says_riff(b"WEBP"), "picture:read_picture", "image/webp", "webp"),
    _keep(FileKind.UNKNOWN, says_riff(b"WAVE"), "a sound (WAV)"),
    _keep(FileKind.UNKNOWN, says_riff(b"AVI "), "a video (AVI)"),
    _keep(FileKind.UNKNOWN, says_riff(b""), "a sound or a video"),
    _keep(FileKind.UNKNOWN, begins(b"AC10"), "a CAD drawing (DWG)", "image/vnd.dwg", ("dwg",)),
    _keep(FileKind.UNKNOWN, begins(b"AutoCAD Binary DXF"), "a CAD drawing (DXF)"),
    _keep(FileKind.UNKNOWN, begins(b"(DWF V"), "a CAD drawing (DWF)"),
    _keep(FileKind.UNKNOWN, begins(b"ISO-10303-21"), "a building model (IFC or STEP)"),
    _keep(FileKind.UNKNOWN, begins(b"%!PS"), "a PostScript file"),
    _read(FileKind.GIF, begins(b"GIF8"), "picture:read_picture", "image/gif", "gif"),
    _read(FileKind.BMP, begins(b"BM"), "picture:read_picture", "image/bmp", "bmp"),
    _read(
        FileKind.JP2,
        begins(b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
        "picture:read_picture",
        "image/jp2",
        "jp2",
    ),
    _keep(FileKind.UNKNOWN, begins(b"SQLite format 3\x00"), "a database (SQLite or GeoPackage)"),
    _keep(FileKind.UNKNOWN, begins(b"8BPS"), "a Photoshop picture"),
    _keep(FileKind.UNKNOWN, begins(b"\xd7\xcd\xc6\x9a"), "a Windows drawing (WMF)"),
    _keep(FileKind.UNKNOWN, begins(b"\x01\x00\x00\x00"), "a Windows drawing (EMF)"),
    _keep(FileKind.UNKNOWN, begins(b"Rar!"), "a RAR archive"),
    _keep(FileKind.UNKNOWN, begins(b"7z\xbc\xaf"), "a 7-Zip archive"),
    _keep(FileKind.UNKNOWN, begins(b"\x1f\x8b"), "a GZIP archive"),
    _keep(FileKind.UNKNOWN, begins(b"!BDN"), "an Outlook mailbox (.pst)"),
    _keep(FileKind.UNKNOWN, begins(b"ID3"), "a sound (MP3)"),
    _keep(FileKind.UNKNOWN, begins(b"\x1aE\xdf\xa3"), "a video (MKV or WebM)"),
    _keep(FileKind.UNKNOWN, begins(b"\x00\x00\x01\xba"), "a video (MPEG)"),
    _keep(FileKind.UNKNOWN, begins(b"0&\xb2u"), "a video or sound (WMV, WMA)"),
    _keep(FileKind.UNKNOWN, begins(b"MZ"), "a Windows program"),
    _keep(FileKind.UNKNOWN, begins(b"<?xml"), "an XML file"),
    _keep(FileKind.UNKNOWN, is_always, "a file of an unknown type"),
)

_MEDIA_TYPES = {suffix: row.media_type for row in FORMATS for suffix in row.suffixes}
_SUFFIX = re.compile(rf"\.(?:{'|'.join(map(re.escape, _MEDIA_TYPES))})\s*\Z", re.IGNORECASE)


def can_go_on(kind: FileKind) -> bool:
    """Return whether files of a kind can be read from any of their pages on."""
    return any(row.can_go_on for row in FORMATS if row.kind is kind)


def find_media_type(suffix: str) -> str:
    """Return the media type of files with a suffix, given without its dot."""
    return _MEDIA_TYPES.get(suffix.lower(), UNKNOWN_MEDIA_TYPE)


def drop_file_suffix(name: str) -> str:
    """Return a file name or title without the endings of a document file: `Plan.PDF` is `Plan`."""
    while (shorter := _SUFFIX.sub("", name)) != name and shorter.strip():
        name = shorter
    return name
