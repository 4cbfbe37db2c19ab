"""How the small register answers each request, and how an answer goes wrong."""

import contextlib
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from planning_review.sample.pages import render_application, render_search
from planning_review.sample.served import Fault, ServedDocument

if TYPE_CHECKING:
    from planning_review.sample.atrium import RegisterServer

_DISPLAY = "/Planning/Display/"
_DOWNLOAD = "/Document/Download"
_ERROR_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Error</title></head>"
    "<body><h1>Sorry, something went wrong</h1><p>The document could not be retrieved.</p></body></html>"
)
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
        register = self.server.register
        register.record_request(self.command, self.path)
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        document = None
        if path == _DOWNLOAD:
            document_id = _read_document_id(parts.query)
            document = register.find_document(document_id) if document_id else None
            fault = register.take_fault(document_id or "", path)
        else:
            fault = register.take_fault(path)
        if fault and fault.kind not in ("no-documents", "no-summary"):
            self._answer_with_fault(fault, path, document)
        else:
            self._answer(path, document, fault)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the server's list of requests is the log."""

    def _answer(self, path: str, document: ServedDocument | None, fault: Fault | None = None) -> None:
        status, kind, body = self._make_answer(path, document, fault)
        self._send(body, kind, status=status, document=document)

    def _make_answer(
        self, path: str, document: ServedDocument | None, fault: Fault | None
    ) -> tuple[int, str, bytes]:
        # The register keeps the slashes of a reference; written as %2F they are another path.
        if path.startswith(_DISPLAY) and "%2f" not in self.path.lower():
            application = self.server.register.find_application(path.removeprefix(_DISPLAY))
            if application is None:
                return HTTPStatus.OK, "text/html", render_search().encode()
            page = render_application(
                application,
                with_documents=not (fault and fault.kind == "no-documents"),
                with_summary=not (fault and fault.kind == "no-summary"),
            )
            return HTTPStatus.OK, "text/html", page.encode()
        if path == "/Search/Advanced":
            return HTTPStatus.OK, "text/html", render_search().encode()
        if document is not None:
            return (
                HTTPStatus.OK,
                guess_type(document.file_name)[0] or "application/octet-stream",
                document.read_bytes(),
            )
        return HTTPStatus.NOT_FOUND, "text/html", _ERROR_PAGE.encode()

    def _answer_with_fault(self, fault: Fault, path: str, document: ServedDocument | None) -> None:
        match fault.kind:
            case "status":
                headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
                self._send(_ERROR_PAGE.encode(), "text/html", status=fault.status or 500, headers=headers)
            case "html":
                self._send(_ERROR_PAGE.encode(), "text/html", document=document)
            case "empty":
                self._send(b"", "application/pdf", document=document)
            case "challenge" if fault.status == HTTPStatus.METHOD_NOT_ALLOWED:
                self._send(
                    _HUMAN_PAGE.encode(), "text/html", status=405, headers={"x-amzn-waf-action": "captcha"}
                )
            case "challenge":
                self._send(b"", "text/html", status=202, headers={"x-amzn-waf-action": "challenge"})
            case "reset":
                self._reset()
            case "cut" | "slow":
                _, kind, body = self._make_answer(path, document, None)
                self._send_badly(fault, body, kind, document)

    def _send(
        self,
        body: bytes,
        kind: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        document: ServedDocument | None = None,
    ) -> None:
        self._send_head(len(body), kind, status, headers or {}, document)
        self.wfile.write(body)

    def _send_head(
        self, length: int, kind: str, status: int, headers: dict[str, str], document: ServedDocument | None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind == "text/html" else kind)
        self.send_header("Content-Length", str(length))
        if document is not None:
            name = quote(document.file_name)
            self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()

    def _send_badly(self, fault: Fault, body: bytes, kind: str, document: ServedDocument | None) -> None:
        self._send_head(len(body), kind, 200, {}, document)
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


def _read_document_id(query: str) -> str | None:
    """Return the identity in a download's query; the file's name in it means nothing."""
    values = parse_qs(query)
    try:
        if values["module"] != ["PLA"]:
            return None
        return "-".join(values[name][0] for name in ("recordNumber", "planId", "imageId"))
    except KeyError:
        return None
