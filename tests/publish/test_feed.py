"""The feed: what RFC 4287 demands, identifiers that never change, and text as text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from planning_review.publish.catalogue import CatalogueEntry, make_entry, make_next_entry
from planning_review.publish.feed import MAX_ENTRIES, render_feed
from planning_review.publish.site import Site
from tests.support.atom_rules import check_feed
from tests.support.handmade_review import HOSTILE, make_review

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ON_DISK = Site(group_name="Castlebrook Cycling Campaign", scope="this data folder")
PUBLIC = Site(
    group_name="Castlebrook Cycling Campaign",
    scope="bucket/planning",
    base_url="https://bucket.example.org/planning/",
    page_folder="output/",
)


def entry_of(number: int, hours: int = 0, **application: Any) -> CatalogueEntry:
    review = make_review(application={"reference": f"25/{number:05}/F", **application})
    return make_entry(review, NOON + timedelta(hours=hours))


def read(element: etree._Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""


def read_link(element: etree._Element, relation: str) -> str:
    (link,) = (link for link in element.findall("{*}link") if link.get("rel") == relation)
    return link.get("href") or ""


@pytest.mark.parametrize("site", [ON_DISK, PUBLIC], ids=["on disk", "public"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_feed_keeps_the_rules(site: Site, count: int) -> None:
    root = check_feed(render_feed([entry_of(number) for number in range(count)], site))
    assert len(root.findall("{*}entry")) == count
    assert root.findtext("{*}author/{*}name") == "Castlebrook Cycling Campaign"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_feed_reader_takes_the_feed_as_it_is(count: int) -> None:
    parsed = feedparser.parse(render_feed([entry_of(number) for number in range(count)], PUBLIC))
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert len(parsed.entries) == count
    assert all(entry.link.startswith("https://") and entry.updated_parsed for entry in parsed.entries)


def test_entry_tells_what_a_reader_decides_by() -> None:
    root = check_feed(render_feed([entry_of(284)], PUBLIC))
    entry = root.find("{*}entry")

    assert read(entry, "title") == "Red: 25/00284/F, Land east of Mill Lane"
    assert read(entry, "summary") == (
        "Red: serious concerns. Comments are taken until 12 December 2026. 180 dwellings. "
        "The cycle track is too narrow."
    )
    assert read(entry, "updated") == "2026-11-23T12:00:00Z"
    page = read_link(entry, "alternate")
    assert page.startswith("https://bucket.example.org/planning/25_00284_F/output/rev_20261123_")
    assert page.endswith("_review.html")
    assert read_link(entry, "related").endswith("/Planning/Display/25/00284/F")
    assert read_link(root, "self") == "https://bucket.example.org/planning/feed.xml"
    assert read_link(root, "alternate") == "https://bucket.example.org/planning/index.html"


def test_deadline_that_is_missing_or_past_use_is_said_so() -> None:
    root = check_feed(
        render_feed(
            [entry_of(1, 1, consultation_end=None), entry_of(2, 0, decision="Refused")],
            PUBLIC,
        )
    )
    missing, decided = (read(entry, "summary") for entry in root.findall("{*}entry"))
    assert "The register shows no date until which comments are taken." in missing
    assert "Already decided: Refused." in decided


def test_new_review_of_an_application_keeps_the_id_and_moves_the_time() -> None:
    first = entry_of(284)
    changed = make_review(judgement={"overall_rating": "green"})
    # The clock of the second machine is slow.
    second = make_next_entry(changed, [first.key], NOON - timedelta(hours=3))
    assert second is not None

    (before,) = check_feed(render_feed([first], PUBLIC)).findall("{*}entry")
    (after,) = check_feed(render_feed([second], PUBLIC)).findall("{*}entry")

    assert read(before, "id") == read(after, "id")
    assert read(after, "updated") > read(before, "updated")
    assert read(after, "title").startswith("Green: ")


def test_ids_outlive_a_move_to_another_address_and_never_meet() -> None:
    entries = [entry_of(1), entry_of(2), entry_of(1, council="north-warwickshire")]
    moved = PUBLIC.model_copy(update={"base_url": "https://cdn.example.org/"})
    ids = [
        check_feed(render_feed(entries, site)).xpath("//*[local-name()='id']/text()")
        for site in (PUBLIC, moved)
    ]
    others = check_feed(render_feed(entries, ON_DISK)).xpath("//*[local-name()='id']/text()")

    assert ids[0] == ids[1]
    assert all(name.startswith("urn:uuid:") for name in ids[0])
    assert len({*ids[0], *others}) == 8


def test_newest_hundred_newest_first() -> None:
    root = check_feed(render_feed([entry_of(number, number) for number in range(MAX_ENTRIES + 30)], PUBLIC))
    entries = root.findall("{*}entry")
    times = [read(entry, "updated") for entry in entries]
    assert len(times) == 100
    assert times == sorted(times, reverse=True)
    assert "25/00129/F" in read(entries[0], "title")
    assert read(root, "updated") == times[0]


def test_feed_on_disk_leads_to_the_files_beside_it() -> None:
    root = check_feed(render_feed([entry_of(284)], ON_DISK))
    assert read_link(root, "self") == "feed.xml"
    assert read_link(root.find("{*}entry"), "alternate").startswith("25_00284_F/rev_20261123_")


def test_hostile_text_is_only_text() -> None:
    unfit = "\x00\x0b\ufffe\uffff\ud800 ]]> <b>&amp;"
    review = make_review(
        application={
            "site_address": HOSTILE + unfit.replace("\ud800", ""),
            "proposal": HOSTILE,
            "decision": HOSTILE,
            "register_url": "javascript:alert(1)",
        },
        judgement={"summary": HOSTILE},
        status="incomplete",
    )
    entry = make_entry(review, NOON)
    # As another hand might have put it into the bucket.
    rough = entry.model_copy(update={"site_address": HOSTILE + unfit, "proposal": unfit, "summary": unfit})
    for each in (entry, rough):
        root = check_feed(render_feed([each], PUBLIC.model_copy(update={"group_name": unfit})))
        item = root.find("{*}entry")
        assert "<script>alert(1)</script>" in read(item, "title")
        assert "This review is incomplete" in read(item, "summary")
        assert not item.findall("{*}link[@rel='related']")
        assert not item.findall("{*}title/*")
        assert "\u202e" not in read(item, "title")
