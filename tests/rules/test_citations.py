"""The gate that every quote goes through, case by case: what folds, and what never does."""

from dataclasses import dataclass

import pytest

from planning_review.models import PageText
from planning_review.rules.citations import check_citation, find_quote
from tests.support.evidence_helpers import make_pages

DOCUMENTS = {
    "1-2-3": make_pages(
        [
            "Transport Report\nContents and scope of this report.\nPage 1 of 4",
            "Transport Report\nThe shared foot-\nway would be 2.5 m wide; “no  barriers” are pro-\nposed.\n"
            "The ﬁnal oﬃce access – on Mill Lane – is 1 in 20.\n"
            "The lane carries 12,500 vehicles a day. Widths range over 2.5-3.0 m here.\n"
            "The cycle route will be lit along\nPage 2 of 4",
            "Transport Report\nits whole length by low columns.\nParking is for 40 cycles.\nPage 3 of 4",
            "Transport Report\nThe heart of the scheme is 12.5 m away.\nPage 4 of 4",
        ]
    ),
    "1-2-4": make_pages(["The travel plan will be monitored for five years."]),
    "1-2-5": make_pages(
        ["The route will be lit\nonly at its northern end.", "along its whole length by columns."]
    ),
}


@dataclass(frozen=True)
class Quoted:
    document_id: str
    page: int
    quote: str


def check(quote, page=2, document_id="1-2-3"):
    return check_citation(Quoted(document_id, page, quote), DOCUMENTS)


@pytest.mark.parametrize(
    ("case", "quote"),
    [
        ("verbatim", "on Mill Lane – is 1 in 20."),
        ("case", "THE SHARED FOOTWAY WOULD BE 2.5 M WIDE"),
        ("white space", "The shared footway\n would  be 2.5 m\twide"),
        ("hyphenation at a line's end", "The shared footway would be 2.5 m wide"),
        ("a hyphen that the page has not", "The shared foot-way would be 2.5 m wide"),
        ("ligatures", "The final office access"),
        ("curly quotes", 'wide; "no barriers" are proposed'),
        ("dashes", "access — on Mill Lane - is 1 in 20"),
        ("quotation marks around it", "“The shared footway would be 2.5 m wide”"),
        ("all at once", 'the SHARED foot-way would\nbe 2.5 m wide; "no barriers" are proposed.'),
    ],
)
def test_a_quote_that_stands_on_its_page_is_verified(case, quote):
    checked = check(quote)
    assert (checked.verified, checked.page, checked.corrected_from) == (True, 2, None), case


@pytest.mark.parametrize(
    ("case", "quote"),
    [
        ("stitched with dots", "The shared footway would be 2.5 m wide … on Mill Lane"),
        ("stitched without", "The shared footway would be 2.5 m wide on Mill Lane is 1 in 20"),
        ("stitched over pages", "The shared footway would be 2.5 m wide by low columns"),
        ("absent", "Cyclists are expected to dismount at the gate"),
        ("a changed figure", "The shared footway would be 3.5 m wide"),
        ("a figure without its point", "The shared footway would be 25 m wide"),
        ("two figures run together", "Widths range over 2.53.0 m here"),
        # These six stand on the page letter for letter, as pieces of longer numbers.
        ("the end of a figure", "5 m wide; “no barriers” are proposed"),
        ("the end of a figure with a comma", "500 vehicles a day"),
        ("the beginning of a figure", "The shared footway would be 2"),
        ("the beginning of a figure with a comma", "The lane carries 12"),
        ("a figure's last digits", "00 vehicles a day"),
        ("a figure's first digit", "The lane carries 1"),
        ("a changed word", "The shared footway will be 2.5 m wide"),
        ("a piece of a word", "art of the scheme is 12.5 m away"),
        ("the beginning of a word", "The heart of the sch"),
        ("too short", "2.5 m"),
        ("empty", ""),
        ("punctuation alone", "… – “”"),
        ("of another document", "The travel plan will be monitored for five years"),
    ],
)
def test_a_quote_that_does_not_stand_is_refused(case, quote):
    checked = check(quote)
    assert (checked.verified, checked.page, checked.corrected_from) == (False, 2, None), case


@pytest.mark.parametrize("cited", [1, 3, 99])
def test_a_wrong_page_is_corrected_and_marked(cited):
    checked = check("The heart of the scheme is 12.5 m away.", page=cited)
    assert (checked.verified, checked.page, checked.corrected_from) == (True, 4, cited)


def test_a_quote_runs_over_a_page_break_past_running_lines():
    quote = "The cycle route will be lit along its whole length by low columns."
    assert (check(quote).verified, check(quote).page, check(quote).corrected_from) == (True, 2, None)
    second = check(quote, page=3)
    assert (second.verified, second.page, second.corrected_from) == (True, 2, 3)


def test_a_page_break_hides_no_words():
    quote = "The route will be lit along its whole length by columns"
    assert not check(quote, page=1, document_id="1-2-5").verified


def test_an_unknown_document_is_refused():
    checked = check("The shared footway would be 2.5 m wide", document_id="9-9-9")
    assert (checked.verified, checked.document_id) == (False, "9-9-9")


def test_the_quote_is_kept_on_one_line():
    assert (
        check("The shared footway\n  would be 2.5 m wide").quote == "The shared footway would be 2.5 m wide"
    )


@pytest.mark.parametrize(
    ("page", "quote"),
    [
        ("The change in car traffic is -5% by 2031.", "car traffic is 5% by 2031"),
        ("The change in car traffic is −5% by 2031.", "car traffic is 5% by 2031"),
        ("The change in car traffic is 5% by 2031.", "car traffic is -5% by 2031"),
        ("Each of the stores has 10² m of floor.", "stores has 102 m of floor"),
        ("The gain for cycling is notable here.", "gain for cycling is not able here"),
        ("People are not able to cycle there.", "People are notable to cycle there"),
        ("There are nosteps to the store, it says.", "There are no steps to the store"),
    ],
)
def test_a_quote_that_says_something_else_is_not_found(page: str, quote: str) -> None:
    pages = [PageText(number=1, page_class="text", text=page)]
    assert find_quote(quote, pages, 1).place == "absent"


@pytest.mark.parametrize(
    ("page", "quote"),
    [
        ("The change in car traffic is - 5% by 2031.", "car traffic is -5% by 2031"),
        ("The change in car traffic is −5% by 2031.", "car traffic is -5% by 2031"),
        ("A floor space of 120 m² is kept for cycles.", "floor space of 120 m2 is kept"),
        ("In the years 2020-25 the path was cy-\ncled a lot.", "years 2020–25 the path was cycled a lot"),
        ("The drawing A4-12 shows a path for cycles.", "drawing A4-12 shows a path"),
        ("The path is not\nable to be widened there.", "path is not able to be widened"),
        ("Some 5 - 10 cycles are kept in the store.", "5-10 cycles are kept in the store"),
    ],
)
def test_a_quote_that_is_set_otherwise_is_found(page: str, quote: str) -> None:
    pages = [PageText(number=1, page_class="text", text=page)]
    assert find_quote(quote, pages, 1).place == "cited page"
