"""Whatever becomes of a page on its way: its list is whole, or what lacks is said, or it is an error."""

import pytest

from planning_review.errors import PlanningReviewError
from planning_review.register.atrium.application_page import parse_application_page
from planning_review.register.atrium.results_page import parse_results_page
from planning_review.register.councils import get_council
from tests.support.spoiled_pages import (
    COUNT,
    REFERENCE,
    cut_anywhere,
    make_pages,
    make_results,
    spoil_somewhere,
)

COUNCIL = get_council("sample", "https://register.example.org")
URL = f"{COUNCIL.register_url}/Planning/Display/{REFERENCE}"
PAGES = make_pages()


def lists_less(page: bytes) -> bool:
    """Return whether a page yields fewer documents than there are, and neither an error nor a word."""
    try:
        read = parse_application_page(page, reference=REFERENCE, council_code="sample", page_url=URL)
    except PlanningReviewError:
        return False
    # No documents section at all stops a review by itself.
    return read.documents_available and not read.warnings and len(read.documents) < COUNT


@pytest.mark.parametrize("name", PAGES)
def test_page_that_came_whole_is_read_whole(name: str) -> None:
    page = parse_application_page(PAGES[name], reference=REFERENCE, council_code="sample", page_url=URL)
    assert (len(page.documents), page.warnings) == (COUNT, ())


@pytest.mark.parametrize("name", PAGES)
def test_no_cut_page_is_a_shorter_list(name: str) -> None:
    assert [page for page in cut_anywhere(PAGES[name], step=31) if lists_less(page)] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_spoiled_page_is_a_shorter_list_without_a_word(name: str) -> None:
    assert [page for page in spoil_somewhere(PAGES[name], times=120, seed=7) if lists_less(page)] == []


@pytest.mark.parametrize("skin", ["cherwell", "site-results", "older-groups", "cards"])
def test_no_spoiled_results_are_proven_and_fewer(skin: str) -> None:
    whole = make_results(skin, 5)
    assert len(parse_results_page(whole, f"{COUNCIL.register_url}/Search/Results", COUNCIL).applications) == 5
    for page in (*cut_anywhere(whole, step=53), *spoil_somewhere(whole, times=120, seed=11)):
        try:
            read = parse_results_page(page, f"{COUNCIL.register_url}/Search/Results", COUNCIL)
        except PlanningReviewError:
            continue
        found = len({application.reference for application in read.applications})
        # A number that was itself spoiled is held against the lines, which are all there then.
        assert read.total != found or found == 5
