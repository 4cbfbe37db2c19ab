"""Every kind of file that a council was ever sent, and every way in which one was broken.

Each is made at test time, and stands here with what is to become of it: its state, what its reason
says (a regular expression, None for no reason) and words that its text has to hold.
"""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from PIL import Image

from planning_review.models import DocumentState
from tests.support.document_files import (
    DRAWING,
    PARKING,
    WORD_NAMESPACE,
    make_mail,
    render_text,
    word_paragraph,
    write_docx,
    write_drawing_pdf,
    write_endless_pdf,
    write_garbled_pdf,
    write_mail,
    write_noise_picture,
    write_odt,
    write_odt_content,
    write_rtf,
    write_scanned_pdf,
    write_text_pdf,
    write_tiff,
    write_word_parts,
    write_xlsx,
    write_zip,
    write_zip_members,
)
from tests.support.office_files import (
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
from tests.support.ole_files import make_properties, write_msg, write_ole

INDEXED, STORED = DocumentState.INDEXED, DocumentState.STORED
DAMAGED, LOCKED, UNSUPPORTED = DocumentState.DAMAGED, DocumentState.LOCKED, DocumentState.UNSUPPORTED

NOT_READ = "files of this type are kept but not read"
REPAIRED = "^the file is damaged and was repaired, so text may be missing"
OFFICE_NAMES = 'xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
TEXT_NAMES = 'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
TABLE_NAMES = 'xmlns:b="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
HEBREW = "שלום עולם, שביל האופניים צר מדי"


@dataclass(frozen=True)
class Case:
    """One file: how it is made, and what is to become of it."""

    name: str
    make: Callable[[Path], object]
    state: DocumentState
    reason: str | None = None
    text: str = ""


def holds(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def cut(make: Callable[[Path], object], share: float) -> Callable[[Path], object]:
    """Return a maker of the first part of a file."""

    def make_cut(path: Path) -> None:
        make(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return make_cut


def lose(make: Callable[[Path], object], start: int, count: int) -> Callable[[Path], object]:
    """Return a maker of a file that lacks some bytes of its middle."""

    def make_lossy(path: Path) -> None:
        make(path)
        data = path.read_bytes()
        path.write_bytes(data[:start] + data[start + count :])

    return make_lossy


def replace(make: Callable[[Path], object], old: bytes, new: bytes) -> Callable[[Path], object]:
    """Return a maker of a file with some bytes of it exchanged."""

    def make_changed(path: Path) -> None:
        make(path)
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))

    return make_changed


def text_pdf(path: Path) -> Path:
    return write_text_pdf(path, [PARKING] * 20, garbage=3)


def mixed_pdf(path: Path) -> None:
    document = pymupdf.open(write_text_pdf(path.with_suffix(".text"), [PARKING, PARKING]))
    scan = pymupdf.open(write_scanned_pdf(path.with_suffix(".scan"), ["The ramp has a gradient of 1 in 12."]))
    document.insert_pdf(scan, start_at=1)
    document.save(path)


def picture_pdf(path: Path) -> None:
    document = pymupdf.open()
    buffer = io.BytesIO()
    Image.radial_gradient("L").save(buffer, format="PNG")
    document.new_page().insert_image((100, 100, 300, 300), stream=buffer.getvalue())
    document.save(path)


def locked_pdf(path: Path) -> None:
    write_text_pdf(path, [PARKING], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u")


def forbidding_pdf(path: Path) -> None:
    write_text_pdf(path, [PARKING], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", permissions=0)


def make_pdf(*objects: str) -> bytes:
    """Return a PDF of these objects, the first its catalogue, with a right table of their places."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj{content}endobj\n".encode()
    start = len(data)
    data += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return data + f"trailer<</Root 1 0 R/Size {len(places) + 1}>>\nstartxref\n{start}\n%%EOF\n".encode()


def make_stream(content: str, entries: str = "") -> str:
    return f"<</Length {len(content)}{entries}>>stream\n{content}\nendstream "


CATALOGUE = "<</Type/Catalog/Pages 2 0 R>>"
NO_PAGES = make_pdf(CATALOGUE, "<</Type/Pages/Kids[]/Count 0>>")
LOOPING_PAGES = make_pdf(
    CATALOGUE,
    "<</Type/Pages/Kids[3 0 R]/Count 2>>",
    "<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 2>>",
)
PAGE_ENTRIES = "/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
FONT = "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
BROKEN_PAGE = make_pdf(
    CATALOGUE,
    "<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>",
    f"<<{PAGE_ENTRIES}/Contents 4 0 R{FONT}>>",
    make_stream("BT /F 12 Tf 72 700 Td (The first page is whole) Tj ET"),
    f"<<{PAGE_ENTRIES}/Contents 6 0 R{FONT}>>",
    make_stream("this was never deflated", "/Filter/FlateDecode"),
)
ENORMOUS_PAGE = make_pdf(
    CATALOGUE,
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    f"<<{PAGE_ENTRIES.replace('595 842', '900000 900000')}/Contents 4 0 R{FONT}>>",
    make_stream("BT /F 12 Tf 72 700 Td (Lost on a large sheet) Tj ET"),
)
HEBREW_PAGE = make_pdf(
    CATALOGUE,
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    f"<<{PAGE_ENTRIES}/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    make_stream("BT /F 12 Tf 72 700 Td (DCBA) Tj ET"),
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
    make_stream(
        "/CMapName/A def 1 begincodespacerange<00><FF>endcodespacerange 4 beginbfchar"
        "<41><05E9><42><05D1><43><05D9><44><05DC>endbfchar endcmap"
    ),
)
HOSTILE_LETTERS = make_pdf(
    CATALOGUE,
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    f"<<{PAGE_ENTRIES}/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    make_stream("BT /F 12 Tf 72 700 Td (aXbYc) Tj ET"),
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
    make_stream(
        "/CMapName/A def 1 begincodespacerange<00><FF>endcodespacerange "
        "2 beginbfchar<58><0000><59><D800>endbfchar endcmap"
    ),
)


def declare_pages(count: int) -> bytes:
    """Return a PDF of one page that says that it has more."""
    return make_pdf(
        CATALOGUE,
        f"<</Type/Pages/Kids[3 0 R]/Count {count}>>",
        f"<<{PAGE_ENTRIES}/Contents 4 0 R{FONT}>>",
        make_stream("BT /F 12 Tf 72 700 Td (Only one page) Tj ET"),
    )


def nested_forms_pdf(path: Path) -> None:
    """Write a page whose drawing calls a form, which calls the next, two thousand deep."""
    depth = 2000
    forms = [
        make_stream("/X Do", f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {n} 0 R>>>>")
        for n in range(6, 6 + depth)
    ]
    last = make_stream("0 0 m 9 9 l S", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    fonts = FONT.removesuffix(">>")
    path.write_bytes(
        make_pdf(
            CATALOGUE,
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<<{PAGE_ENTRIES}/Contents 4 0 R{fonts}/XObject<</X 5 0 R>>>>>>",
            make_stream("/X Do BT /F 12 Tf 72 700 Td (Written below all forms) Tj ET"),
            *forms,
            last,
        )
    )


def long_pdf(path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "The first of too many pages.")
    for _ in range(5009):
        document.new_page(width=72, height=72)
    document.save(path)


def save_picture(kind: str, text: str = PARKING, **options: object) -> Callable[[Path], object]:
    return lambda path: render_text(text).save(path, format=kind, **options)


def clear_png(path: Path) -> None:
    page = render_text(PARKING)
    clear = Image.new("LA", page.size, (0, 0))
    clear.putalpha(page.point(lambda value: 255 - value))
    clear.save(path, format="PNG")


def png_bomb(path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(path, format="PNG")


def looping_tiff(path: Path) -> None:
    """Write a TIFF whose only frame says that it is followed by itself."""
    buffer = io.BytesIO()
    render_text("Appendix A: swept paths").convert("1").save(buffer, format="TIFF", compression="group4")
    data = bytearray(buffer.getvalue())
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    path.write_bytes(data)


def sizeless_tiff(path: Path) -> None:
    """Write a TIFF of two frames of which the second doesn't say how wide it is."""
    data = bytearray(write_tiff(path, ["Appendix A", "Appendix B"]).read_bytes())
    width = data.rindex(struct.pack("<HHI", 256, 3, 1))
    struct.pack_into("<H", data, width, 255)
    path.write_bytes(data)


def tall_docx(path: Path) -> None:
    path_xml = f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body>' + word_paragraph("a" * 60) * 900_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("word/document.xml", path_xml + "</w:body></w:document>")


def forge_size(make: Callable[[Path], object], part: str, size_bytes: int) -> Callable[[Path], object]:
    """Return a maker of a package whose directory states another size of one part."""

    def make_forged(path: Path) -> None:
        make(path)
        data = bytearray(path.read_bytes())
        entry = data.rindex(part.encode()) - 46
        assert data[entry : entry + 4] == b"PK\x01\x02"
        struct.pack_into("<I", data, entry + 24, size_bytes)
        path.write_bytes(data)

    return make_forged


def word_text(inner: str) -> Callable[[Path], object]:
    return lambda path: write_word_parts(path, {"document": f"<w:body>{inner}</w:body>"})


def word_xml(xml: str, method: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as package:
            package.writestr("word/document.xml", xml)

    return make


def wrap_word(body: str) -> str:
    return f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body>{body}</w:body></w:document>'


def annotated_docx(path: Path) -> None:
    box = (
        f"<w:p><w:r><w:pict><w:txbxContent>{word_paragraph('In a box')}</w:txbxContent></w:pict></w:r></w:p>"
    )
    write_word_parts(
        path,
        {
            "document": f"<w:body>{word_paragraph('The body')}{box}</w:body>",
            "header1": word_paragraph("The header"),
            "header2": word_paragraph("The header"),
            "footer1": word_paragraph("The footer"),
            "footnotes": f'<w:footnote w:type="separator">{word_paragraph("never")}</w:footnote>'
            f"<w:footnote>{word_paragraph('A footnote')}</w:footnote>",
            "endnotes": f"<w:endnote>{word_paragraph('An endnote')}</w:endnote>",
        },
    )


def change_part(
    make: Callable[[Path], object], name: str, change: Callable[[bytes], bytes]
) -> Callable[[Path], object]:
    """Return a maker of a package of which one part is changed, or left out where nothing is left of it."""

    def make_changed(path: Path) -> None:
        make(path)
        with zipfile.ZipFile(path) as package:
            parts = {each: package.read(each) for each in package.namelist()}
        parts[name] = change(parts[name])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for each, data in parts.items():
                if data:
                    package.writestr(each, data)

    return make_changed


FIRST_SHEET = "xl/worksheets/sheet1.xml"


def declare_rows(sheet: bytes) -> bytes:
    return sheet.replace(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:XFD1048576"/>').replace(
        b"</sheetData>", b'<row r="1048576"/></sheetData>'
    )


def endless_rows(sheet: bytes) -> bytes:
    far = b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>'
    return sheet.replace(b"</sheetData>", far)


def odt_text(inner: str) -> str:
    names = f"{OFFICE_NAMES} {TEXT_NAMES} {TABLE_NAMES}"
    return f"<o:document-content {names}><o:body><o:text>{inner}</o:text></o:body></o:document-content>"


def nested_mail(path: Path) -> None:
    mail = make_mail("The newest message")
    for _ in range(5):
        outer = make_mail("The newest message")
        outer.add_attachment(mail)
        mail = outer
    write_mail(path, mail)


def deep_mail(path: Path) -> None:
    head = "From: a@example.org\r\nDate: Wed, 01 Oct 2025 10:00:00 +0100\r\nSubject: Too deep\r\n"
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3000))
    path.write_bytes(f"{head}MIME-Version: 1.0\r\n{parts}\r\nlost\r\n".encode())


HTML_MAIL = "<head><style>p{color:red}</style></head><p>Dear Sir,<script>steal()</script></p><p>I object.</p>"
INNER_MESSAGE = make_properties({0x001A: "IPM.Note", 0x1000: "As I said then."}, 24, {})
MAIL_WITH_FILES = make_mail(attachments=[("plan.pdf", b"%PDF-1.7"), ("counts.xlsx", b"PK\x03\x04")])

CASES = (
    # PDF: what pages are
    Case("text.pdf", text_pdf, INDEXED, None, "24 bicycles"),
    Case("scan.pdf", lambda path: write_scanned_pdf(path, [PARKING]), INDEXED, None, "northern boundary"),
    Case("mixed.pdf", mixed_pdf, INDEXED, None, "gradient of 1 in 12"),
    Case("garbled.pdf", lambda path: write_garbled_pdf(path, PARKING), INDEXED, None, "bicycles"),
    Case("drawing.pdf", lambda path: write_drawing_pdf(path, ["Site Plan"]), INDEXED, None, "Site Plan"),
    Case("drawing-mute.pdf", write_drawing_pdf, STORED, "^a drawing without readable text$"),
    Case("picture.pdf", picture_pdf, STORED, "^a picture without readable text$"),
    Case("blank.pdf", lambda path: write_text_pdf(path, [""]), STORED, "^its pages are blank$"),
    Case("hebrew.pdf", holds(HEBREW_PAGE), INDEXED, None, "שביל"),
    Case("forbids-changes.pdf", forbidding_pdf, INDEXED, None, "24 bicycles"),
    Case("junk-before.pdf", holds(b"\r\n" * 100 + BROKEN_PAGE), INDEXED, "page 2"),
    # PDF: what is broken
    Case("cut-10.pdf", cut(text_pdf, 0.1), DAMAGED, "PDF is damaged"),
    Case("cut-50.pdf", cut(text_pdf, 0.5), INDEXED, REPAIRED, "24 bicycles"),
    Case("cut-90.pdf", cut(text_pdf, 0.9), INDEXED, REPAIRED, "24 bicycles"),
    Case("header-only.pdf", holds(b"%PDF-1.7\n"), DAMAGED, "^the PDF is damaged and does not open$"),
    Case("html-inside.pdf", holds(b"error %PDF- <p>none"), DAMAGED, "^the PDF is damaged and does not open$"),
    Case("empty.pdf", holds(b""), DAMAGED, r"^the file is empty \(0 bytes\)$"),
    Case("zeros.pdf", holds(bytes(5000)), UNSUPPORTED, "nothing but zero bytes"),
    Case("page.pdf", holds(b"<html><body>Two stands</body></html>"), INDEXED, None, "Two stands"),
    Case("locked.pdf", locked_pdf, LOCKED, "^the PDF is locked with a password$"),
    Case("no-pages.pdf", holds(NO_PAGES), DAMAGED, "^the PDF is damaged: it has no pages$"),
    Case("lost-xref.pdf", replace(text_pdf, b"startxref", b"startxxxx"), INDEXED, REPAIRED, "24 bicycles"),
    Case("looping-pages.pdf", holds(LOOPING_PAGES), DAMAGED, "damaged"),
    Case("billion-pages.pdf", holds(declare_pages(10**9)), DAMAGED, "^the PDF is damaged and does not open$"),
    Case(
        "four-pages.pdf", holds(declare_pages(4)), INDEXED, "^pages 2, 3, 4: the page is damaged", "Only one"
    ),
    Case("broken-page.pdf", holds(BROKEN_PAGE), INDEXED, "page 2", "first page is whole"),
    Case("enormous-page.pdf", holds(ENORMOUS_PAGE), INDEXED, None, "Lost on a large sheet"),
    Case("hostile-letters.pdf", holds(HOSTILE_LETTERS), INDEXED, None, "c"),
    Case("nested-forms.pdf", nested_forms_pdf, DAMAGED, "^page 1: the page is damaged$"),
    Case("5010-pages.pdf", long_pdf, INDEXED, "^10 of its 5010 pages were not read", "too many pages"),
    # Pictures
    Case("page.jpg", save_picture("JPEG"), INDEXED, None, "northern boundary"),
    Case("clear.png", clear_png, INDEXED, None, "northern boundary"),
    Case("white.png", save_picture("PNG", ""), STORED, "^a picture without readable text$"),
    Case("two.tif", lambda path: write_tiff(path, ["Appendix A", "Appendix B"]), INDEXED, None, "Appendix B"),
    Case("looping.tif", looping_tiff, INDEXED, None, "swept paths"),
    Case("cut.jpg", cut(save_picture("JPEG"), 0.8), INDEXED, "cut short", "24 bicycles"),
    Case("cut.png", cut(save_picture("PNG"), 0.9), INDEXED, "cut short", "24 bicycles"),
    Case("cut.tif", cut(lambda path: write_tiff(path, [PARKING]), 0.5), DAMAGED, "picture is damaged"),
    Case(
        "far-directory.tif",
        holds(b"II+\x00\x08\x00\x00\x00" + struct.pack("<Q", 1 << 62)),
        DAMAGED,
        "^the picture is damaged",
    ),
    Case("sizeless.tif", sizeless_tiff, INDEXED, "^page 2: the page could not be drawn$", "Appendix A"),
    Case("header-only.jpg", holds(b"\xff\xd8\xff\xe0" + bytes(200)), DAMAGED, "^the picture is damaged"),
    Case("bomb.png", png_bomb, STORED, "the picture has 900 megapixels, too many to read"),
    # Word
    Case("plan.docx", write_docx, INDEXED, None, "Flats | 24"),
    Case("notes.docx", annotated_docx, INDEXED, None, "A footnote\n\nAn endnote"),
    Case("empty.docx", word_text(""), STORED, "^its pages are blank$"),
    Case("hebrew.docx", word_text(word_paragraph(HEBREW)), INDEXED, None, HEBREW),
    Case(
        "strict.docx",
        word_xml(
            wrap_word(word_paragraph("Strict")).replace(
                WORD_NAMESPACE, "http://purl.oclc.org/ooxml/wordprocessingml/main"
            )
        ),
        INDEXED,
        None,
        "Strict",
    ),
    Case("cut.docx", cut(write_docx, 0.9), DAMAGED, "^the Word file is damaged: it is cut short"),
    Case("lost-bytes.docx", lose(word_text(word_paragraph("a")), 60, 40), DAMAGED, "not where it should be"),
    Case(
        "textless.docx",
        change_part(write_docx, "word/document.xml", lambda _: b""),
        DAMAGED,
        "text is missing",
    ),
    Case("broken-xml.docx", word_xml("<w:document><w:body>"), DAMAGED, "text can't be taken apart"),
    Case(
        "surrogate.docx", word_xml(wrap_word(word_paragraph("a&#xD800;b"))), DAMAGED, "can't be taken apart"
    ),
    Case("bomb.docx", tall_docx, DAMAGED, r"unpacks to \d+ MB, more than the 64 MB that it may"),
    Case(
        "says-3-gb.docx",
        forge_size(write_docx, "word/document.xml", 3 * 10**9),
        DAMAGED,
        "unpacks to 2,8.. MB, more than the 512 MB",
    ),
    Case("says-less.docx", forge_size(tall_docx, "word/document.xml", 1000), DAMAGED, "can't be unpacked"),
    Case("bzip2.docx", word_xml(wrap_word("a"), zipfile.ZIP_BZIP2), DAMAGED, "packed in a way"),
    Case(
        "entities.docx",
        word_xml(ENTITIES + wrap_word(word_paragraph("before &i; after"))),
        DAMAGED,
        "nested deeper, or stands for more",
    ),
    Case(
        "deep.docx",
        word_text("<w:sdt>" * 5000 + "</w:sdt>" * 5000),
        DAMAGED,
        "nested deeper, or stands for more",
    ),
    Case("locked.docx", lambda path: write_ole(path, {"EncryptedPackage": b"x"}), LOCKED, "with a password"),
    # Excel
    Case("counts.xlsx", write_xlsx, INDEXED, None, "08:00 | 212"),
    Case("cut.xlsx", cut(write_xlsx, 0.6), DAMAGED, "Excel file is damaged"),
    Case(
        "million-rows.xlsx", change_part(write_xlsx, FIRST_SHEET, declare_rows), INDEXED, None, "08:00 | 212"
    ),
    Case(
        "endless-rows.xlsx",
        change_part(write_xlsx, FIRST_SHEET, endless_rows),
        INDEXED,
        "first 1,048,577 rows",
        "212",
    ),
    Case(
        "broken-sheet.xlsx",
        change_part(write_xlsx, FIRST_SHEET, lambda sheet: sheet[: sheet.index(b'<c r="A2"')]),
        INDEXED,
        "page 1: the sheet is damaged",
        "Stands | 12",
    ),
    Case(
        "entities.xlsx",
        change_part(write_xlsx, FIRST_SHEET, lambda xml: ENTITIES.encode() + xml.replace(b"Hour", b"&i;")),
        INDEXED,
        "^page 1: the sheet is damaged$",
        "Stands | 12",
    ),
    Case(
        "bookless.xlsx",
        change_part(write_xlsx, "xl/workbook.xml", lambda _: b""),
        DAMAGED,
        "^the Excel file is damaged and does not open$",
    ),
    # OpenDocument and RTF
    Case("plan.odt", write_odt, INDEXED, None, "Flats | 24"),
    Case("cut.odt", cut(write_odt, 0.5), DAMAGED, "^the OpenDocument file is damaged: it is cut short"),
    Case(
        "locked.odt",
        lambda path: write_odt_content(path, "\x01", "<manifest:encryption-data/>"),
        LOCKED,
        "locked with a password",
    ),
    Case("textless.odt", lambda path: write_odt_content(path, "<a/>"), DAMAGED, "its text is missing"),
    Case(
        "entities.odt",
        lambda path: write_odt_content(path, ENTITIES + odt_text("<t:p>before &i; after</t:p>")),
        DAMAGED,
        "nested deeper, or stands for more",
    ),
    Case(
        "repeated.odt",
        lambda path: write_odt_content(
            path,
            odt_text(
                '<b:table><b:table-row b:number-rows-repeated="1000000000">'
                '<b:table-cell b:number-columns-repeated="1000000000">'
                '<t:p>12<t:s t:c="1000000000"/>stands</t:p></b:table-cell></b:table-row></b:table>'
            ),
        ),
        INDEXED,
        None,
        "12 stands",
    ),
    Case("letter.rtf", write_rtf, INDEXED, None, "24 bicycles"),
    Case("hebrew.rtf", lambda path: write_rtf(path, HEBREW + " 🚲"), INDEXED, None, HEBREW + " 🚲"),
    Case("cut.rtf", cut(write_rtf, 0.8), INDEXED, REPAIRED, "24 bicycles"),
    Case("deep.rtf", holds(b"{\\rtf1 " + b"{" * 500_000 + b"deep"), INDEXED, REPAIRED, "deep"),
    Case("no-character.rtf", holds(b"{\\rtf1 \\u9999999999? x}"), INDEXED, None, "\ufffd x"),
    Case("no-number.rtf", holds(b"{\\rtf1 \\uc x}"), DAMAGED, "RTF file is damaged"),
    # Mail
    Case("plain.eml", lambda path: write_mail(path, make_mail()), INDEXED, None, "From: Zoë Reed"),
    Case(
        "html.eml",
        lambda path: write_mail(path, make_mail("", HTML_MAIL)),
        INDEXED,
        None,
        "Dear Sir,\n\nI object.",
    ),
    Case(
        "files.eml",
        lambda path: write_mail(path, MAIL_WITH_FILES),
        INDEXED,
        r"^attachment 1 \(plan\.pdf\): the PDF is damaged.*; attachment 2 \(counts\.xlsx\): ",
        "Attachments: plan.pdf, counts.xlsx",
    ),
    Case(
        "mails.eml",
        nested_mail,
        INDEXED,
        r"^(attachment 1, ){4}attachment 1 \(.*\): not read: it lies deeper than 4 files",
        "The newest message\n\nAttachments: Objection to 25/01234/F\n\nFrom: Zoë",
    ),
    Case(
        "deep.eml",
        deep_mail,
        INDEXED,
        "page 1: its parts are nested too deep to be read",
        "Subject: Too deep",
    ),
    Case(
        "cut.eml",
        cut(lambda path: write_mail(path, MAIL_WITH_FILES), 0.9),
        INDEXED,
        "cut short",
        "24 bicycles",
    ),
    Case(
        "odd-encoding.eml",
        holds(
            b"From: a\nDate: b\nSubject: =?no-such?q?c?=\nContent-Type: text/plain; charset=no-such\n\n"
            b"caf\xe9 \x00 stands"
        ),
        INDEXED,
        None,
        "café  stands",
    ),
    Case(
        "hostile-names.eml",
        holds(
            b"From: =?utf-9\xff?q?a?=\nDate: =?utf-8?b?a?=\nSubject: y\n"
            b"Content-Type: text/plain; charset=a\x00b; name*%s=x\n\ncaf\xc3\xa9 stands" % (b"9" * 5000)
        ),
        INDEXED,
        None,
        "café stands",
    ),
    Case("mail.msg", write_msg, INDEXED, None, "too narrow"),
    Case(
        "html.msg",
        lambda path: write_msg(path, body=None, html=HTML_MAIL.encode()),
        INDEXED,
        None,
        "Dear Sir,\n\nI object.",
    ),
    Case(
        "files.msg",
        lambda path: write_msg(path, attachments=[("plan.doc", DRAWING * 150)]),
        INDEXED,
        r"^attachment 1 \(plan\.doc\): a CAD drawing \(DWG\): " + NOT_READ + "$",
        "Attachments: plan.doc",
    ),
    Case(
        "mails.msg",
        lambda path: write_msg(path, inner_message=INNER_MESSAGE),
        INDEXED,
        None,
        "Attached message:\nAs I said then.",
    ),
    Case(
        "packed.msg",
        lambda path: write_msg(path, body=None, extra={"__substg1.0_10090102": b"LZFu"}),
        INDEXED,
        "packed RTF, which is not read",
        "From: ",
    ),
    # Old Office files, slides, archives, saved pages, pictures of phones
    Case("slides.ppt", lambda path: write_ppt(path, ["24 bicycles"]), INDEXED, None, "24 bicycles"),
    Case("cut.ppt", cut(lambda path: write_ppt(path, [PARKING] * 90), 0.7), DAMAGED, "contents is lost"),
    Case("slides.pptx", lambda path: write_pptx(path, ["24 bicycles"]), INDEXED, None, "24 bicycles"),
    Case("cut.pptx", cut(lambda path: write_pptx(path, [PARKING]), 0.7), DAMAGED, "PowerPoint file is"),
    Case("slides.odp", lambda path: write_odp(path, ["24 bicycles"]), INDEXED, None, "24 bicycles"),
    Case("cut.odp", cut(lambda path: write_odp(path, [PARKING]), 0.7), DAMAGED, "OpenDocument file is"),
    Case("whole.xls", write_xls, INDEXED, None, "08:00 | 212"),
    Case("cut.xls", cut(write_xls, 0.4), DAMAGED, "damaged"),
    Case("counts.xlsb", write_xlsb, INDEXED, None, "08:00 | 212"),
    Case("cut.xlsb", cut(write_xlsb, 0.7), DAMAGED, "damaged"),
    Case("counts.ods", write_ods, INDEXED, None, "08:00 | 212"),
    Case("cut.ods", cut(write_ods, 0.7), DAMAGED, "OpenDocument file is damaged"),
    Case("letter.xml", lambda path: write_flat_word(path, PARKING), INDEXED, None, "24 bicycles"),
    Case("cut.xml", cut(lambda path: write_flat_word(path, PARKING), 0.8), DAMAGED, "Word file is damaged"),
    Case("page.mht", lambda path: write_saved_page(path, PARKING), INDEXED, None, "24 bicycles"),
    Case("phone.heic", lambda path: write_heic(path, "Two stands"), INDEXED, None, "Two stands"),
    Case(
        "cut.heic",
        cut(lambda path: write_heic(path, PARKING), 0.5),
        STORED,
        "^page 1: the page could not be drawn$",
    ),
    Case(
        "letters.zip",
        lambda path: write_zip_members(path, {"a.txt": PARKING, "b.dwg": DRAWING}),
        INDEXED,
        r"^file 2 \(b\.dwg\): a CAD drawing \(DWG\): " + NOT_READ + "$",
        "24 bicycles",
    ),
    Case("plans.zip", write_zip, UNSUPPORTED, r"^file 1 \(plans/site\.dwg\): a CAD drawing \(DWG\): "),
    Case("cut.zip", cut(write_zip, 0.7), DAMAGED, "ZIP archive is damaged"),
    Case("cut-30.msg", cut(write_msg, 0.3), DAMAGED, "its list of contents is lost"),
    Case("cut-95.msg", cut(write_msg, 0.85), DAMAGED, "^the Outlook message is damaged and does not open$"),
    # Text
    Case("utf-8.txt", holds(PARKING.encode()), INDEXED, None, "24 bicycles"),
    Case("old.txt", holds("The café’s cycle stands.".encode("cp1252")), INDEXED, None, "café’s"),
    Case("utf-16.txt", holds(HEBREW.encode("utf-16")), INDEXED, None, HEBREW),
    Case("surrogate.txt", holds(b"\xff\xfe" + b"a\x00\x00\xd8\x00\x00b\x00"), INDEXED, None, "b"),
    Case(
        "long.txt",
        holds(b"many words " * 100_000),
        INDEXED,
        "only its first 1,000,000 characters",
        "many words",
    ),
    Case("blanks.txt", holds("\n \u00a0\n".encode("utf-16")), STORED, "blank"),
    # What is kept and not read
    Case(
        "letter.doc",
        lambda path: write_ole(path, {"WordDocument": b"x"}),
        DAMAGED,
        "^the Word file is damaged and can't be read$",
    ),
    Case(
        "counts.xls",
        lambda path: write_ole(path, {"Workbook": b"x"}),
        DAMAGED,
        "^the Excel file is damaged and does not open$",
    ),
    Case("site.dwg", holds(b"AC1032" + bytes(60)), UNSUPPORTED, r"^a CAD drawing \(DWG\): " + NOT_READ),
    Case("site.dxf", holds(b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n"), UNSUPPORTED, r"^a CAD drawing \(DXF\)"),
    Case(
        "fly-through.mp4",
        holds(b"\x00\x00\x00\x18ftypmp42" + bytes(60)),
        UNSUPPORTED,
        r"^a video \(MP4 or MOV\)",
    ),
    Case("photo.heic", holds(b"\x00\x00\x00\x18ftypheic" + bytes(60)), DAMAGED, "^the picture is damaged"),
    Case("photo.avif", holds(b"\x00\x00\x00\x18ftypavif" + bytes(60)), DAMAGED, "^the picture is damaged"),
    Case("plans.rar", holds(b"Rar!\x1a\x07\x01\x00"), UNSUPPORTED, "^a RAR archive"),
    Case("random.bin", holds(bytes(range(7, 250)) * 20), UNSUPPORTED, "^a file of an unknown type"),
    Case("data.xml", holds(b'<?xml version="1.0"?><a/>'), UNSUPPORTED, "^an XML file"),
)

ENDLESS = (
    Case(
        "endless.pdf",
        lambda path: write_endless_pdf(path, before=["First page."], after=["Last page."]),
        INDEXED,
        r"^page 2: reading it took longer than \d+ s$",
        "First page.",
    ),
    Case("only-endless.pdf", write_endless_pdf, DAMAGED, r"^page 1: reading it took longer than \d+ s$"),
    Case(
        "noise.png",
        lambda path: write_noise_picture(path, 4000),
        STORED,
        "^page 1: .* took longer than ",
    ),
    Case(
        "endless-links.rtf",
        holds(b"{\\rtf1 {\\fonttbl" + b"{\\f1 " * 400_000),
        DAMAGED,
        r"reading it took longer than \d+ s",
    ),
)
"""Files that are stopped by a time limit: to be read with short ones."""
