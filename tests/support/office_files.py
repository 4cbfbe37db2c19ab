"""Files of formats for which no library that is kept here writes any, made at test time.

Sources: [MS-XLS] 2.4, [MS-XLSB] 2.1 and 2.4, [MS-PPT] 2.3 and 2.4, ECMA-376-1 for slides and flat packages.
"""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import odfdo
import pillow_heif

from tests.support.document_files import WORD_NAMESPACE, render_text, word_paragraph
from tests.support.ole_files import write_ole

Rows = Sequence[Sequence[str | float]]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_FLAT = "http://schemas.microsoft.com/office/2006/xmlPackage"
_W2003 = "http://schemas.microsoft.com/office/word/2003/wordml"

COUNTS: Rows = (("Hour", "Cycles"), ("08:00", 212))


def write_xls(path: Path, rows: Rows = COUNTS) -> Path:
    """Write a workbook of Excel 97 with one sheet, Counts."""
    fonts = _biff(0x31, struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, 1, 0) + b"A") * 4
    styles = _biff(0xE0, struct.pack("<HHH", 0, 0, 0xFFF5) + bytes(14)) + _biff(0xE0, bytes(20))
    head = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)) + fonts + styles
    name = b"\x06\x00Counts"
    sheet_at = len(head) + 4 + 6 + len(name) + 4
    book = head + _biff(0x85, struct.pack("<IH", sheet_at, 0) + name) + _biff(0x0A, b"")
    book += _biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6))
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            place = struct.pack("<HHH", row, column, 1)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                book += _biff(0x204, place + struct.pack("<HB", len(value), 1) + text)
            else:
                book += _biff(0x203, place + struct.pack("<d", value))
    return write_ole(path, {"Workbook": book + _biff(0x0A, b"")})


def write_xlsb(path: Path, rows: Rows = COUNTS) -> Path:
    """Write a binary workbook with one sheet, Counts."""
    bundle = _wide("rId1") + _wide("Counts")
    book = _binary(131) + _binary(143) + _binary(156, struct.pack("<II", 0, 1) + bundle)
    book += _binary(144) + _binary(132)
    width = max(map(len, rows))
    sheet = _binary(129) + _binary(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _binary(145)
    for row, values in enumerate(rows):
        sheet += _binary(0, struct.pack("<I", row) + bytes(13))
        for column, value in enumerate(values):
            place = struct.pack("<II", column, 0)
            if isinstance(value, str):
                sheet += _binary(6, place + _wide(value))
            else:
                sheet += _binary(5, place + struct.pack("<d", value))
    sheet += _binary(146) + _binary(130)
    parts = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": _relationships({"rId1": ("worksheet", "worksheets/sheet1.bin")}),
        "xl/worksheets/sheet1.bin": sheet,
    }
    return _write_package(path, parts)


def write_pptx(path: Path, slides: Sequence[str]) -> Path:
    """Write a presentation with a shape of text on each slide; its list turns their files' order round."""
    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    names = [f"slides/slide{len(slides) + 1 - n}.xml" for n in numbers]
    parts: dict[str, str | bytes] = {
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{_SLIDES}" xmlns:r="{_OFFICE}">'
        f"<p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relationships(
            {f"rId{n}": ("slide", name) for n, name in zip(numbers, names, strict=True)}
        ),
    }
    for name, text in zip(names, slides, strict=True):
        shape = f"<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody>"
        parts[f"ppt/{name}"] = (
            f'<p:sld xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}"><p:cSld><p:spTree>'
            f"<p:sp>{shape}</p:sp></p:spTree></p:cSld></p:sld>"
        )
    return _write_package(path, parts)


def write_ppt(path: Path, slides: Sequence[str]) -> Path:
    """Write a presentation of PowerPoint 97, whose texts stand in its outline."""
    outline = b"".join(
        _record(0x3F3, struct.pack("<I", number) + bytes(16)) + _record(0xFA0, text.encode("utf-16-le"))
        for number, text in enumerate(slides, start=2)
    )
    stream = _record(0x3E8, _record(0xFF0, outline, version=0xF), version=0xF)
    places = [0]
    for _ in slides:
        places.append(len(stream))
        stream += _record(0x3EE, b"", version=0xF)
    directory_at = len(stream)
    stream += _record(0x1772, struct.pack(f"<I{len(places)}I", 1 | len(places) << 20, *places))
    edit_at = len(stream)
    stream += _record(0xFF5, struct.pack("<IIIIIII", 0, 0, 0, directory_at, 1, len(places), 0))
    user = _record(0xFF6, struct.pack("<III", 20, 0xE391C05F, edit_at) + bytes(8))
    return write_ole(path, {"PowerPoint Document": stream, "Current User": user})


def write_ods(path: Path) -> Path:
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    table = odfdo.Table("Counts", width=2, height=2)
    table.set_values([["Hour", "Cycles"], ["08:00", 212]])
    document.body.append(table)
    document.save(path)
    return path


def write_odp(path: Path, slides: Sequence[str]) -> Path:
    document = odfdo.Document("presentation")
    document.body.clear()
    for number, text in enumerate(slides, start=1):
        page = odfdo.DrawPage(f"page{number}", name=f"Slide {number}")
        page.append(odfdo.Frame.text_frame(text, size=("20cm", "5cm")))
        document.body.append(page)
    document.save(path)
    return path


def write_flat_word(path: Path, text: str) -> Path:
    """Write a Word file as one XML file: a package written flat."""
    document = f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body>{word_paragraph(text)}</w:body></w:document>'
    path.write_text(
        '<?xml version="1.0" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
        f'<pkg:package xmlns:pkg="{_FLAT}"><pkg:part pkg:name="/word/document.xml" '
        f'pkg:contentType="x"><pkg:xmlData>{document}</pkg:xmlData></pkg:part></pkg:package>',
        encoding="utf-8",
    )
    return path


def write_word_2003(path: Path, text: str) -> Path:
    path.write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n'
        f'<w:wordDocument xmlns:w="{_W2003}"><w:body>{word_paragraph(text)}</w:body></w:wordDocument>',
        encoding="utf-8",
    )
    return path


def write_saved_page(path: Path, html: str, picture: bytes | None = None) -> Path:
    """Write a web page as browsers save it in one file, with a picture where one is given."""
    page = EmailMessage()
    page["Subject"] = "Objection"
    page["MIME-Version"] = "1.0"
    page.set_content(html, subtype="html")
    if picture is None:
        page.make_related()
    else:
        page.add_related(picture, "image", "png")
    path.write_bytes(page.as_bytes())
    return path


def word_perfect(text: str) -> bytes:
    """Return a WordPerfect 5.1 file: a head of 16 bytes, and the text."""
    head = struct.pack("<4sIBBBBHH", b"\xffWPC", 16, 1, 10, 0, 1, 0, 0)
    return head + text.encode("ascii")


def write_heic(path: Path, text: str) -> Path:
    pillow_heif.from_pillow(render_text(text).convert("RGB")).save(path, quality=80)
    return path


def _biff(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _binary(kind: int, content: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(content) < 128
    return number + bytes([len(content)]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(content)) + content


def _relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{identity}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for identity, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{inner}</Relationships>'


def _write_package(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path
