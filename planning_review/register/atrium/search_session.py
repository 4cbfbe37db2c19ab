"""One visitor's session with a register's search: cookies, the council's terms, tries again, kept pages.

A search lives in the server's session, so everything of one search goes through one of these.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from urllib.parse import urlencode

import httpx

from planning_review.register.atrium.terms import (
    MOST_ACCEPTANCES,
    explain_terms_that_stay,
    read_acceptance,
    shows_terms,
)
from planning_review.register.forms import SearchForm
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import KeptPages
from planning_review.register.platform import Council
from planning_review.register.responses import ServedPage, explain_status, load_page
from planning_review.register.retrying import SEARCH_HINT, ask_again

_AJAX_HEADERS = {"X-Requested-With": "XMLHttpRequest"}

_log = logging.getLogger(__name__)


class StartAgain(Exception):
    """The search has to begin again at its form, and in a new session where is_lost."""

    def __init__(self, reason: str, *, is_lost: bool = True) -> None:
        super().__init__(reason)
        self.is_lost = is_lost


class SearchSession:
    """Asks for the pages of a search, in one session; for one thread at a time."""

    def __init__(self, council: Council, http: PacedHttp, retry_delays_seconds: Sequence[float]) -> None:
        self._council = council
        self._http = http
        self._delays_seconds = tuple(retry_delays_seconds)
        self.kept: KeptPages | None = None

    def forget(self) -> None:
        """Begin a new session: the register's cookies are dropped."""
        self._http.forget_cookies()

    def get_page(self, url: str) -> ServedPage:
        """Fetch a whole page; the council's terms are accepted where they stand before it."""
        return self._get(url, {}, may_retry=True)

    def get_fragment(self, url: str, referer: str, *, may_retry: bool) -> ServedPage:
        """Fetch a page of the list as the site's script does; without its headers it answers nothing."""
        return self._get(url, {"Referer": referer, **_AJAX_HEADERS}, may_retry=may_retry)

    def submit(self, form: SearchForm, referer: str) -> ServedPage:
        """Send a form and return what it led to.

        Raises StartAgain where the council's terms came instead: they were accepted, and the form's
        token has to be taken anew.
        """
        if form.method == "GET":
            query = urlencode(form.fields)
            return self._get(f"{form.action.partition('?')[0]}?{query}", {"Referer": referer}, may_retry=True)
        page = self._ask(
            f"POST {form.action}",
            lambda: self._http.post(form.action, _accept_html({"Referer": referer}), form.fields),
        )
        if shows_terms(page.body, page.url, self._council):
            self._accept_terms(page)
            raise StartAgain("the council's terms came in place of the results", is_lost=False)
        return page

    def _get(self, url: str, headers: dict[str, str], *, may_retry: bool) -> ServedPage:
        for _ in range(MOST_ACCEPTANCES):
            page = self._ask(
                f"GET {url}", lambda: self._http.get(url, _accept_html(headers)), may_retry=may_retry
            )
            if not shows_terms(page.body, page.url, self._council):
                return page
            self._accept_terms(page)
        raise explain_terms_that_stay(url)

    def _accept_terms(self, page: ServedPage) -> None:
        accept = read_acceptance(page.body, page.url)
        _log.info("Accepting the register's terms at %s.", page.url)
        headers = _accept_html({"Referer": page.url})
        self._ask(f"POST {accept.url}", lambda: self._http.post(accept.url, headers, accept.fields))

    def _ask(
        self,
        asked: str,
        send: Callable[[], AbstractContextManager[httpx.Response]],
        *,
        may_retry: bool = True,
    ) -> ServedPage:
        """Send a request until it is answered, four times at most, and keep the pages.

        Raises what the last try met; what no retry mends, and a wait too long to sleep through, at once.
        """
        delays_seconds = self._delays_seconds if may_retry else ()
        return ask_again(lambda: self._ask_once(asked, send), delays_seconds)

    def _ask_once(self, asked: str, send: Callable[[], AbstractContextManager[httpx.Response]]) -> ServedPage:
        with send() as response:
            url = str(response.url)
            body = load_page(response, url)
            if self.kept:
                self.kept.keep(
                    asked if asked.endswith(url) else f"{asked} -> {url}", response.status_code, body
                )
            if not response.is_success:
                raise explain_status(response, url, SEARCH_HINT)
        return ServedPage(url, body)


def _accept_html(headers: dict[str, str]) -> dict[str, str]:
    return {"Accept": "text/html", **headers}
