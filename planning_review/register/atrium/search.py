"""The search of a register: every application of a window of days, proven by the register's own count.

A list counts as whole only where as many different references were collected as the register prints. Where
it prints no number, a list is whole where its pages end by themselves and the same days, searched in two
parts, hold the very same applications. Where its pages do not yield that many, other page sizes are tried,
then the halves of the window, down to single days. Each page is asked for four times at most, here and
nowhere else: what calls this must not retry it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Self

from planning_review.errors import (
    ListNotProven,
)
from planning_review.register.atrium.list_collector import SEARCH_PATH, ListCollector, Reading
from planning_review.register.atrium.search_session import SearchSession
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import keeping_pages
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, RegisterSearch
from planning_review.register.retrying import RETRY_DELAYS_SECONDS, SEARCH_HINT
from planning_review.register.robots import Robots
from planning_review.register.search import FoundList, SearchWindow

_log = logging.getLogger(__name__)


class AtriumSearch(RegisterSearch):
    """Searches one council's register in a session of its own; for one thread at a time.

    shared_turn is called before each request and waits until no other machine is in the way; its
    errors pass through. is_for_person says that somebody sits before it who asked for this one search: else
    it goes only where the register's robots.txt lets programs.
    """

    def __init__(
        self,
        council: Council,
        *,
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        timeout_seconds: float = 60,
        shared_turn: Callable[[], None] | None = None,
        retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
        is_for_person: bool = False,
    ) -> None:
        self._council = council
        self._pages_dir = pages_dir
        pacer = Pacer(locks_dir, council.code, interval_seconds, shared_turn)
        self._http = PacedHttp(council, pacer, contact, timeout_seconds, SEARCH_HINT)
        self._robots = None if is_for_person else Robots(council, self._http, locks_dir)
        self._session = SearchSession(council, self._http, retry_delays_seconds)
        self._lists = ListCollector(council, self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def find(self, window: SearchWindow) -> FoundList:
        """Find every application of a window and prove that the list is whole.

        Raises ListNotProven, and RegisterLayoutError for pages that are no search and for a search that
        was refused: both keep every page in a folder under pages_dir and name it. Raises
        RegisterUnavailable, RegisterThrottled, BotChallenge and PermanentError as AtriumClient does, and
        RobotsDisallow where the register's robots.txt keeps programs from its search.
        """
        if self._robots:
            self._robots.check(f"{self._council.register_url}{SEARCH_PATH}")
        with keeping_pages(self._pages_dir, self._council.code, window) as kept:
            self._session.kept = kept
            return self._prove(window)

    def _prove(self, window: SearchWindow) -> FoundList:
        reading = self._lists.collect(window)
        if reading.is_whole:
            return FoundList(
                window=window, applications=tuple(reading.found.values()), total_printed=len(reading.found)
            )
        if reading.is_uncounted and self._is_counted_by_parts(window, reading):
            return FoundList(window=window, applications=tuple(reading.found.values()), total_printed=None)
        if window.days == 1:
            raise _explain_not_proven(window, reading)
        _log.warning(
            "%s: %d listed of %s that the register counts (%s). Searching the two halves.",
            window.describe(),
            len(reading.found),
            reading.total,
            reading.problem,
        )
        # Whatever the session has come to, such as a page size that breaks pages, is left behind.
        self._session.forget()
        union = Reading(reading.total, "all that the two halves of these days hold")
        for half in window.halve():
            union.add(self._prove(half).applications)
        if reading.is_capped or reading.is_uncounted:
            # Each of the shorter lists was proven by itself, and there is no number to hold them against.
            union.total = len(union.found)
        if not union.is_whole:
            # One may have come in meanwhile, so the register is asked for its number again.
            union.total = self._lists.find_total(window)
        if not union.is_whole:
            raise _explain_not_proven(window, union)
        total = None if reading.is_uncounted else len(union.found)
        return FoundList(window=window, applications=tuple(union.found.values()), total_printed=total)

    def _is_counted_by_parts(self, window: SearchWindow, reading: Reading) -> bool:
        """Return whether the same days in two parts hold what the list without a number holds.

        A single day has no parts: it is one itself, of two days.
        """
        if window.days > 1:
            whole, parts = reading, [self._lists.collect(half) for half in window.halve()]
        else:
            day_before = window.date_from - timedelta(days=1)
            before = window.model_copy(update={"date_from": day_before, "date_to": day_before})
            whole = self._lists.collect(window.model_copy(update={"date_from": day_before}))
            parts = [self._lists.collect(before), reading]
        if not all(each.is_uncounted or each.is_whole for each in (whole, *parts)):
            reading.problem = "the register prints no number, and not every part of the days was counted"
            return False
        counted = [reference for part in parts for reference in part.found]
        reading.problem = (
            f"the register prints no number, and in two parts these days hold {len(counted)}, not "
            f"{len(whole.found)}"
        )
        # One that stands in both parts says that the register did not search by the dates.
        return len(counted) == len(whole.found) and set(counted) == set(whole.found)


def _explain_not_proven(window: SearchWindow, reading: Reading) -> ListNotProven:
    counted = "no number was seen" if reading.total is None else f"the register counts {reading.total}"
    return ListNotProven(
        f"The list of {window.describe()} is not proven: {counted} and {len(reading.found)} were found "
        f"({reading.problem}). Nothing was taken from it. Make the same search by hand on the register, "
        "or try again later."
    )
