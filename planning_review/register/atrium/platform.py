"""The Atrium platform of a council's register."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from planning_review.check_step import Step
from planning_review.models import ApplicationPage
from planning_review.register.atrium.addresses import AtriumOptions, make_application_url
from planning_review.register.atrium.application_page import parse_application_page
from planning_review.register.atrium.check import walk_checks
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.atrium.search import AtriumSearch
from planning_review.register.platform import Council, Platform
from planning_review.register.retrying import RETRY_DELAYS_SECONDS
from planning_review.settings import Settings


class Atrium(Platform):
    """A register that runs on Atrium."""

    def __init__(self, council: Council) -> None:
        AtriumOptions.model_validate(council.options)
        self.council = council

    def application_url(self, reference: str) -> str:
        """Return the address of an application's page."""
        return make_application_url(self.council, reference)

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        """Parse an application's page that a person saved."""
        return parse_application_page(
            page,
            reference=reference,
            council_code=self.council.code,
            page_url=self.application_url(reference),
        )

    def open_client(self, settings: Settings, shared_turn: Callable[[], None] | None = None) -> AtriumClient:
        """Return a client for application pages and documents, to be closed."""
        return AtriumClient(self.council, **_describe_manners(settings), shared_turn=shared_turn)

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> AtriumSearch:
        """Return a session of the search, to be closed; without may_retry each page is asked for once."""
        return AtriumSearch(
            self.council,
            **_describe_manners(settings),
            shared_turn=shared_turn,
            retry_delays_seconds=RETRY_DELAYS_SECONDS if may_retry else (),
        )

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        """Walk from the search to a document: yield each step as it passes, raise where one does not."""
        # A person sits before it, who asked for this one list.
        search = AtriumSearch(
            self.council, **_describe_manners(settings), retry_delays_seconds=(), is_for_person=True
        )
        return walk_checks(self, search, settings, today)


def _describe_manners(settings: Settings) -> dict[str, Any]:
    """Return how the register is asked, whichever of its pages."""
    return {
        "locks_dir": settings.locks_dir,
        "interval_seconds": settings.register_interval_seconds,
        "contact": settings.contact,
        "pages_dir": settings.pages_dir,
    }
