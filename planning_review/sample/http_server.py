"""Requests to the small register and its answers, and the sockets that carry them."""

import contextlib
import socket
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

from planning_review.sample.served_application import ServedDocument

ERROR_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Error</title></head>"
    "<body><h1>Sorry, something went wrong</h1><p>The document could not be retrieved.</p></body></html>"
)


class Request(NamedTuple):
    """What was asked: target as it stands in the request's first line, headers' names without case."""

    method: str
    target: str
    headers: Message
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, decoded and without its query."""
        return unquote(urlsplit(self.target).path)

    @property
    def is_escaped(self) -> bool:
        """Whether a slash of the path was written as %2F."""
        return "%2f" in urlsplit(self.target).path.lower()

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The fields of a form that was sent, in their order."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies' values by name."""
        try:
            jar = SimpleCookie(self.headers.get("Cookie") or "")
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}


class Answer(NamedTuple):
    """What is sent back; headers may repeat a name. document is the one whose bytes these are."""

    status: int
    body: bytes
    kind: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    document: ServedDocument | None = None


def answer_page(page: str, status: int = HTTPStatus.OK, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return a page of HTML."""
    return Answer(status, page.encode(), headers=headers)


def answer_not_found() -> Answer:
    """Return the page for an address that there is not."""
    return answer_page(ERROR_PAGE, HTTPStatus.NOT_FOUND)


def redirect(path: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return an answer that sends the client to another page of the site."""
    return Answer(HTTPStatus.FOUND, b"", headers=(("Location", path), *headers))


class AnsweringServer(ThreadingHTTPServer):
    """Sockets on 127.0.0.1, one thread a connection; respond answers each request."""

    def __init__(self, port: int, respond: Callable[[Request, "Visitor"], None]) -> None:
        self.respond = respond
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", port), Visitor)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that closing the server closes it too."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that is done."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that go away in the middle of an answer are part of the game."""

    def server_close(self) -> None:
        """Close the listening socket and every connection that is kept alive."""
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Visitor(BaseHTTPRequestHandler):
    """A connection, to whose requests answers are sent."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: AnsweringServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def send(self, answer: Answer) -> None:
        """Send a whole answer."""
        self.send_head(answer)
        self.wfile.write(answer.body)

    def send_head(self, answer: Answer) -> None:
        """Send an answer's status and headers: its body is to follow."""
        kind = answer.kind
        self.send_response(answer.status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind == "text/html" else kind)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.document is not None:
            name = quote(answer.document.file_name)
            self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        for header, value in answer.headers:
            self.send_header(header, value)
        self.end_headers()

    def _serve(self) -> None:
        if "Transfer-Encoding" in self.headers:
            # Its pieces are not read, and would be taken for the next request.
            self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.respond(Request(self.command, self.path, self.headers, body), self)
