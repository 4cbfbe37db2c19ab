"""The citation gate: what folds, and what never does."""

import pytest

from planning_review.rules.citations import find_quote
from tests.support.evidence_helpers import make_pages

PAGE = (
    "4.12 The shared foot-\nway would be 2.5 m wide; “no  barriers” are pro-\nposed.\n"
    "The ﬁnal oﬃce access – on Mill Lane – is 1 in 20.\nThe heart of the scheme is 12.5 m away.\n"
    "Widths range over 2.5-3.0 m here."
)


@pytest.mark.parametrize(
    "quote",
    [
        "The shared footway would be 2.5 m wide",
        'the SHARED foot-way would\nbe 2.5 m wide; "no barriers" are proposed.',
        "the final office access - on Mill Lane - is 1 in 20",
        "“The final office access — on Mill Lane — is 1 in 20.”",
        "no barriers’ are proposed".replace("’", '"'),
    ],
)
def test_what_extraction_and_typing_change_is_folded(quote):
    match = find_quote(quote, make_pages(["Cover page.", PAGE]), 2)
    assert (match.place, match.page, match.verified) == ("cited page", 2, True)


@pytest.mark.parametrize(
    "quote",
    [
        "The shared footway would be 3.0 m wide",  # another figure
        "The shared footway would be 25 m wide",  # a figure without its point
        "5 m wide; no barriers are proposed",  # a piece of a figure
        "The shared footway will be 2.5 m wide",  # another word
        "art of the scheme is 12.5 m away",  # a piece of a word
        "The shared footway would be 2.5 m wide ... on Mill Lane",  # stitched with dots
        "The shared footway would be 2.5 m wide; on Mill Lane is 1 in 20",  # stitched without
        "Widths range over 2.53.0 m here",  # two figures run together
        "2.5 m",  # stands on any page
        "",
    ],
)
def test_another_word_or_figure_is_absent(quote):
    match = find_quote(quote, make_pages(["Cover page.", PAGE]), 2)
    assert (match.place, match.page, match.verified) == ("absent", None, False)


def test_a_quote_on_another_page_is_told_and_not_verified():
    match = find_quote("The heart of the scheme is 12.5 m away", make_pages(["Cover.", PAGE, "End."]), 3)
    assert (match.place, match.page, match.verified) == ("other page", 2, False)


def test_a_page_that_is_not_there_still_finds_the_quote_elsewhere():
    assert find_quote("The heart of the scheme is 12.5 m away", make_pages([PAGE]), 99).place == "other page"


@pytest.mark.parametrize("cited", [1, 2])
def test_a_quote_runs_over_a_page_break_past_running_lines(cited):
    pages = make_pages(
        [
            "Transport Assessment\nThe cycle route will be lit along\nPage 1 of 3",
            "Transport Assessment\nits whole length by low columns.\nPage 2 of 3",
            "Transport Assessment\nNothing else.\nPage 3 of 3",
        ]
    )
    match = find_quote("The cycle route will be lit along its whole length by low columns.", pages, cited)
    assert (match.place, match.page) == ("cited page", 1)


def test_a_page_break_hides_no_words():
    pages = make_pages(
        ["The route will be lit\nonly at its northern end.", "along its whole length by columns."]
    )
    assert find_quote("The route will be lit along its whole length by columns", pages, 1).place == "absent"
