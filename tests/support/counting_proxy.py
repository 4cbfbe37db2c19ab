"""A proxy before a Prefect server that counts what it is asked for; websockets pass as they are."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"\b(GET|POST|PUT|PATCH|DELETE) (/api/[^ ?]*)[^ ]* HTTP/1\.1\r\n")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_PIECE_BYTES = 65536
_LONGEST_LINE_BYTES = 4096


class CountingProxy:
    """Passes connections on to a server. requests counts method and path, with {id} for every id."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: Counter[str] = Counter()
        self._lock = threading.Lock()

    def start(self) -> Self:
        """Begin to listen."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        seen = b""
        with suppress(OSError):
            while piece := source.recv(_PIECE_BYTES):
                target.sendall(piece)
                if is_counted:
                    seen = self._count(seen + piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        # The other direction's thread closes the other end.
        source.close()

    def _count(self, text: bytes) -> bytes:
        """Count the requests that begin in a text; returns what may be the beginning of one more."""
        last = 0
        for found in _REQUEST.finditer(text):
            path = _ID.sub("{id}", found[2].decode())
            with self._lock:
                self.requests[f"{found[1].decode()} {path}"] += 1
            last = found.end()
        return text[max(last, len(text) - _LONGEST_LINE_BYTES) :]


@contextmanager
def count_requests(api_url: str) -> Iterator[tuple[str, Counter[str]]]:
    """Put a proxy before a server's API; yields the API's address there, and the counter."""
    proxy = CountingProxy(api_url).start()
    try:
        yield f"{proxy.url}/api", proxy.requests
    finally:
        proxy.close()
