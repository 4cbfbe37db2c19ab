"""The small register as tests need it: other skins, requests recorded, contents that change, and faults."""

import re
import socket
import struct
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from planning_review.models import Frozen
from planning_review.sample import register_server
from planning_review.sample.http_server import (
    ERROR_PAGE,
    Answer,
    Request,
    Visitor,
    answer_not_found,
    answer_page,
    redirect,
)
from planning_review.sample.register_server import parse_document_id, parse_reference
from planning_review.sample.search_site import FORM_PATH, RESULTS_PATH, SearchSite
from planning_review.sample.served_application import ServedApplication, ServedDocument, format_size
from tests.support.skins import CouncilSkin, get_skin

_SHAPING_KINDS = {"no-documents", "no-summary", "wrong-total", "repeated-page", "lost-session"}
_HUMAN_PAGE = "<!DOCTYPE html>\n<html><head><title>Human Verification</title></head><body></body></html>"
_TERMS_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Disclaimer</title></head>
<body>
<h1>Terms of use</h1>
<p>Drawings and letters on this register are protected by copyright.</p>
<form action="/Disclaimer/Accept?returnUrl={}" method="post"><button type="submit">Accept</button></form>
</body>
</html>"""
_ACCEPT_PATH = "/Disclaimer/Accept"
_ACCEPTED_COOKIE = "DisclaimerAccepted"
_ACCEPTED_SECONDS = 3600
_SLOW_PIECES = 20
_DOCUMENTS = re.compile(r'<div id="documents">.*?</table>\s*</div>\s*', re.DOTALL)
_SUMMARY_AND_FORMS = re.compile(
    r'<form action="/Search/Site".*?</form>\s*|<div id="summary">.*(?=</body>)', re.DOTALL
)
_TOTAL = re.compile(r"(?<=Planning <span>\()\d+|(?<=Search Results \()\d+")
_ROWS = re.compile(r'<tbody>.*?</tbody>|(?<=<div id="resultsArea">).*?(?=<ul)', re.DOTALL)


class Fault(Frozen):
    """Something that goes wrong with an answer.

    times is how many answers it spoils, None for all. Kinds: `status` answers with the status
    (and Retry-After where retry_after is given); `reset` closes without an answer; `cut` announces
    the whole length and sends half; `slow` spreads the body over `seconds`; `html` and `empty` come
    instead of the document; `challenge` is the wall for robots (202, or 405 with status=405);
    `no-documents` leaves the documents out of the application's page, and `no-summary` the summary
    and every form too. In the search, `wrong-total` prints one match too many on the first page of
    results, `repeated-page` shows the rows of the page before, and `lost-session` forgets the visitor
    before the answer is made.
    """

    kind: Literal[
        "status",
        "reset",
        "cut",
        "slow",
        "html",
        "empty",
        "challenge",
        "no-documents",
        "no-summary",
        "wrong-total",
        "repeated-page",
        "lost-session",
    ]
    times: int | None = Field(None, ge=1)
    status: int | None = None
    retry_after: str | None = None
    seconds: float = 0

    @model_validator(mode="after")
    def _knows_its_status(self) -> Self:
        if self.kind == "status" and self.status is None:
            raise ValueError("a fault of kind 'status' needs a status")
        return self


class RecordedRequest(NamedTuple):
    """A request as it arrived; at_seconds is of the monotonic clock, path holds the query."""

    at_seconds: float
    method: str
    path: str


class RegisterServer(register_server.RegisterServer):
    """The small register in any skin, which fails when told to."""

    skin: CouncilSkin

    def __init__(
        self,
        applications: Sequence[ServedApplication],
        *,
        port: int = 0,
        skin: CouncilSkin | str = "cherwell",
    ) -> None:
        super().__init__(applications, port=port, skin=get_skin(skin) if isinstance(skin, str) else skin)
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []
        self._faults: dict[str, list[Fault]] = {}
        self._stopping = threading.Event()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        super().__exit__(kind, error, trace)

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return list(self._requests)

    def set_fault(self, document_id_or_path: str, *faults: Fault) -> None:
        """Let answers for a document, or for a path without its query, go wrong; none mends them.

        An application's page is `/Planning/Display/{reference}` on every skin. `/Search/Results` is the
        list of results, and `POST /Search/Results` the form that asks for it. Faults take their turn in
        the order given, each for its `times`.
        """
        with self._lock:
            self._faults[document_id_or_path] = list(faults)

    def add_application(self, application: ServedApplication) -> None:
        """Serve one more application, or another in place of the one with its reference."""
        with self._lock:
            self._applications[application.reference] = application

    def add_document(self, reference: str, document: ServedDocument) -> None:
        """List one more document, after the others of its category."""
        with self._lock:
            application = self._applications[reference]
            documents = list(application.documents)
            places = [n for n, other in enumerate(documents, start=1) if other.category == document.category]
            documents.insert(places[-1] if places else len(documents), document)
            self._applications[reference] = application.model_copy(update={"documents": tuple(documents)})

    def replace_bytes(self, document_id: str, content: bytes) -> None:
        """Give a document other bytes under the same id; the size printed changes with them."""
        self._change(document_id, {"content": content, "path": None, "size": format_size(len(content))})

    def remove_document(self, document_id: str) -> None:
        """Take a document off the register: it is neither listed nor served."""
        self._change(document_id, None)

    def list_applications(self) -> list[ServedApplication]:
        """Return every application as it stands now."""
        with self._lock:
            return super().list_applications()

    def respond(self, request: Request, visitor: Visitor) -> None:
        """Answer a visitor, or do what a fault says in place of it."""
        with self._lock:
            self._requests.append(RecordedRequest(time.monotonic(), request.method, request.target))
        fault = self._take_fault(*self._name_fault_keys(request))
        match fault.kind if fault else None:
            case None:
                visitor.send(self.answer(request))
            case kind if kind in _SHAPING_KINDS:
                visitor.send(self._answer_misshapen(request, str(kind)))
            case "cut" | "slow":
                self._send_badly(visitor, fault, self.answer(request))
            case "html" | "empty":
                answer = self.answer(request)
                # The error page comes under the document's name.
                body, mime = (
                    (ERROR_PAGE.encode(), "text/html") if fault.kind == "html" else (b"", answer.kind)
                )
                visitor.send(Answer(HTTPStatus.OK, body, mime, document=answer.document))
            case _:
                _refuse(visitor, fault)

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request; where the skin has terms, they stand before the search."""
        if self.skin.has_disclaimer:
            if request.path.startswith("/Disclaimer"):
                return self._answer_disclaimer(request)
            if request.path.startswith("/Search/") and _ACCEPTED_COOKIE not in request.cookies:
                return redirect(f"/Disclaimer?returnUrl={quote(request.path, safe='')}")
        return super().answer(request)

    def _answer_disclaimer(self, request: Request) -> Answer:
        target = request.query.get("returnUrl", [FORM_PATH])[0]
        if not target.startswith("/") or target.startswith("//"):
            target = FORM_PATH
        if (request.method, request.path) == ("GET", "/Disclaimer"):
            return answer_page(_TERMS_PAGE.format(quote(target, safe="")))
        if (request.method, request.path) != ("POST", _ACCEPT_PATH):
            return answer_not_found()
        if "Content-Length" not in request.headers:
            return answer_page("", HTTPStatus.LENGTH_REQUIRED)
        cookie = f"{_ACCEPTED_COOKIE}=True; path=/; Max-Age={_ACCEPTED_SECONDS}"
        # A form served before the terms were accepted is of no use after.
        self.search.sessions.forget(request)
        return redirect(target, (("Set-Cookie", cookie),))

    def _answer_misshapen(self, request: Request, kind: str) -> Answer:
        """Return the answer to a request with something wrong in its page."""
        match kind:
            case "lost-session":
                self.search.sessions.forget(request)
                return self.answer(request)
            case "no-documents":
                return _edit(self.answer(request), _DOCUMENTS, "")
            case "no-summary":
                return _edit(self.answer(request), _SUMMARY_AND_FORMS, "")
            case "wrong-total":
                # One match is listed too, or there would be no number to print.
                listing = self.skin.model_copy(update={"redirects_single_match": False})
                site = SearchSite(listing, self.list_applications)
                site.sessions = self.search.sessions
                answer = site.answer(request) or answer_not_found()
                return _edit(answer, _TOTAL, lambda match: str(int(match[0]) + 1))
            case _:
                return self._answer_repeated(request)

    def _answer_repeated(self, request: Request) -> Answer:
        """Return a page of the list with the rows of the page before."""
        path, _, number = request.target.partition("?")[0].rpartition("/")
        before = request._replace(
            target=request.target.replace(f"{path}/{number}", f"{path}/{int(number) - 1}")
        )
        answer, rows = self.answer(request), _ROWS.search(self.answer(before).body.decode())
        return _edit(answer, _ROWS, lambda match: rows[0] if rows else match[0])

    def _send_badly(self, visitor: Visitor, fault: Fault, answer: Answer) -> None:
        body = answer.body
        visitor.send_head(answer)
        if fault.kind == "cut":
            visitor.wfile.write(body[: len(body) // 2])
            visitor.close_connection = True
            return
        piece = max(1, -(-len(body) // _SLOW_PIECES))
        for start in range(0, len(body), piece):
            if self._stopping.wait(fault.seconds / _SLOW_PIECES):
                visitor.close_connection = True
                return
            visitor.wfile.write(body[start : start + piece])

    def _name_fault_keys(self, request: Request) -> tuple[str, ...]:
        """Return what a fault for this request may be set on, the nearest first."""
        document_id, reference = parse_document_id(request), parse_reference(request, self.skin)
        own = document_id or (f"/Planning/Display/{reference}" if reference else "")
        if request.method == "POST" and request.path == RESULTS_PATH:
            return (f"POST {RESULTS_PATH}",)
        return (own, request.path)

    def _take_fault(self, *keys: str) -> Fault | None:
        """Return the fault of the next answer for the first of the keys that has one."""
        with self._lock:
            for key in keys:
                waiting = self._faults.get(key)
                if not waiting:
                    continue
                fault = waiting[0]
                if fault.times is not None:
                    left = fault.times - 1
                    waiting[:1] = [fault.model_copy(update={"times": left})] if left else []
                return fault
        return None

    def _change(self, document_id: str, update: dict[str, Any] | None) -> None:
        with self._lock:
            for reference, application in self._applications.items():
                kept = [d for d in application.documents if d.document_id != document_id]
                if len(kept) == len(application.documents):
                    continue
                if update is not None:
                    kept = [
                        d.model_copy(update=update) if d.document_id == document_id else d
                        for d in application.documents
                    ]
                self._applications[reference] = application.model_copy(update={"documents": tuple(kept)})
                return
        raise KeyError(document_id)


def _refuse(visitor: Visitor, fault: Fault) -> None:
    """Send a fault's own answer: whatever was asked for is not looked at."""
    match fault.kind:
        case "status":
            headers = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
            visitor.send(answer_page(ERROR_PAGE, fault.status or 500, headers))
        case "challenge" if fault.status == HTTPStatus.METHOD_NOT_ALLOWED:
            visitor.send(answer_page(_HUMAN_PAGE, 405, (("x-amzn-waf-action", "captcha"),)))
        case "challenge":
            visitor.send(answer_page("", 202, (("x-amzn-waf-action", "challenge"),)))
        case "reset":
            # A linger of no time makes the close a reset.
            visitor.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            visitor.close_connection = True
            visitor.connection.close()


def _edit(answer: Answer, pattern: re.Pattern[str], new: Any) -> Answer:
    """Return an answer with each match in its page replaced."""
    return answer._replace(body=pattern.sub(new, answer.body.decode()).encode())
