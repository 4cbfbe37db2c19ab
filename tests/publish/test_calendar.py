"""The calendar of last days, read as a calendar program reads it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar

from planning_review.publish.calendar import render_calendar, write_calendar
from planning_review.publish.catalogue import CatalogueEntry, make_entry
from planning_review.publish.site import Site
from tests.support.handmade_review import HOSTILE, make_review

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SITE = Site(group_name="G", scope="s", base_url="https://files.example.org/planning/", page_folder="output/")


def entry(**application: object) -> CatalogueEntry:
    return make_entry(make_review(application=application), NOW)


def read(*entries: CatalogueEntry, site: Site = SITE) -> list[dict[str, Any]]:
    calendar = Calendar.from_ical(render_calendar(entries, site))
    assert not calendar.errors
    return [
        {"event": event, "dtstart": event.decoded("dtstart")}
        | {name: str(event[name]) for name in ("uid", "summary", "description")}
        for event in calendar.walk("VEVENT")
    ]


def test_an_open_application_is_a_whole_day_with_its_links_and_a_reminder() -> None:
    [found] = read(entry(consultation_end=date(2026, 12, 12)))
    assert found["dtstart"] == date(2026, 12, 12)
    assert found["summary"] == "Last day to comment: 25/00284/F, Land east of Mill Lane"
    text = found["description"]
    assert "Red: serious concerns" in text
    assert "https://files.example.org/planning/25_00284_F/output/rev_20261123_" in text
    [alarm] = found["event"].walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-3)


def test_what_is_decided_or_has_no_last_day_is_no_event() -> None:
    assert read(entry(consultation_end=None), entry(decision="Approved")) == []


def test_an_application_keeps_its_event_and_equal_entries_give_equal_bytes() -> None:
    first, later = entry(), entry(consultation_end=date(2026, 12, 20))
    assert read(first)[0]["uid"] == read(later)[0]["uid"]
    assert render_calendar([first], SITE) == render_calendar([first], SITE)


def test_a_calendar_is_written_anew_only_where_something_changed(tmp_path: Path) -> None:
    path, other = tmp_path / "deadlines.ics", entry(reference="25/00001/F")
    write_calendar(path, [entry()], SITE)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_calendar(path, [entry()], SITE)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    write_calendar(path, [other, entry()], SITE)
    assert len(Calendar.from_ical(path.read_bytes()).walk("VEVENT")) == 2
    write_calendar(path, [other], SITE)
    assert len(Calendar.from_ical(path.read_bytes()).walk("VEVENT")) == 1


def test_a_hostile_text_adds_no_line_of_its_own() -> None:
    hostile = entry(
        site_address=f"A\r\nEND:VEVENT\nBEGIN:VEVENT\n{HOSTILE}", proposal="x\nATTACH:https://evil.example/"
    )
    [found] = read(hostile)
    assert "attach" not in found["event"]


def test_without_a_public_address_only_the_councils_page_is_named() -> None:
    [found] = read(entry(), site=Site(group_name="G", scope="s"))
    assert "The review:" not in found["description"]
    assert "url" not in found["event"]
