"""The search of the small register: the terms, the form, its answer, and the pages of results."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import quote

from planning_review.sample.exchange import Answer, Request, answer_not_found, answer_page, redirect
from planning_review.sample.pages import application_link
from planning_review.sample.search_criteria import REQUIRED_CONTROLS, find_matches, read_criteria
from planning_review.sample.search_pages import (
    DECOYS,
    render_disclaimer,
    render_form,
    render_fragment,
    render_results,
)
from planning_review.sample.served import Fault, ServedApplication
from planning_review.sample.sessions import TOKEN_NAME, Session, Sessions
from planning_review.sample.skins import Skin

FORM_PATH = "/Search/Advanced"
RESULTS_PATH = "/Search/Results"
_SIZES_PATH = "/Search/ChangeResultsPerPage"
_ACCEPT_PATH = "/Disclaimer/Accept"
_PAGE_PATH = re.compile(r"/Search/ResultsPage/(\d{1,4})")
_ACCEPTED_COOKIE = "DisclaimerAccepted"
_ACCEPTED_SECONDS = 3600


class SearchSite:
    """Answers everything under /Search and /Disclaimer; list_applications gives what is there now."""

    def __init__(self, skin: Skin, list_applications: Callable[[], Sequence[ServedApplication]]) -> None:
        self._skin = skin
        self._list_applications = list_applications
        self._sessions = Sessions()

    def answer(self, request: Request, fault: Fault | None) -> Answer | None:
        """Return the answer, None for an address that is not the search's."""
        if fault and fault.kind == "lost-session":
            self._sessions.forget(request)
        if request.path.startswith("/Disclaimer"):
            return self._answer_disclaimer(request) if self._skin.has_disclaimer else None
        if not request.path.startswith("/Search/"):
            return None
        if self._skin.has_disclaimer and _ACCEPTED_COOKIE not in request.cookies:
            return redirect(f"/Disclaimer?returnUrl={quote(request.path, safe='')}")
        page = _PAGE_PATH.fullmatch(request.path)
        match request.method, request.path:
            case "GET", "/Search/Advanced":
                return self.serve_form(request)
            case "GET", "/Search/Results":
                return self._serve_results(request, fault)
            case "POST", path if path == self._skin.form_action:
                return self._take_form(request)
            case "POST", "/Search/ChangeResultsPerPage" if self._skin.page_sizes:
                return self._change_page_size(request)
            case "GET", _ if page:
                return self._serve_fragment(request, int(page[1]), fault)
        return None

    def serve_form(self, request: Request, status: int = HTTPStatus.OK) -> Answer:
        """Return the search's form with a new token, blank: also the answer to much that is wrong."""
        session, headers = self._sessions.ensure(request)
        token = self._sessions.issue_token(session)
        return answer_page(render_form(self._list_applications(), self._skin, token), status, headers)

    def _answer_disclaimer(self, request: Request) -> Answer:
        target = request.query.get("returnUrl", [FORM_PATH])[0]
        if not target.startswith("/") or target.startswith("//"):
            target = FORM_PATH
        if (request.method, request.path) == ("GET", "/Disclaimer"):
            return answer_page(render_disclaimer(target))
        if (request.method, request.path) != ("POST", _ACCEPT_PATH):
            return answer_not_found()
        if "Content-Length" not in request.headers:
            return answer_page("", HTTPStatus.LENGTH_REQUIRED)
        cookie = f"{_ACCEPTED_COOKIE}=True; path=/; Max-Age={_ACCEPTED_SECONDS}"
        # A form served before the terms were accepted is of no use after.
        self._sessions.forget(request)
        return redirect(target, (("Set-Cookie", cookie),))

    def _take_form(self, request: Request) -> Answer:
        session = self._sessions.find(request)
        token = dict(request.form).get(TOKEN_NAME, "")
        if session is None or not self._sessions.accepts(request, session, token):
            return self.serve_form(request)
        if any(name not in dict(request.form) for name in REQUIRED_CONTROLS):
            return answer_page("<title>Runtime Error</title>", HTTPStatus.INTERNAL_SERVER_ERROR)
        criteria = read_criteria(request.form, self._skin)
        if criteria is None:
            return self.serve_form(request)
        session.criteria = criteria
        return redirect(RESULTS_PATH)

    def _change_page_size(self, request: Request) -> Answer:
        session = self._sessions.find(request)
        wanted = dict(request.form).get("resultsPerPage", "")
        if session is None or session.criteria is None:
            return self.serve_form(request)
        if wanted.isascii() and wanted.isdigit() and int(wanted) in self._skin.page_sizes:
            session.page_size = int(wanted)
        return redirect(RESULTS_PATH)

    def _serve_results(self, request: Request, fault: Fault | None) -> Answer:
        session = self._sessions.find(request)
        if session is None or session.criteria is None:
            return self.serve_form(request)
        matches = find_matches(self._list_applications(), session.criteria)
        is_wrong = fault is not None and fault.kind == "wrong-total"
        if len(matches) == 1 and self._skin.redirects_single_match and not is_wrong:
            return redirect(application_link(matches[0].reference, self._skin))
        decoys = [decoy for decoy in DECOYS if decoy.is_asked_for(session.criteria)]
        printed = len(matches) + is_wrong
        return answer_page(render_results(matches, printed, decoys, session.page_size, self._skin))

    def _serve_fragment(self, request: Request, number: int, fault: Fault | None) -> Answer:
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":
            return answer_not_found()
        session = self._sessions.find(request)
        if "Referer" not in request.headers or session is None or session.criteria is None:
            return answer_page("")
        module = request.query.get("module", [""])[0]
        rows = self._list_rows(session, module)
        shown = number - 1 if fault and fault.kind == "repeated-page" and number > 1 else number
        first = (shown - 1) * session.page_size
        if rows is None or not 0 <= first < len(rows):
            return answer_page("")
        return answer_page(render_fragment(rows, shown, number, session.page_size, module, self._skin))

    def _list_rows(self, session: Session, module: str) -> Sequence[ServedApplication] | None:
        if session.criteria is None:
            return None
        if module == "PLA":
            return find_matches(self._list_applications(), session.criteria)
        decoys = (decoy for decoy in DECOYS if decoy.module == module)
        return next((decoy.rows for decoy in decoys if decoy.is_asked_for(session.criteria)), None)
