"""The picture of a quote shows the part of the page where its words stand, marked, and legibly."""

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from planning_review.documents.pages.marked import MAX_PICTURE_BYTES, Marked, draw_quotes
from planning_review.documents.places import find_passage
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError
from planning_review.models import FileKind
from tests.support.awkward_pdfs import write_pasted_letter
from tests.support.document_files import write_text_pdf

QUOTE = "The cycle track is 1.2 m wide on the bridge."
FILLER = "\n".join(f"Paragraph {number} speaks of drainage, trees and bats." for number in range(30))


def draw(path: Path, quote: str, page: int = 1, kind: FileKind = FileKind.PDF, by_ocr=()) -> Marked | None:
    (marked,) = draw_quotes(path, kind, page, [quote], by_ocr)
    return marked


def open_marked(marked: Marked | None) -> Image.Image:
    assert marked is not None
    assert len(marked.data) <= MAX_PICTURE_BYTES
    image = Image.open(io.BytesIO(marked.data)).convert("RGB")
    assert image.size == (marked.width, marked.height)
    return image


def find_marks(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box of what is yellow."""
    levels = np.asarray(image, dtype=int)
    yellow = (levels[:, :, 0] > 200) & (levels[:, :, 1] > 170) & (levels[:, :, 2] < 150)
    rows, columns = np.where(yellow)
    assert len(rows)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_words_are_marked_and_some_lines_stand_around_them(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [f"{FILLER[:400]}\n{QUOTE}\n{FILLER[:400]}"])
    image = open_marked(draw(path, QUOTE))
    left, top, right, bottom = find_marks(image)
    assert 12 <= bottom - top <= 40, "one line, of a size that is read well"
    assert top > 30
    assert bottom < image.height - 30
    assert image.height < 400 < image.width
    assert right - left < image.width * 0.8


def test_words_that_stand_nowhere_have_no_picture(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [FILLER])
    assert draw(path, QUOTE) is None


def test_what_runs_over_the_end_of_a_page_is_marked_as_far_as_it_stands_there(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [f"{FILLER}\nThe cycle track is 1.2 m", "wide on the bridge."])
    find_marks(open_marked(draw(path, QUOTE)))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_shown_upright(rotation: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    for row in range(30):
        words = QUOTE if row == 12 else f"Paragraph {row} speaks of drainage, trees and bats."
        page.insert_text((72, 100 + row * 16), words, fontsize=11)
    plain = tmp_path / "plain.pdf"
    document.save(plain)
    turned = pymupdf.open()
    page = turned.new_page(width=842, height=595) if rotation != 180 else turned.new_page()
    page.show_pdf_page(page.rect, pymupdf.open(plain), 0, rotate=rotation)
    page.set_rotation(0)
    turned.save(tmp_path / "a.pdf")

    upright, image = open_marked(draw(plain, QUOTE)), open_marked(draw(tmp_path / "a.pdf", QUOTE))
    wanted, found = find_marks(upright), find_marks(image)
    assert abs((found[2] - found[0]) - (wanted[2] - wanted[0])) < 12
    assert abs((found[3] - found[1]) - (wanted[3] - wanted[1])) < 6


def test_columns_are_marked_one_by_one(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox((60, 60, 280, 400), f"{FILLER[:300]} The cycle track is 1.2 m wide on", fontsize=10)
    page.insert_textbox((320, 60, 540, 400), f"the bridge. {FILLER[:300]}", fontsize=10)
    document.save(tmp_path / "a.pdf")
    image = open_marked(draw(tmp_path / "a.pdf", "is 1.2 m wide on the bridge."))
    left, _, right, _ = find_marks(image)
    assert right - left > image.width * 0.3


def test_what_ocr_read_is_marked_in_its_picture(tmp_path: Path) -> None:
    path = write_pasted_letter(tmp_path / "a.pdf")
    by_ocr = [("24", 1100, 2450, 1400, 2600), ("bicycles", 1450, 2450, 2600, 2600)]
    left, top, right, bottom = find_marks(open_marked(draw(path, "24 bicycles", by_ocr=by_ocr)))
    assert right > left
    assert bottom > top


def test_words_on_their_side_are_turned(tmp_path: Path) -> None:
    page = Image.new("RGB", (1600, 1200), "white")
    page.save(tmp_path / "a.png")
    words = ["Parking", "for", "twelve", "cycles"]
    # They run up the page, one above the other.
    by_ocr = [(word, 5000, 8000 - 1000 * n, 5200, 8900 - 1000 * n) for n, word in enumerate(words)]
    image = open_marked(draw(tmp_path / "a.png", " ".join(words), kind=FileKind.PNG, by_ocr=by_ocr))
    left, top, right, bottom = find_marks(image)
    assert right - left > 3 * (bottom - top)


def test_whole_words_go_before_parts_of_words() -> None:
    places = [("heart", 0, 0, 50, 10), ("art", 0, 20, 30, 30)]
    assert find_passage(places, "art") == [(0, 20, 30, 30)]


def test_the_row_of_a_table_is_found_without_its_bars() -> None:
    places = [("Cycle", 0, 0, 50, 10), ("4%", 100, 0, 130, 10), ("12%", 200, 0, 230, 10)]
    assert find_passage(places, "Cycle | 4% | 12%") == [(0, 0, 230, 10)]


def test_a_worker_draws_and_says_what_it_could_not(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [f"{FILLER[:300]}\n{QUOTE}"])
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 nothing")
    with ExtractionPool(1) as pool:
        drawn, missing = pool.draw_quotes(path, FileKind.PDF, 1, [QUOTE, "Words that stand nowhere."], ())
        assert drawn.data
        assert drawn.width > 400
        assert not missing.data
        with pytest.raises(ExtractionError, match="Page 1 could not be drawn"):
            pool.draw_quotes(tmp_path / "b.pdf", FileKind.PDF, 1, [QUOTE], ())
