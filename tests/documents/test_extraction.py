"""What is read of each kind of file, and what is said of one that can't be read."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from planning_review.documents import extraction
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.formats import outlook
from planning_review.documents.formats.html import extract_html_text
from planning_review.documents.formats.picture import MAX_FRAMES, read_tiff
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.pages.page_text import (
    MAX_PAGE_CHARACTERS,
    classify_page,
    clean_text,
    make_page,
)
from planning_review.documents.workers.conclusion import conclude_document
from planning_review.documents.workers.messages import PageRead, TextJob, Unreadable
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.models import DocumentState, DocumentText, FileKind
from tests.support.document_files import (
    DRAWING,
    PARKING,
    WORD_NAMESPACE,
    make_mail,
    render_text,
    word_paragraph,
    write_docx,
    write_drawing_pdf,
    write_garbled_pdf,
    write_mail,
    write_odt,
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
    write_word_2003,
    write_xls,
    write_xlsb,
)
from tests.support.ole_files import make_properties, write_msg, write_ole

A4_POINTS = 595.0 * 842
A1_POINTS = 2384.0 * 1684


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(workers=2) as pool:
        yield pool


@pytest.fixture
def read(pool: ExtractionPool, tmp_path: Path):
    def read(path: Path, kind: FileKind | None = None) -> DocumentText:
        return pool.read_document(path, "0" * 64, kind or sniff_kind(path))

    return read


@pytest.mark.parametrize(
    ("text", "area_points", "image_share", "has_marks", "page_class"),
    [
        ("path " * 25, A4_POINTS, 0.0, True, "text"),
        ("path " * 25, A4_POINTS, 1.0, True, "text"),
        ("Received 4 May", A4_POINTS, 0.9, True, "scan"),
        ("Appendix B", A4_POINTS, 0.3, True, "text"),
        ("\ue001" * 30 + "a" * 60, A4_POINTS, 0.0, True, "garbled"),
        ("\ufffd" * 30 + "path " * 150, A4_POINTS, 0.0, True, "text"),
        ("\ue001" * 5, A1_POINTS, 0.0, True, "drawing"),
        ("path " * 125, A1_POINTS, 0.0, True, "drawing"),
        ("", A1_POINTS, 1.0, True, "scan"),
        ("", A4_POINTS, 0.2, True, "picture"),
        ("", A4_POINTS, 0.0, True, "drawing"),
        ("", A4_POINTS, 0.0, False, "blank"),
    ],
)
def test_page_class(
    text: str, area_points: float, image_share: float, has_marks: bool, page_class: str
) -> None:
    assert classify_page(text, area_points, image_share, has_marks) == page_class


def test_text_that_would_break_a_store_is_cleaned() -> None:
    assert clean_text("a\x00b\ud800c\r\nd  \n\n\n\ne\tf") == "abc\nd\n\ne\tf"
    # From each blank to the end of the run, and again, it would take hours.
    assert clean_text("a" + " " * 2_000_000 + "b \n").count(" ") == 2_000_000
    assert clean_text("\uf0b7 wider paths\n\uf0a7 lit") == "• wider paths\n• lit"
    long = make_page(1, "text", "a" * (MAX_PAGE_CHARACTERS + 1))
    assert len(long.text) == MAX_PAGE_CHARACTERS
    assert long.reason == "only its first 1,000,000 characters were read"


def test_text_pdf_is_read_page_by_page(read, tmp_path: Path) -> None:
    text = read(write_text_pdf(tmp_path / "a.pdf", [PARKING, "", "Conclusions\n\n" + PARKING]))
    assert text.state is DocumentState.INDEXED
    assert text.reason is None
    assert text.extractor == EXTRACTOR_VERSION
    assert [(page.number, page.page_class) for page in text.pages] == [(1, "text"), (2, "blank"), (3, "text")]
    assert "a covered and secure store" in text.pages[0].text
    assert text.page_count == 3


def test_ligatures_are_read_as_letters(read, tmp_path: Path) -> None:
    document = pymupdf.open()
    writer = pymupdf.TextWriter(document.new_page().rect)
    writer.append((72, 72), "Tra\ufb03c on the \ufb01rst day", font=pymupdf.Font("helv"))
    writer.write_text(document[0])
    document.save(tmp_path / "a.pdf")
    assert read(tmp_path / "a.pdf").pages[0].text == "Traffic on the first day"


def test_a_scan_between_text_pages_is_read_by_ocr(read, tmp_path: Path) -> None:
    document = pymupdf.open(write_text_pdf(tmp_path / "text.pdf", [PARKING, PARKING]))
    scan = pymupdf.open(write_scanned_pdf(tmp_path / "scan.pdf", ["The ramp has a gradient of 1 in 12."]))
    document.insert_pdf(scan, start_at=1)
    document.save(tmp_path / "mixed.pdf")
    text = read(tmp_path / "mixed.pdf")
    assert [(page.page_class, page.ocr) for page in text.pages] == [
        ("text", False),
        ("scan", True),
        ("text", False),
    ]
    assert "gradient of 1 in 12" in text.pages[1].text
    assert (text.pages[1].ocr_confidence or 0) > 80
    assert text.ocr_pages == 1
    assert text.reason is None


def test_a_garbled_font_is_read_by_ocr(read, tmp_path: Path) -> None:
    (page,) = read(write_garbled_pdf(tmp_path / "a.pdf", PARKING)).pages
    assert (page.page_class, page.ocr) == ("garbled", True)
    assert "bicycles" in page.text


def test_a_drawing_keeps_its_labels_and_is_not_read_by_ocr(read, tmp_path: Path) -> None:
    text = read(write_drawing_pdf(tmp_path / "a.pdf", ["Site Plan 1:500", "Cycle store"]))
    assert [(page.page_class, page.ocr) for page in text.pages] == [("drawing", False)]
    assert "Cycle store" in text.pages[0].text
    assert text.state is DocumentState.INDEXED


def test_a_drawing_without_text_is_stored(read, tmp_path: Path) -> None:
    text = read(write_drawing_pdf(tmp_path / "a.pdf"))
    assert (text.state, text.reason) == (DocumentState.STORED, "a drawing without readable text")


def test_locked_pdf(read, tmp_path: Path) -> None:
    path = write_text_pdf(
        tmp_path / "a.pdf", [PARKING], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u"
    )
    text = read(path)
    assert (text.state, text.reason) == (DocumentState.LOCKED, "the PDF is locked with a password")
    assert text.pages == ()


def test_a_pdf_that_only_forbids_changes_is_read(read, tmp_path: Path) -> None:
    path = write_text_pdf(
        tmp_path / "a.pdf", [PARKING], encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", permissions=0
    )
    assert read(path).state is DocumentState.INDEXED


def test_truncated_pdf_is_read_as_far_as_it_goes_or_called_damaged(read, tmp_path: Path) -> None:
    data = write_text_pdf(tmp_path / "whole.pdf", [PARKING] * 20).read_bytes()
    states = set()
    for share in (0.02, 0.5, 0.95):
        path = tmp_path / f"{share}.pdf"
        path.write_bytes(data[: int(len(data) * share)])
        text = read(path)
        assert text.reason
        states.add(text.state)
    assert DocumentState.DAMAGED in states
    assert states <= {DocumentState.DAMAGED, DocumentState.INDEXED}


def test_repaired_pdf_is_indexed_with_a_reason(read, tmp_path: Path) -> None:
    data = write_text_pdf(tmp_path / "whole.pdf", [PARKING]).read_bytes()
    path = tmp_path / "a.pdf"
    path.write_bytes(data[: data.rindex(b"xref")])
    text = read(path)
    assert text.state is DocumentState.INDEXED
    assert text.reason == "the file is damaged and was repaired, so text may be missing"
    assert "24 bicycles" in text.pages[0].text


def test_pdf_without_pages_is_damaged(read, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n"
    )
    text = read(path)
    assert (text.state, text.reason) == (DocumentState.DAMAGED, "the PDF is damaged: it has no pages")


@pytest.mark.parametrize(
    ("data", "state", "words"),
    [
        (b"", DocumentState.DAMAGED, "empty (0 bytes)"),
        (b"AC1032" + bytes(40), DocumentState.UNSUPPORTED, "a CAD drawing (DWG)"),
        (b"\xff\xd8\xff\xe0" + bytes(200), DocumentState.DAMAGED, "picture is damaged"),
        (
            b"PK\x03\x04" + bytes(26) + b"word/document.xml" + bytes(50),
            DocumentState.DAMAGED,
            "Word file is damaged",
        ),
        (
            b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml" + bytes(50),
            DocumentState.DAMAGED,
            "Excel file is damaged",
        ),
    ],
)
def test_bytes_that_hold_no_document(
    read, tmp_path: Path, data: bytes, state: DocumentState, words: str
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    text = read(path)
    assert text.state is state
    assert words in (text.reason or "")


def test_a_web_page_taken_for_a_pdf_is_damaged(read, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<html><body>%PDF- not here, says the register</body></html>")
    assert read(path, FileKind.PDF).state is DocumentState.DAMAGED


@pytest.mark.parametrize(
    ("stream", "state", "words"),
    [
        ("WordDocument", DocumentState.DAMAGED, "the Word file is damaged"),
        ("Workbook", DocumentState.DAMAGED, "the Excel file is damaged"),
        ("PowerPoint Document", DocumentState.DAMAGED, "the PowerPoint file is damaged"),
        ("EncryptedPackage", DocumentState.LOCKED, "locked with a password"),
        ("Thumbs", DocumentState.UNSUPPORTED, "an old Microsoft Office file"),
    ],
)
def test_office_containers(read, tmp_path: Path, stream: str, state: DocumentState, words: str) -> None:
    text = read(write_ole(tmp_path / "a", {stream: b"x"}))
    assert text.state is state
    assert words in (text.reason or "")


NAMED = "a CAD drawing (DWG): files of this type are kept but not read"


def test_an_archive_of_nothing_that_is_read_is_unsupported_and_says_what_it_holds(
    read, tmp_path: Path
) -> None:
    text = read(write_zip(tmp_path / "a.zip"))
    assert (text.state, text.reason) == (DocumentState.UNSUPPORTED, f"file 1 (plans/site.dwg): {NAMED}")


def test_the_files_of_an_archive_are_read_in_their_places_and_the_others_named(read, tmp_path: Path) -> None:
    inner = write_zip_members(tmp_path / "b.zip", {"b.txt": "Showers for staff."})
    members = {"plan.dwg": DRAWING, "a.txt": PARKING, "b.zip": inner.read_bytes()}
    text = read(write_zip_members(tmp_path / "a.zip", members))
    assert (text.state, text.reason) == (DocumentState.INDEXED, f"file 1 (plan.dwg): {NAMED}")
    assert [(page.number, page.part, page.part_page, page.text) for page in text.pages if page.text] == [
        (2, "file 2", 1, PARKING),
        (3, "file 3, file 1", 1, "Showers for staff."),
    ]


def test_a_damaged_file_in_an_archive_costs_itself_and_not_those_behind_it(read, tmp_path: Path) -> None:
    picture = BytesIO()
    render_text("A").save(picture, format="WEBP")
    # As it is cut, Pillow raises what it does for a disk that fails.
    members = {
        "a.webp": picture.getvalue()[:60],
        "b.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "c.txt": PARKING,
    }
    text = read(write_zip_members(tmp_path / "a.zip", members))
    assert [(page.part, page.text) for page in text.pages] == [
        ("file 1 (a.webp)", ""),
        ("file 2 (b.xls)", ""),
        ("file 3", PARKING),
    ]
    assert "file 1 (a.webp): the picture is damaged and does not open" in (text.reason or "")
    assert "file 2 (b.xls): an old Office file or an Outlook message that is damaged" in (text.reason or "")


@pytest.mark.parametrize("form", ["GIF", "BMP", "JPEG2000", "WEBP", "HEIC"])
def test_a_picture_of_each_format_is_read_by_ocr(read, tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.pdf"
    words = "The shared path is lit."
    if form == "HEIC":
        write_heic(path, words)
    else:
        render_text(words).save(path, format=form)
    text = read(path)
    assert (text.state, text.reason, text.ocr_pages) == (DocumentState.INDEXED, None, 1)
    assert words in text.pages[0].text


def test_the_picture_in_a_saved_web_page_is_read_by_ocr(read, tmp_path: Path) -> None:
    picture = BytesIO()
    render_text("The ramp has a gradient of 1 in 12.").save(picture, format="PNG")
    html = "<html><head><title>No</title></head><body><p>I object.</p></body></html>"
    text = read(write_saved_page(tmp_path / "a.mht", html, picture.getvalue()))
    assert [(page.part, page.ocr) for page in text.pages] == [(None, False), ("picture 1", True)]
    assert text.pages[0].text == "I object."
    assert "gradient of 1 in 12" in text.pages[1].text


def test_slides_and_sheets_are_pages_in_the_order_in_which_they_are_shown(read, tmp_path: Path) -> None:
    slides = ["Cycle parking – 24 stands", "Showers for staff"]
    made = (
        write_pptx(tmp_path / "a", slides),
        write_ppt(tmp_path / "b", slides),
        write_odp(tmp_path / "c", slides),
    )
    for path in made:
        text = read(path)
        assert (text.reason, [page.text for page in text.pages]) == (None, slides), text.kind
    for path in (write_xls(tmp_path / "d"), write_xlsb(tmp_path / "e"), write_ods(tmp_path / "f")):
        text = read(path)
        pages = [page.text for page in text.pages]
        assert (text.reason, pages) == (None, ["Counts\n\nHour | Cycles\n08:00 | 212"]), text.kind


def test_a_word_file_in_one_xml_file_is_read_as_what_it_is(read, tmp_path: Path) -> None:
    for path in (write_flat_word(tmp_path / "a", PARKING), write_word_2003(tmp_path / "b", PARKING)):
        text = read(path)
        assert (text.kind, text.reason) == (FileKind.WORD_XML, None)
        assert "24 bicycles" in text.pages[0].text


def test_word_file_is_one_page_in_its_own_order(read, tmp_path: Path) -> None:
    text = read(write_docx(tmp_path / "a.docx"))
    assert [page.number for page in text.pages] == [1]
    assert text.pages[0].text == (
        "Travel Plan\n\nThe site lies 400 metres from the station.\n\nUse | Spaces\nFlats | 24\n\n"
        "Showers are provided for staff."
    )


def test_excel_sheets_are_pages(read, tmp_path: Path) -> None:
    text = read(write_xlsx(tmp_path / "named wrongly.pdf"))
    assert [page.text for page in text.pages] == [
        "Counts\n\nHour | Cycles\n08:00 | 212",
        "Parking\n\nStands | 12",
    ]


def test_plain_text_in_an_old_encoding(read, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("The café’s cycle stands are on the pavement.".encode("cp1252"))
    assert read(path).pages[0].text == "The café’s cycle stands are on the pavement."


def test_each_frame_of_a_tiff_is_a_page(read, tmp_path: Path) -> None:
    text = read(write_tiff(tmp_path / "a.tif", ["Appendix A: swept paths", "Appendix B: traffic counts"]))
    assert ["swept paths" in text.pages[0].text, "traffic counts" in text.pages[1].text] == [True, True]
    assert text.ocr_pages == 2


def test_a_word_file_is_read_to_its_edges_and_each_part_once(read, tmp_path: Path) -> None:
    box = (
        "<w:p><w:r><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
        f"<mc:Choice><w:txbxContent>{word_paragraph('A box')}</w:txbxContent></mc:Choice>"
        f"<mc:Fallback><w:txbxContent>{word_paragraph('A box')}</w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    moved = "<w:moveFrom><w:r><w:t>Moved</w:t></w:r></w:moveFrom>"
    body = f"<w:p>{moved}<w:r><w:t>Body</w:t></w:r></w:p>{box}"
    separator = f'<w:footnote w:type="separator">{word_paragraph("line")}</w:footnote>'
    text = read(
        write_word_parts(
            tmp_path / "a.docx",
            {
                "document": f"<w:body>{body}</w:body>",
                "header1": word_paragraph("Header"),
                "header2": word_paragraph("Header"),
                "header3": word_paragraph("Header of the first page"),
                "footer1": word_paragraph("Footer"),
                "footnotes": f"{separator}<w:footnote>{word_paragraph('Footnote')}</w:footnote>",
                "endnotes": f"<w:endnote>{word_paragraph('Endnote')}</w:endnote>",
            },
        )
    )
    expected = ["Header", "Header of the first page", "Body", "A box", "Footer", "Footnote", "Endnote"]
    assert text.pages[0].text.split("\n\n") == expected


def test_an_open_document_is_one_page_in_its_own_order(read, tmp_path: Path) -> None:
    assert read(write_odt(tmp_path / "a.odt")).pages[0].text == (
        "Travel Plan\n\nThe site lies 400 metres from the station.\n\nWide paths\n\nLit paths\n\n"
        "Use | Spaces\nFlats | 24\n\nShowers for staff\n\nMeasured along the path."
    )


def test_an_rtf_file_is_read_without_its_pictures_and_commands(read, tmp_path: Path) -> None:
    path = write_rtf(tmp_path / "a.rtf", "Café – 24 stands\nNext")
    picture = b"{\\pict\\wmetafile8 " + b"0a1b2c3d" * 50_000 + b"}"
    link = b'{\\field{\\*\\fldinst{HYPERLINK "http://a.example"}}{\\fldrslt{ the plan}}}'
    path.write_bytes(path.read_bytes()[:-1] + picture + link + b"}")
    text = read(path)
    assert text.pages[0].text == "Café – 24 stands\nNext the plan"
    assert text.reason == "picture 1: a Windows drawing (WMF): files of this type are kept but not read"


def test_a_mail_is_its_headers_its_body_and_the_names_of_what_is_attached(read, tmp_path: Path) -> None:
    inner = make_mail("As I said then.", attachments=[("inner.txt", b"Lit at night.")])
    mail = make_mail("I object.", "<p>I object in colour.</p>", [("Übersicht.txt", b"The path is 2 m wide.")])
    mail.add_attachment(inner)
    headers = (
        "From: Zoë Reed <zoe@example.org>\nTo: planning@example.org\n"
        "Date: Wed, 01 Oct 2025 10:00:00 +0100\nSubject: Objection to 25/01234/F\n\n"
    )
    text = read(write_mail(tmp_path / "a.eml", mail))
    assert text.reason is None
    # The mail in the mail once: as a part, named in the text.
    assert [(page.part, page.text) for page in text.pages] == [
        (None, f"{headers}I object.\n\nAttachments: Übersicht.txt, Objection to 25/01234/F"),
        ("attachment 1", "The path is 2 m wide."),
        ("attachment 2", f"{headers}As I said then.\n\nAttachments: inner.txt"),
        ("attachment 2, attachment 1", "Lit at night."),
    ]


def test_an_outlook_message_is_read_like_a_mail(read, tmp_path: Path) -> None:
    path = write_msg(tmp_path / "a.msg", attachments=[("plan.dwg", DRAWING), ("note.txt", b"Lit at night.")])
    text = read(path)
    assert [(page.part, page.text) for page in text.pages] == [
        (
            None,
            'From: "Anna Reed" <anna@example.org>\nTo: Planning\nDate: 01 October 2025 09:00 UTC\n'
            "Subject: Objection to 25/01234/F\n\nThe shared path is too narrow.\n\n"
            "Attachments: plan.dwg, note.txt",
        ),
        ("attachment 1 (plan.dwg)", ""),
        ("attachment 2", "Lit at night."),
    ]
    assert text.reason == f"attachment 1 (plan.dwg): {NAMED}"


def test_a_message_in_a_message_is_read_once_and_what_is_attached_to_it_too(read, tmp_path: Path) -> None:
    inner = make_properties({0x0037: "The earlier one", 0x1000: "As I said then."}, 24, {})
    note = make_properties({0x3707: "note.txt"}, 8, {0x3701: b"Lit at night."})
    path = write_msg(
        tmp_path / "a.msg",
        attachments=[(f"{number}.txt", f"Stand {number}".encode()) for number in range(1, 12)],
        inner_message={**inner, "__attach_version1.0_#00000000": note},
    )
    text = read(path)
    assert text.reason is None
    assert [(page.part, page.text) for page in text.pages[1:]] == [
        *((f"attachment {number}", f"Stand {number}") for number in range(1, 12)),
        ("attachment 12, attachment 1", "Lit at night."),
    ]
    everything = "\n".join(page.text for page in text.pages)
    assert everything.count("As I said then.") == everything.count("Lit at night.") == 1
    assert text.pages[0].text.endswith(
        "10.txt, 11.txt\n\nAttached message:\nSubject: The earlier one\n\nAs I said then."
        "\n\nAttachments: note.txt"
    )


def test_a_file_attached_to_an_outlook_message_is_not_even_unpacked_and_a_message_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = make_properties({0x0037: "The earlier one", 0x1000: "As I said then."}, 24, {})
    drawing = {"__substg1.0_3701000D": {"Contents": b"x" * 90_000}, "__substg1.0_37010102": b"x" * 90_000}
    path = write_msg(
        tmp_path / "a.msg",
        attachments=[("plan.doc", b"x" * 90_000)],
        inner_message={**inner, "__attach_version1.0_#00000000": {**make_properties({}, 8, {}), **drawing}},
    )
    monkeypatch.setattr(outlook, "_MAX_ALL_BYTES", 20_000)
    _, event = outlook.read_msg(path)
    assert isinstance(event, PageRead)
    assert event.page.text.endswith(
        "Attachments: plan.doc\n\nAttached message:\nSubject: The earlier one\n\nAs I said then."
        "\n\nAttachments: a file without a name"
    )


def test_html_becomes_the_text_that_a_reader_sees() -> None:
    html = (
        "<?xml version='1.0' encoding='latin-1'?><html><head><title>No</title><style>p{}</style></head>"
        "<body><h1>Parking</h1><p>Two\n  stands<br>per flat &amp; a <b>store</b>.<br>\n<br>Lit.</p>"
        "<script>no()</script>"
        "<table><tr><td>Flats</td><td>24</td></tr><tr><td>Shop</td><td>6</td></tr></table>"
        "<ul><li>lit</li><li>dry</li></ul><!-- no --></body></html>"
    )
    assert extract_html_text(html) == (
        "Parking\n\nTwo stands\nper flat & a store.\n\nLit.\n\nFlats | 24\nShop | 6\n\nlit\ndry"
    )
    assert extract_html_text("") == extract_html_text("\x00 ") == ""
    assert extract_html_text("<p>top</p>" + "<div>" * 100_000 + "too deep") == "top"


def test_no_file_outside_is_read_through_an_entity(read, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not for the reader")
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "word/document.xml",
            f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b "inner">]>'
            f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body>{word_paragraph("Before &a;&b;")}</w:body>'
            "</w:document>",
        )
    assert read(path).pages[0].text == "Before"


def test_frames_beyond_the_limit_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.new("1", (8, 8))] * (MAX_FRAMES + 100)
    frames[0].save(path, format="TIFF", save_all=True, append_images=frames[1:])
    opened, *events = read_tiff(path)
    pages = [event.page for event in events if isinstance(event, PageRead)]
    assert (opened.page_count, len(pages)) == (MAX_FRAMES + 100, MAX_FRAMES)
    text = conclude_document(
        "x", FileKind.TIFF, "none", page_count=2100, repaired=False, pages=pages, ended=None, failure=None
    )
    assert "100 of its 2100 pages were not read (only so many are read of one file)" in (text.reason or "")


def test_a_document_is_read_up_to_its_limit_of_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx")
    monkeypatch.setattr(extraction, "MAX_DOCUMENT_CHARACTERS", 10)
    seen = []
    with pytest.raises(Unreadable, match="characters are read"):
        seen += extraction.read_text(TextJob(path=str(path), kind=FileKind.XLSX))
    events = extraction.read_text(TextJob(path=str(path), kind=FileKind.XLSX))
    assert [next(events).said, next(events).said] == ["opened", "page"]
