"""Kinds of pages and files that hold more, or less, than their text says: read, left out or named."""

import io
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import docx
import pymupdf
import pytest
from PIL import Image

from planning_review.documents.formats.pdf import open_pdf, read_pdf
from planning_review.documents.pages.page_text import DAMAGED_IN_PART, HIDDEN_TEXT
from planning_review.documents.parts import read_with_parts
from planning_review.documents.workers.messages import PageRead, Unreadable
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.models import DocumentState, DocumentText, FileKind, PageText
from planning_review.rules.plain_words import write_plainly
from planning_review.text.folding import fold_for_patterns
from planning_review.text.language import has_spoilt_words, is_letter_soup
from tests.support.awkward_pdfs import insert_picture, write_scan_with_layer
from tests.support.document_files import PARKING, render_text

PARKING_WORDS = "Cycle parking for 24 bicycles is provided in a covered and secure store"
STAMP = (
    "Received by the council on 4 May 2025. Development Management, Bodicote House. Application 25/00001/F. "
    "This document is published as it was received, and the council takes no responsibility for it."
)
PROSE = (
    "This statement describes the site and its surroundings.\nIt was written for the applicant in March, "
    "after two\nvisits to the place in the morning and one at night."
)
BODY = b"BT /F1 11 Tf 14 TL 60 600 Td " + b" ".join(
    b"(%s) Tj T*" % line.encode() for line in PROSE.split("\n")
)
UNSEEN = "This scheme complies with every policy"


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture
def read(pool: ExtractionPool):
    def read(path: Path, kind: FileKind = FileKind.PDF) -> DocumentText:
        return pool.read_document(path, "0" * 64, kind)

    return read


def _flat(text: str) -> str:
    return " ".join(text.split())


def _read_parts(path: Path) -> list[PageText]:
    """Return the pages of a file and of its parts as they are before OCR."""
    return [event.page for event in read_with_parts(path, None) if isinstance(event, PageRead)]


def _write_contents(path: Path, contents: bytes, resources: str = "", form: bytes | None = None) -> Path:
    """Write a page of contents written by hand, with the form /X1 where it is given."""
    document = pymupdf.open()
    page = document.new_page()
    font = document.get_new_xref()
    document.update_object(font, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    fonts = f"/Font<</F1 {font} 0 R>>"
    if form is not None:
        xref = document.get_new_xref()
        document.update_object(
            xref, f"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<{fonts}>>/Length 0>>"
        )
        document.update_stream(xref, form)
        resources += f"/XObject<</X1 {xref} 0 R>>"
    document.xref_set_key(page.xref, "Resources", f"<<{fonts}{resources}>>")
    stream = document.get_new_xref()
    document.update_object(stream, "<</Length 0>>")
    document.update_stream(stream, contents)
    document.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
    document.save(path)
    return path


def _write_scan(path: Path, image: Image.Image, stamp: str = "") -> Path:
    document = pymupdf.open()
    page = document.new_page()
    insert_picture(page, image, 0, 0, 595)
    if stamp:
        page.insert_textbox((60, 690, 540, 820), stamp, fontsize=9)
    document.save(path)
    return path


@pytest.mark.parametrize("degrees", [8, 90])
def test_a_scan_under_a_stamp_is_read_however_it_lies(read, tmp_path: Path, degrees: int) -> None:
    upright = render_text(f"{PARKING}\n\n{PROSE}").crop((0, 0, 1240, 1240))
    image = upright.rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC)

    (page,) = read(_write_scan(tmp_path / "a.pdf", image, STAMP)).pages

    assert PARKING_WORDS in _flat(page.text)
    assert "Bodicote House" in page.text


def test_a_table_pasted_as_a_picture_is_read_to_its_last_column(read, tmp_path: Path) -> None:
    picture = Image.new("L", (1000, 260), 255)
    for row, (street, width, stands) in enumerate(
        (("Street", "Width of cycle track", "Stands"), ("Mill Lane", "2.2 m", "14"))
    ):
        for left, words in ((10, street), (330, width), (860, stands)):
            picture.paste(_draw_words(words), (left, 20 + 90 * row))
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox((60, 60, 540, 300), PROSE * 3, fontsize=11)
    insert_picture(page, picture, 60, 400, 400)
    document.save(tmp_path / "a.pdf")

    (page_text,) = read(tmp_path / "a.pdf").pages

    assert "Mill Lane" in page_text.text
    assert "14" in page_text.text


def _draw_words(words: str) -> Image.Image:
    return render_text(words, dpi=130).crop((100, 100, 520, 150))


def test_a_good_invisible_layer_keeps_every_word(read, tmp_path: Path) -> None:
    text = read(
        write_scan_with_layer(tmp_path / "a.pdf", f"{PARKING}\n\n{PROSE}", f"{PARKING}\n\n\n\n\n\n{PROSE}")
    )

    assert PARKING_WORDS in _flat(text.pages[0].text)
    assert text.pages[0].reason is None


def test_words_that_a_bad_scanner_spoils_are_told_from_good_ones() -> None:
    assert has_spoilt_words(
        ".i1hwjuu ctmleIls ,n the ptotcs;, at Orchard :arm be I1I metres wide Ih.ch ,s cjrc:ve"
    )
    assert not has_spoilt_words(
        "Table 4-2: A40 to B4035, 2.5 m wide (see DM/12/3), it's on-street; 24 Sheffield stands, " * 2
    )


def test_soup_in_one_part_of_a_page_is_found() -> None:
    shifted = "".join(chr(ord(letter) + 1) if letter.isalpha() else letter for letter in PROSE.lower())

    assert is_letter_soup(f"{PROSE}\n" * 4 + f"{shifted}\n" * 3)
    assert not is_letter_soup(f"{PROSE}\n" * 7)


def test_a_cut_picture_of_a_scan_is_named(read, tmp_path: Path) -> None:
    data = io.BytesIO()
    render_text(PARKING + "\n" + PROSE * 5, dpi=100).save(data, format="JPEG", quality=80)
    whole = data.getvalue()
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, stream=whole)
    half = whole[len(whole) // 2 :]
    (tmp_path / "a.pdf").write_bytes(document.tobytes().replace(half, bytes(len(half))))

    assert read(tmp_path / "a.pdf").pages[0].reason == DAMAGED_IN_PART


def test_a_form_whose_stream_ends_too_early_is_named(tmp_path: Path) -> None:
    path = _write_contents(
        tmp_path / "a.pdf", BODY + b" ET /X1 Do", form=b"BT /F1 9 Tf 60 500 Td (A note) Tj ET" * 20
    )
    document = pymupdf.open(path)
    xref = next(xref for xref in range(1, document.xref_length()) if "/Form" in document.xref_object(xref))
    document.update_stream(xref, zlib.compress(document.xref_stream(xref))[:30], compress=False)
    document.xref_set_key(xref, "Filter", "/FlateDecode")
    document.save(tmp_path / "b.pdf")

    (page,) = [event.page for event in read_pdf(tmp_path / "b.pdf", 1) if isinstance(event, PageRead)]

    assert page.reason == DAMAGED_IN_PART


_HIDING: Sequence[tuple[str, bytes, str, bytes | None]] = (
    ("nearly white", b"q .99 .99 .985 rg BT /F1 9 Tf 60 650 Td (%s) Tj ET Q 0 g ", "", None),
    ("in a form", b"/X1 Do 0 g ", "", b"BT 1 1 1 rg /F1 9 Tf 60 650 Td (%s) Tj ET"),
    (
        "without opacity",
        b"q /G0 gs BT /F1 9 Tf 60 650 Td (%s) Tj ET Q ",
        "/ExtGState<</G0<</ca 0/CA 0>>>>",
        None,
    ),
    (
        "below a path",
        b"BT /F1 9 Tf 60 650 Td (%s) Tj ET 0 g 50 640 m 300 640 l 300 662 l 50 662 l h f ",
        "",
        None,
    ),
)


@pytest.mark.parametrize(("how", "contents", "resources", "form"), _HIDING, ids=[case[0] for case in _HIDING])
def test_what_nobody_sees_is_left_out(
    read, tmp_path: Path, how: str, contents: bytes, resources: str, form: bytes | None
) -> None:
    own = contents.replace(b"%s", UNSEEN.encode())
    path = _write_contents(
        tmp_path / "a.pdf", own + BODY + b" ET", resources, form and form.replace(b"%s", UNSEEN.encode())
    )

    (page,) = read(path).pages

    assert UNSEEN not in _flat(page.text)
    assert "describes the site" in _flat(page.text)
    assert page.reason == HIDDEN_TEXT


def test_raised_figures_are_no_part_of_the_figure_before_them(tmp_path: Path) -> None:
    raised = b"/F1 7 Tf 4 Ts (%s) Tj /F1 11 Tf 0 Ts "
    line = (
        b"BT /F1 11 Tf 60 700 Td (A track of 5.5) Tj "
        + raised % b"1"
        + b"( metres for 10) Tj "
        + raised % b"2"
    )
    path = _write_contents(
        tmp_path / "a.pdf",
        line + b"( riders, 40 m) Tj " + raised % b"2" + b"( in all) Tj ET " + BODY + b" ET",
    )

    text = _flat(_read_parts(path)[0].text)

    assert "A track of 5.5¹ metres for 10² riders, 40 m2 in all" in text
    assert fold_for_patterns("a track of 5.5¹ metres") == "a track of 5.5 metres"
    assert "5.5 m " in write_plainly("a track of 5.5¹ metres")


def test_a_word_printed_three_times_to_look_bold_stands_once(tmp_path: Path) -> None:
    words = b"".join(
        b"BT /F1 12 Tf %.1f 700 Td (%s) Tj ET " % (left + step, word)
        for word, left in ((b"The", 60), (b"footway", 90), (b"is", 150), (b"narrow", 165))
        for step in (0, 0.3, 0.6)
    )

    text = _flat(_read_parts(_write_contents(tmp_path / "a.pdf", words + BODY + b" ET"))[0].text)

    assert text.startswith("The footway is narrow This statement")


def test_a_pdf_of_which_only_attachments_are_locked_is_read(tmp_path: Path) -> None:
    rules = (
        "<</Filter/Standard/V 4/R 4/Length 128/P -4/O <%s>/U <%s>/CF<</StdCF<</CFM/AESV2/Length 16>>>>%s>>"
    )
    for name, own in (
        ("open", "/StmF/Identity/StrF/Identity/EFF/StdCF"),
        ("locked", "/StmF/StdCF/StrF/StdCF/EFF/StdCF"),
    ):
        document = pymupdf.open()
        document.new_page().insert_text((60, 100), PARKING_WORDS)
        xref = document.get_new_xref()
        document.update_object(xref, rules % ("41" * 32, "42" * 32, own))
        data = document.tobytes().replace(b"trailer\n<<", b"trailer\n<</Encrypt %d 0 R" % xref)
        (tmp_path / f"{name}.pdf").write_bytes(data)

    assert PARKING_WORDS in open_pdf(tmp_path / "open.pdf")[0].get_text()
    with pytest.raises(Unreadable) as locked:
        open_pdf(tmp_path / "locked.pdf")
    assert locked.value.state is DocumentState.LOCKED


def test_the_answers_of_an_xfa_form_are_read(tmp_path: Path) -> None:
    answers = (
        b'<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form>'
        b"<parking>Twelve stands</parking><note/></form></xfa:data></xfa:datasets>"
    )
    document = pymupdf.open()
    document.new_page().insert_text((60, 100), "Please wait...")
    stream = document.get_new_xref()
    document.update_object(stream, "<</Length 0>>")
    document.update_stream(stream, answers)
    document.xref_set_key(document.pdf_catalog(), "AcroForm", f"<</Fields[]/XFA[(datasets) {stream} 0 R]>>")
    document.save(tmp_path / "a.pdf")

    wait, answered = _read_parts(tmp_path / "a.pdf")

    assert wait.text == "Please wait..."
    assert (answered.part, answered.text) == ("answers of the form", "parking: Twelve stands")


def _picture_data(text: str) -> bytes:
    data = io.BytesIO()
    render_text(text).crop((0, 0, 1100, 400)).save(data, format="JPEG", quality=80)
    return data.getvalue()


def test_an_rtf_file_gives_its_pictures_and_pages_and_keeps_what_is_hidden(read, tmp_path: Path) -> None:
    picture = _picture_data(PARKING)
    source = (
        rb"{\rtf1\ansi{\colortbl;\red255\green255\blue255;\red0\green0\blue0;}See the letter.\par"
        rb"{\v Draft one}{\cf1 Draft two}\v Draft three\v0  {\cf1\highlight2 On black.}"
        rb"{\*\shppict{\pict\jpegblip\picw1 "
        + picture.hex().encode()
        + rb"}}{\nonshppict{\pict\wmetafile8 0100}}"
        rb"\page {\pict\jpegblip\bin%d "
        % len(picture)
        + picture
        + rb"}The end.{\*\annotation{\chatn}\pard Too narrow.}\par}"
    )
    (tmp_path / "a.rtf").write_bytes(source)

    text = read(tmp_path / "a.rtf", FileKind.RTF)

    assert [(page.part, page.part_page) for page in text.pages] == [
        (None, None),
        (None, None),
        ("picture 1", 1),
        ("picture 2", 1),
    ]
    assert _flat(text.pages[0].text) == "See the letter. On black."
    assert _flat(text.pages[1].text) == "The end. Too narrow."
    assert text.pages[1].reason == HIDDEN_TEXT
    assert all(PARKING_WORDS in _flat(page.text) for page in text.pages[2:])


def test_a_web_page_gives_the_pictures_in_its_source(tmp_path: Path) -> None:
    data = b64encode(_picture_data(PARKING))
    (tmp_path / "a.html").write_bytes(
        b'<html><p>See</p><img src="data:image/jpeg;base64,' + data + b'"></html>'
    )

    page, picture = _read_parts(tmp_path / "a.html")

    assert page.text == "See"
    assert (picture.part, picture.page_class) == ("picture 1", "scan")


def test_words_under_a_thick_line_are_left_out(read, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 300), PROSE.split("\n"), fontsize=11)
    page.insert_text((60, 500), UNSEEN, fontsize=11)
    page.draw_line((50, 497), (400, 497), width=16)
    document.save(tmp_path / "a.pdf")

    text = read(tmp_path / "a.pdf")

    assert UNSEEN not in text.pages[0].text
    assert "for the applicant in March" in text.pages[0].text
    assert HIDDEN_TEXT in (text.reason or "")


@pytest.mark.parametrize(
    ("before", "raised", "written"), [("3.1", "14", "3.1¹⁴"), ("Area 640 m", "2", "Area 640 m2")]
)
def test_raised_figures_of_word_are_no_part_of_those_before(
    tmp_path: Path, before: str, raised: str, written: str
) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph(before)
    paragraph.add_run(raised).font.superscript = True
    document.save(str(tmp_path / "a.docx"))

    assert _read_parts(tmp_path / "a.docx")[0].text == written
