"""A small HTTP server for the register's tests: answers as told, records when requests arrive."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]


def send(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Return an answer with its true length; header names with `_` for `-`."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Register:
    """Routes are answers by path (without query); what is not there is 404."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer] = {}
        self.arrivals: list[float] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        self.url = ""

    @property
    def gaps(self) -> list[float]:
        """Return the seconds between one arrival and the next."""
        times = sorted(self.arrivals)
        return [later - earlier for earlier, later in pairwise(times)]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Record a request and answer it."""
        with self._lock:
            self.arrivals.append(time.monotonic())
            self.requests.append((handler.path, dict(handler.headers.items())))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.routes.get(urlsplit(handler.path).path, send(404, b"not here"))(handler)
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def serve_register() -> Iterator[Register]:
    """Serve a register on a free port of 127.0.0.1."""
    register = Register()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            register.handle(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    register.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield register
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
