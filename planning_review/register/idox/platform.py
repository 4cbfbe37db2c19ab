"""The Public Access platform of a council's register."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from planning_review.check_step import Step
from planning_review.errors import ApplicationNotFound, RegisterLayoutError
from planning_review.models import ApplicationPage
from planning_review.register.http import is_loopback
from planning_review.register.idox.addresses import IdoxOptions, make_form_url
from planning_review.register.idox.application import find_reference, list_pairs, make_application
from planning_review.register.idox.check import walk_checks
from planning_review.register.idox.client import IdoxClient
from planning_review.register.idox.documents import parse_documents
from planning_review.register.idox.page import list_tabs, read_page
from planning_review.register.idox.search import IdoxSearch
from planning_review.register.platform import Council, Platform
from planning_review.register.retrying import RETRY_DELAYS_SECONDS
from planning_review.settings import Settings
from planning_review.text.folding import fold_label

INTERVAL_SECONDS = 2.0
"""The least between two requests to a register of this platform that is not on this machine."""


class Idox(Platform):
    """A register that runs on Public Access.

    Remembers the keys of the applications that its clients and searches met.
    """

    def __init__(self, council: Council) -> None:
        IdoxOptions.model_validate(council.options)
        self.council = council
        self._keys: dict[str, str] = {}

    def application_url(self, reference: str) -> str:
        """Return the address of the search: an application's own cannot be made from its reference."""
        return make_form_url(self.council, "simple")

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        """Parse a tab of an application that a person saved: its summary, or its documents."""
        url = self.application_url(reference)
        saved = read_page(page, url)
        if saved.kind == "none found":
            raise ApplicationNotFound(f"The page says that the register does not find {reference}.")
        shown = find_reference(saved)
        if saved.kind != "application" or shown is None:
            raise RegisterLayoutError("The page is no tab of an application: save its Summary.")
        if fold_label(shown) != fold_label(reference):
            raise RegisterLayoutError(f"The page shows application {shown[:60]}, not {reference}.")
        application = make_application(
            list_pairs([saved]), reference=reference, council_code=self.council.code, page_url=url
        )
        has_table = bool(saved.root.xpath("//table[@id='Documents' or @summary='Documents']"))
        tab = list_tabs(saved).get("documents")
        documents = parse_documents(saved, tab.number if tab else None).documents if has_table else ()
        return ApplicationPage(application=application, documents=documents, documents_available=has_table)

    def open_client(self, settings: Settings, shared_turn: Callable[[], None] | None = None) -> IdoxClient:
        """Return a client for application pages and documents, to be closed."""
        return IdoxClient(
            self.council, keys=self._keys, **self._describe_manners(settings), shared_turn=shared_turn
        )

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> IdoxSearch:
        """Return a session of the search, to be closed; without may_retry each page is asked for once."""
        return IdoxSearch(
            self.council,
            keys=self._keys,
            **self._describe_manners(settings),
            shared_turn=shared_turn,
            retry_delays_seconds=RETRY_DELAYS_SECONDS if may_retry else (),
        )

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        """Walk from the forms to a document: yield each step as it passes, raise where one does not."""
        # A person sits before it, who asked for this one list.
        search = IdoxSearch(
            self.council,
            keys=self._keys,
            **self._describe_manners(settings),
            retry_delays_seconds=(),
            is_for_person=True,
        )
        return walk_checks(self, search, settings, today, self._find_interval(settings))

    def _find_interval(self, settings: Settings) -> float:
        own = is_loopback(self.council.register_url)
        return max(settings.register_interval_seconds, 0.0 if own else INTERVAL_SECONDS)

    def _describe_manners(self, settings: Settings) -> dict[str, Any]:
        return {
            "locks_dir": settings.locks_dir,
            "interval_seconds": self._find_interval(settings),
            "contact": settings.contact,
            "pages_dir": settings.pages_dir,
        }
