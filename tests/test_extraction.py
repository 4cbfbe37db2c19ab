"""What is read of each kind of file, and what is said of one that can't be read."""

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from document_files import (
    PARKING,
    write_docx,
    write_drawing_pdf,
    write_garbled_pdf,
    write_ole,
    write_scanned_pdf,
    write_text_pdf,
    write_tiff,
    write_xlsx,
    write_zip,
)

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.page_text import MAX_PAGE_CHARACTERS, classify_page, clean_text, make_page
from planning_review.documents.sniffing import sniff_kind
from planning_review.documents.workers import ExtractionPool
from planning_review.models import DocumentState, DocumentText, FileKind

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
        ("a" * 100, A4_POINTS, 0.0, True, "text"),
        ("a" * 100, A4_POINTS, 1.0, True, "text"),
        ("Received 4 May", A4_POINTS, 0.9, True, "scan"),
        ("Appendix B", A4_POINTS, 0.3, True, "text"),
        ("\ue001" * 30 + "a" * 60, A4_POINTS, 0.0, True, "garbled"),
        ("\ufffd" * 30 + "a" * 600, A4_POINTS, 0.0, True, "text"),
        ("\ue001" * 5, A1_POINTS, 0.0, True, "drawing"),
        ("a" * 500, A1_POINTS, 0.0, True, "drawing"),
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
    assert clean_text("\uf0b7 wider paths\n\uf0a7 lit") == "• wider paths\n• lit"
    long = make_page(1, "text", "a" * (MAX_PAGE_CHARACTERS + 1))
    assert len(long.text) == MAX_PAGE_CHARACTERS
    assert long.reason == "only its first 200,000 characters were read"


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
        (b"<html><body>Session expired</body></html>", DocumentState.UNSUPPORTED, "web page"),
        (b"AC1032" + bytes(40), DocumentState.UNSUPPORTED, "AutoCAD"),
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
        ("__properties_version1.0", DocumentState.UNSUPPORTED, "an Outlook message (.msg)"),
        ("WordDocument", DocumentState.UNSUPPORTED, "an old Word file (.doc)"),
        ("EncryptedPackage", DocumentState.LOCKED, "locked with a password"),
    ],
)
def test_office_containers(read, tmp_path: Path, stream: str, state: DocumentState, words: str) -> None:
    text = read(write_ole(tmp_path / "a", stream))
    assert text.state is state
    assert words in (text.reason or "")


def test_zip_is_unsupported(read, tmp_path: Path) -> None:
    assert read(write_zip(tmp_path / "a.zip")).state is DocumentState.UNSUPPORTED


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
