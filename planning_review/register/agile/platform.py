"""The Agile platform of a council's register."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from planning_review.check_step import Step
from planning_review.errors import RegisterLayoutError
from planning_review.models import ApplicationPage
from planning_review.register.agile.addresses import AgileOptions
from planning_review.register.agile.check import walk_checks
from planning_review.register.agile.client import AgileClient
from planning_review.register.agile.search import AgileSearch
from planning_review.register.platform import Council, Platform
from planning_review.register.retrying import RETRY_DELAYS_SECONDS
from planning_review.settings import Settings


class Agile(Platform):
    """A register that runs on Agile."""

    def __init__(self, council: Council) -> None:
        AgileOptions.model_validate(council.options)
        self.council = council

    def application_url(self, reference: str) -> str:
        """Return the address of the portal: an application's own has a number that its reference does not."""
        return self.council.register_url

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        """Raise RegisterLayoutError: a saved page of the portal is an empty one."""
        raise RegisterLayoutError(
            f"A saved page of the register of {self.council.name} holds nothing: its script fills it in. "
            "Give --proposal and --site instead."
        )

    def open_client(self, settings: Settings, shared_turn: Callable[[], None] | None = None) -> AgileClient:
        """Return a client for applications and documents, to be closed."""
        return AgileClient(self.council, **_describe_manners(settings), shared_turn=shared_turn)

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> AgileSearch:
        """Return a search, to be closed; without may_retry each page is asked for once."""
        return AgileSearch(
            self.council,
            **_describe_manners(settings),
            shared_turn=shared_turn,
            retry_delays_seconds=RETRY_DELAYS_SECONDS if may_retry else (),
        )

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        """Walk from the interface to a document: yield each step as it passes, raise where one does not."""
        # A person sits before it, who asked for this one list.
        search = AgileSearch(
            self.council, **_describe_manners(settings), retry_delays_seconds=(), is_for_person=True
        )
        return walk_checks(self, search, settings, today)


def _describe_manners(settings: Settings) -> dict[str, Any]:
    """Return how the register is asked, whichever of its answers."""
    return {
        "locks_dir": settings.locks_dir,
        "interval_seconds": settings.register_interval_seconds,
        "contact": settings.contact,
        "pages_dir": settings.pages_dir,
    }
