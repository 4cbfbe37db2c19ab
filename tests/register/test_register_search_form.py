"""The search form: the right one of several, every control as a browser sends it, dates as wanted."""

from collections import Counter
from datetime import date

import pytest

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.search_form import parse_search_form
from planning_review.register.forms import SearchForm
from planning_review.register.search import SearchWindow

URL = "https://register.example.org/Search/Advanced"
RECEIVED = SearchWindow(date_from=date(2025, 2, 3), date_to=date(2025, 2, 16))
VALID = RECEIVED.model_copy(update={"by": "valid"})

SITE_SEARCH = """
<form action="/SiteSearch" method="get"><input type="text" name="q"><button>Search</button></form>
"""
DECOY = """
<form action="/Search/Quick" method="post"><input type="hidden" name="SearchPlanning" value="true">
<input type="text" id="DateReceivedFrom" name="DateReceivedFrom" value="" disabled>
<input type="text" name="DateReceivedTo" value="" disabled><button>Search</button></form>
"""
ADVANCED = """
<form action="/Search/Results" method="post">
<input name="__RequestVerificationToken" type="hidden" value="to&amp;ken">
<input type="hidden" name="AdvancedSearch" value="True">
<input type="checkbox" name="SearchPlanning" value="true">
<input type="hidden" name="SearchPlanning" value="false">
<input type="checkbox" name="SearchBuildingControl" value="true" checked>
<input type="hidden" name="SearchBuildingControl" value="false">
<input type="checkbox" name="Outstanding" value="true" checked>
<input type="hidden" name="Outstanding" value="false">
<input type="checkbox" name="Major" value="true" checked><input type="checkbox" name="Minor" value="true">
<input type="text" name="ApplicationNumber" value="">
<textarea name="Proposal">
kept</textarea>
<select name="Parish"><option value="">All</option><option value="7">Upper Sample</option></select>
<select name="Ward"><option value="1">Sample Vale</option><option selected>Not known</option></select>
<select name="Decision" multiple><option value="a" selected>A</option>
<option value="b" selected>B</option></select>
<input type="radio" name="Order" value="new"><input type="radio" name="Order" value="old" checked>
<input type="DATES" id="DateReceivedFrom" name="DateReceivedFrom" value="">
<input type="DATES" name="DateReceivedTo" value="">
<input type="DATES" name="DateValidFrom" value="01/01/2025"><input type="DATES" name="DateValidTo" value="">
<input type="text" name="Off" value="x" disabled>
<fieldset disabled><input name="AlsoOff" value="x"></fieldset>
<input type="file" name="File"><input type="reset" name="Reset"><input value="nameless">
<button type="button" name="Help" value="1">Help</button><button name="act" value="go">Search</button>
</form>
<input name="Elsewhere" value="stranger">
"""


def read_form(body: str, window: SearchWindow = RECEIVED) -> SearchForm:
    return parse_search_form(f"<!DOCTYPE html><html><body>{body}</body></html>", URL, window)


def make_page(date_type: str = "text", *more: str) -> str:
    return SITE_SEARCH + DECOY + "".join(more) + ADVANCED.replace("DATES", date_type)


def test_every_control_in_document_order_with_its_default() -> None:
    form = read_form(make_page())
    assert (form.method, form.action) == ("POST", "https://register.example.org/Search/Results")
    assert form.fields == (
        ("__RequestVerificationToken", "to&ken"),
        ("AdvancedSearch", "True"),
        ("SearchPlanning", "true"),
        ("SearchPlanning", "false"),
        ("SearchBuildingControl", "false"),
        ("Outstanding", "false"),
        ("Major", "true"),
        ("ApplicationNumber", ""),
        ("Proposal", "kept"),
        ("Parish", ""),
        ("Ward", "Not known"),
        ("Decision", "a"),
        ("Decision", "b"),
        ("Order", "old"),
        ("DateReceivedFrom", "03/02/2025"),
        ("DateReceivedTo", "16/02/2025"),
        ("DateValidFrom", ""),
        ("DateValidTo", ""),
        ("act", "go"),
    )


@pytest.mark.parametrize(
    ("date_type", "first", "last"),
    [
        ("text", "03/02/2025", "16/02/2025"),
        ("", "03/02/2025", "16/02/2025"),
        ("date", "2025-02-03", "2025-02-16"),
    ],
)
def test_dates_as_the_input_wants_them(date_type: str, first: str, last: str) -> None:
    received, valid = (dict(read_form(make_page(date_type), window).fields) for window in (RECEIVED, VALID))
    assert (received["DateReceivedFrom"], received["DateReceivedTo"]) == (first, last)
    assert (received["DateValidFrom"], received["DateValidTo"]) == ("", "")
    assert (valid["DateValidFrom"], valid["DateValidTo"]) == (first, last)
    assert (valid["DateReceivedFrom"], valid["DateReceivedTo"]) == ("", "")


def test_form_whose_dates_are_hidden_is_not_searched() -> None:
    refine = ADVANCED.replace("DATES", "hidden").replace("/Search/Results", "/Search/Refine")
    assert read_form(make_page("text", refine)).action.endswith("/Search/Results")


def test_form_with_planning_is_chosen_before_another_with_dates() -> None:
    other = '<form action="/Appeals"><input name="DateReceivedFrom"><input name="DateReceivedTo"></form>'
    assert read_form(make_page("text", other)).action.endswith("/Search/Results")


def test_control_outside_the_form_that_names_it_belongs_to_it() -> None:
    body = (
        '<form id="a" action="/Search/SiteResults" method="POST"><input name="DateReceivedFrom">'
        '<input name="x" form="b"></form><form id="b"></form><input name="DateReceivedTo" form="a">'
    )
    form = read_form(body)
    assert form.action == "https://register.example.org/Search/SiteResults"
    assert Counter(form.fields) == Counter(
        {
            ("DateReceivedFrom", "03/02/2025"): 1,
            ("DateReceivedTo", "16/02/2025"): 1,
            ("SearchPlanning", "true"): 1,
        }
    )


def test_planning_switched_on_in_a_lone_hidden_control() -> None:
    body = (
        '<form><input type="hidden" name="SearchPlanning" value="False">'
        '<input type="hidden" name="SearchAppeals" value="True">'
        '<input type="hidden" name="SearchText" value="mill">'
        '<input name="DateReceivedFrom"><input name="DateReceivedTo"></form>'
    )
    form = read_form(body)
    assert (form.method, form.action) == ("GET", URL)
    assert form.fields[:3] == (("SearchPlanning", "true"), ("SearchAppeals", "false"), ("SearchText", "mill"))


@pytest.mark.parametrize(
    "body",
    [
        "",
        SITE_SEARCH + DECOY,
        '<form><input name="DateReceivedFrom"></form>',
        '<form><input name="DateReceivedFrom" disabled><input name="DateReceivedTo"></form>',
        "<form>DateReceivedFrom DateReceivedTo</form>",
    ],
)
def test_page_without_the_form_is_loud(body: str) -> None:
    with pytest.raises(RegisterLayoutError, match="no form that searches by the date received"):
        read_form(body)


def test_form_without_valid_dates_cannot_search_by_them() -> None:
    body = '<form><input name="DateReceivedFrom"><input name="DateReceivedTo"></form>'
    assert read_form(body).fields
    with pytest.raises(RegisterLayoutError, match="date valid"):
        read_form(body, VALID)


def test_page_of_endless_forms_is_read_in_time() -> None:
    crowd = "<form><input name=a><input name=b></form>" * 4_000
    with pytest.raises(RegisterLayoutError):
        read_form(crowd)
