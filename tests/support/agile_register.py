"""An Agile register of our own: the interface in JSON, the portal's empty page, and faults that such have.

Answers have the shapes that people wrote down of the live interface. `AgileWays` says what this one does.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

CLIENT = "OURS"
SHELL = (
    "<!doctype html><html><head><title>Citizen Portal</title></head><body><app-root></app-root></body></html>"
)


@dataclass(frozen=True)
class AgileFile:
    """A document, by the hash that is its address; None is a line without one."""

    digest: str | None
    description: str
    media: str = "Supporting Documents"
    content: bytes = b"%PDF-1.4 small"


@dataclass(frozen=True)
class AgileCase:
    """An application, as the interface knows it."""

    number: int
    reference: str
    registered: date
    proposal: str = "Erection of 24 dwellings with access from Mill Road"
    files: tuple[AgileFile, ...] = ()
    others: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return its line of a list."""
        return {
            "id": self.number,
            "reference": self.reference,
            "proposal": self.proposal,
            "location": "Land At Mill Road Inventon",
            "applicationType": "Full",
            "registrationDate": f"{self.registered}T00:00:00",
            "statusDescription": "Registered",
        }


@dataclass(frozen=True)
class AgileWays:
    """What this register does."""

    robots: str = ""
    page_size: int = 100
    total: int | None = None
    ignores_dates: bool = False
    opens_files_by: str = "hash"
    cut_at: int | None = None
    answers_shell: bool = False
    refuses: str = ""


class AgileServer:
    """Serves the cases on a free port until it is left; url is the portal's, asked what was asked."""

    def __init__(self, cases: Sequence[AgileCase], ways: AgileWays | None = None) -> None:
        self.cases = tuple(cases)
        self.ways = ways or AgileWays()
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                status, kind, body = server.answer(self.path, self.headers.get("x-client"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, client: str | None) -> tuple[int, str, bytes]:
        """Return status, type and body for an address."""
        parts = urlsplit(target)
        steps = [unquote(step) for step in parts.path.split("/")[1:]]
        if parts.path == "/robots.txt":
            return (200 if self.ways.robots else 404), "text/plain", self.ways.robots.encode()
        if steps[:2] != ["api", "application"] or self.ways.answers_shell:
            return 200, "text/html", SHELL.encode()
        if steps[2] == "document":
            return self._serve_file(steps[3:], client)
        if client != CLIENT:
            return 401, "application/json", b'{"message": "Client has not beeing selected"}'
        answer = (
            self._find(dict(parse_qsl(parts.query))) if steps[2] == "search" else self._describe(steps[2:])
        )
        if answer is None:
            return 404, "application/json", b"{}"
        return 200, "application/json", json.dumps(answer).encode()[: self.ways.cut_at]

    def _serve_file(self, steps: list[str], client: str | None) -> tuple[int, str, bytes]:
        by_client = len(steps) == 2 and steps[0] == CLIENT
        allowed = by_client if self.ways.opens_files_by == "client" else len(steps) == 1 and client == CLIENT
        files = {each.digest: each.content for case in self.cases for each in case.files}
        if allowed and steps[-1] in files:
            return 200, "application/pdf", files[steps[-1]]
        return 404, "application/json", b"{}"

    def _find(self, query: dict[str, str]) -> Any:
        if self.ways.refuses:
            return [{"code": self.ways.refuses, "message": f"{self.ways.refuses} is not valid"}]
        found = [case for case in self.cases if query.get("reference", "") in case.reference]
        if "registrationDateFrom" in query and not self.ways.ignores_dates:
            first, last = (date.fromisoformat(query[f"registrationDate{end}"]) for end in ("From", "To"))
            found = [case for case in found if first <= case.registered <= last]
        size = min(int(query.get("pageSize", 10)), self.ways.page_size)
        start = (int(query.get("page", 1)) - 1) * size
        total = len(found) if self.ways.total is None else self.ways.total
        return {"total": total, "results": [case.describe() for case in found[start : start + size]]}

    def _describe(self, steps: list[str]) -> Any:
        case = next((case for case in self.cases if str(case.number) == steps[0]), None)
        if case is None:
            return None
        if steps[1:] == ["document"]:
            return [
                {
                    "documentHash": each.digest,
                    "name": f"{each.description}.pdf",
                    "description": each.description,
                    "mediaDescription": each.media,
                    "receivedDate": f"{case.registered}T09:30:00",
                }
                for each in case.files
            ]
        return case.describe() | case.others
