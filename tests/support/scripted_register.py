"""A register that answers a search as a test's script says, for what the small register does not do."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl

FORM = """<form action="/Search/Results" method="post">
<input type="hidden" name="__RequestVerificationToken" value="token">
<input type="checkbox" name="SearchPlanning" value="true">
<input type="hidden" name="SearchPlanning" value="false">
<input name="DateReceivedFrom"><input name="DateReceivedTo"></form>"""


class Asked(NamedTuple):
    """A request; form is what its body holds."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def is_search(self) -> bool:
        """Whether it sends the search form."""
        return (self.method, self.path) == ("POST", "/Search/Results")

    @property
    def form(self) -> dict[str, str]:
        """The fields by name, the last of a name counts."""
        return dict(parse_qsl(self.body, keep_blank_values=True))


class Reply(NamedTuple):
    """An answer: a page, or a redirect where location is given. kind is its type, none where empty."""

    body: str = ""
    status: int = 200
    location: str = ""
    cookie: str = ""
    kind: str = "text/html"


Script = Callable[[Asked], Reply]


def list_results(total: object, numbers: Sequence[int], more: str = "", received: str = "") -> Reply:
    """Return a page of results, its applications numbered, the next page linked where `more` is given."""
    rows = "".join(
        f'<tr><td><a href="/Planning/Display/26/{n:05}/F">26/{n:05}/F</a></td><td>{received}</td></tr>'
        for n in numbers
    )
    pager = f'<a aria-label="Next Page." href="" data-ajax-target="{more}">Next</a>' if more else ""
    return Reply(
        f'<h1>Search Results {f"({total})" if total is not None else ""}</h1><table class="tblResults"><tr>'
        f"<th>Reference No.</th><th>Received Date</th></tr>{rows}</table>{pager}"
    )


class ScriptedRegister:
    """Where it is, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []

    def paths(self, method: str = "") -> list[str]:
        """Return the addresses asked for, in order."""
        return [each.path for each in self.asked if method in ("", each.method)]


@contextmanager
def serve_script(script: Script) -> Iterator[ScriptedRegister]:
    """Serve on a free port of 127.0.0.1; the form stands at /Search/Advanced unless the script has it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if self.path == "/robots.txt":
                # Asked once a day, whatever is tried: no part of any script.
                self.send_error(404)
                return
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length).decode())
            register.asked.append(asked)
            reply = script(asked)
            if reply == Reply() and self.path == "/Search/Advanced":
                reply = Reply(FORM)
            self.send_response(302 if reply.location and reply.status == 200 else reply.status)
            body = reply.body.encode()
            headers = {"Location": reply.location, "Set-Cookie": reply.cookie, "Content-Type": reply.kind}
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    register = ScriptedRegister(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield register
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
