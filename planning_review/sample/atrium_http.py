"""How the small register answers each request, and how an answer goes wrong."""

import contextlib
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from planning_review.sample.exchange import ERROR_PAGE, Answer, Request, answer_page
from planning_review.sample.served import Fault

if TYPE_CHECKING:
    from planning_review.sample.atrium import RegisterServer

_HUMAN_PAGE = "<!DOCTYPE html>\n<html><head><title>Human Verification</title></head><body></body></html>"
_SLOW_PIECES = 20


class AtriumHTTPServer(ThreadingHTTPServer):
    """The sockets under a RegisterServer, one thread a connection."""

    def __init__(self, address: tuple[str, int], register: "RegisterServer") -> None:
        self.register = register
        self._open: set[Any] = set()
        super().__init__(address, _Handler)

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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: AtriumHTTPServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the server's list of requests is the log."""

    def _serve(self) -> None:
        register = self.server.register
        register.record_request(self.command, self.path)
        if "Transfer-Encoding" in self.headers:
            # Its pieces are not read, and would be taken for the next request.
            self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        fault = register.take_fault(*register.name_fault_keys(request))
        if fault is None or fault.shapes_page:
            self._send(register.answer(request, fault))
        elif fault.kind in ("html", "empty", "cut", "slow"):
            self._send_spoiled(fault, register.answer(request, None))
        else:
            self._refuse(fault)

    def _refuse(self, fault: Fault) -> None:
        """Send a fault's own answer: whatever was asked for is not looked at."""
        match fault.kind:
            case "status":
                headers = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
                self._send(answer_page(ERROR_PAGE, fault.status or 500, headers))
            case "challenge" if fault.status == HTTPStatus.METHOD_NOT_ALLOWED:
                self._send(answer_page(_HUMAN_PAGE, 405, (("x-amzn-waf-action", "captcha"),)))
            case "challenge":
                self._send(answer_page("", 202, (("x-amzn-waf-action", "challenge"),)))
            case "reset":
                self._reset()

    def _send_spoiled(self, fault: Fault, answer: Answer) -> None:
        """Send what a fault makes of the answer that there would have been."""
        if fault.kind in ("cut", "slow"):
            self._send_badly(fault, answer)
            return
        # The error page comes under the document's name.
        body, kind = (ERROR_PAGE.encode(), "text/html") if fault.kind == "html" else (b"", answer.kind)
        self._send(Answer(HTTPStatus.OK, body, kind, document=answer.document))

    def _send(self, answer: Answer) -> None:
        self._send_head(answer)
        self.wfile.write(answer.body)

    def _send_head(self, answer: Answer) -> None:
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

    def _send_badly(self, fault: Fault, answer: Answer) -> None:
        body = answer.body
        self._send_head(answer)
        if fault.kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        piece = max(1, -(-len(body) // _SLOW_PIECES))
        for start in range(0, len(body), piece):
            if self.server.register.stopping.wait(fault.seconds / _SLOW_PIECES):
                self.close_connection = True
                return
            self.wfile.write(body[start : start + piece])

    def _reset(self) -> None:
        # A linger of no time makes the close a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
