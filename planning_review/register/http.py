"""HTTP exchanges with a register: paced, kept to the register's own host, without retries."""

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from planning_review import __version__
from planning_review.errors import BotChallenge, PermanentError
from planning_review.register.pacing import Exchange, Pacer
from planning_review.register.platform import Council
from planning_review.register.responses import (
    SAVED_DOCUMENTS_HINT,
    explain_bot_challenge,
    explain_failed_request,
    is_bot_challenge,
    parse_retry_after,
)

_MOST_REDIRECTS = 5
_REDIRECTS_THAT_KEEP_THE_BODY = (307, 308)


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
            # A proxy for the internet cannot reach a register on this machine.
            trust_env=not is_loopback(council.register_url),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def forget_cookies(self) -> None:
        """Drop what the register set: the next request begins a new session."""
        self._http.cookies.clear()

    @contextmanager
    def get(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """Yield the answer for an address, its body unread, and hold the register until it has been read.

        Redirects are followed on the register's host only, each a paced request. The answer's status
        is not judged, except that a bot challenge raises BotChallenge, then and for every later call.
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
                        if is_bot_challenge(response):
                            self._challenge = explain_bot_challenge(url, self._hint)
                            raise self._challenge
                        if not response.has_redirect_location:
                            yield response
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

    def _send(
        self, exchange: Exchange, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> httpx.Response:
        if not self._council.serves(url):
            raise PermanentError(
                f"The register points to {url[:200]}, which is not on {self._council.register_url}, "
                "and it was not followed. Look at it yourself before you open it."
            )
        try:
            request = self._http.build_request(method, url, headers=headers, content=body)
        except (httpx.InvalidURL, ValueError) as error:
            raise _explain_bad_address(url) from error
        exchange.wait_turn()
        response = self._http.send(request, stream=True)
        exchange.stamp()
        retry_after_seconds = parse_retry_after(response)
        if retry_after_seconds is not None:
            exchange.record_retry_after(retry_after_seconds)
        return response


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
