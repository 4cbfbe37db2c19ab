"""Registers whose pages are not read here: a person saves the documents, and all else goes on from there."""

from collections.abc import Callable, Iterator
from datetime import date

from planning_review.check_step import Step
from planning_review.errors import RegisterLayoutError, UsageError
from planning_review.models import ApplicationPage
from planning_review.register.platform import Council, Platform, RegisterClient, RegisterSearch
from planning_review.settings import Settings

FINDER_URL = "https://www.gov.uk/search-register-planning-decisions"
"""Leads to a council's register by a postcode, where its address is not known here."""


class ByHand(Platform):
    """A register that is not asked for anything."""

    def __init__(self, council: Council) -> None:
        if council.options:
            raise ValueError(f"{council.platform} takes no options: {', '.join(council.options)}")
        self.council = council

    def application_url(self, reference: str) -> str:
        """Return where a person finds the register: its pages' addresses are not known."""
        return self.council.register_url

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        """Raise RegisterLayoutError: no page of such a register is understood."""
        raise RegisterLayoutError(
            f"Pages of the register of {self.council.name} are not read. Give --proposal and --site instead."
        )

    def open_client(
        self, settings: Settings, shared_turn: Callable[[], None] | None = None
    ) -> RegisterClient:
        """Raise UsageError that says what works."""
        raise self.explain()

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> RegisterSearch:
        """Raise UsageError that says what works."""
        raise self.explain()

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        """Raise UsageError that says what works."""
        raise self.explain()

    def explain(self) -> UsageError:
        """Return the error that says what works in place of reading the register."""
        council = self.council
        runs_on = "is not listed here" if council.platform == "other" else f"runs on {council.platform}"
        return UsageError(
            f"The register of {council.name} {runs_on}, which is not read here. Save the application's "
            "documents "
            f"from {council.register_url} in a folder, and give: planning-review review REFERENCE --council "
            f"{council.code} --documents FOLDER"
        )


def require_read(platform: Platform) -> None:
    """Raise UsageError, before anything is begun, where a register is not read."""
    if isinstance(platform, ByHand):
        raise platform.explain()
