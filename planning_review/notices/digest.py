"""A digest: what is new, what is due and what failed since the one before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from planning_review.models import Frozen
from planning_review.notices.told import Told
from planning_review.publish.catalogue import CatalogueEntry

NEAR_DAYS = 5
QUIET_DAYS = 7
MOST_LISTED = 30


class ReviewLine(Frozen):
    """An application in a digest. page_url is where its review can be read, None where others can't."""

    entry: CatalogueEntry
    days_left: int | None
    page_url: str | None


class FailedRun(Frozen):
    """A run that failed, with the command that tries again."""

    name: str
    message: str
    command: str


class ScanState(Frozen):
    """What is known of the scans: when the last one ended whole, and what it said."""

    ended_at: datetime | None = None
    message: str = ""


class Digest(Frozen):
    """What one digest tells. lookup says where the reviews are read that have no link."""

    today: date
    since: date | None
    new: tuple[ReviewLine, ...] = ()
    changed: tuple[ReviewLine, ...] = ()
    due: tuple[ReviewLine, ...] = ()
    failed: tuple[FailedRun, ...] = ()
    scan: ScanState = ScanState()
    index_url: str | None = None
    lookup: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether it has nothing to tell but that it is there."""
        return not (self.new or self.changed or self.due or self.failed)


def find_news(
    lines: Sequence[ReviewLine], told: Told
) -> tuple[list[ReviewLine], list[ReviewLine], list[ReviewLine]]:
    """Return the reviews that are new, those that changed, and those due within days, soonest first.

    What is decided or closed for comments is told once as it changes, and never due.
    """
    ordered = sorted(lines, key=lambda line: (line.days_left is None, line.days_left, line.entry.reference))
    new = [line for line in ordered if name_entry(line.entry) not in told.reviews]
    changed = [
        line
        for line in ordered
        if told.reviews.get(name_entry(line.entry), line.entry.review_id) != line.entry.review_id
    ]
    return new, changed, [line for line in ordered if is_due(line)]


def is_due(line: ReviewLine) -> bool:
    """Return whether the last day to comment is near."""
    return not line.entry.decision and line.days_left is not None and 0 <= line.days_left <= NEAR_DAYS


def is_worth_sending(digest: Digest, told: Told) -> bool:
    """Return whether a digest has news, or was silent for a week.

    A last day that is near is news once, and once more on the day before and on the day itself.
    """
    near = [
        line
        for line in digest.due
        if told.near.get(name_entry(line.entry)) != line.entry.consultation_end or (line.days_left or 0) <= 1
    ]
    if digest.new or digest.changed or digest.failed or near:
        return told.sent_on != digest.today or bool(digest.new or digest.changed or digest.failed)
    return told.sent_on is None or digest.today - told.sent_on >= timedelta(days=QUIET_DAYS)


def remember(digest: Digest, told: Told, lines: Sequence[ReviewLine], until: datetime) -> Told:
    """Return what is told once this digest is on its way."""
    return Told(
        reviews={name_entry(line.entry): line.entry.review_id for line in lines},
        near={
            name_entry(line.entry): line.entry.consultation_end
            for line in digest.due
            if line.entry.consultation_end
        },
        until=until,
        sent_on=digest.today,
    )


def name_entry(entry: CatalogueEntry) -> str:
    """Return what an application is known by."""
    return f"{entry.council} {entry.reference}"
