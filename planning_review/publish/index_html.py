"""Renders the index of all reviews as one HTML page that needs nothing else: no file from anywhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from planning_review.publish.catalogue import CatalogueEntry
from planning_review.publish.site import CALENDAR_NAME, FEED_NAME, Site
from planning_review.register.councils import name_council
from planning_review.report import presentation
from planning_review.report.html import make_script, open_templates


class Group(NamedTuple):
    """Entries that are in the same case: `open`, `unknown` or `closed` to comments."""

    code: str
    title: str
    entries: Sequence[CatalogueEntry]


def render_index(entries: Iterable[CatalogueEntry], site: Site, today: date) -> str:
    """Return the page, in order for a reader on this day.

    Its script counts the days left and sorts again on the day that it is read. No other script can
    run in it: its hash is in the page's policy.
    """
    known = list(entries)
    templates = open_templates("planning_review.publish", "planning_review.report")
    script, digest = make_script(templates, "index.js")
    return templates.get_template("index.html.j2").render(
        groups=group_entries(known, today),
        count=len(known),
        parishes=list_parishes(known),
        site=site,
        feed_name=FEED_NAME,
        calendar_name=CALENDAR_NAME,
        today=today,
        view=presentation,
        last_day=lambda entry: "" if (day := find_last_day(entry)) == date.min else day.isoformat(),
        council_name=name_council,
        place_value=_place_value,
        script=script,
        script_hash=digest,
    )


def group_entries(entries: Iterable[CatalogueEntry], today: date) -> list[Group]:
    """Return the entries in the order in which they are shown.

    Open to comments first, the soonest deadline before the others, then those without one, then the
    closed and decided, the newest first.
    """
    groups: dict[str, list[CatalogueEntry]] = {"open": [], "unknown": [], "closed": []}
    for entry in sorted(entries, key=lambda entry: (entry.council, entry.reference)):
        groups[_find_group(entry, today)].append(entry)
    return [
        Group("open", "Open for comments", sorted(groups["open"], key=find_last_day)),
        Group("unknown", "No deadline given", groups["unknown"]),
        Group("closed", "Closed", sorted(groups["closed"], key=find_last_day, reverse=True)),
    ]


def find_last_day(entry: CatalogueEntry) -> date:
    """Return the day that an entry is sorted by; the first of all days where there is none."""
    day = entry.decision_date or entry.consultation_end if entry.decision else entry.consultation_end
    return day or date.min


def list_parishes(entries: Iterable[CatalogueEntry]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each council's name with its parishes, each as its value in the filter and its name."""
    places = sorted(
        {(name_council(entry.council), _place_value(entry), entry.parish or "") for entry in entries}
    )
    return [
        (council, [(value, parish or "No parish given") for _, value, parish in members])
        for council, members in groupby(places, key=lambda place: place[0])
    ]


def _place_value(entry: CatalogueEntry) -> str:
    return f"{entry.council}/{entry.parish or ''}"


def _find_group(entry: CatalogueEntry, today: date) -> str:
    if entry.decision:
        return "closed"
    if entry.consultation_end is None:
        return "unknown"
    return "open" if entry.consultation_end >= today else "closed"
