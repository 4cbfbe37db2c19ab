"""The page of an application's letters lists each with its files, and says so where there is none."""

from datetime import date
from pathlib import Path

from lxml import html

from planning_review.letter.composition import compose_letter
from planning_review.letter.files import write_letter
from planning_review.letter.page import write_letters_page
from planning_review.report.html import LETTERS_NAME
from tests.support.handmade_review import make_review

DAY = date(2026, 11, 23)


def read_page(folder: Path) -> html.HtmlElement:
    path = write_letters_page(folder, "25/00284/F", "cherwell", DAY)
    assert path == folder / LETTERS_NAME
    return html.document_fromstring(path.read_text(encoding="utf-8"))


def test_page_is_there_before_any_letter(tmp_path: Path) -> None:
    page = read_page(tmp_path)
    assert "No letter has been written on this application yet." in page.text_content()
    assert not page.xpath("//a")


def test_each_letter_is_listed_with_its_files(tmp_path: Path) -> None:
    for stance in ("object", "conditional"):
        letter = compose_letter(
            make_review(),
            stance=stance,
            letter_date=DAY,
            groups=("Wheels for All",),
            final=stance == "object",
        )
        write_letter(letter, tmp_path)
    (tmp_path / "let_20260101_00000000_letter.json").write_text("{}")
    page = read_page(tmp_path)

    items = [" ".join(item.text_content().split()) for item in page.xpath("//main/ul/li")]
    assert sorted(item.split(",")[0] for item in items) == ["Objection", "Support with conditions"]
    assert [("Draft" in item) for item in sorted(items)] == [False, True]
    links = page.xpath("//main/ul//a/@href")
    assert len(links) == 4
    assert all((tmp_path / link).is_file() for link in links)
