"""A page accounts for what it shows: what its text lacks is read by OCR, or named."""

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw

from planning_review.documents.formats.pdf import read_pdf
from planning_review.documents.pages.look import NOT_READ
from planning_review.documents.pages.mending import Vocabulary, join_divided_words
from planning_review.documents.pages.page_text import DAMAGED_IN_PART, HIDDEN_TEXT, needs_ocr
from planning_review.documents.places import PLACE_UNITS, find_quote_boxes, read_pdf_places
from planning_review.documents.workers.messages import PageRead
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.models import DocumentState, DocumentText, FileKind, PageText
from planning_review.text.language import has_few_common_words, is_letter_soup
from tests.support.awkward_pdfs import (
    SURVEY,
    insert_picture,
    write_covered_words,
    write_damaged_stream,
    write_form,
    write_hidden_words,
    write_notes,
    write_outlined_text,
    write_pasted_letter,
    write_photo_page,
    write_portfolio,
    write_scan_with_layer,
    write_spaced_letters,
    write_stamped_scan,
    write_wrong_map,
)
from tests.support.document_files import PARKING, write_scanned_pdf, write_text_pdf

PARKING_WORDS = "Cycle parking for 24 bicycles is provided in a covered and secure store"
_DRAWING = b"AC1027" + bytes(40)
STAMP = (
    "Received by the council on 4 May 2025. Development Management, Bodicote House. Application 25/00001/F. "
    "This document is published as it was received, and the council takes no responsibility for it."
)
LAYER_SOUP = (
    "Cyc1c parlcing fnr 24 bicyc1cs is pmvidcd iu a cnvcrcd aud sccurc stmc bcsidc tlic cutraucc tlic "
    "sliarcd patli alnng tlic nnrtlicrn bnuudary is 25 mctrcs widc aud 1it tlirnugliout tlic niglit"
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture
def read(pool: ExtractionPool):
    def read(path: Path) -> DocumentText:
        return pool.read_document(path, "0" * 64, FileKind.PDF)

    return read


def _read_pages(path: Path) -> list[PageText]:
    """Return a PDF's pages as they are before OCR."""
    return [event.page for event in read_pdf(path, 1) if isinstance(event, PageRead)]


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_a_scan_under_a_stamp_is_read_and_the_stamp_stays(read, tmp_path: Path) -> None:
    (page,) = read(write_stamped_scan(tmp_path / "a.pdf", STAMP)).pages
    text = _flat(page.text)
    assert PARKING_WORDS in text
    assert STAMP in text
    assert text.index(PARKING_WORDS) < text.index(STAMP)
    assert text.count("Development Management") == 1
    assert page.ocr
    assert page.ocr_confidence is not None
    assert page.reason is None


def test_a_letter_pasted_as_a_picture_is_read_in_its_place(read, tmp_path: Path) -> None:
    (page,) = read(write_pasted_letter(tmp_path / "a.pdf")).pages
    text = _flat(page.text)
    assert text.index("Counts were taken") < text.index(PARKING_WORDS) < text.index("Page 4 of")
    assert page.page_class == "text"


def test_letters_that_are_curves_are_read(read, tmp_path: Path) -> None:
    text = read(write_outlined_text(tmp_path / "a.pdf"))
    assert PARKING_WORDS in _flat(text.pages[0].text)
    assert text.state is DocumentState.INDEXED


def test_a_caption_stays_where_ocr_finds_nothing(read, tmp_path: Path) -> None:
    (page,) = read(write_photo_page(tmp_path / "a.pdf", "Photo 12: the track is 1.8 metres wide")).pages
    assert page.text == "Photo 12: the track is 1.8 metres wide"
    assert page.reason is None


def test_letters_of_a_wrong_map_are_read_from_the_pixels(read, tmp_path: Path) -> None:
    path = write_wrong_map(tmp_path / "a.pdf", f"{PARKING}\n\n{SURVEY}")
    (page,) = read(path).pages
    assert PARKING_WORDS in _flat(page.text)
    assert "Dzdmf" not in page.text


def test_a_scanners_soup_gives_way_to_our_ocr(read, tmp_path: Path) -> None:
    (page,) = read(write_scan_with_layer(tmp_path / "soup.pdf", LAYER_SOUP)).pages
    assert PARKING_WORDS in _flat(page.text)
    assert "parlcing" not in page.text


def test_a_good_layer_over_a_scan_is_kept(read, tmp_path: Path) -> None:
    (page,) = read(write_scan_with_layer(tmp_path / "good.pdf", PARKING)).pages
    assert (page.ocr, page.unread, page.reason) == (False, False, None)
    assert _flat(page.text) == _flat(PARKING)


def test_a_page_of_text_alone_needs_no_ocr(tmp_path: Path) -> None:
    pages = _read_pages(write_text_pdf(tmp_path / "a.pdf", [PARKING, "", SURVEY]))
    assert not any(map(needs_ocr, pages))


def test_writing_that_ocr_cannot_read_is_named(read, tmp_path: Path) -> None:
    scrawl = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(scrawl)
    for top in range(200, 1400, 60):
        points = [(100 + step * 9, top + (step * 37) % 23 - (step * 53) % 17) for step in range(110)]
        draw.line(points, fill=0, width=3)
    document = pymupdf.open()
    insert_picture(document.new_page(), scrawl, 0, 0, 595)
    document.save(tmp_path / "a.pdf")
    assert read(tmp_path / "a.pdf").reason == f"page 1: {NOT_READ}"


def test_half_a_page_that_cannot_be_unpacked_is_named(read, tmp_path: Path) -> None:
    text = read(write_damaged_stream(tmp_path / "a.pdf", [PARKING], "\n".join([PARKING] * 6)))
    assert [page.reason for page in text.pages] == [None, DAMAGED_IN_PART]
    assert text.state is DocumentState.INDEXED
    assert text.reason == f"page 2: {DAMAGED_IN_PART}"


def test_comments_and_drawn_lettering_are_read(tmp_path: Path) -> None:
    (page,) = _read_pages(write_notes(tmp_path / "a.pdf"))
    assert "Comment: The splay of 43 metres is not shown" in page.text
    assert "Comment: Which stands are these?" in page.text
    assert "\n\nTOUCAN CROSSING 4.0m" in page.text
    assert "Not for anybody" not in page.text


def test_values_of_a_form_are_read_whole_and_once(tmp_path: Path) -> None:
    value = "A track along the lane. " * 8 + "It will be 1.8 metres wide."
    (page,) = _read_pages(write_form(tmp_path / "a.pdf", value))
    assert value in _flat(page.text)
    assert "Bound gravel" in page.text
    (short,) = _read_pages(write_form(tmp_path / "b.pdf", "No track"))
    assert short.text.count("No track") == 1


def test_files_attached_to_a_pdf_and_pinned_to_its_pages_are_read(read, tmp_path: Path) -> None:
    inner = write_text_pdf(tmp_path / "inner.pdf", [PARKING]).read_bytes()
    files = {"one.txt": b"Forty stands will be provided in the yard.", "two.pdf": inner}
    text = read(write_portfolio(tmp_path / "a.pdf", files, {"three.pdf": inner, "site.dwg": _DRAWING}))
    assert [(page.part, page.part_page) for page in text.pages] == [
        (None, None),
        ("attachment 1", 1),
        ("attachment 2", 1),
        ("attachment 3", 1),
        ("attachment 4 (site.dwg)", None),
    ]
    assert "Forty stands" in text.pages[1].text
    assert text.pages[2].text == text.pages[3].text
    assert PARKING.split()[0] in text.pages[2].text
    assert text.reason
    assert text.reason.startswith("attachment 4 (site.dwg): ")


def test_an_attached_file_that_is_not_there_is_named(read, tmp_path: Path) -> None:
    text = read(write_portfolio(tmp_path / "a.pdf", {"gone.txt": b"one"}, is_cut_off=True))
    assert text.reason == "attachment 1 (gone.txt): it can't be taken out of the PDF"


def test_words_that_the_page_does_not_show_are_left_out_and_that_is_said(read, tmp_path: Path) -> None:
    text = read(write_hidden_words(tmp_path / "a.pdf"))
    assert list(filter(None, text.pages[0].text.split("\n"))) == [
        "Comment of on the application",
        "The cycle track of 3.0 metres is too narrow.",
        "A heading on a dark band",
        "Comment: Which width is meant?",
    ]
    assert text.reason == f"page 1: {HIDDEN_TEXT}"
    covered = read(write_covered_words(tmp_path / "b.pdf"))
    assert "Quillfeather" not in covered.pages[0].text
    assert covered.pages[0].text.endswith("is too narrow.")


def test_spaced_repeated_and_raised_letters_read_as_they_look(tmp_path: Path) -> None:
    (page,) = _read_pages(write_spaced_letters(tmp_path / "a.pdf"))
    lines = page.text.split("\n")
    assert "CYCLE TRACK 3.0 METRES WIDE" in lines
    assert lines.count("The stands are Sheffield stands") == 1
    assert "A floor space of 1,200 m2" in lines
    assert SURVEY.splitlines()[0] in lines


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a segre-\ngated track", "a segregated\ntrack"),
        ("in\u00adfra\u00adstruc\u00ad\nture", "infrastructure"),
        ("an on-\nstreet space", "an on-street\nspace"),
        ("of Oxford-\nBicester", "of Oxford-\nBicester"),
        ("the by-pass and the by-\npass, too", "the by-pass and the by-pass,\ntoo"),
        ("a car-\nriageway\nand more", "a carriageway\nand more"),
        ("10-\n12 metres", "10-12\nmetres"),
    ],
)
def test_words_divided_at_a_line_s_end_are_joined(text: str, joined: str) -> None:
    known = Vocabulary()
    known.add("The by-pass is for those of low pay or income, over a crowded road.")
    assert join_divided_words(text, known) == joined


def test_halves_of_a_divided_word_are_not_known_by_themselves(tmp_path: Path) -> None:
    (page,) = _read_pages(write_text_pdf(tmp_path / "a.pdf", ["The segre-\ngated cycle track is new."]))
    assert page.text.split() == ["The", "segregated", "cycle", "track", "is", "new."]


def test_cells_that_repeat_or_are_single_letters_stay_apart(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for row, cells in enumerate((("Hour", "17", "2", "2", "0", "4"), ("Met", "Y", "N", "Y", "Y", "N"))):
        for column, cell in enumerate(cells):
            page.insert_text((60 + column * 70, 100 + row * 20), cell, fontsize=11)
    document.save(tmp_path / "a.pdf")
    (read_page,) = _read_pages(tmp_path / "a.pdf")
    assert read_page.text.split() == ["Hour", "17", "2", "2", "0", "4", "Met", "Y", "N", "Y", "Y", "N"]


def test_places_of_words_that_ocr_read_lead_to_a_quote(read, tmp_path: Path) -> None:
    text = read(write_pasted_letter(tmp_path / "a.pdf"))
    (box,) = find_quote_boxes(text.places[1], "24 bicycles is provided")
    left, top, right, bottom = (side / PLACE_UNITS for side in box)
    # The picture begins 60 points from the left and 200 from the top of an A4 page, and is 460 wide.
    assert 60 / 595 < left < right < 520 / 595
    assert 200 / 842 < top < bottom < 240 / 842
    (own,) = find_quote_boxes(read_pdf_places(tmp_path / "a.pdf", 1), "made on a dry day")
    assert own[0] / PLACE_UNITS > 60 / 595
    assert own[3] / PLACE_UNITS < 85 / 842
    assert find_quote_boxes(text.places[1], "words that stand nowhere") == []


def test_a_quote_over_two_lines_has_two_boxes() -> None:
    places = (
        ("One", 10, 10, 20, 20),
        ("two,", 25, 10, 35, 20),
        ("three", 10, 30, 20, 40),
        ("four", 25, 30, 35, 40),
    )
    assert find_quote_boxes(places, "TWO, three") == [(25, 10, 35, 20), (10, 30, 20, 40)]


def test_a_scan_alone_has_no_reason(read, tmp_path: Path) -> None:
    assert read(write_scanned_pdf(tmp_path / "a.pdf", [PARKING])).reason is None


@pytest.mark.parametrize(
    ("text", "is_soup"),
    [
        (PARKING, False),
        (
            "Mae'r llwybr beicio newydd yn dri metr o led ac yn rhedeg ar hyd ffin ogleddol y safle, "
            "ond nid oes croesfan i gerddwyr yn y gyffordd bresennol wrth yr ysgol.",
            False,
        ),
        ("".join(chr(ord(letter) + 1) if letter.isalpha() else letter for letter in PARKING), True),
        ("$%A'()*+!%$&'()#@{}[]~^" * 4, True),
        ("1.2 ........ 14\n" * 12, False),
        ("Ёлка стоит у дороги, и велосипедная дорожка проходит мимо. " * 3, False),
        ("CSS-HN-0017 R17 NGR SP 58231 22456 BNG 2.7 m " * 8, False),
    ],
)
def test_what_is_no_language(text: str, is_soup: bool) -> None:
    assert is_letter_soup(text) is is_soup


def test_common_words_tell_a_scanners_soup() -> None:
    assert has_few_common_words(LAYER_SOUP)
    assert not has_few_common_words(PARKING)
    assert not has_few_common_words("R17 2.7 m")
