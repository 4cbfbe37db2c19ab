"""The search of a Public Access register: every application of a window, proven by "Showing 1-10 of 29".

A list counts as whole only where as many different applications were collected as the register prints; one
without any only where the same search in a new session finds none either, while another one finds
something. A window that holds too many is halved, down to single days. Requests are tried again here and
nowhere else.
"""

import logging
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from planning_review.errors import (
    BotChallenge,
    ListNotProven,
    RegisterLayoutError,
    RegisterThrottled,
    TransientError,
)
from planning_review.register.http import PacedHttp
from planning_review.register.idox.addresses import list_search_urls
from planning_review.register.idox.application import find_reference, list_pairs, make_application
from planning_review.register.idox.page import IdoxPage, find_page_key
from planning_review.register.idox.results import ResultsPage, parse_results
from planning_review.register.idox.session import CONTROL_WORD, IdoxSession, SessionLost
from planning_review.register.kept_page import keeping_pages
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, RegisterSearch
from planning_review.register.retrying import RETRY_DELAYS_SECONDS, SEARCH_HINT
from planning_review.register.robots import Robots
from planning_review.register.search import FoundApplication, FoundList, SearchWindow
from planning_review.text.folding import fold_label

DATE_FIELDS = {
    "received": ("date(applicationReceivedStart)", "date(applicationReceivedEnd)"),
    "valid": ("date(applicationValidatedStart)", "date(applicationValidatedEnd)"),
}
_MOST_PAGES = 400
# A list of two pages costs no more as it is than shown on one.
_FEWEST_TO_RESIZE = 20

_log = logging.getLogger(__name__)


class _TooMany(Exception):
    """The register lists none because it found too many; the message is its own."""


class IdoxSearch(RegisterSearch):
    """Searches one council's register in a session of its own; for one thread at a time.

    keys takes the applications' keys by folded reference. is_for_person says that somebody sits before it
    who asked for this one search: else it goes only where the register's robots.txt lets programs.
    """

    def __init__(
        self,
        council: Council,
        *,
        keys: MutableMapping[str, str],
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
        self._keys = keys
        self._pages_dir = pages_dir
        pacer = Pacer(locks_dir, council.code, interval_seconds, shared_turn)
        self._http = PacedHttp(council, pacer, contact, timeout_seconds, SEARCH_HINT)
        self._session = IdoxSession(council, self._http, SEARCH_HINT, retry_delays_seconds)
        self._robots = None if is_for_person else Robots(council, self._http, locks_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def find(self, window: SearchWindow) -> FoundList:
        """Find every application of a window and prove that the list is whole.

        Raises ListNotProven and RegisterLayoutError, which keep every page in a folder under pages_dir and
        name it, RobotsDisallow before anything is searched, and what IdoxClient raises.
        """
        if self._robots:
            for url in list_search_urls(self._council):
                self._robots.check(url)
        with keeping_pages(self._pages_dir, self._council.code, window) as kept:
            self._session.kept = kept
            return self._prove(window)

    def _prove(self, window: SearchWindow) -> FoundList:
        try:
            listed = self._session.begin_anew(lambda: self._collect(window))
        except _TooMany as signal:
            if window.days == 1:
                raise ListNotProven(
                    f"The register finds too many {window.describe()} to list them: {signal} Make the "
                    "search by "
                    "hand on the register, ward by ward."
                ) from None
            _log.info("Too many %s: searching the two halves.", window.describe())
            halves = [self._prove(half).applications for half in window.halve()]
            listed = {each.register_url: each for half in halves for each in half}
        applications = tuple(_keep_days(window, listed.values()))
        return FoundList(window=window, applications=applications, total_printed=len(applications))

    def _collect(self, window: SearchWindow) -> dict[str, FoundApplication]:
        """Search once and return all that was found, by key."""
        page = self._search(window)
        if page.kind == "none found":
            # As it answers with a stale token.
            self._session.forget()
            page = self._search(window)
        if page.kind == "none found":
            if self._session.finds_anything():
                return {}
            raise ListNotProven(
                f"The register finds no {window.describe()}, and nothing for {CONTROL_WORD!r} either: its "
                "search "
                "does not work now, so that this says nothing. Try again later."
            )
        if page.kind == "too many":
            raise _TooMany(page.message or "its page says so.")
        if page.kind == "application":
            return self._read_only_one(page)
        if page.kind != "list":
            said = f" It says: {page.message[:300]!r}." if page.message else ""
            raise RegisterLayoutError(
                f"{page.url} is no list of {window.describe()}, nor does it say that there are none.{said} "
                "Make "
                "the search by hand on the register."
            )
        return self._collect_pages(window, page)

    def _search(self, window: SearchWindow) -> IdoxPage:
        start, end = DATE_FIELDS[window.by]
        # At some councils the last day is not counted: a day more is asked for, and left out again.
        criteria = {
            start: f"{window.date_from:%d/%m/%Y}",
            end: f"{window.date_to + timedelta(days=1):%d/%m/%Y}",
            "searchCriteria.caseStatus": "",
            "caseAddressType": "Application",
            "searchType": "Application",
        }
        return self._session.search("advanced", criteria)

    def _read_only_one(self, page: IdoxPage) -> dict[str, FoundApplication]:
        key, reference = find_page_key(page), find_reference(page)
        if key is None or reference is None:
            raise RegisterLayoutError(f"{page.url} shows an application without its key and reference.")
        shown = make_application(
            list_pairs([page]), reference=reference, council_code=self._council.code, page_url=page.url
        )
        self._keys[fold_label(reference)] = key
        fields = ("reference", "proposal", "status", "received_date", "valid_date", "register_url")
        found = FoundApplication.model_validate(
            shown.model_dump(include=set(fields)) | {"address": shown.site_address}
        )
        return {key: found}

    def _collect_pages(self, window: SearchWindow, page: IdoxPage) -> dict[str, FoundApplication]:
        results = self._read_list(window, page)
        total = results.total
        if total is not None and results.resize is not None and total > _FEWEST_TO_RESIZE:
            resized = self._session.send(results.resize, page.url)
            larger = self._read_list(window, resized) if resized.kind == "list" else None
            if larger is not None and larger.total == total:
                page, results = resized, larger
        found = dict(results.found)
        for _ in range(_MOST_PAGES):
            if results.next_url is None:
                break
            page = self._follow(results.next_url, page.url)
            results = self._read_list(window, page)
            if results.total != total:
                raise SessionLost(f"The register's number went from {total} to {results.total}.")
            before = len(found)
            found |= results.found
            if len(found) == before:
                break
        if total is None or len(found) != total:
            counted = "prints no number" if total is None else f"counts {total}"
            raise ListNotProven(
                f"The list of {window.describe()} is not proven: the register {counted} and {len(found)} "
                "were "
                "found. Nothing was taken from it. Make the same search by hand on the register, or try "
                "again "
                "later."
            )
        self._keys.update({fold_label(each.reference): key for key, each in found.items()})
        return found

    def _follow(self, url: str, referer: str) -> IdoxPage:
        """Fetch one more page of the list. Without its session the register answers 500."""
        try:
            page = self._session.get(url, referer, may_retry=False)
        except (BotChallenge, RegisterThrottled):
            raise
        except TransientError as error:
            raise SessionLost(str(error).partition(". ")[0] + ".") from error
        if page.kind != "list":
            raise SessionLost(f"{url} held no list.")
        return page

    def _read_list(self, window: SearchWindow, page: IdoxPage) -> ResultsPage:
        results = parse_results(page)
        if results.unread:
            raise ListNotProven(
                f"The list of {window.describe()} is not proven: {page.url} has {results.unread} rows that "
                "were "
                "not understood. Open it in a browser."
            )
        _check_days(window, results.found.values())
        return results


def _find_day(window: SearchWindow, application: FoundApplication) -> date | None:
    return application.received_date if window.by == "received" else application.valid_date


def _keep_days(window: SearchWindow, found: Iterable[FoundApplication]) -> Iterable[FoundApplication]:
    """Leave out what belongs to the day that was asked for besides; what shows no date stays."""
    for application in found:
        day = _find_day(window, application)
        if day is None or day <= window.date_to:
            yield application


def _check_days(window: SearchWindow, found: Iterable[FoundApplication]) -> None:
    """Refuse a list that holds what was not asked for: the register did not search by the dates."""
    for application in found:
        day = _find_day(window, application)
        if day is not None and not window.date_from <= day <= window.date_to + timedelta(days=1):
            raise ListNotProven(
                f"The register was searched for {window.describe()} and lists {application.reference}, "
                f"{window.by} on {day:%d/%m/%Y}: it did not search by these dates, so the list can't be "
                "trusted. "
                "Make the same search by hand on the register."
            )
