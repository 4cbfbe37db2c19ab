"""A request to the small register, and its answer, apart from the sockets that carry them."""

from email.message import Message
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from planning_review.sample.served import ServedDocument

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
