"""Pages of several columns, read from generated PDFs as the worker reads them."""

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from planning_review.documents.formats.pdf import read_pdf
from planning_review.documents.workers.messages import PageRead

LEFT = [
    "The site lies north of the town\nand is bounded by the railway,\nthe river and a lane with hedges.",
    "A path for walking and cycling\nruns along the river and meets\nthe lane by the bridge,\nby a stile.",
    "It was once a farm and later a\nbrickworks, of which the kiln is\nstill standing in the east.",
]
RIGHT = [
    "Parking for forty bicycles is set\nunder cover beside each entrance,\nlit from dusk to dawn\nand seen.",
    "The lane will have a lower limit\nof twenty miles an hour, and two\ncrossings level with the footway.",
    "Each has a stand for cargo bikes\nand for adapted cycles, without\nany step on the way to the street.",
]
TITLE = "Access and movement: how people will reach the site on foot and by bicycle"
CAPTION = "Figure 3: The network of routes around the site, with the distances to the schools"
FOOTER = "Design and Access Statement          Page 12 of 40"


def read_first_page(path: Path) -> str:
    (page,) = [event.page for event in read_pdf(path, 1) if isinstance(event, PageRead)]
    return page.text


def write_page(path: Path, pieces: Sequence[tuple[float, float, str]], rotation: int = 0) -> Path:
    """Write an A4 page with each text at its place, in the order given."""
    document = pymupdf.open()
    page = document.new_page()
    for left, top, text in pieces:
        page.insert_text((left, top), text.split("\n"), fontsize=10)
    page.set_rotation(rotation)
    document.save(path)
    return path


def assert_in_order(text: str, parts: Sequence[str]) -> None:
    flat = " ".join(text.split())
    places = [flat.find(" ".join(part.split())) for part in parts]
    assert -1 not in places, f"a part is missing or torn: {text}"
    assert places == sorted(places)


def test_two_columns_below_a_title_are_read_one_after_the_other(tmp_path: Path) -> None:
    pieces = [
        (60, 90, TITLE),
        (60, 130, LEFT[0]),
        (320, 130, RIGHT[0]),
        (60, 190, LEFT[1]),
        (320, 204, RIGHT[1]),
        (60, 800, FOOTER),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [TITLE, *LEFT[:2], *RIGHT[:2], FOOTER])


def test_columns_written_line_by_line_are_taken_apart(tmp_path: Path) -> None:
    lines = [
        *zip("\n".join(LEFT[:2]).split("\n"), "\n".join(RIGHT[:2]).split("\n"), strict=True),
        ("and then it goes on to the town.", "as the county council has asked."),
        ("Nobody is to cross the main road.", "The school has agreed to the plan."),
    ]
    pieces = [(60.0, 90.0, TITLE)]
    for number, (left, right) in enumerate(lines):
        pieces += [(60, 130 + 13 * number, left), (320, 130 + 13 * number, right)]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [TITLE, *LEFT[:2], lines[-1][0], *RIGHT[:2], lines[-1][1]])


@pytest.mark.parametrize("leading", [11, 13, 15])
def test_mixed_lines_are_taken_apart_whatever_their_leading(tmp_path: Path, leading: int) -> None:
    lines = "\n".join(LEFT).split("\n"), "\n".join(RIGHT).split("\n")
    marked = [part.partition("\n")[0] for part in LEFT[1:]]
    pieces = []
    for number, (left, right) in enumerate(zip(*lines, strict=True)):
        # A dash stands apart from the text that it marks, and the gutter is filled with a space.
        marks = [(48.0, "-"), (250.0, " ")] if left in marked else []
        for at, text in (*marks, (60.0, left), (320.0, right)):
            pieces.append((at, 130.0 + leading * number, text))
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [LEFT[0], f"- {LEFT[1]}", f"- {LEFT[2]}", *RIGHT])


def test_a_list_of_two_columns_without_lines_is_read_across(tmp_path: Path) -> None:
    uses = [
        "Shops of less than 500 sq metres",
        "Shops of 500 to 2,000 sq metres",
        "Retail parks and warehouses",
    ]
    spaces = [
        ("One additional space for every 25 sq", "metres of floor space above 50"),
        ("One parking space for every 20 square", "metres of the floor space in all"),
        ("One parking space for every 10 square", "metres of gross floor space"),
    ]
    pieces: list[tuple[float, float, str]] = []
    for number, (use, (first, second)) in enumerate(zip(uses * 2, spaces * 2, strict=True)):
        top = 130.0 + 26 * number
        pieces += [
            (60, top, f"{number} {use}"),
            (320, top, f"{number} {first}"),
            (320, top + 13, f"{second} {number}"),
        ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])


def test_one_line_rows_side_by_side_are_read_across(tmp_path: Path) -> None:
    pieces: list[tuple[float, float, str]] = []
    for number in range(10):
        pieces += [(60, 130.0 + 13 * number, f"Stands of the kind in row {number}")]
        pieces += [(320, 130.0 + 13 * number, f"Under cover, and of number {number}")]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])


def test_three_columns(tmp_path: Path) -> None:
    pieces = [
        (40, 130, LEFT[0]),
        (215, 130, LEFT[1]),
        (400, 130, RIGHT[0]),
        (40, 195, LEFT[2]),
        (400, 209, RIGHT[1]),
        (215, 275, RIGHT[2]),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [pieces[n][2] for n in (0, 3, 1, 5, 2, 4)])


def test_the_caption_of_a_wide_figure_parts_the_columns(tmp_path: Path) -> None:
    pieces = [
        (60, 130, LEFT[0]),
        (320, 130, RIGHT[0]),
        (320, 500, RIGHT[1]),
        (60, 190, LEFT[2]),
        (60, 500, LEFT[1]),
        (320, 204, RIGHT[2]),
        (60, 420, CAPTION),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [pieces[n][2] for n in (0, 3, 1, 5, 6, 4, 2)])


def test_a_column_beside_the_caption_of_two_others_is_not_parted(tmp_path: Path) -> None:
    caption = "Figure 3: The routes around the site, with all schools and stations"
    pieces = [
        (40, 130, f"1 {LEFT[0]}"),
        (40, 190, f"2 {LEFT[1]}"),
        (215, 130, f"3 {LEFT[1]}"),
        (215, 204, f"4 {RIGHT[1]}"),
        (40, 290, caption),
        (40, 330, f"5 {LEFT[2]}"),
        (40, 390, f"6 {LEFT[0]}"),
        (215, 330, f"7 {RIGHT[0]}"),
        (215, 404, f"8 {RIGHT[2]}"),
        (400, 130, f"9 {RIGHT[1]}"),
        (400, 197, f"10 {RIGHT[2]}"),
        (400, 255, f"11 {RIGHT[0]}"),
        (400, 347, f"12 {RIGHT[1]}"),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])


def test_a_list_below_the_prose_is_no_footer(tmp_path: Path) -> None:
    points = [f"Point {number} of the left" for number in range(6)]
    pieces = [
        (60, 90, TITLE),
        (60, 130, LEFT[1]),
        (320, 130, RIGHT[0]),
        *((60, 230 + 40 * number, point) for number, point in enumerate(points)),
        (320, 204, RIGHT[1]),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [TITLE, LEFT[1], *points, *RIGHT[:2]])


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_columns_of_a_page_that_is_shown_turned(tmp_path: Path, rotation: int) -> None:
    # Written so that it stands upright once the viewer has turned the page.
    document = pymupdf.open()
    page = document.new_page()
    page.set_rotation(rotation)
    for left, top, text in (
        (60, 130, LEFT[0]),
        (320, 130, RIGHT[0]),
        (60, 190, LEFT[1]),
        (320, 204, RIGHT[1]),
    ):
        for number, line in enumerate(text.split("\n")):
            place = pymupdf.Point(left, top + 13 * number) * page.derotation_matrix
            page.insert_text(place, line, fontsize=10, rotate=rotation)
    document.save(tmp_path / "a.pdf")
    assert_in_order(read_first_page(tmp_path / "a.pdf"), [*LEFT[:2], *RIGHT[:2]])


@pytest.mark.parametrize("is_centred", [False, True])
def test_the_rows_of_a_table_of_prose_are_read_across(tmp_path: Path, is_centred: bool) -> None:
    pieces: list[tuple[float, float, str]] = []
    rows = [(LEFT[0], RIGHT[0]), (LEFT[1], RIGHT[1]), (RIGHT[1], LEFT[1]), (RIGHT[0], LEFT[0])]
    for number, (one, other) in enumerate(rows):
        lower = (one.count("\n") - other.count("\n")) * 13.7 / 2 if is_centred else 0.0
        pieces += [(60, 130 + 90 * number, f"{number}a {one}")]
        pieces += [(320, 130 + 90 * number + lower, f"{number}b {other}")]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])


def test_a_page_of_one_column_keeps_the_order_of_its_file(tmp_path: Path) -> None:
    pieces = [(60, 800, FOOTER), (60, 300, LEFT[1]), (60, 130, LEFT[0]), (80, 400, RIGHT[0])]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])


def test_columns_in_the_right_order_are_left_alone_whatever_the_footer(tmp_path: Path) -> None:
    pieces = [
        (60, 800, FOOTER),
        (60, 130, LEFT[0]),
        (60, 190, LEFT[1]),
        (320, 130, RIGHT[0]),
        (320, 204, RIGHT[1]),
    ]
    text = read_first_page(write_page(tmp_path / "a.pdf", pieces))
    assert_in_order(text, [piece[2] for piece in pieces])
