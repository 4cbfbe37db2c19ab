"""Tables of a generated PDF, as the worker reads them."""

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from planning_review.documents.formats.pdf import read_pdf
from planning_review.documents.pages.reading_order import read_blocks
from planning_review.documents.pages.tables import TableReader, may_hold_table
from planning_review.documents.workers.messages import PageRead
from planning_review.models import PageText
from planning_review.rules.citations import find_quote

ROWS = [
    ("Use", "Long stay", "Short stay"),
    ("Flats of 1 bedroom", "1 for each flat", "1 for 4 flats"),
    ("Flats of 2 bedrooms", "2 for each flat", "1 for 4 flats"),
    ("Offices", "1 for 75 sq m", "1 for 500 sq m"),
    ("Shops", "", "1 for 100 sq m"),
]
ABOVE = "The numbers of cycle spaces follow the county's standards of March 2021, as Table 4 sets out."
OPEN_END = "Stands for cargo bikes are provided on the ground floor of Block B and they will be"
OVERLEAF = "lit and overlooked by the offices on the other side of the street, day and night."
FOOTER = "Transport Statement, page {} of 3"


def write_document(path: Path, rows: Sequence[Sequence[str]] = ROWS, rotation: int = 0) -> Path:
    """Write a table column by column, as some programs do, with prose around it and a page behind it."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 80), ABOVE, fontsize=10)
    for number in range(len(rows) + 1):
        page.draw_line((60, 100 + 30 * number), (480, 100 + 30 * number))
    for number in range(4):
        page.draw_line((60 + 140 * number, 100), (60 + 140 * number, 100 + 30 * len(rows)))
    for column in range(3):
        for number, row in enumerate(rows):
            page.insert_text((64 + 140 * column, 118 + 30 * number), row[column], fontsize=10)
    page.insert_text((60, 700), OPEN_END, fontsize=10)
    page.insert_text((60, 810), FOOTER.format(1), fontsize=8)
    page.set_rotation(rotation)
    for number, text in ((2, OVERLEAF), (3, "Nothing else is said of them here.")):
        page = document.new_page()
        page.insert_text((60, 80), text, fontsize=10)
        page.insert_text((60, 810), FOOTER.format(number), fontsize=8)
    document.save(path)
    return path


def write_turned_table(path: Path, rotation: int, shown: int = 0, *, is_cut: bool = False) -> Path:
    """Write a table that is upright where the page is turned by rotation, and turn it by shown more."""
    document = pymupdf.open()
    page = document.new_page(width=842, height=842)
    page.set_rotation(rotation)
    back = page.derotation_matrix

    def write(left: float, top: float, text: str) -> None:
        page.insert_text(pymupdf.Point(left, top) * back, text, fontsize=10, rotate=rotation)

    for number in range(len(ROWS) + 1):
        page.draw_line(
            pymupdf.Point(60, 100 + 30 * number) * back, pymupdf.Point(480, 100 + 30 * number) * back
        )
    for number in range(4):
        page.draw_line(
            pymupdf.Point(60 + 140 * number, 100) * back, pymupdf.Point(60 + 140 * number, 250) * back
        )
    write(60, 80, ABOVE)
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            write(64 + 140 * column, 118 + 30 * number, cell)
    if is_cut:
        page.set_cropbox((10, 20, 800, 810))
    page.set_rotation((rotation + shown) % 360)
    document.save(path)
    return path


def assert_nothing_lost(path: Path, text: str) -> None:
    """Assert that every word that MuPDF reads by itself stands in the text as often, or more often."""
    words = Counter(pymupdf.open(path)[0].get_text().split())
    assert words
    assert words <= Counter(text.split())


def read_pages(path: Path) -> list[PageText]:
    return [event.page for event in read_pdf(path, 1) if isinstance(event, PageRead)]


def test_the_rows_of_a_table_read_across(tmp_path: Path) -> None:
    lines = read_pages(write_document(tmp_path / "a.pdf"))[0].text.splitlines()
    start = lines.index("Use | Long stay | Short stay")
    assert lines[start : start + 5] == [
        "Use | Long stay | Short stay",
        "Flats of 1 bedroom | 1 for each flat | 1 for 4 flats",
        "Flats of 2 bedrooms | 2 for each flat | 1 for 4 flats",
        "Offices | 1 for 75 sq m | 1 for 500 sq m",
        "Shops | – | 1 for 100 sq m",
    ]


def test_every_quote_of_the_plain_text_still_stands_on_its_page(tmp_path: Path) -> None:
    pages = read_pages(write_document(tmp_path / "a.pdf"))
    plain = pymupdf.open(tmp_path / "a.pdf")[0].get_text("blocks")
    for block in plain:
        assert "".join(block[4].split()) in "".join(pages[0].text.split())
    for quote in (ABOVE, OPEN_END, "Flats of 1 bedroom | 1 for each flat | 1 for 4 flats"):
        assert find_quote(quote, pages, 1).verified
    # The table's rows come neither behind the sentence that goes on overleaf nor behind the footer.
    assert find_quote(f"{OPEN_END} {OVERLEAF}", pages, 1).verified
    assert pages[0].text.splitlines()[-1] == FOOTER.format(1)


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize(
    ("rotation", "shown"),
    # Not with its text upside down on a page that is not turned: it is read in its order only.
    [(r, s) for r in (90, 180, 270) for s in (0, 90, 180, 270) if (r, s) != (180, 180)],
)
def test_the_rows_of_a_page_that_is_shown_turned(
    tmp_path: Path, rotation: int, shown: int, is_cut: bool
) -> None:
    # Written so that it stands upright in a viewer; then with its text upwards, upside down, downwards.
    path = write_turned_table(tmp_path / "a.pdf", rotation, shown, is_cut=is_cut)
    text = read_pages(path)[0].text
    assert text.endswith("\n".join(" | ".join(cell or "–" for cell in row) for row in ROWS))
    assert_nothing_lost(path, text)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_no_text_is_lost_of_an_upright_page_that_is_shown_turned(tmp_path: Path, rotation: int) -> None:
    upright = read_pages(write_document(tmp_path / "a.pdf"))
    assert read_pages(write_document(tmp_path / "b.pdf", rotation=rotation)) == upright


def test_the_lines_of_a_shaded_head_are_no_rows_of_their_own(tmp_path: Path) -> None:
    path = write_document(tmp_path / "a.pdf")
    document = pymupdf.open(path)
    page = document[0]
    for left, top in ((204, 102), (204, 109), (204, 116)):
        page.draw_rect((left, top, left + 130, top + 7), color=None, fill=(0.8, 0.8, 0.8), overlay=False)
    document.save(tmp_path / "b.pdf")
    assert read_pages(tmp_path / "b.pdf") == read_pages(path)


def test_ligatures_in_cells_are_letters(tmp_path: Path) -> None:
    document = pymupdf.open(
        write_document(tmp_path / "a.pdf", [*ROWS, ("", "6 for staff", "2 for visitors")])
    )
    writer = pymupdf.TextWriter(document[0].rect)
    writer.append((64, 268), "Traﬃc oﬃce", font=pymupdf.Font("cjk"), fontsize=10)
    writer.write_text(document[0])
    document.save(tmp_path / "b.pdf")
    assert "Traffic office | 6 for staff | 2 for visitors" in read_pages(tmp_path / "b.pdf")[0].text


def test_a_table_of_shaded_cells_without_lines(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 80), ABOVE, fontsize=10)
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            left, top = 60 + 142 * column, 100 + 32 * number
            page.draw_rect((left, top, left + 140, top + 30), color=None, fill=(0.9, 0.9, 0.9))
            page.insert_text((left + 4, top + 18), cell, fontsize=10)
    document.save(tmp_path / "a.pdf")
    assert "Offices | 1 for 75 sq m | 1 for 500 sq m" in read_pages(tmp_path / "a.pdf")[0].text


def test_a_table_that_takes_too_long_leaves_the_plain_text(tmp_path: Path) -> None:
    rows = [ROWS[0], *[(f"Use {n}", f"{n} a unit", f"{n} for 4") for n in range(20)]]
    page = pymupdf.open(write_document(tmp_path / "a.pdf", rows))[0]
    blocks, textpage = read_blocks(page)
    assert TableReader(page_seconds=0.002).add_rows(page, blocks, textpage) is None
    assert "Use 7 | 7 a unit | 7 for 4" in (TableReader().add_rows(page, blocks, textpage) or "")


def test_only_so_many_pages_of_a_document_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planning_review.documents.pages.tables._MAX_PAGES", 1)
    document = pymupdf.open(write_document(tmp_path / "one.pdf"))
    with pymupdf.open(tmp_path / "one.pdf") as again:
        document.insert_pdf(again, to_page=0)
    document.save(tmp_path / "two.pdf")
    pages = read_pages(tmp_path / "two.pdf")
    assert ["Offices | " in page.text for page in pages] == [True, False, False, False]


def test_outside_the_main_thread_nothing_is_looked_for(tmp_path: Path) -> None:
    pages: list[PageText] = []
    path = write_document(tmp_path / "a.pdf")
    thread = threading.Thread(target=lambda: pages.extend(read_pages(path)))
    thread.start()
    thread.join()
    assert ABOVE in pages[0].text
    assert " | " not in pages[0].text


def test_pages_are_chosen_by_their_words_and_figures() -> None:
    cells = "\n".join(cell for row in ROWS for cell in row)
    assert may_hold_table(f"Table 4: Cycle parking\n{cells}")
    assert not may_hold_table(f"Table 4: Levels of pay\n{cells}")
    assert not may_hold_table(
        "Cycle parking\nis described below.\n4.1 Access\n4.2 Stands\n4.3 Stores\n4.4 Doors"
    )
    assert not may_hold_table(f"{ABOVE}\n" * 20)


def test_a_frame_around_a_text_is_no_table(tmp_path: Path) -> None:
    framed = [("1. Parking", "", ""), ("2. Cycles", "", ""), ("3 stands", "", ""), ("4 flats", "", "")] * 2
    assert " | " not in read_pages(write_document(tmp_path / "a.pdf", framed))[0].text
