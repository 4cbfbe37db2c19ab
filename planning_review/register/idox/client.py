"""The client of a Public Access register: an application's tabs, and its documents.

Each call is one attempt; whoever calls decides what is tried again.
"""

import threading
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Self

import httpx

from planning_review.errors import (
    ApplicationNotFound,
    DocumentGone,
    PermanentError,
    RegisterLayoutError,
    RegisterUnavailable,
)
from planning_review.models import ApplicationPage, ListedDocument
from planning_review.register.http import PacedHttp
from planning_review.register.idox.addresses import make_tab_url
from planning_review.register.idox.application import find_reference, list_pairs, make_application
from planning_review.register.idox.documents import parse_documents
from planning_review.register.idox.page import IdoxPage, find_page_key, list_tabs
from planning_review.register.idox.results import parse_results
from planning_review.register.idox.session import CONTROL_WORD, IdoxSession, SessionLost, simple_criteria
from planning_review.register.kept_page import keep_page
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Downloaded, RegisterClient
from planning_review.register.responses import SAVED_DOCUMENTS_HINT, explain_status, write_body
from planning_review.register.search import FoundApplication
from planning_review.text.folding import fold_label

_MOST_VAIN_SESSIONS = 2
_MOST_LIST_PAGES = 5


class IdoxClient(RegisterClient):
    """Reads one council's register, politely; may be shared by threads.

    keys are those of applications met before, by folded reference: with its key an application is read
    without a search.
    """

    def __init__(
        self,
        council: Council,
        *,
        keys: MutableMapping[str, str],
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        timeout_seconds: float = 60,
        shared_turn: Callable[[], None] | None = None,
    ) -> None:
        self._council = council
        self._keys = keys
        self._pages_dir = pages_dir
        pacer = Pacer(locks_dir, council.code, interval_seconds, shared_turn)
        self._http = PacedHttp(council, pacer, contact, timeout_seconds)
        self._session = IdoxSession(council, self._http, SAVED_DOCUMENTS_HINT)
        self._documents_url: str | None = None
        self._vain_sessions = 0
        self._renewing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def fetch_application(self, reference: str) -> ApplicationPage:
        """Find an application by its reference, and read its tabs and its list of documents.

        Raises ApplicationNotFound only where a search that finds anything does not find it,
        RegisterLayoutError (the page is kept under pages_dir), RegisterUnavailable, RegisterThrottled,
        BotChallenge, and PermanentError for other statuses.
        """
        seen: list[IdoxPage] = []
        try:
            return self._session.begin_anew(lambda: self._read_application(reference, seen))
        except RegisterLayoutError as error:
            body = seen[-1].body if seen else b""
            said, path = keep_page(self._pages_dir, f"{self._council.code}_{reference}", body)
            raise RegisterLayoutError(f"{error} {said}", path) from None

    def download(self, document: ListedDocument, part_path: Path) -> Downloaded:
        """Stream a document to part_path, its folder made; a failed attempt leaves no file.

        A register that no longer knows the session serves a page in the document's place: the documents
        tab is opened anew then, and the document asked for once more. Raises what AtriumClient raises.
        """
        try:
            return self._download_once(document, part_path)
        except _PageInstead as met:
            if not self._renew_session():
                raise met.error from None
        try:
            downloaded = self._download_once(document, part_path)
        except _PageInstead as met:
            self._vain_sessions += 1
            raise met.error from None
        self._vain_sessions = 0
        return downloaded

    def _read_application(self, reference: str, seen: list[IdoxPage]) -> ApplicationPage:
        key, summary = self._find(reference, seen)
        url = make_tab_url(self._council, key, "summary")
        if summary is None:
            summary = self._open_tab(url, reference, seen)
        shown = find_reference(summary)
        if shown is not None and fold_label(shown) != fold_label(reference):
            raise RegisterLayoutError(
                f"{summary.url} shows application {shown[:60]} where {reference} was asked for. Open it in a "
                "browser and check the reference."
            )
        self._keys[fold_label(reference)] = key
        tabs = list_tabs(summary)
        pages = [summary]
        for tab in ("details", "dates"):
            pages.append(self._open_tab(make_tab_url(self._council, key, tab), reference, seen))
        application = make_application(
            list_pairs(pages), reference=reference, council_code=self._council.code, page_url=url
        )
        page = ApplicationPage(application=application, documents=(), documents_available=False)
        elsewhere = tabs.get("externalDocuments")
        if "documents" not in tabs:
            return page.model_copy(update={"documents_elsewhere": elsewhere.url if elsewhere else None})
        documents_url = make_tab_url(self._council, key, "documents")
        listed = self._open_tab(documents_url, reference, seen)
        if listed.kind == "denied":
            return page.model_copy(update={"documents_elsewhere": elsewhere.url if elsewhere else listed.url})
        count = list_tabs(listed).get("documents", tabs["documents"]).number
        table = parse_documents(listed, tabs["documents"].number if count is None else count)
        self._documents_url = documents_url
        if table.unlinked_titles:
            application.other_fields["Documents listed without a link"] = "; ".join(table.unlinked_titles)
        return page.model_copy(update={"documents": table.documents, "documents_available": True})

    def _find(self, reference: str, seen: list[IdoxPage]) -> tuple[str, IdoxPage | None]:
        """Return an application's key, and its summary where the search led to that."""
        if key := self._keys.get(fold_label(reference)):
            return key, None
        page = self._search(reference, seen)
        if page.kind == "none found":
            # As it answers with a stale token: once more with a new one, then by what is there for certain.
            self._session.forget()
            page = self._search(reference, seen)
        if page.kind == "none found":
            if not self._session.finds_anything():
                raise RegisterUnavailable(
                    f"The register finds nothing for {reference}, and nothing for {CONTROL_WORD!r} either: "
                    "its search does not work now, which says nothing of the application. Try again later. "
                    f"{SAVED_DOCUMENTS_HINT}"
                )
            raise _explain_not_found(reference, page.url)
        if page.kind == "application":
            found = find_page_key(page)
            if found is None:
                raise RegisterLayoutError(f"{page.url} shows an application and nowhere its key.")
            return found, page
        if page.kind == "list":
            return self._find_in_list(reference, page, seen), None
        if page.kind == "withdrawn":
            raise _explain_withdrawn(reference, page.url)
        said = f" It says: {page.message[:300]!r}." if page.message else ""
        if page.kind == "too many":
            raise PermanentError(
                f"The register finds too many applications for {reference}: give the whole reference as the "
                f"register prints it.{said} {SAVED_DOCUMENTS_HINT}"
            )
        raise RegisterLayoutError(
            f"{page.url} is no answer to a search for {reference}: neither an application nor a list, nor "
            "does "
            f"it say that nothing was found.{said} Make the search by hand on the register. "
            f"{SAVED_DOCUMENTS_HINT}"
        )

    def _search(self, reference: str, seen: list[IdoxPage]) -> IdoxPage:
        page = self._session.search("simple", simple_criteria(reference))
        seen.append(page)
        return page

    def _find_in_list(self, reference: str, page: IdoxPage, seen: list[IdoxPage]) -> str:
        """Return the key of the one application of a list that has the whole reference."""
        listed: dict[str, FoundApplication] = {}
        for _ in range(_MOST_LIST_PAGES):
            results = parse_results(page)
            listed |= results.found
            same = [
                key for key, each in listed.items() if fold_label(each.reference) == fold_label(reference)
            ]
            if same:
                return same[0]
            if results.next_url is None or results.total == len(listed):
                break
            page = self._session.get(results.next_url, page.url)
            seen.append(page)
        near = ", ".join(sorted({each.reference for each in listed.values()})[:8])
        if results.total != len(listed):
            raise RegisterLayoutError(
                f"{page.url} lists {results.total} applications for {reference}, of which {len(listed)} were "
                f"read ({near}), and this is not among them. Give the whole reference as the register "
                "prints it."
            )
        raise ApplicationNotFound(
            f"The register does not know application {reference}. It has {near}: give the whole reference, "
            "its ending included."
        )

    def _open_tab(self, url: str, reference: str, seen: list[IdoxPage]) -> IdoxPage:
        page = self._session.get(url)
        seen.append(page)
        if page.kind == "withdrawn":
            raise _explain_withdrawn(reference, url)
        if page.kind not in ("application", "denied"):
            raise RegisterLayoutError(
                f"{url} holds no tab of an application: the register's layout may have changed, or it "
                f"served an error page. Open it in a browser. {SAVED_DOCUMENTS_HINT}"
            )
        return page

    def _renew_session(self) -> bool:
        """Open the documents tab in a new session; False where that helped no document before."""
        with self._renewing:
            if self._documents_url is None or self._vain_sessions >= _MOST_VAIN_SESSIONS:
                return False
            self._session.forget()
            try:
                self._session.get(self._documents_url)
            except SessionLost:
                return False
            return True

    def _download_once(self, document: ListedDocument, part_path: Path) -> Downloaded:
        url = document.register_url
        headers = {"Accept-Encoding": "identity"}
        if self._documents_url:
            headers["Referer"] = self._documents_url
        with self._http.get(url, headers) as response:
            if response.status_code in (404, 410):
                raise _PageInstead(
                    DocumentGone(
                        f"The register lists {document.title[:120]!r} and does not serve it "
                        f"({response.status_code}), in a new session neither: {url}"
                    )
                )
            if not response.is_success:
                raise explain_status(response, url)
            if _is_page(response):
                raise _PageInstead(
                    RegisterUnavailable(
                        f"The register served a web page in place of {document.title[:120]!r}, in a new "
                        "session "
                        f"too: {url}. Open the application in a browser, then its documents. "
                        f"{SAVED_DOCUMENTS_HINT}"
                    )
                )
            return write_body(response, part_path)


class _PageInstead(Exception):
    """A page came in place of a document, as it does without a session; error is what it means else."""

    def __init__(self, error: DocumentGone | RegisterUnavailable) -> None:
        super().__init__(str(error))
        self.error = error


def _is_page(response: httpx.Response) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml")


def _explain_withdrawn(reference: str, url: str) -> ApplicationNotFound:
    return ApplicationNotFound(
        f"The register no longer shows application {reference}: {url} says that it is not available for "
        "viewing. Ask the council."
    )


def _explain_not_found(reference: str, url: str) -> ApplicationNotFound:
    return ApplicationNotFound(
        f"The register does not know application {reference} ({url}). Check the reference, its ending "
        "included, and that it belongs to this council."
    )
