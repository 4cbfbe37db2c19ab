"""Answers of the interface: JSON that came whole, or an error that says what came in its place."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from planning_review.errors import ApplicationNotFound, PageCut, PermanentError, RegisterLayoutError
from planning_review.register.agile.addresses import make_headers
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import KeptPages
from planning_review.register.platform import Council
from planning_review.register.responses import explain_status, load_page
from planning_review.register.retrying import ask_again


class AgileSession:
    """Asks the interface for one council; retry_delays_seconds are slept between tries, none for one try.

    see takes each body as it came, kept takes them all.
    """

    def __init__(
        self,
        council: Council,
        http: PacedHttp,
        hint: str,
        retry_delays_seconds: Sequence[float] = (),
        see: Callable[[bytes], None] = lambda body: None,
    ) -> None:
        self._council = council
        self._http = http
        self._hint = hint
        self._delays_seconds = tuple(retry_delays_seconds)
        self._see = see
        self.kept: KeptPages | None = None

    def ask(self, url: str) -> Any:
        """Return what the interface answers.

        Raises PageCut for JSON without its end, RegisterLayoutError for what is none, ApplicationNotFound
        for a 404, and what a status means.
        """
        return ask_again(lambda: self._ask_once(url), self._delays_seconds)

    def _ask_once(self, url: str) -> Any:
        with self._http.get(url, make_headers(self._council)) as response:
            body = load_page(response, url)
            self._see(body)
            if self.kept:
                self.kept.keep(f"GET {url}", response.status_code, body)
            if response.status_code in (404, 410):
                raise ApplicationNotFound(f"The register does not know what is asked for at {url}.")
            if response.status_code == 401:
                raise PermanentError(
                    f"The register answered 401 at {url}: it does not know "
                    f"{self._council.options['client']!r}, which councils.yaml says for "
                    f"{self._council.name}. {self._hint}"
                )
            if not response.is_success:
                raise explain_status(response, url, self._hint)
        return _parse(body, url)


def _parse(body: bytes, url: str) -> Any:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        if body.lstrip()[:1] in (b"{", b"["):
            raise PageCut(
                f"{url} did not come whole: what came is no complete JSON. Nothing was taken from it. "
                "Run the same command again."
            ) from error
        raise RegisterLayoutError(
            f"{url} did not answer with JSON: the address of the interface may be wrong, or it served a page "
            "in place of the answer. Open it in a browser."
        ) from error
    if isinstance(answer, list) and any(isinstance(each, dict) and "code" in each for each in answer):
        said = "; ".join(str(each.get("message") or each.get("code"))[:120] for each in answer[:3])
        raise RegisterLayoutError(f"The register refused what was asked at {url}: it says {said!r}.")
    return answer
