"""The client of a council's register: an application's page, and its documents.

Each call is one attempt; whoever calls decides what is tried again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from planning_review.errors import DocumentGone, RegisterLayoutError
from planning_review.models import ApplicationPage, ListedDocument
from planning_review.register.atrium.addresses import make_application_url
from planning_review.register.atrium.application_page import explain_not_found, parse_application_page
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import keep_page
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Downloaded, RegisterClient
from planning_review.register.responses import explain_status, load_page, write_body


class AtriumClient(RegisterClient):
    """Reads one council's register, politely; may be shared by threads.

    shared_turn is called before each request and waits until no other machine is in the way; its errors
    pass through every method.
    """

    def __init__(
        self,
        council: Council,
        *,
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        timeout_seconds: float = 60,
        shared_turn: Callable[[], None] | None = None,
    ) -> None:
        self._council = council
        self._pages_dir = pages_dir
        pacer = Pacer(locks_dir, council.code, interval_seconds, shared_turn)
        self._http = PacedHttp(council, pacer, contact, timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def fetch_application(self, reference: str) -> ApplicationPage:
        """Fetch an application's page and read it.

        Raises ApplicationNotFound, RegisterLayoutError (the page is kept under pages_dir),
        RegisterUnavailable, RegisterThrottled, BotChallenge, and PermanentError for other statuses.
        """
        url = make_application_url(self._council, reference)
        with self._http.get(url, {"Accept": "text/html"}) as response:
            if response.status_code in (404, 410):
                raise explain_not_found(reference, url)
            if not response.is_success:
                raise explain_status(response, url)
            page = load_page(response, url)
        try:
            return parse_application_page(
                page, reference=reference, council_code=self._council.code, page_url=url
            )
        except RegisterLayoutError as error:
            raise self._keep_page(error, page, reference) from None

    def download(self, document: ListedDocument, part_path: Path) -> Downloaded:
        """Stream a document to part_path, its folder made; a failed attempt leaves no file.

        Raises DocumentGone, RegisterUnavailable (also when fewer bytes came than announced),
        RegisterThrottled, BotChallenge, and PermanentError for other statuses, for an address outside
        the register and for a file that could not be written.
        """
        with self._http.get(document.register_url, {"Accept-Encoding": "identity"}) as response:
            if response.status_code in (404, 410):
                raise DocumentGone(
                    f"The register lists {document.title[:120]!r} and no longer serves it "
                    f"({response.status_code}): {document.register_url}"
                )
            if not response.is_success:
                raise explain_status(response, document.register_url)
            return write_body(response, part_path)

    def _keep_page(self, error: RegisterLayoutError, page: bytes, reference: str) -> RegisterLayoutError:
        said, path = keep_page(self._pages_dir, f"{self._council.code}_{reference}", page)
        return RegisterLayoutError(f"{error} {said}", path)
