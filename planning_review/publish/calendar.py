"""The calendar (RFC 5545) of the days by which comments must be in."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from planning_review.dates import format_date
from planning_review.files import replace_file
from planning_review.publish.catalogue import CatalogueEntry
from planning_review.publish.site import Site
from planning_review.register.councils import name_council
from planning_review.report.presentation import RATING_WORDS, plain_text

MAX_EVENTS = 1000
_WARN_AHEAD = timedelta(days=-3)


def write_calendar(path: Path, entries: Iterable[CatalogueEntry], site: Site) -> Path:
    """Write the calendar whole or not at all; one that was made of the same entries stays as it is."""
    known = list(entries)
    if path.is_file() and _mark(known, site).encode() in path.read_bytes():
        return path
    return replace_file(path, render_calendar(known, site))


def render_calendar(entries: Iterable[CatalogueEntry], site: Site) -> bytes:
    """Return a whole-day event for each application that is not decided and names its last day.

    An application keeps its event, whatever review of it is the newest. The same entries give the same bytes.
    """
    # Only where there is something new to write: it takes a third of a second.
    from icalendar import Alarm, Calendar, Event

    known = list(entries)
    calendar = Calendar()
    calendar.add("prodid", "-//planning-review//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Planning applications: last days to comment")
    calendar.add("x-planning-review-entries", _mark(known, site))
    for entry in _choose(known):
        event = Event()
        event.add("uid", site.make_urn("deadline", entry.council, entry.reference))
        event.add("dtstamp", entry.updated_at)
        event.add("dtstart", entry.consultation_end)
        event.add("summary", plain_text(f"Last day to comment: {entry.reference}, {_name_place(entry)}"))
        event.add("description", _describe(entry, site))
        if site.base_url:
            event.add("url", site.address(site.page_path(entry)))
        event.add("categories", [entry.overall_rating])
        # It takes nobody's day: who has it in a calendar is free.
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", plain_text(f"Comments on {entry.reference} close in three days"))
        alarm.add("trigger", _WARN_AHEAD)
        event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _choose(entries: Iterable[CatalogueEntry]) -> list[CatalogueEntry]:
    """Return the entries with a last day, the latest ones where they are too many, in their order."""
    dated = [entry for entry in entries if entry.consultation_end and not entry.decision]
    return sorted(dated, key=lambda entry: (entry.consultation_end, entry.council, entry.reference))[
        -MAX_EVENTS:
    ]


def _mark(entries: Iterable[CatalogueEntry], site: Site) -> str:
    """Return what a calendar is known by: all that it is made of, in any order."""
    parts = sorted(entry.model_dump_json() for entry in entries)
    return hashlib.sha256("\n".join([site.model_dump_json(), *parts]).encode()).hexdigest()[:32]


def _name_place(entry: CatalogueEntry) -> str:
    return entry.site_address or name_council(entry.council)


def _describe(entry: CatalogueEntry, site: Site) -> str:
    last_day = (
        f" Comments are taken until {format_date(entry.consultation_end)}." if entry.consultation_end else ""
    )
    lines = [
        f"{entry.overall_rating.capitalize()}: {RATING_WORDS[entry.overall_rating].lower()}.{last_day}",
        entry.proposal or "",
        f"The review: {site.address(site.page_path(entry))}" if site.base_url else "",
        f"The council's page: {entry.register_url}",
    ]
    return "\n".join(plain_text(line) for line in lines if line)
