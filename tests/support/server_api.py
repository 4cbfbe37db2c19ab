"""Calls of a Prefect server's API, as Prefect's own client makes them: a busy server is asked again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

_PAUSE_SECONDS = 0.2
_BUSY_SECONDS = 60
_ANSWER_SECONDS = 120

_passwords: dict[str, str] = {}


def remember_password(api_url: str, password: str) -> None:
    """Keep the name and password of a server that these tests started."""
    _passwords[api_url] = password


def find_password(url: str) -> str | None:
    """Return the `name:password` of the server that an address belongs to, None of one that asks for none."""
    return next((password for api_url, password in _passwords.items() if url.startswith(api_url)), None)


def find_auth(url: str) -> tuple[str, str] | None:
    """Return the same as httpx takes it."""
    password = find_password(url)
    return (*password.split(":", 1),) if password else None  # type: ignore[return-value]


@contextmanager
def use_server(api_url: str) -> Iterator[None]:
    """Let Prefect's own client, in this process, ask a server while the block runs."""
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: api_url, PREFECT_API_AUTH_STRING: find_password(api_url)}):
        yield


def call_server(method: str, url: str, body: object = None) -> httpx.Response:
    """Return the server's answer; 503, which it gives while SQLite is locked, is asked again for a minute."""
    last = time.monotonic() + _BUSY_SECONDS
    while True:
        answer = httpx.request(method, url, json=body, timeout=_ANSWER_SECONDS, auth=find_auth(url))
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > last:
            return answer
        time.sleep(_PAUSE_SECONDS)
