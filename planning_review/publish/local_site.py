"""Publishing on this disk: index, feed and calendar in the output folder, made from all entries there."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from planning_review.errors import PlanningReviewError
from planning_review.files import replace_file
from planning_review.models import Frozen
from planning_review.publish.calendar import write_calendar
from planning_review.publish.catalogue import CATALOGUE_FOLDER, CatalogueEntry, make_next_entry
from planning_review.publish.entry_folder import (
    list_entry_keys,
    read_newest_entries,
    rebuild_catalogue,
    write_entry,
)
from planning_review.publish.feed import render_feed
from planning_review.publish.index_html import render_index
from planning_review.publish.site import CALENDAR_NAME, FEED_NAME, INDEX_NAME, Site
from planning_review.report.contract import Review
from planning_review.settings import Settings

LOCK_WAIT_SECONDS = 300


def publish_on_disk(settings: Settings, reviews: Iterable[Review], now: datetime, today: date) -> Path:
    """Enter reviews whose files are in the output folder, and make its index, feed and calendar anew.

    Returns the index. A folder without a catalogue gets the entries of all the reviews in it first.
    One process at a time does this, so that the last one to end has seen the entries of all.
    """
    output_dir = settings.output_dir
    with hold_catalogue(settings):
        if not (output_dir / CATALOGUE_FOLDER).is_dir():
            rebuild_catalogue(output_dir)
        for review in reviews:
            if entry := make_next_entry(review, list_entry_keys(output_dir), now):
                write_entry(output_dir, entry)
        return write_site_files(output_dir, read_newest_entries(output_dir), own_site(settings), today)[0]


def own_site(settings: Settings) -> Site:
    """Return the site of this data folder; with PLANNING_PUBLIC_URL its links are whole."""
    base_url = f"{settings.public_url.rstrip('/')}/" if settings.public_url else ""
    return Site(group_name=settings.advocacy_group_name, scope="this data folder", base_url=base_url)


def write_site_files(
    folder: Path, entries: Iterable[CatalogueEntry], site: Site, today: date
) -> tuple[Path, Path, Path]:
    """Write index, feed and calendar of these entries into a folder, each whole or not at all."""
    known = list(entries)
    return (
        replace_file(folder / INDEX_NAME, render_index(known, site, today)),
        replace_file(folder / FEED_NAME, render_feed(known, site)),
        write_calendar(folder / CALENDAR_NAME, known, site),
    )


@contextmanager
def hold_catalogue(settings: Settings) -> Iterator[None]:
    """Keep every other process that uses this data folder from publishing meanwhile."""
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.locks_dir / "catalogue.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_SECONDS)
    except Timeout:
        raise PlanningReviewError(
            f"Another run has been publishing the index for {LOCK_WAIT_SECONDS} s. See `planning-review "
            "status`, and run the same command again when it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


class PublishedIndex(Frozen):
    """Where the index of all reviews stands, and what went wrong: "" where nothing did.

    location is its public link, else its path; None where it was not written.
    """

    location: str | None
    problem: str = ""
