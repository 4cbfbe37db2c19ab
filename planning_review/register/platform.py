"""Platforms, the kinds of software that registers run on: what each is asked, and the table of them.

A platform is a folder beside this module and a line of PLATFORMS. The pace of requests, the exchanges and
what an answer means (pacing, http, responses) are the same for all.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Literal, Protocol, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import field_validator

from planning_review.check_step import Step
from planning_review.models import ApplicationPage, Frozen, ListedDocument
from planning_review.register.search import FoundList, SearchWindow
from planning_review.settings import Settings

PLATFORMS = {
    "atrium": "planning_review.register.atrium.platform:Atrium",
    "idox": "planning_review.register.idox.platform:Idox",
    "agile": "planning_review.register.agile.platform:Agile",
    "arcus": "planning_review.register.by_hand:ByHand",
    "ocella": "planning_review.register.by_hand:ByHand",
    "tascomi": "planning_review.register.by_hand:ByHand",
    "other": "planning_review.register.by_hand:ByHand",
}
"""Where the class of each is: it is imported when it is wanted."""

Country = Literal["England", "Wales", "Scotland", "Northern Ireland"]


class Council(Frozen):
    """One council's register, and what its decisions are made by. register_url has no slash at its end.

    options are what its platform has to know besides, by the platform's own names.
    """

    code: str
    name: str
    platform: str
    register_url: str
    options: Mapping[str, str] = {}
    country: Country = "England"
    policy_sources: tuple[str, ...] = ()

    @field_validator("platform")
    @classmethod
    def _is_known(cls, platform: str) -> str:
        if platform not in PLATFORMS:
            raise ValueError(f"{platform!r} is no platform of registers. There are: {', '.join(PLATFORMS)}.")
        return platform

    def serves(self, url: str) -> bool:
        """Return whether an address is on this register: its scheme, host and port.

        https on a host that is registered as http counts, the other way round does not.
        """
        try:
            there, here = urlsplit(url), urlsplit(self.register_url)
            if there.hostname != here.hostname or "@" in there.netloc:
                return False
            if (here.scheme, there.scheme) == ("http", "https") and here.port is None and there.port is None:
                return True
            return there.scheme == here.scheme and _port(there) == _port(here)
        except ValueError:
            return False


class Downloaded(Frozen):
    """The bytes that a download wrote. content_type is the server's word, not to be trusted."""

    sha256: str
    size_bytes: int
    content_type: str | None


class RegisterClient(Protocol):
    """Reads one council's register, politely; may be shared by threads.

    Each call is one attempt; whoever calls decides what is tried again.
    """

    def __enter__(self) -> Self:
        """Return the client, to be closed at the end."""

    def __exit__(self, *_: object) -> None:
        """Close the connections."""

    def fetch_application(self, reference: str) -> ApplicationPage:
        """Fetch an application's page and its documents, and parse them.

        Raises ApplicationNotFound, RegisterLayoutError (the page is kept under the pages folder),
        RegisterUnavailable, RegisterThrottled, BotChallenge, and PermanentError for other statuses.
        """

    def download(self, document: ListedDocument, part_path: Path) -> Downloaded:
        """Stream a document to part_path, its folder made; a failed attempt leaves no file.

        Raises DocumentGone, RegisterUnavailable, RegisterThrottled, BotChallenge and PermanentError.
        """


class RegisterSearch(Protocol):
    """Searches one council's register in a session of its own; for one thread at a time."""

    def __enter__(self) -> Self:
        """Return the search, to be closed at the end."""

    def __exit__(self, *_: object) -> None:
        """Close the connections."""

    def find(self, window: SearchWindow) -> FoundList:
        """Find every application of a window and prove that the list is whole.

        Pages are asked for again here, and nowhere else. Raises ListNotProven, RegisterLayoutError and
        what a client raises.
        """


class Platform(Protocol):
    """What a council's register is asked, whatever it runs on.

    shared_turn is called before each request and waits until no other machine is in the way; its errors
    pass through.
    """

    council: Council

    def __init__(self, council: Council) -> None:
        """Raise ValueError where the council's options are not the platform's."""

    def application_url(self, reference: str) -> str:
        """Return the address of an application's page."""

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        """Parse an application's page that a person saved.

        Raises ApplicationNotFound and RegisterLayoutError where it is another page.
        """

    def open_client(
        self, settings: Settings, shared_turn: Callable[[], None] | None = None
    ) -> RegisterClient:
        """Return a client for application pages and documents, to be closed."""

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> RegisterSearch:
        """Return a session of the search, to be closed; without may_retry each page is asked for once."""

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        """Walk from the search to a document: yield each step as it passes, raise where one does not.

        Every page is asked for once, at the usual pace. today is the last day searched (Europe/London).
        Raises PlanningReviewError that says what was expected, before what was found.
        """


def get_platform(council: Council) -> Platform:
    """Return the platform of a council's register."""
    make: Callable[[Council], Platform] = resolve_name(PLATFORMS[council.platform])
    return make(council)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
