"""The client of a council's register: an application's page, and its documents.

Each call is one attempt; whoever calls decides what is tried again.
"""

import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urldefrag, urlsplit

import httpx

from planning_review.errors import DocumentGone, RegisterLayoutError
from planning_review.models import ApplicationPage, ListedDocument
from planning_review.register.atrium.addresses import make_application_url
from planning_review.register.atrium.application_page import explain_not_found, parse_application_page
from planning_review.register.atrium.document_marks import POSTED
from planning_review.register.atrium.terms import (
    MOST_ACCEPTANCES,
    explain_terms_that_stay,
    read_acceptance,
    shows_terms,
)
from planning_review.register.http import PacedHttp
from planning_review.register.kept_page import keep_page
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Downloaded, RegisterClient
from planning_review.register.responses import (
    LARGEST_POSTED_BYTES,
    ServedPage,
    explain_status,
    load_page,
    write_body,
    write_bytes,
)

_POSTED_FIELDS = (
    ("module", "module"),
    ("recordNumber", "recordNumber"),
    ("planID", "planId"),
    ("imageID", "imageId"),
    ("isPlan", "isPlan"),
)

_log = logging.getLogger(__name__)


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
        page = self._load_page(url, reference)
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
        address, fragment = urldefrag(document.register_url)
        ask = self._fetch_posted if fragment == POSTED else self._fetch_file
        for _ in range(MOST_ACCEPTANCES):
            answer = ask(address, document, part_path)
            if isinstance(answer, Downloaded):
                return answer
            self._accept_terms(answer)
        raise explain_terms_that_stay(address)

    def _load_page(self, url: str, reference: str) -> bytes:
        for _ in range(MOST_ACCEPTANCES):
            with self._http.get(url, {"Accept": "text/html"}) as response:
                if response.status_code in (404, 410):
                    raise explain_not_found(reference, url)
                if not response.is_success:
                    raise explain_status(response, url)
                page = ServedPage(str(response.url), load_page(response, url))
            if not shows_terms(page.body, page.url, self._council):
                return page.body
            self._accept_terms(page)
        raise explain_terms_that_stay(url)

    def _accept_terms(self, page: ServedPage) -> None:
        accept = read_acceptance(page.body, page.url)
        _log.info("Accepting the register's terms at %s.", page.url)
        with self._http.post(
            accept.url, {"Accept": "text/html", "Referer": page.url}, accept.fields
        ) as response:
            if not response.is_success:
                raise explain_status(response, accept.url)

    def _fetch_file(self, url: str, document: ListedDocument, part_path: Path) -> Downloaded | ServedPage:
        """Write a file's bytes and return what came, or the terms where they stand before it."""
        with self._http.get(url, {"Accept-Encoding": "identity"}) as response:
            if page := self._find_terms(response, document):
                return page
            return write_body(response, part_path)

    def _fetch_posted(self, url: str, document: ListedDocument, part_path: Path) -> Downloaded | ServedPage:
        """Do the same where the register's script asks for the bytes, which come as base64 in JSON."""
        query = dict(parse_qsl(urlsplit(url).query))
        fields = [(name, query.get(key, "")) for name, key in _POSTED_FIELDS]
        target = f"{url.partition('/Document/')[0]}/Document/{POSTED}"
        headers = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
        with self._http.post(target, headers, fields) as response:
            if page := self._find_terms(response, document):
                return page
            body = load_page(response, target, LARGEST_POSTED_BYTES)
        try:
            content = base64.b64decode(json.loads(body), validate=True)
        except (ValueError, TypeError) as error:
            raise RegisterLayoutError(
                f"{target} did not answer with the bytes of {document.title[:120]!r} as base64. Open "
                f"{document.register_url} in a browser."
            ) from error
        return write_bytes(content, part_path)

    def _find_terms(self, response: httpx.Response, document: ListedDocument) -> ServedPage | None:
        """Return the terms that came in place of a document. Raises for what is no success."""
        if response.status_code in (404, 410):
            raise DocumentGone(
                f"The register lists {document.title[:120]!r} and no longer serves it "
                f"({response.status_code}): {document.register_url}"
            )
        if not response.is_success:
            raise explain_status(response, document.register_url)
        if not response.headers.get("Content-Type", "").lower().startswith("text/html"):
            return None
        # It has been read already, to look for a wall.
        page = ServedPage(str(response.url), response.content)
        return page if shows_terms(page.body, page.url, self._council) else None

    def _keep_page(self, error: RegisterLayoutError, page: bytes, reference: str) -> RegisterLayoutError:
        said, path = keep_page(self._pages_dir, f"{self._council.code}_{reference}", page)
        return RegisterLayoutError(f"{error} {said}", path)
