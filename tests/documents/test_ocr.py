"""Tesseract on page images."""

from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw

from planning_review.documents.formats.pdf import open_pdf
from planning_review.documents.pages.image import MAX_PIXELS, load_picture, render_page
from planning_review.documents.pages.ocr import OcrFailed, find_skew, ocr_version, read_page_image
from planning_review.models import FileKind
from tests.support.document_files import PARKING, render_text, write_scanned_pdf

pytestmark = pytest.mark.slow


def _load(path: Path, kind: FileKind, number: int) -> Image.Image:
    if kind is FileKind.PDF:
        return render_page(open_pdf(path)[number - 1]).image
    return load_picture(path, number).image


def test_version_names_the_program() -> None:
    assert ocr_version().startswith("tesseract ")


def test_text_comes_with_lines_paragraphs_and_confidence() -> None:
    text, confidence, words, *_, unread = read_page_image(
        render_text(PARKING + "\n\n\nA second paragraph follows here."), 60
    )
    assert " ".join(text.split()).startswith("Cycle parking for 24 bicycles is provided in a covered")
    assert text.split("\n\n")[-1] == "A second paragraph follows here."
    assert confidence is not None
    assert 80 < confidence <= 100
    first, left, top, right, bottom = words[0]
    # Written from the left margin of 60 points, in a size of 13, at the top of an A4 page.
    assert first == "Cycle"
    assert (left, top) == pytest.approx((60 / 595, 65 / 842), abs=0.01)
    assert 0.03 < right - left < 0.07
    assert 0.005 < bottom - top < 0.03
    assert unread.lines == 0


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_turned(degrees: int) -> None:
    page = render_text(f"{PARKING}\n\n" * 5).rotate(degrees, expand=True)
    upright = read_page_image(render_text(f"{PARKING}\n\n" * 5), 60)
    read = read_page_image(page, 60)
    assert "Cycle parking for 24 bicycles" in read.text
    # Places are those on the page as it lies, not as it was turned to be read.
    _, left, top, right, bottom = upright.words[0]
    lying = {
        90: (top, 1 - right, bottom, 1 - left),
        180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        270: (1 - bottom, left, 1 - top, right),
    }[degrees]
    assert read.words[0][1:] == pytest.approx(lying, abs=0.02)


@pytest.mark.parametrize("degrees", [-11, 7, 13])
def test_lines_that_run_askew_are_made_level(degrees: int) -> None:
    page = render_text(f"{PARKING}\n\n" * 5).rotate(degrees, expand=True, fillcolor=255)
    assert find_skew(page) == pytest.approx(degrees, abs=0.8)
    assert "Cycle parking for 24 bicycles" in read_page_image(page, 60).text


def test_a_picture_without_words_gives_no_text() -> None:
    image = Image.effect_noise((900, 700), 90)
    ImageDraw.Draw(image).ellipse((200, 200, 600, 600), outline=0, width=9)
    assert read_page_image(image, 60).text == ""


def test_a_page_that_takes_too_long_says_so() -> None:
    with pytest.raises(OcrFailed, match="longer than it may"):
        read_page_image(render_text(f"{PARKING}\n" * 10, dpi=200), 0.1)


def test_pages_are_drawn_in_grey_and_within_the_pixel_limit(tmp_path: Path) -> None:
    document = pymupdf.open()
    a0 = pymupdf.paper_rect("a0")
    document.new_page(width=a0.width, height=a0.height)
    document.new_page()
    document.save(tmp_path / "a.pdf")
    large = _load(tmp_path / "a.pdf", FileKind.PDF, 1)
    small = _load(tmp_path / "a.pdf", FileKind.PDF, 2)
    assert large.mode == small.mode == "L"
    assert 0.9 * MAX_PIXELS < large.width * large.height <= MAX_PIXELS
    assert (small.width, small.height) == pytest.approx((595 / 72 * 200, 842 / 72 * 200), abs=2)


def test_pictures_are_reduced_turned_upright_and_put_on_white(tmp_path: Path) -> None:
    Image.new("L", (8000, 6000), 200).save(tmp_path / "large.jpg")
    large = _load(tmp_path / "large.jpg", FileKind.JPEG, 1)
    assert large.width * large.height <= MAX_PIXELS
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (300, 200), 200).save(tmp_path / "phone.jpg", exif=exif)
    assert _load(tmp_path / "phone.jpg", FileKind.JPEG, 1).size == (200, 300)
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert _load(tmp_path / "clear.png", FileKind.PNG, 1).getpixel((5, 5)) == 255


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (20_000, 10_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="200 megapixels"):
        _load(tmp_path / "huge.png", FileKind.PNG, 1)


def test_scanned_page_of_a_pdf(tmp_path: Path) -> None:
    path = write_scanned_pdf(tmp_path / "a.pdf", [PARKING])
    assert "2.5 metres wide" in read_page_image(_load(path, FileKind.PDF, 1), 60).text
