"""Calls of a Prefect server's API, as Prefect's own client makes them: a busy server is asked again."""

import time

import httpx

_PAUSE_SECONDS = 0.2
_BUSY_SECONDS = 60
_ANSWER_SECONDS = 120


def call_server(method: str, url: str, body: object = None) -> httpx.Response:
    """Return the server's answer; 503, which it gives while SQLite is locked, is asked again for a minute."""
    last = time.monotonic() + _BUSY_SECONDS
    while True:
        answer = httpx.request(method, url, json=body, timeout=_ANSWER_SECONDS)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > last:
            return answer
        time.sleep(_PAUSE_SECONDS)
