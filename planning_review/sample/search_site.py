"""The search of the small register: its visitors, the form, its answer, and the pages of results."""

import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from planning_review.sample.http_server import Answer, Request, answer_not_found, answer_page, redirect
from planning_review.sample.pages import (
    DECOYS,
    application_link,
    render_form,
    render_fragment,
    render_results,
)
from planning_review.sample.search_criteria import REQUIRED_CONTROLS, Criteria, find_matches, parse_criteria
from planning_review.sample.served_application import ServedApplication
from planning_review.sample.skin import Skin

FORM_PATH = "/Search/Advanced"
RESULTS_PATH = "/Search/Results"
_PAGE_PATH = re.compile(r"/Search/ResultsPage/(\d{1,4})")
SESSION_COOKIE = "ASP.NET_SessionId"
TOKEN_NAME = "__RequestVerificationToken"  # noqa: S105 (the name of the form's field and of its cookie)
DEFAULT_PAGE_SIZE = 10


@dataclass
class Session:
    """One visitor. form_tokens go with cookie_token, and nobody else's."""

    key: str
    cookie_token: str
    form_tokens: set[str] = field(default_factory=set)
    criteria: Criteria | None = None
    page_size: int = DEFAULT_PAGE_SIZE


class Sessions:
    """The visitors; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: dict[str, Session] = {}

    def find(self, request: Request) -> Session | None:
        """Return the visitor that a request's cookie names."""
        with self._lock:
            return self._by_key.get(request.cookies.get(SESSION_COOKIE, ""))

    def ensure(self, request: Request) -> tuple[Session, tuple[tuple[str, str], ...]]:
        """Return the visitor and the headers that tell a new one who it is."""
        session = self.find(request)
        if session is not None:
            return session, ()
        session = Session(secrets.token_hex(12), secrets.token_hex(16))
        with self._lock:
            self._by_key[session.key] = session
        return session, (
            ("Set-Cookie", f"{SESSION_COOKIE}={session.key}; path=/; HttpOnly; SameSite=Lax"),
            ("Set-Cookie", f"{TOKEN_NAME}={session.cookie_token}; path=/; HttpOnly"),
        )

    def issue_token(self, session: Session) -> str:
        """Return a new token for a form that is about to be served."""
        token = secrets.token_hex(16)
        with self._lock:
            session.form_tokens.add(token)
        return token

    def accepts(self, request: Request, session: Session, token: str) -> bool:
        """Return whether a form's token and the request's cookie belong together."""
        with self._lock:
            return token in session.form_tokens and request.cookies.get(TOKEN_NAME) == session.cookie_token

    def forget(self, request: Request) -> None:
        """Drop the visitor that a request names, as a restarted server does."""
        with self._lock:
            self._by_key.pop(request.cookies.get(SESSION_COOKIE, ""), None)


class SearchSite:
    """Answers everything under /Search; list_applications gives what is there now."""

    def __init__(self, skin: Skin, list_applications: Callable[[], Sequence[ServedApplication]]) -> None:
        self._skin = skin
        self._list_applications = list_applications
        self.sessions = Sessions()

    def answer(self, request: Request) -> Answer | None:
        """Return the answer, None for an address that is not the search's."""
        if not request.path.startswith("/Search/"):
            return None
        page = _PAGE_PATH.fullmatch(request.path)
        match request.method, request.path:
            case "GET", "/Search/Advanced":
                return self.serve_form(request)
            case "GET", "/Search/Results":
                return self._serve_results(request)
            case "POST", path if path == self._skin.form_action:
                return self._take_form(request)
            case "POST", "/Search/ChangeResultsPerPage" if self._skin.page_sizes:
                return self._change_page_size(request)
            case "GET", _ if page:
                return self._serve_fragment(request, int(page[1]))
        return None

    def serve_form(self, request: Request, status: int = HTTPStatus.OK) -> Answer:
        """Return the search's form with a new token, blank: also the answer to much that is wrong."""
        session, headers = self.sessions.ensure(request)
        token = self.sessions.issue_token(session)
        return answer_page(render_form(self._list_applications(), self._skin, token), status, headers)

    def _take_form(self, request: Request) -> Answer:
        session = self.sessions.find(request)
        token = dict(request.form).get(TOKEN_NAME, "")
        if session is None or not self.sessions.accepts(request, session, token):
            return self.serve_form(request)
        if any(name not in dict(request.form) for name in REQUIRED_CONTROLS):
            return answer_page("<title>Runtime Error</title>", HTTPStatus.INTERNAL_SERVER_ERROR)
        criteria = parse_criteria(request.form, self._skin)
        if criteria is None:
            return self.serve_form(request)
        session.criteria = criteria
        return redirect(RESULTS_PATH)

    def _change_page_size(self, request: Request) -> Answer:
        session = self.sessions.find(request)
        wanted = dict(request.form).get("resultsPerPage", "")
        if session is None or session.criteria is None:
            return self.serve_form(request)
        if wanted.isascii() and wanted.isdigit() and int(wanted) in self._skin.page_sizes:
            session.page_size = int(wanted)
        return redirect(RESULTS_PATH)

    def _serve_results(self, request: Request) -> Answer:
        session = self.sessions.find(request)
        if session is None or session.criteria is None:
            return self.serve_form(request)
        matches = find_matches(self._list_applications(), session.criteria)
        if len(matches) == 1 and self._skin.redirects_single_match:
            return redirect(application_link(matches[0].reference, self._skin))
        decoys = [decoy for decoy in DECOYS if decoy.is_asked_for(session.criteria)]
        return answer_page(render_results(matches, decoys, session.page_size, self._skin))

    def _serve_fragment(self, request: Request, number: int) -> Answer:
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":
            return answer_not_found()
        session = self.sessions.find(request)
        if "Referer" not in request.headers or session is None or session.criteria is None:
            return answer_page("")
        module = request.query.get("module", [""])[0]
        rows = self._list_rows(session, module)
        first = (number - 1) * session.page_size
        if rows is None or not 0 <= first < len(rows):
            return answer_page("")
        return answer_page(render_fragment(rows, number, session.page_size, module, self._skin))

    def _list_rows(self, session: Session, module: str) -> Sequence[ServedApplication] | None:
        if session.criteria is None:
            return None
        if module == "PLA":
            return find_matches(self._list_applications(), session.criteria)
        decoys = (decoy for decoy in DECOYS if decoy.module == module)
        return next((decoy.rows for decoy in decoys if decoy.is_asked_for(session.criteria)), None)
