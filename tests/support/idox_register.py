"""A Public Access register of our own: sessions, tokens, tabs and files, and the faults that such have.

Pages have the shapes that people wrote down of live registers, in words of our own. `Ways` says what this
one does, faults included.
"""

import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

CONTEXT = "/online-applications"
TAIL = "</div></body></html>"
_TABS = {
    "summary": "Summary",
    "details": "Further Information",
    "dates": "Important Dates",
    "documents": "Documents",
    "externalDocuments": "Documents",
}


@dataclass(frozen=True)
class IdoxFile:
    """A document: the number ends its file's name, suffix is its kind."""

    number: int
    description: str
    kind: str = "Plans"
    suffix: str = "pdf"
    published: str = "17 May 2026"
    drawing: str = ""
    content: bytes = b"%PDF-1.4 small"

    @property
    def path(self) -> str:
        """Where it is served; only PDFs have the folder."""
        digest = hashlib.md5(str(self.number).encode(), usedforsecurity=False).hexdigest().upper()
        folder = "pdf/" if self.suffix == "pdf" else ""
        return f"{CONTEXT}/files/{digest}/{folder}FILE-{self.number}.{self.suffix}"


@dataclass(frozen=True)
class IdoxCase:
    """An application, as the register knows it."""

    reference: str
    proposal: str = "Erection of 24 dwellings with access from Mill Road"
    address: str = "Land At Mill Road Inventon"
    received: date = date(2026, 11, 20)
    validated: date | None = date(2026, 11, 24)
    status: str = "Awaiting decision"
    details: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    files: tuple[IdoxFile, ...] = ()

    @property
    def key(self) -> str:
        """The opaque key: nothing of the reference shows in it."""
        return "K" + hashlib.sha256(self.reference.encode()).hexdigest()[:11].upper()


@dataclass
class Ways:
    """What a register does. Numbers count from the first request of their kind."""

    has_token: bool = True
    stale_tokens: int = 0  # so many searches are answered as with a stale token: "No results found"
    is_search_dead: bool = False  # every search is
    lists_single: bool = False  # one match is a list of one, not its page
    most_results: int = 1000
    prints_showing: bool = True
    offers_sizes: bool = True
    page_size: int = 10
    is_end_exclusive: bool = False
    ignores_dates: bool = False
    loses_session_at: int | None = None  # at this request, whatever it is, every session is forgotten
    fails_without_session: int = 200  # the status of a results page then; 200 is the page of its words
    needs_session: bool = True  # for files
    needs_referer: bool = False  # for files
    page_in_place: int = 404  # the status under which a page comes in a file's place
    prints_number: bool = True  # beside "Documents"
    hidden_rows: int = 0  # so many documents are counted and not listed
    columns: tuple[str, ...] = ("Date Published", "Document Type", "Measure", "Description", "View")
    keeps_documents_elsewhere: bool = False
    withdrawn: frozenset[str] = frozenset()
    wrong_application: str | None = None  # the reference whose page is served for every other
    cut_page: str | None = None  # a page whose address holds this ends in the middle
    wall_at: int | None = None  # from this request on there is a captcha
    robots: str | None = None
    missing_files: frozenset[int] = frozenset()


@dataclass
class Session:
    """What the register keeps of a visitor."""

    token: str
    found: list[IdoxCase] = field(default_factory=list)
    size: int = 10


@dataclass(frozen=True)
class AskedOf:
    """A request that came."""

    method: str
    target: str
    referer: str | None
    form: dict[str, str]

    @property
    def path(self) -> str:
        """Its path below the software's own."""
        return urlsplit(self.target).path.removeprefix(CONTEXT)

    @property
    def query(self) -> dict[str, str]:
        """Its query's values by name."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


class IdoxServer:
    """Serves applications on a free port of 127.0.0.1; url is the register's address."""

    def __init__(self, cases: Sequence[IdoxCase], ways: Ways | None = None) -> None:
        self.cases = list(cases)
        self.ways = ways or Ways()
        self.asked: list[AskedOf] = []
        self._sessions: dict[str, Session] = {}
        self._searches = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{CONTEXT}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        """Return what was asked for, in order: `GET /search.do simple`."""
        return [
            " ".join(
                filter(
                    None, (each.method, each.path, each.query.get("activeTab") or each.query.get("action"))
                )
            )
            for each in self.asked
        ]

    def count_files(self) -> int:
        """Return how many requests were for files."""
        return sum(each.path.startswith("/files/") for each in self.asked)

    # What follows answers; one request at a time.

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            length = int(handler.headers.get("Content-Length") or 0)
            form = dict(parse_qsl(handler.rfile.read(length).decode(), keep_blank_values=True))
            asked = AskedOf(handler.command, handler.path, handler.headers.get("Referer"), form)
            self.asked.append(asked)
            if self.ways.loses_session_at == len(self.asked):
                self._sessions.clear()
            cookie = re.search(r"JSESSIONID=(\w+)", handler.headers.get("Cookie") or "")
            name = cookie[1] if cookie else ""
            status, body, kind, location = self._respond(asked, self._sessions.get(name))
            if name not in self._sessions and "/files/" not in asked.target:
                name = f"S{len(self.asked)}"
                self._sessions[name] = Session(token=self._make_token(), size=self.ways.page_size)
                body = body.replace(b"TOKEN", self._sessions[name].token.encode())
            if self.ways.cut_page and self.ways.cut_page in asked.target:
                body = body[: len(body) * 2 // 3]
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Set-Cookie", f"JSESSIONID={name}; Path={CONTEXT}; HttpOnly")
        if location:
            handler.send_header("Location", location)
        handler.end_headers()
        handler.wfile.write(body)

    def _make_token(self) -> str:
        return f"8d3f{len(self.asked):04}-0000-4000-8000-{self._searches:012}"

    def _respond(self, asked: AskedOf, session: Session | None) -> tuple[int, bytes, str, str]:
        html = "text/html;charset=ISO-8859-1"
        if asked.target == "/robots.txt":
            text = self.ways.robots
            return (404, b"", "text/plain", "") if text is None else (200, text.encode(), "text/plain", "")
        if self.ways.wall_at is not None and len(self.asked) >= self.ways.wall_at:
            return (
                200,
                b"<html><head><title>Verify you are human</title></head><body></body></html>",
                html,
                "",
            )
        if not asked.target.startswith(CONTEXT):
            return 403, b"<html><body>Forbidden</body></html>", html, ""
        if asked.path.startswith("/files/"):
            return self._serve_file(asked, session)
        status, text, location = self._serve_page(asked, session)
        if session:
            text = text.replace("TOKEN", session.token)
        return status, text.encode("latin-1", "xmlcharrefreplace"), html, location

    def _serve_file(self, asked: AskedOf, session: Session | None) -> tuple[int, bytes, str, str]:
        page = b"<html><head><title>Error</title></head><body>The file was not found</body></html>"
        for case in self.cases:
            for each in case.files:
                if each.path != urlsplit(asked.target).path:
                    continue
                is_referred = "activeTab=documents" in (asked.referer or "")
                refused = (self.ways.needs_session and session is None) or (
                    self.ways.needs_referer and not is_referred
                )
                if refused or each.number in self.ways.missing_files:
                    return self.ways.page_in_place, page, "text/html", ""
                return 200, each.content, "application/octet-stream", ""
        return 404, page, "text/html", ""

    def _serve_page(self, asked: AskedOf, session: Session | None) -> tuple[int, str, str]:
        path, action = asked.path, asked.query.get("action")
        if path == "/search.do":
            return 200, self._make_form(action or "simple"), ""
        if path in ("/simpleSearchResults.do", "/advancedSearchResults.do"):
            return self._search(asked, session)
        if path == "/pagedSearchResults.do":
            return self._turn_page(asked, session)
        if path == "/applicationDetails.do":
            return self._show_application(asked, session)
        return 404, page("Not Found", "<h1>Not Found</h1>"), ""

    def _make_form(self, kind: str, message: str = "") -> str:
        token = '<input type="hidden" name="_csrf" value="TOKEN" />' if self.ways.has_token else ""
        if kind == "simple":
            fields = (
                '<input type="text" name="searchCriteria.simpleSearchString" value="" />'
                '<select name="searchCriteria.caseStatus"><option value="">All</option>'
                "<option>Current</option></select>"
                '<input type="hidden" name="searchCriteria.simpleSearch" value="true" />'
            )
        else:
            names = [
                "date(applicationReceivedStart)",
                "date(applicationReceivedEnd)",
                "date(applicationValidatedStart)",
                "date(applicationValidatedEnd)",
                "date(applicationDecisionStart)",
                "searchCriteria.reference",
                "searchCriteria.description",
            ]
            fields = "".join(f'<input type="text" name="{name}" />' for name in names) + (
                '<select name="searchCriteria.caseStatus"><option value="Current" selected>Current</option>'
                '<option value="">All</option></select>'
                '<input type="hidden" name="caseAddressType" value="Application" />'
            )
        return page(
            "Applications Search",
            f'{message}<form action="{CONTEXT}/search.do" id="quick"><input name="q" /></form>'
            f'<form name="searchCriteriaForm" method="post" '
            f'action ="{CONTEXT}/{kind}SearchResults.do?action=firstPage">{token}{fields}'
            '<input type="hidden" name="searchType" value="Application" />'
            '<input type="submit" value="Search" /></form>',
        )

    def _search(self, asked: AskedOf, session: Session | None) -> tuple[int, str, str]:
        self._searches += 1
        form, ways = asked.form, self.ways
        is_simple = "simple" in asked.path
        none = self._say(is_simple, "No results found.")
        is_stale = (
            session is None
            or self._searches <= ways.stale_tokens
            or (ways.has_token and form.get("_csrf") != session.token)
        )
        if is_stale or ways.is_search_dead or session is None:
            return 200, none, ""
        too_many = self._say(is_simple, "Too many results found. Please enter some more parameters.")
        if is_simple:
            if form.get("searchCriteria.simpleSearch") != "true":
                return 200, too_many, ""
            text = form.get("searchCriteria.simpleSearchString", "").casefold()
            found = [
                case
                for case in self.cases
                if text in f"{case.reference}\n{case.proposal}\n{case.address}".casefold()
            ]
        else:
            # Without it, nothing; with a status in the form, only those.
            if form.get("caseAddressType") != "Application" or form.get("searchCriteria.caseStatus"):
                return 200, none, ""
            found = [case for case in self.cases if ways.ignores_dates or self._is_within(case, form)]
        if not found:
            return 200, none, ""
        if len(found) > ways.most_results:
            return 200, too_many, ""
        session.found, session.size = found, ways.page_size
        if len(found) == 1 and not ways.lists_single:
            target = f"{CONTEXT}/applicationDetails.do?keyVal={found[0].key}&activeTab=summary"
            return 302, "", target
        return 200, self._make_list(session, 1), ""

    def _is_within(self, case: IdoxCase, form: dict[str, str]) -> bool:
        for name, day in (("Received", case.received), ("Validated", case.validated)):
            start = form.get(f"date(application{name}Start)")
            end = form.get(f"date(application{name}End)")
            if start and end:
                last = parse_day(end) - timedelta(days=self.ways.is_end_exclusive)
                if day is None or not parse_day(start) <= day <= last:
                    return False
        return True

    def _say(self, is_simple: bool, words: str) -> str:
        box = (
            '<div class="messagebox errors"><h2>Please check the search criteria:</h2>'
            f"<ul><li>{words}</li></ul></div>"
        )
        return self._make_form("simple" if is_simple else "advanced", box)

    def _turn_page(self, asked: AskedOf, session: Session | None) -> tuple[int, str, str]:
        if session is None or not session.found:
            lost = page("Timed out", "<h1>Your session has timed out</h1><p>Please search again.</p>")
            return self.ways.fails_without_session, lost, ""
        if asked.method == "POST":
            if self.ways.has_token and asked.form.get("_csrf") != session.token:
                return 200, self._say(True, "No results found."), ""
            session.size = int(asked.form["searchCriteria.resultsPerPage"])
            return 200, self._make_list(session, 1), ""
        return 200, self._make_list(session, int(asked.query["searchCriteria.page"])), ""

    def _make_list(self, session: Session, number: int) -> str:
        total, size = len(session.found), session.size
        first, last = (number - 1) * size + 1, min(number * size, total)
        rows = "".join(self._make_row(case) for case in session.found[first - 1 : last])
        links = ""
        if total > size:
            target = f"{CONTEXT}/pagedSearchResults.do?action=page&amp;searchCriteria.page="
            links = f"<strong>{number}</strong>"
            links += "".join(
                f'<a class="page" href ="{target}{n}">{n}</a>'
                for n in range(1, (total + size - 1) // size + 1)
                if n != number
            )
            links += f'<a class="next" href ="{target}{number + 1}">Next</a>' if last < total else ""
        showing = f'<span class="showing"> Showing {first}-{last} of {total}</span>'
        pager = f'<p class="pager top">{showing if self.ways.prints_showing else ""}{links}</p>'
        if not (self.ways.prints_showing or links):
            pager = ""
        token = '<input type="hidden" name="_csrf" value="TOKEN" />' if self.ways.has_token else ""
        options = "".join(
            f'<option value="{n}"{" selected" if n == size else ""}>{n}</option>'
            for n in (5, 10, 20, 50, 100)
        )
        sizes = (
            f'<form id="searchResults" method="post" action="{CONTEXT}/pagedSearchResults.do">{token}'
            '<input type="hidden" name="searchCriteria.page" value="1" />'
            '<input type="hidden" name="action" value="page" />'
            '<select name="orderBy"><option value="DateReceived">Date Received</option></select>'
            f'<select name="searchCriteria.resultsPerPage">{options}</select></form>'
        )
        return page(
            "Search Results",
            f'<div id="searchResultsContainer">{sizes if self.ways.offers_sizes else ""}{pager}'
            f'<ul id="searchresults">{rows}</ul>{pager}</div>',
        )

    def _make_row(self, case: IdoxCase) -> str:
        divider = '<span class="divider">|</span>'
        validated = f"Validated: {print_day(case.validated)} {divider} " if case.validated else ""
        return (
            f'<li class="searchresult"><a href="{CONTEXT}/applicationDetails.do?keyVal={case.key}&amp;'
            f'activeTab=summary">{escape(case.proposal)}</a><p class="address">{escape(case.address)}</p>'
            f'<p class="metaInfo">Ref. No: {escape(case.reference)} {divider} Received: '
            f"{print_day(case.received)} {divider} {validated}Status: {escape(case.status)}</p></li>"
        )

    def _show_application(self, asked: AskedOf, session: Session | None) -> tuple[int, str, str]:
        tab = asked.query.get("activeTab", "summary")
        case = next((each for each in self.cases if each.key == asked.query.get("keyVal")), None)
        if case is None:
            return 200, page("Error", "<h1>An error has occurred</h1>"), ""
        if case.reference in self.ways.withdrawn:
            words = "This application is no longer available for viewing."
            return 200, page("Error", f'<div class="messagebox errors">{words}</div>'), ""
        if self.ways.wrong_application:
            case = next(each for each in self.cases if each.reference == self.ways.wrong_application)
        if tab == "documents" and self.ways.keeps_documents_elsewhere:
            return 200, page("Permission Denied", "<h1>Permission Denied</h1>"), ""
        return 200, page(f"{case.reference} | {case.proposal}", self._make_tab(case, tab)), ""

    def _make_tab(self, case: IdoxCase, tab: str) -> str:
        crumb = (
            f'<div class="addressCrumb"><span class="caseNumber">{escape(case.reference)}</span>'
            f'<span class="divider">|</span><span class="description">{escape(case.proposal)}</span>'
            f'<span class="address">{escape(case.address)}</span></div>'
        )
        links = "".join(
            f'<li><a id="tab_{name}" href="{CONTEXT}/applicationDetails.do?activeTab={name}&amp;keyVal='
            f'{case.key}">{self._title_tab(case, name)}</a></li>'
            for name in _TABS
            if self._has_tab(case, name)
        )
        content = f"{crumb}<ul class='tabs'>{links}</ul>"
        if tab == "documents":
            return content + self._make_documents(case)
        rows = {
            "summary": (
                ("Reference", case.reference),
                ("Alternative Reference", "PP-12345678"),
                ("Application Received", print_day(case.received)),
                ("Application Validated", print_day(case.validated) if case.validated else ""),
                ("Address", case.address),
                ("Proposal", case.proposal),
                ("Status", case.status),
                ("Decision", "Not Available"),
                ("Appeal Status", "Unknown"),
            ),
            "details": case.details,
            "dates": case.dates,
        }.get(tab, ())
        named = (
            'id="simpleDetailsTable" summary="Case Details"'
            if tab == "summary"
            else 'id="applicationDetails"'
        )
        cells = "".join(
            f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>' for label, value in rows
        )
        return f"{content}<table {named}>{cells}</table>"

    def _has_tab(self, case: IdoxCase, name: str) -> bool:
        if name in ("documents", "externalDocuments"):
            is_elsewhere = self.ways.keeps_documents_elsewhere
            return is_elsewhere if name == "externalDocuments" else bool(case.files) or is_elsewhere
        return True

    def _title_tab(self, case: IdoxCase, name: str) -> str:
        is_counted = name == "documents" and self.ways.prints_number
        return f"{_TABS[name]} ({len(case.files)})" if is_counted else _TABS[name]

    def _make_documents(self, case: IdoxCase) -> str:
        heads = "".join(f"<th>{name}</th>" for name in self.ways.columns)
        listed = case.files[: len(case.files) - self.ways.hidden_rows]
        rows = "".join(
            f"<tr>{''.join(f'<td>{self._make_cell(each, name)}</td>' for name in self.ways.columns)}</tr>"
            for each in listed
        )
        return (
            '<form id="caseDownloadForm" action="download/">'
            '<input type="hidden" name="_csrf" value="TOKEN" />'
            f'<table id="Documents" summary="Documents"><tr>{heads}</tr>{rows}</table></form>'
        )

    def _make_cell(self, each: IdoxFile, column: str) -> str:
        measure = f"http://127.0.0.1:9/omt-server/omt.html#docKey={each.number}"
        return {
            "": f'<input type="checkbox" name="file" value="X/FILE-{each.number}" />',
            "Date Published": each.published,
            "Document Type": escape(each.kind),
            "Measure": f'<a href="{measure}" title="Measure document">m</a>',
            "Drawing Number": escape(each.drawing),
            "Description": escape(each.description),
            "View": f'<a class="recaptcha-link" title="View Document" href="{each.path}">v</a>',
        }[column]


def page(title: str, content: str) -> str:
    """Return a whole page."""
    return (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body><div id='pageheading'>"
        f"</div><div class='content'>{content}{TAIL}"
    )


def parse_day(text: str) -> date:
    """Return a day of a form: dd/mm/yyyy."""
    day, month, year = map(int, text.split("/"))
    return date(year, month, day)


def print_day(day: date) -> str:
    """Return a day as the register prints it: `Fri 20 Nov 2026`."""
    return f"{day:%a %d %b %Y}"
