"""The search of an Agile register: every application registered in a window, proven by the number it counts.

The interface searches by the day of registration alone: that stands for both the date received and the date
valid, and what was validated late is registered late.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from planning_review.errors import ListNotProven, RegisterLayoutError
from planning_review.register.agile.addresses import describe_api, make_search_url
from planning_review.register.agile.application import find_registered, parse_found
from planning_review.register.agile.client import open_http
from planning_review.register.agile.session import AgileSession
from planning_review.register.kept_page import keeping_pages
from planning_review.register.platform import Council, RegisterSearch
from planning_review.register.retrying import RETRY_DELAYS_SECONDS, SEARCH_HINT
from planning_review.register.robots import Robots
from planning_review.register.search import FoundApplication, FoundList, SearchWindow

_PAGE_SIZE = 100
_MOST_PAGES = 100
_MOST_STARTS = 2


class AgileSearch(RegisterSearch):
    """Searches one council's register; for one thread at a time.

    is_for_person says that somebody sits before it who asked for this one search: else it goes only where
    the register's robots.txt lets programs.
    """

    def __init__(
        self,
        council: Council,
        *,
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        shared_turn: Callable[[], None] | None = None,
        retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
        is_for_person: bool = False,
    ) -> None:
        self._council = council
        self._api = describe_api(council)
        self._pages_dir = pages_dir
        self._http = open_http(council, locks_dir, interval_seconds, contact, shared_turn)
        self._robots = None if is_for_person else Robots(self._api, self._http, locks_dir)
        self._session = AgileSession(council, self._http, SEARCH_HINT, retry_delays_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def find(self, window: SearchWindow) -> FoundList:
        """Find every application that was registered in a window and prove that the list is whole.

        Raises ListNotProven and RegisterLayoutError, which keep every answer in a folder under pages_dir and
        name it, RobotsDisallow before anything is searched, and what AgileClient raises.
        """
        if self._robots:
            self._robots.check(make_search_url(self._api, {}))
        with keeping_pages(self._pages_dir, self._council.code, window) as kept:
            self._session.kept = kept
            for _ in range(_MOST_STARTS):
                found, total = self._collect(window)
                if len(found) == total:
                    return FoundList(
                        window=window, applications=tuple(_keep_days(window, found)), total_printed=total
                    )
            raise ListNotProven(
                f"The list of {window.describe()} is not proven: the register counts {total} and "
                f"{len(found)} were found. Nothing was taken from it. Try again later."
            )

    def _collect(self, window: SearchWindow) -> tuple[dict[str, tuple[Any, FoundApplication]], int]:
        """Return what the pages of a search hold, by number, and how many the register counts at last."""
        found: dict[str, tuple[Any, FoundApplication]] = {}
        total = 0
        for page in range(1, _MOST_PAGES + 1):
            url = make_search_url(
                self._api,
                {
                    "registrationDateFrom": window.date_from.isoformat(),
                    # Whether the last day counts is nowhere written down: a day more is asked for.
                    "registrationDateTo": (window.date_to + timedelta(days=1)).isoformat(),
                    "page": str(page),
                    "pageSize": str(_PAGE_SIZE),
                },
            )
            total, rows = _read_page(self._session.ask(url), url)
            before = len(found)
            for row in rows:
                number, application = parse_found(row, self._council, url)
                _check_day(window, row, application)
                found.setdefault(number, (row, application))
            if len(found) >= total or len(found) == before:
                break
        return found, total


def _read_page(answer: Any, url: str) -> tuple[int, list[Any]]:
    total = answer.get("total") if isinstance(answer, dict) else None
    rows = answer.get("results") if isinstance(answer, dict) else None
    if isinstance(total, bool) or not isinstance(total, int) or not isinstance(rows, list):
        raise RegisterLayoutError(
            f"{url} does not answer with results and their number, so no list can be proven."
        )
    return total, rows


def _check_day(window: SearchWindow, row: Any, application: FoundApplication) -> None:
    """Refuse a list that holds what was not asked for: the register did not search by the dates."""
    day = find_registered(row)
    if day is not None and not window.date_from <= day <= window.date_to + timedelta(days=1):
        raise ListNotProven(
            f"The register was searched for {window.describe()} and lists {application.reference}, "
            f"registered on {day:%d/%m/%Y}: it did not search by these dates, so the list can't be trusted."
        )


def _keep_days(
    window: SearchWindow, found: dict[str, tuple[Any, FoundApplication]]
) -> list[FoundApplication]:
    """Leave out what belongs to the day that was asked for besides; what shows no date stays."""
    days = ((find_registered(row), application) for row, application in found.values())
    return [application for day, application in days if day is None or day <= window.date_to]
