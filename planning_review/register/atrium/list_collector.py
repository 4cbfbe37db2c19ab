"""One search's list, collected page by page, at every page size that the register offers."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from planning_review.errors import (
    BotChallenge,
    ListNotProven,
    PermanentError,
    RegisterLayoutError,
    RegisterThrottled,
    TransientError,
)
from planning_review.register.atrium.paging import PageSizes, count_up, guess_page_sizes
from planning_review.register.atrium.results_page import ResultsPage, parse_results_page
from planning_review.register.atrium.search_form import parse_search_form
from planning_review.register.atrium.search_session import SearchSession, StartAgain
from planning_review.register.forms import SearchForm
from planning_review.register.platform import Council
from planning_review.register.responses import ServedPage
from planning_review.register.search import FoundApplication, SearchWindow

_log = logging.getLogger(__name__)

SEARCH_PATH = "/Search/Advanced"
_MOST_LISTED = 2_000
"""A longer list is not paged through: its window is halved at once."""
_MOST_STARTS = 4
_MOST_SESSIONS = 2
_Read = TypeVar("_Read")


class Reading:
    """What a search of a window yielded; problem says why it ended early.

    total is what the register printed, None where no search came to its end. is_capped is True where it
    says that it shows a part alone: then its number counts nothing. is_uncounted is True where it prints
    no number, and its pages were collected up to their own end.
    """

    def __init__(self, total: int | None, problem: str = "", *, is_capped: bool = False) -> None:
        self.total = total
        self.problem = problem
        self.is_capped = is_capped
        self.is_uncounted = False
        self.found: dict[str, FoundApplication] = {}

    @property
    def is_whole(self) -> bool:
        """Whether as many different applications were collected as printed."""
        return len(self.found) == self.total

    def add(self, applications: tuple[FoundApplication, ...]) -> bool:
        """Add a page's applications and say whether any was new."""
        before = len(self.found)
        for application in applications:
            self.found.setdefault(application.reference, application)
        return len(self.found) > before


class ListCollector:
    """Collects the lists of searches in one session."""

    def __init__(self, council: Council, session: SearchSession) -> None:
        self._council = council
        self._session = session

    def collect(self, window: SearchWindow) -> Reading:
        """Search a window and collect its list, at every page size offered until it is whole."""
        return self._begin_again(window, self._collect_once) or Reading(None, "its session ended each time")

    def find_total(self, window: SearchWindow) -> int | None:
        """Search a window for the number that the register prints now."""
        opened = self._begin_again(window, self._open)
        return opened[1].total if opened else None

    def _begin_again(self, window: SearchWindow, read: Callable[[SearchWindow], _Read]) -> _Read | None:
        """Read, once more where the session ended or the list moved; None where it did so again."""
        sessions = 1
        for _ in range(_MOST_STARTS):
            try:
                return read(window)
            except StartAgain as signal:
                _log.warning("The search of %s begins again: %s.", window.describe(), signal)
                if signal.is_lost:
                    self._session.forget()
                    sessions += 1
                if sessions > _MOST_SESSIONS:
                    break
        return None

    def _open(self, window: SearchWindow) -> tuple[ServedPage, ResultsPage]:
        """Send the form and return the first page of results, its total printed."""
        form_page = self._session.get_page(f"{self._council.register_url}{SEARCH_PATH}")
        form = parse_search_form(form_page.body, form_page.url, window)
        served = self._session.submit(form, form_page.url)
        page = parse_results_page(served.body, served.url, self._council)
        if page.is_capped:
            # Shorter windows may be shown whole.
            return served, page
        if page.kind == "form":
            said = f" It says: {page.refusal!r}." if page.refusal else ""
            raise RegisterLayoutError(
                f"The register served its search form again in place of results for {window.describe()}: it "
                f"refused the search.{said} Make it by hand at {form_page.url}."
            )
        if page.total is None and not page.applications:
            raise RegisterLayoutError(
                f"{served.url} prints no number of planning applications found for {window.describe()}, so "
                "no list can be proven: the register's layout may have changed. Open it in a browser."
            )
        self._check_dates(window, page.applications)
        return served, page

    def _collect_once(self, window: SearchWindow) -> Reading:
        served, page = self._open(window)
        if page.is_capped:
            return Reading(None, f"the register says {page.refusal!r}", is_capped=True)
        if page.total is None:
            return self._collect_uncounted(window, page, served.url)
        if (page.total or 0) > _MOST_LISTED:
            return Reading(page.total, f"more than {_MOST_LISTED} are not paged through")
        reading = self._collect_pages(window, page, served.url)
        if reading.is_whole:
            return reading
        return self._collect_resized(window, page, reading, served.url)

    def _collect_uncounted(self, window: SearchWindow, page: ResultsPage, referer: str) -> Reading:
        """Collect the pages of a list without a number, up to the one that leads no further.

        All but the last must be as long as the first: a shorter one has a line that was not understood.
        """
        reading, longest, asked = Reading(None), len(page.applications), {referer}
        reading.add(page.applications)
        number, url = 1, page.pager.find_next(1)
        while url is not None and url not in asked and len(reading.found) <= _MOST_LISTED:
            if len(page.applications) != longest:
                reading.problem = f"page {number} has {len(page.applications)} lines, the first {longest}"
                return reading
            asked.add(url)
            fetch = partial(self._session.get_fragment, url, referer, may_retry=True)
            later = self._fetch_later(window, None, fetch)
            if isinstance(later, str) or not reading.add(later.applications):
                reading.problem = later if isinstance(later, str) else f"{url} brought nothing new"
                return reading
            page, number = later, number + 1
            url = page.pager.find_next(number)
        reading.is_uncounted = url is None and len(page.applications) <= longest
        reading.problem = "that is where its pages end" if reading.is_uncounted else "its pages do not end"
        return reading

    def _collect_resized(
        self, window: SearchWindow, page: ResultsPage, reading: Reading, referer: str
    ) -> Reading:
        """Collect a list anew at each other page size, until it is whole."""
        sizes = page.sizes or guess_page_sizes(referer)
        for size in sizes.choose(page.total or 0):
            choose = partial(self._choose_size, sizes, size, referer)
            try:
                resized = self._fetch_later(window, page.total, choose)
            except StartAgain as signal:
                if page.sizes:
                    raise
                # Not a session that ended, but a register that does not take a size it does not offer.
                resized = str(signal)
            if isinstance(resized, str):
                reading.problem += f"; {size} a page: {resized}"
                break
            again = self._collect_pages(window, resized._replace(total=page.total), referer)
            if again.is_whole:
                return again
            problem = f"{reading.problem}; {size} a page: {again.problem}"
            reading = max(reading, again, key=lambda each: len(each.found))
            reading.problem = problem
        return reading

    def _collect_pages(self, window: SearchWindow, page: ResultsPage, referer: str) -> Reading:
        """Collect the pages that follow a list's first one, as long as each brings something new."""
        reading = Reading(page.total)
        reading.add(page.applications)
        asked: set[str] = set()
        number, url = 1, page.pager.find_next(1)
        # A page still offered when the number is reached is looked at too: the number may be too small.
        while url is not None and url not in asked and len(reading.found) <= (reading.total or 0):
            asked.add(url)
            fetch = partial(self._session.get_fragment, url, referer, may_retry=not reading.is_whole)
            later = self._fetch_later(window, reading.total, fetch)
            if isinstance(later, str):
                reading.problem = later
                break
            if not reading.add(later.applications):
                reading.problem = f"{url} brought nothing new"
                break
            number += 1
            goes_on = not (later.pager.is_there or reading.is_whole)
            url = later.pager.find_next(number) or (count_up(url) if goes_on else None)
        reading.problem = reading.problem or "that is where its pages end"
        return reading

    def _fetch_later(
        self, window: SearchWindow, total: int | None, fetch: Callable[[], ServedPage]
    ) -> ResultsPage | str:
        """Return one more page of a list, or what is wrong with it where another way may go round it."""
        try:
            served = fetch()
        except (BotChallenge, RegisterLayoutError, RegisterThrottled):
            raise
        except (TransientError, PermanentError) as error:
            # What was found; what to do about it is for the whole search to say.
            return str(error).partition(". ")[0]
        page = parse_results_page(served.body, served.url, self._council)
        if page.kind == "form":
            raise StartAgain(f"{served.url} served the search form in place of the list")
        if page.kind != "list":
            return f"{served.url} held no list" if served.body.strip() else f"{served.url} was empty"
        if page.applications and page.total not in (None, total):
            raise StartAgain(f"the register's number went from {total} to {page.total}")
        self._check_dates(window, page.applications)
        return page

    def _choose_size(self, sizes: PageSizes, size: int, referer: str) -> ServedPage:
        form = SearchForm("POST", sizes.action, sizes.fill_in(size))
        served = self._session.submit(form, referer)
        if parse_results_page(served.body, served.url, self._council).kind == "other":
            # Where the site's script would load the list again.
            served = self._session.get_page(referer)
        return served

    def _check_dates(self, window: SearchWindow, applications: tuple[FoundApplication, ...]) -> None:
        """Refuse a list that holds what was not asked for: the register did not search by the dates."""
        for application in applications:
            day = application.received_date if window.by == "received" else application.valid_date
            if day is not None and not window.date_from <= day <= window.date_to:
                raise ListNotProven(
                    f"The register was searched for {window.describe()} and lists {application.reference}, "
                    f"{window.by} on {day:%d/%m/%Y}: it did not search by these dates, so the list can't be "
                    "trusted. Make the same search by hand on the register."
                )
