"""HTTP exchanges with a register: paced, kept to the register's own host, without retries."""

import ipaddress
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlencode, urljoin, urlsplit

import certifi
import httpx
import truststore

from planning_review import __version__
from planning_review.errors import BotChallenge, PermanentError
from planning_review.register.pacing import Exchange, Pacer
from planning_review.register.platform import Council
from planning_review.register.responses import (
    SAVED_DOCUMENTS_HINT,
    explain_bot_challenge,
    explain_failed_request,
    load_page,
    parse_retry_after,
)
from planning_review.register.walls import find_wall

_MOST_REDIRECTS = 5
_REDIRECTS_THAT_KEEP_THE_BODY = (307, 308)
_PAGES = ("text/html", "application/xhtml+xml")
# They say how the body was sent, and it has been read.
_OF_THE_TRANSFER = {"content-encoding", "content-length", "transfer-encoding"}


class PacedHttp:
    """Asks one council's register, one request at a time; may be shared by threads.

    Cookies that the register sets are sent with every later request. hint ends the errors: what a
    person can do meanwhile.
    """

    def __init__(
        self,
        council: Council,
        pacer: Pacer,
        contact: str | None,
        timeout_seconds: float,
        hint: str = SAVED_DOCUMENTS_HINT,
    ) -> None:
        self._council = council
        self._pacer = pacer
        self._hint = hint
        self._challenge: BotChallenge | None = None
        self._http = httpx.Client(
            headers={
                "User-Agent": describe_client(contact),
                # Requests are far apart: a kept connection would often be closed under the next one.
                "Connection": "close",
            },
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=timeout_seconds,
            follow_redirects=False,
            verify=_make_trust(),
            # A proxy for the internet cannot reach a register on this machine.
            trust_env=not is_loopback(council.register_url),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def forget_cookies(self) -> None:
        """Drop what the register set: the next request begins a new session."""
        self._http.cookies.clear()

    def honour_crawl_delay(self, seconds: float) -> None:
        """Leave as many seconds between requests from now on, in every process that asks this register."""
        with self._pacer.exchange() as exchange:
            exchange.record_crawl_delay(seconds)

    @contextmanager
    def get(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """Yield the answer for an address, a file's body unread, and hold the register until that is read.

        Redirects are followed on the register's host only, each a paced request. The answer's status
        is not judged, except that a wall raises BotChallenge, then and for every later call.
        Raises RegisterUnavailable,
        RegisterThrottled for a wait of more than ten minutes, and PermanentError for an address
        outside the register.
        """
        with self._ask("GET", url, headers, None) as response:
            yield response

    @contextmanager
    def post(
        self, url: str, headers: dict[str, str], fields: Sequence[tuple[str, str]]
    ) -> Iterator[httpx.Response]:
        """Submit a form's fields, in their order, and yield the answer as `get` does.

        A redirect is followed with GET, as browsers do, except after 307 and 308. No fields make an
        empty body of Content-Length 0.
        """
        if fields:
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        with self._ask("POST", url, headers, urlencode(fields).encode()) as response:
            yield response

    @contextmanager
    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> Iterator[httpx.Response]:
        with self._pacer.exchange() as exchange:
            try:
                for _ in range(_MOST_REDIRECTS + 1):
                    if self._challenge:
                        # The register wants a person: those that waited in line must not ask either.
                        raise self._challenge
                    response = self._send(exchange, method, url, headers, body)
                    try:
                        if not response.has_redirect_location:
                            yield self._check_for_wall(response, url)
                            return
                        url = _resolve(url, response.headers["Location"])
                        if response.status_code not in _REDIRECTS_THAT_KEEP_THE_BODY:
                            method, body = "GET", None
                            headers = {k: v for k, v in headers.items() if k != "Content-Type"}
                    finally:
                        response.close()
            except httpx.RequestError as error:
                exchange.stamp()
                raise explain_failed_request(error, url, self._hint) from error
        raise PermanentError(f"The register redirects in circles, last to {url}. Open it in a browser.")

    def _check_for_wall(self, response: httpx.Response, url: str) -> httpx.Response:
        """Return the answer, read to its end where it is a page: a wall is told by what that says."""
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_page = kind in _PAGES or not response.is_success or response.status_code == 202
        body = load_page(response, url) if is_page else b""
        if wall := find_wall(response, body):
            self._challenge = explain_bot_challenge(wall, url, self._hint)
            raise self._challenge
        if not is_page:
            return response
        headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in _OF_THE_TRANSFER]
        return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)

    def _send(
        self, exchange: Exchange, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> httpx.Response:
        if not self._council.serves(url):
            raise PermanentError(
                f"The register points to {url[:200]}, which is not on {self._council.register_url}, "
                "and it was not followed. Look at it yourself before you open it. If the register has moved "
                "there, set PLANNING_REGISTER_URL to its new address."
            )
        try:
            request = self._http.build_request(method, url, headers=headers, content=body)
        except (httpx.InvalidURL, ValueError) as error:
            raise _explain_bad_address(url) from error
        exchange.wait_turn()
        response = self._http.send(request, stream=True)
        exchange.stamp()
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            exchange.slow_down()
        retry_after_seconds = parse_retry_after(response)
        if retry_after_seconds is not None:
            exchange.record_retry_after(retry_after_seconds)
        return response


@cache
def _make_trust() -> ssl.SSLContext:
    """Return what certificates are judged by: the system's way, its authorities and those that come along.

    A system knows more than a list of authorities (on some, how to fetch an intermediate certificate); a
    small image knows none.
    """
    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(cafile=certifi.where())
    return trust


def describe_client(contact: str | None) -> str:
    """Return the User-Agent: who asks, and how to reach a person."""
    reachable = "".join(char for char in contact or "" if " " <= char <= "~").strip()[:200]
    return f"planning-review/{__version__} (+{reachable or 'no contact given'})"


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _resolve(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise _explain_bad_address(location) from error


def _explain_bad_address(url: str) -> PermanentError:
    return PermanentError(f"The register points to {url[:200]!r}, which is no address. Open it in a browser.")
