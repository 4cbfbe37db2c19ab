"""References, and the names of folders and files made from them."""

import pytest

from planning_review.errors import UsageError
from planning_review.references import describe_review, parse_reference, reference_folder, safe_name

ODD = ["20260834", "02NP0007", "LB 26/3 & 4", "26/0012/F (A)", "S_26/88", "A, 1/26"]


@pytest.mark.parametrize("text", ["25/00284/F", " 25/00284/f \n", "22/01829/OUT", "W/24/01234/PN", *ODD])
def test_references_are_read_as_the_register_writes_them(text: str) -> None:
    assert parse_reference(text) == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    ["", "25", "25/../etc", "/25/00284", "25/00284/F?x=1", "25\\00284\\F", "25/00284/F\x00", "2" * 50 + "/1"],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="25/00284/F"):
        parse_reference(text)


def test_folders_name_every_council_but_the_first() -> None:
    assert reference_folder("25/00284/F") == "25_00284_F"
    assert reference_folder("25/00284/F", "wychavon") == "wychavon/25_00284_F"
    assert reference_folder("LB 26/3 & 4") == "LB_26_3___4"
    assert describe_review("LB 26/3 & 4", "cherwell") == "planning-review review 'LB 26/3 & 4'"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Transport Assessment", "Transport_Assessment"),
        ("../../etc/passwd", "etc_passwd"),
        ("a..b", "a.b"),
        ("مخطط", "document"),
        ("x" * 2000, "x" * 80),
        ("-._", "document"),
    ],
)
def test_titles_become_safe_names(title: str, name: str) -> None:
    assert safe_name(title) == name
