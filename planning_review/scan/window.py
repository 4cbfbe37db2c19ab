"""Which days a scan searches, and what it remembers for the next one."""

from datetime import date, timedelta

from pydantic import Field

from planning_review.errors import UsageError
from planning_review.models import Frozen
from planning_review.register.search import SearchWindow
from planning_review.scan.contract import ScanParameters

OVERLAP_DAYS = 14
"""Applications appear 3 to 5 working days after they were received, and some later (register facts of
public code that reads this platform)."""

LOOK_BACK_DAYS = 42
"""How far a weekly scan searches: what came very late is still open for comment then."""

WAIT_DAYS = 60
"""How long an application without documents is looked at again."""


class ScanMemory(Frozen):
    """What a council's scans remember. waiting has the day on which each application was first found."""

    scanned_to: date | None = None
    waiting: dict[str, date] = Field(default_factory=dict)


def choose_window(parameters: ScanParameters, memory: ScanMemory, today: date) -> SearchWindow:
    """Return the days to search by the date received.

    A backfill's own; else from OVERLAP_DAYS before the last scan's end; with no scan before, the last
    14 days, today included. UsageError where a backfill would begin after today.
    """
    if parameters.date_from:
        if parameters.date_from > today:
            raise UsageError(
                f"Nothing can be found from {parameters.date_from} on, as today is {today}. "
                "Give an earlier --from."
            )
        return SearchWindow(date_from=parameters.date_from, date_to=parameters.date_to or today)
    date_from = today - timedelta(days=OVERLAP_DAYS - 1)
    if memory.scanned_to:
        date_from = min(memory.scanned_to, today) - timedelta(days=OVERLAP_DAYS)
    if parameters.look_back:
        date_from = min(date_from, today - timedelta(days=LOOK_BACK_DAYS))
    return SearchWindow(date_from=date_from, date_to=today)


def update_waiting(
    memory: ScanMemory, looked_at: dict[str, bool], today: date
) -> tuple[dict[str, date], list[str]]:
    """Return the applications that still wait for documents, and those that waited too long.

    looked_at says of each application that this scan looked at whether it has documents now.
    """
    waiting = {reference: day for reference, day in memory.waiting.items() if not looked_at.get(reference)}
    for reference, has_documents in looked_at.items():
        if not has_documents:
            waiting.setdefault(reference, today)
    expired = [reference for reference, day in waiting.items() if (today - day).days > WAIT_DAYS]
    return {reference: day for reference, day in waiting.items() if reference not in expired}, expired
