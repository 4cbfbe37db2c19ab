"""One visitor's session with a Public Access register: forms with their tokens, pages, lost sessions.

A search lives in the server's session, and so does the right to its documents. A token that is stale is
not told: the register answers that nothing was found.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar
from urllib.parse import urljoin

import httpx

from planning_review.errors import (
    PermanentError,
    RegisterLayoutError,
    RegisterUnavailable,
)
from planning_review.register.forms import SearchForm, collect_controls
from planning_review.register.http import PacedHttp
from planning_review.register.idox.addresses import FormName, make_form_url
from planning_review.register.idox.page import IdoxPage, read_page
from planning_review.register.kept_page import KeptPages
from planning_review.register.page_end import check_page_end
from planning_review.register.page_text import find_elements
from planning_review.register.platform import Council
from planning_review.register.responses import explain_status, load_page
from planning_review.register.retrying import ask_again

CONTROL_WORD = "road"
"""Stands in the address of an application of every council: a search that does not find it is no search."""

_MOST_SESSIONS = 2
# The page of the advanced search may hold a form for the current list besides.
_FIELD_OF_FORM: dict[FormName, str] = {
    "simple": "searchCriteria.simpleSearchString",
    "advanced": "date(application",
}

_log = logging.getLogger(__name__)
_Done = TypeVar("_Done")


class SessionLost(Exception):
    """The register no longer knows the session: what was begun in it begins again in a new one."""


class IdoxSession:
    """Asks for the pages of one visitor; for one thread at a time.

    retry_delays_seconds are slept between the tries of a page that is not answered; none where whoever
    calls tries again. kept takes every page.
    """

    def __init__(
        self, council: Council, http: PacedHttp, hint: str, retry_delays_seconds: Sequence[float] = ()
    ) -> None:
        self.council = council
        self._http = http
        self._hint = hint
        self._delays_seconds = tuple(retry_delays_seconds)
        self.kept: KeptPages | None = None

    def begin_anew(self, work: Callable[[], _Done]) -> _Done:
        """Do what needs a session; do it again from its beginning, in a new one, where that is lost."""
        for _ in range(_MOST_SESSIONS - 1):
            try:
                return work()
            except SessionLost as lost:
                _log.info("%s Beginning again in a new session.", lost)
                self.forget()
        try:
            return work()
        except SessionLost as lost:
            raise RegisterUnavailable(
                f"{lost} That was so in {_MOST_SESSIONS} sessions in turn. Try again later. {self._hint}"
            ) from None

    def forget(self) -> None:
        """Begin a new session: the register's cookies are dropped."""
        self._http.forget_cookies()

    def get(self, url: str, referer: str | None = None, *, may_retry: bool = True) -> IdoxPage:
        """Fetch a page. Raises SessionLost where it says that the session is over."""
        headers = {"Accept": "text/html", **({"Referer": referer} if referer else {})}
        return self._ask(f"GET {url}", lambda: self._http.get(url, headers), may_retry=may_retry)

    def send(self, form: SearchForm, referer: str) -> IdoxPage:
        """Send a form and return what it led to."""
        headers = {"Accept": "text/html", "Referer": referer}
        return self._ask(
            f"POST {form.action}", lambda: self._http.post(form.action, headers, form.fields), may_retry=True
        )

    def search(self, form: FormName, criteria: Mapping[str, str]) -> IdoxPage:
        """Fetch a search form and send it with its token, criteria filled in; all else stays as it is.

        Raises RegisterLayoutError where the page holds no such form.
        """
        url = make_form_url(self.council, form)
        return self.send(self.open_form(form, criteria), url)

    def open_form(self, form: FormName, criteria: Mapping[str, str]) -> SearchForm:
        """Fetch a search form and fill it in: every field is sent, hidden and empty ones too."""
        url = make_form_url(self.council, form)
        page = self.get(url)
        path = f"//form[.//*[starts-with(@name, '{_FIELD_OF_FORM[form]}')]]"
        element = next(find_elements(page.root, path), None)
        if element is None:
            raise RegisterLayoutError(
                f"{url} holds no search form: the address of the register may be wrong (it ends in the "
                "software's own path, such as /online-applications), or its layout has changed. Open it in "
                "a browser."
            )
        controls = [control for control in collect_controls(element) if control.is_on]
        left = dict(criteria)
        fields = [(control.name, left.pop(control.name, control.value)) for control in controls]
        # What the form does not show it may still take, and answers nothing without some of it.
        fields += list(left.items())
        return SearchForm("POST", urljoin(page.url, element.get("action", "").strip()), tuple(fields))

    def finds_anything(self) -> bool:
        """Return whether the search finds what every register has, so that its "nothing" means something."""
        page = self.search("simple", simple_criteria(CONTROL_WORD))
        return page.kind in ("list", "too many", "application")

    def _ask(
        self, asked: str, send: Callable[[], AbstractContextManager[httpx.Response]], *, may_retry: bool
    ) -> IdoxPage:
        delays_seconds = self._delays_seconds if may_retry else ()
        return ask_again(lambda: self._ask_once(asked, send), delays_seconds)

    def _ask_once(self, asked: str, send: Callable[[], AbstractContextManager[httpx.Response]]) -> IdoxPage:
        with send() as response:
            url = str(response.url)
            body = load_page(response, url)
            if self.kept:
                self.kept.keep(f"{asked} -> {url}", response.status_code, body)
            if response.status_code in (403, 404):
                raise PermanentError(
                    f"The register answered {response.status_code} at {url}. Its address in councils.yaml "
                    f"(or PLANNING_REGISTER_URL) may be wrong: {self.council.register_url} should end in the "
                    "software's own path, such as /online-applications. Open it in a browser to see why. "
                    f"{self._hint}"
                )
            if not response.is_success:
                raise explain_status(response, url, self._hint)
        check_page_end(body, url)
        page = read_page(body, url)
        if page.kind == "timed out":
            raise SessionLost(f"The register says at {url} that the session is over.")
        return page


def simple_criteria(text: str) -> dict[str, str]:
    """Return what the simple search is asked; without the last one it answers "Too many results"."""
    return {
        "searchType": "Application",
        "searchCriteria.caseStatus": "",
        "searchCriteria.simpleSearchString": text,
        "searchCriteria.simpleSearch": "true",
    }
