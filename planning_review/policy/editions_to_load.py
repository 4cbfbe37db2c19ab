"""Which editions are worth loading: in force today, or lately enough to judge a recent decision by."""

from datetime import date

from planning_review.policy.editions import Edition, last_day_of, list_editions
from planning_review.policy.sources import Source, list_usable_sources, load_sources

RECENT_YEARS = 3
"""Decisions older than that are past any challenge, and are rarely looked at again."""


def list_wanted_editions(council: str, on_date: date) -> list[Edition]:
    """Return the editions in force at any time in the last three years, of the sources a council may use."""
    since = on_date.replace(year=on_date.year - RECENT_YEARS, day=min(on_date.day, 28))
    return [
        edition
        for source in list_usable_sources(council)
        for edition in list_editions(source.name)
        if edition.in_force_from
        and edition.in_force_from <= on_date
        and ((last := last_day_of(edition)) is None or last >= since)
    ]


def say_where_to_get(edition: Edition) -> str:
    """Return the sentence that tells a person where an edition's file is, and what to do with it."""
    source: Source = load_sources()[edition.source]
    load = f'planning-review policies load FILE --source "{edition.source}" --edition "{edition.edition}"'
    if source.page_url:
        return f"Get the file from {source.page_url} and give it: {load}"
    return f"Get the file from {source.publisher} (no address is known here) and give it: {load}"
