"""The index page: what stands first, that it needs nothing else, and that no text is taken for markup."""

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lxml import html

from planning_review.publish.catalogue import CatalogueEntry, make_entry
from planning_review.publish.index_html import group_entries, render_index
from planning_review.publish.site import Site
from tests.support.handmade_review import HOSTILE, make_review

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SITE = Site(group_name="Castlebrook Cycling Campaign", scope="test")


def entry_of(
    number: int, rating: str = "red", status: str = "complete", **application: Any
) -> CatalogueEntry:
    review = make_review(
        application={"reference": f"25/{number:05}/F", **application},
        judgement={"overall_rating": rating},
        status=status,
    )
    return make_entry(review, NOON)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def parse(*entries: CatalogueEntry, today: date = TODAY) -> html.HtmlElement:
    return html.document_fromstring(render_index(entries, SITE, today))


def read(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def find(page: html.HtmlElement, path: str) -> html.HtmlElement:
    (element,) = page.xpath(path)
    return element


MIXED = (
    entry_of(1, consultation_end=in_days(-1)),
    entry_of(2, "green", consultation_end=in_days(20)),
    entry_of(3, "amber", consultation_end=None),
    entry_of(4, consultation_end=in_days(0)),
    entry_of(5, consultation_end=in_days(-9)),
    entry_of(6, consultation_end=in_days(9), decision="Refused", decision_date=in_days(-4)),
    entry_of(7, consultation_end=in_days(3), parish="Adderbury", ward="Deddington", status="incomplete"),
    entry_of(8, consultation_end=None, decision="Approved"),
)


def test_soonest_deadline_first_then_none_given_then_closed_newest_first() -> None:
    groups = group_entries(MIXED, TODAY)
    order = {group.code: [int(entry.reference[3:8]) for entry in group.entries] for group in groups}
    assert order == {"open": [4, 7, 2], "unknown": [3], "closed": [1, 6, 5, 8]}

    links = [link.get("href")[:10] for link in parse(*reversed(MIXED)).xpath("//h3/a")]
    assert links == [f"25_0000{number}_F" for number in (4, 7, 2, 3, 1, 6, 5, 8)]


def test_entry_says_rating_place_and_deadline_in_words() -> None:
    page = parse(*MIXED)

    def entry(number: int) -> html.HtmlElement:
        return find(page, f"//li[.//a[starts-with(@href, '25_0000{number}_F/rev_')]]")

    assert read(entry(7)) == (
        "25/00007/F Land east of Mill Lane Adderbury (Deddington ward), Cherwell District Council "
        "180 dwellings Incomplete: not every document could be read yet. "
        "Red: serious concerns Comments by 26 November 2026"
    )
    assert read(find(entry(2), ".//p[contains(@class, 'rating')]")) == "Green: few or no concerns"
    assert read(find(entry(3), ".//p[@class='when']")) == "Comments by No date given Ask the case officer"
    assert read(find(entry(1), ".//p[@class='when']")) == "Comments closed 22 November 2026"
    assert read(find(entry(6), ".//p[@class='when']")) == (
        "Comments Already decided Refused on 19 November 2026"
    )
    assert find(entry(2), ".//*[local-name()='use']").get("href") == "#sign-green"


def test_what_the_script_counts_with_is_in_the_page() -> None:
    page = parse(*MIXED)
    data = {
        item.xpath("string(.//h3/a/@href)")[:10]: (item.get("data-end"), item.get("data-decided") is not None)
        for item in page.xpath("//li")
    }
    assert data["25_00007_F"] == ("2026-11-26", False)
    assert data["25_00003_F"] == (None, False)
    assert data["25_00006_F"] == ("2026-11-19", True)
    assert data["25_00008_F"] == (None, True)
    assert find(page, "//form").get("hidden") is not None, "without a script the form would do nothing"


def test_page_needs_nothing_else_and_runs_only_its_own_script() -> None:
    text = render_index(MIXED, SITE, TODAY)
    page = html.document_fromstring(text)

    assert not page.xpath("//img | //iframe | //object | //embed | //base | //@src | //@action | //@style")
    assert not [name for name in page.xpath("//@*") if name.attrname.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert "http" not in "".join(page.xpath("//@href"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for href in page.xpath("//@href[starts-with(., '#')]"):
        assert href[1:] in ids
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}';" in policy
    assert "fetch" not in script
    assert "innerHTML" not in script


def test_filters_and_headings_are_named_for_screen_readers() -> None:
    page = parse(*MIXED, entry_of(9, council="north-warwickshire", parish="Adderbury"))

    for control in page.xpath("//form//input | //form//select"):
        assert read(find(page, f"//label[@for='{control.get('id')}']"))
    ratings = [option.get("value") for option in page.xpath("//select[@id='rating']/option")]
    assert ratings == ["", "red", "amber", "green", "none"]
    groups = {
        group.get("label"): [(option.get("value"), read(option)) for option in group]
        for group in page.xpath("//select[@id='place']/optgroup")
    }
    assert groups == {
        "Cherwell District Council": [("cherwell/", "No parish given"), ("cherwell/Adderbury", "Adderbury")],
        "North Warwickshire Borough Council": [("north-warwickshire/Adderbury", "Adderbury")],
    }
    places = set(page.xpath("//li/@data-place"))
    assert places == {value for members in groups.values() for value, _ in members}
    assert find(page, "//p[@id='shown']").get("role") == "status"
    for section in page.xpath("//section"):
        assert find(page, f"//h2[@id='{section.get('aria-labelledby')}']") is not None
    assert find(page, "//link[@rel='alternate']").get("href") == "feed.xml"


def test_hostile_text_is_shown_as_it_is() -> None:
    entry = make_entry(
        make_review(
            application={
                "proposal": HOSTILE,
                "site_address": HOSTILE,
                "parish": f'"><script>{HOSTILE}',
                "ward": HOSTILE,
                "decision": HOSTILE,
                "register_url": "javascript:alert(1)",
            }
        ),
        NOON,
    )
    # As another hand might have put it into the bucket: uncut, with its control characters.
    rough = entry.model_copy(update={"site_address": HOSTILE, "parish": HOSTILE, "proposal": HOSTILE})
    for each in (entry, rough):
        text = render_index([each], Site(group_name=HOSTILE, scope=""), TODAY)
        page = html.document_fromstring(text)
        assert len(page.xpath("//script")) == text.count("<script") == 1
        assert not page.xpath("//img | //blockquote")
        assert all(
            href.startswith(("25_00284_F/", "feed.xml", "deadlines.ics", "#"))
            for href in page.xpath("//@href")
        )
        assert "<script>alert(1)</script>" in read(find(page, "//h3"))
        assert "\u202e" not in text
        assert "\x07" not in text


def test_no_reviews_and_one_review() -> None:
    nothing = parse()
    assert "There is no review yet." in read(find(nothing, "//main"))
    assert not nothing.xpath("//form | //script")
    assert len(nothing.xpath("//section[@hidden]")) == 3

    one = parse(entry_of(1))
    assert read(find(one, "//p[@id='shown']")) == "1 review, sorted by deadline as of 23 November 2026."
    assert len(one.xpath("//section[not(@hidden)]")) == 1


def test_five_hundred_reviews_stay_small() -> None:
    entries = [entry_of(number, consultation_end=in_days(number % 60 - 30)) for number in range(500)]
    text = render_index(entries, SITE, TODAY)
    assert text.count('<li class="entry') == 500
    assert len(text.encode()) < 550_000


def test_same_entries_make_the_same_page_in_any_order() -> None:
    assert render_index(MIXED, SITE, TODAY) == render_index(tuple(reversed(MIXED)), SITE, TODAY)


def test_council_that_this_release_does_not_know_is_shown_by_its_code() -> None:
    page = parse(entry_of(1).model_copy(update={"council": "west-somewhere"}))
    assert "west-somewhere" in read(find(page, "//p[@class='place']"))


@pytest.mark.parametrize("base_url", ["", "https://files.example.org/planning/"])
def test_links_are_relative_wherever_the_page_stands(base_url: str) -> None:
    site = Site(group_name="x", scope="x", base_url=base_url, page_folder="output/")
    page = html.document_fromstring(render_index([entry_of(284)], site, TODAY))
    (link,) = page.xpath("//h3/a/@href")
    assert link.startswith("25_00284_F/output/rev_20261123_")
