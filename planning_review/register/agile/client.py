"""The client of an Agile register: an application by its reference, and its documents.

Each call is one attempt; whoever calls decides what is tried again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from planning_review.errors import ApplicationNotFound, DocumentGone, PermanentError, RegisterLayoutError
from planning_review.models import ApplicationPage, ListedDocument
from planning_review.register.agile.addresses import (
    SHARED_PACE,
    describe_api,
    drop_client,
    is_shared,
    make_application_api_url,
    make_headers,
    make_search_url,
)
from planning_review.register.agile.application import is_same, parse_application, parse_found
from planning_review.register.agile.session import AgileSession
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import keep_page
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Downloaded, RegisterClient
from planning_review.register.responses import SAVED_DOCUMENTS_HINT, explain_status, write_body

_PAGE_SIZE = 100


def open_http(
    council: Council,
    locks_dir: Path,
    interval_seconds: float,
    contact: str | None,
    shared_turn: Callable[[], None] | None,
    timeout_seconds: float = 60,
) -> PacedHttp:
    """Return exchanges with the interface, at one pace for all councils that share it."""
    api = describe_api(council)
    pace = SHARED_PACE if is_shared(api) else council.code
    return PacedHttp(api, Pacer(locks_dir, pace, interval_seconds, shared_turn), contact, timeout_seconds)


class AgileClient(RegisterClient):
    """Reads one council's register, politely; may be shared by threads."""

    def __init__(
        self,
        council: Council,
        *,
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        shared_turn: Callable[[], None] | None = None,
    ) -> None:
        self._council = council
        self._api = describe_api(council)
        self._pages_dir = pages_dir
        self._http = open_http(council, locks_dir, interval_seconds, contact, shared_turn)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def fetch_application(self, reference: str) -> ApplicationPage:
        """Find an application by its reference, and read it and its list of documents.

        Raises ApplicationNotFound only where the register counts what it found and this is not among it,
        RegisterLayoutError (the last answer is kept under pages_dir), RegisterUnavailable,
        RegisterThrottled, BotChallenge, and PermanentError for other statuses.
        """
        seen: list[bytes] = []
        session = AgileSession(self._council, self._http, SAVED_DOCUMENTS_HINT, see=seen.append)
        try:
            number = self._find_number(session, reference)
            url = make_application_api_url(self._api, number)
            answer = session.ask(url)
            documents = session.ask(make_application_api_url(self._api, number, "/document"))
            page = parse_application(answer, documents, self._council, self._api, url)
        except RegisterLayoutError as error:
            said, path = keep_page(
                self._pages_dir, f"{self._council.code}_{reference}", seen[-1] if seen else b""
            )
            raise RegisterLayoutError(f"{error} {said}", path) from None
        application = page.application.model_copy(update={"reference": reference})
        return page.model_copy(update={"application": application})

    def download(self, document: ListedDocument, part_path: Path) -> Downloaded:
        """Stream a document to part_path, its folder made; a failed attempt leaves no file.

        Raises DocumentGone, RegisterUnavailable, RegisterThrottled, BotChallenge, and PermanentError.
        """
        headers = make_headers(self._council) | {"Accept": "*/*", "Accept-Encoding": "identity"}
        # The one that the portal's script asks for, then the one that is open to a browser.
        for url in (drop_client(document.register_url), document.register_url):
            with self._http.get(url, headers) as response:
                if response.status_code in (404, 410):
                    continue
                if not response.is_success:
                    raise explain_status(response, url)
                if response.headers.get("Content-Type", "").lower().startswith("application/json"):
                    raise PermanentError(
                        f"The register answered with JSON in place of {document.title[:120]!r} at {url}. "
                        f"Open {document.register_url} in a browser. {SAVED_DOCUMENTS_HINT}"
                    )
                return write_body(response, part_path)
        raise DocumentGone(
            f"The register lists {document.title[:120]!r} and no longer serves it: {document.register_url}"
        )

    def _find_number(self, session: AgileSession, reference: str) -> str:
        """Return the number of the one application that has the whole reference."""
        url = make_search_url(self._api, {"reference": reference, "page": "1", "pageSize": str(_PAGE_SIZE)})
        answer = session.ask(url)
        total = answer.get("total") if isinstance(answer, dict) else None
        rows = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(total, int) or not isinstance(rows, list):
            raise RegisterLayoutError(f"{url} does not answer with results and their number.")
        found = [parse_found(row, self._council, url) for row in rows]
        same = next((number for number, each in found if is_same(reference, each)), None)
        if same is not None:
            return same
        near = ", ".join(sorted({each.reference for _, each in found})[:8])
        if total != len(found):
            raise RegisterLayoutError(
                f"{url} counts {total} applications for {reference} and lists {len(found)}, and this is not "
                f"among them ({near or 'none'}). Give the whole reference as the register prints it."
            )
        has = f" It has {near}." if near else ""
        raise ApplicationNotFound(
            f"The register does not know application {reference} ({self._council.register_url}).{has} Check "
            "the reference, its ending included, and that it belongs to this council."
        )
