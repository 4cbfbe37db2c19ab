"""What a Prefect server lets others do that it should not: found by trying it (docs/security.md)."""

from collections.abc import Iterator

import httpx

_SECONDS = 10
_ELSEWHERE = "elsewhere.example"


def find_openings(url: str) -> Iterator[str]:
    """Yield a line for each thing that a server at an address leaves open, with what closes it.

    What can't be tried, since it does not answer, is not told.
    """
    tries = (_answers_without_password, _shares_with_any_page, _answers_to_any_name)
    with httpx.Client(base_url=url, timeout=_SECONDS) as client:
        for is_open in tries:
            try:
                if line := is_open(client):
                    yield line
            except httpx.HTTPError:
                continue


def _answers_without_password(client: httpx.Client) -> str | None:
    if client.get("/api/admin/version").status_code != httpx.codes.OK:
        return None
    return (
        "asks for no password: whoever reaches it reads the keys in its blocks. Run it as "
        "`python -m cli.server.serve`, or set PREFECT_SERVER_API_AUTH_STRING for it"
    )


def _shares_with_any_page(client: httpx.Client) -> str | None:
    answer = client.get("/api/health", headers={"Origin": f"http://{_ELSEWHERE}"})
    if answer.headers.get("access-control-allow-origin") not in ("*", f"http://{_ELSEWHERE}"):
        return None
    return (
        "lets a page of any origin read what it says: set PREFECT_SERVER_CORS_ALLOWED_ORIGINS to its address"
    )


def _answers_to_any_name(client: httpx.Client) -> str | None:
    if client.get("/api/health", headers={"Host": _ELSEWHERE}).status_code != httpx.codes.OK:
        return None
    return "answers under any host name: run it as `python -m cli.server.serve`, which knows its own"
