"""The walk of `planning-review check register` through Public Access: forms, list, tabs and a document."""

from collections.abc import Iterator
from datetime import date

from planning_review.check_step import Step
from planning_review.errors import ApplicationNotFound, PlanningReviewError
from planning_review.register.check import (
    check_applications,
    describe_list,
    describe_robots,
    expecting,
    find_recent,
)
from planning_review.register.http import PacedHttp
from planning_review.register.idox.addresses import list_search_urls
from planning_review.register.idox.search import DATE_FIELDS
from planning_review.register.idox.session import CONTROL_WORD, IdoxSession, simple_criteria
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Platform, RegisterClient, RegisterSearch
from planning_review.register.responses import SAVED_DOCUMENTS_HINT
from planning_review.register.robots import Robots
from planning_review.register.search import FoundApplication
from planning_review.settings import Settings

# A reference that no council gives out.
_UNKNOWN_REFERENCE = "00/00000/XXX"
_TIMEOUT_SECONDS = 60
_TOKENS = ("_csrf", "org.apache.struts.taglib.html.TOKEN")


def walk_checks(
    platform: Platform, searching: RegisterSearch, settings: Settings, today: date, interval_seconds: float
) -> Iterator[Step]:
    """Yield each step as it passes; raise PlanningReviewError at the one that does not."""
    yield from _check_forms(platform.council, settings, interval_seconds)
    with platform.open_client(settings) as client:
        yield _check_unknown_reference(client)
        with searching as search:
            found = find_recent(search, today)
        yield describe_list(found)
        yield from check_applications(client, found, settings.temp_dir, _describe_expected_page)


def _check_forms(council: Council, settings: Settings, interval_seconds: float) -> Iterator[Step]:
    """Yield what robots.txt says, what the two forms hold, and what the search finds for certain."""
    pacer = Pacer(settings.locks_dir, council.code, interval_seconds)
    http = PacedHttp(council, pacer, settings.contact, _TIMEOUT_SECONDS)
    session = IdoxSession(council, http, SAVED_DOCUMENTS_HINT)
    try:
        yield describe_robots(Robots(council, http, settings.locks_dir), list_search_urls(council))
        with expecting(
            "simple search", f"a form at {council.register_url}/search.do with one field to fill in"
        ):
            names = [name for name, _ in session.open_form("simple", simple_criteria(CONTROL_WORD)).fields]
        token = next((name for name in names if name in _TOKENS), None)
        said = f"token {token}" if token else f"no token ({' and '.join(_TOKENS)} were looked for)"
        yield Step("simple search", f"{said}; fields {', '.join(names)}")
        with expecting("control", f"the search to find applications for {CONTROL_WORD!r}"):
            page = session.search("simple", simple_criteria(CONTROL_WORD))
            if page.kind not in ("list", "too many", "application"):
                raise PlanningReviewError(
                    f"It answered with a page of the kind {page.kind!r}"
                    f"{f', saying {page.message[:300]!r}' if page.message else ''}: {page.url}. Is its token "
                    "taken, and does the form have fields that are not sent?"
                )
        yield Step("control", f"{CONTROL_WORD!r} is answered with {page.kind!r}")
        with expecting("advanced search", "a form with the dates received and validated"):
            names = [name for name, _ in session.open_form("advanced", {}).fields]
        missing = [field for fields in DATE_FIELDS.values() for field in fields if field not in names]
        detail = (
            f"not shown, and sent all the same: {', '.join(missing)}" if missing else "both ranges of dates"
        )
        yield Step("advanced search", f"{detail}; fields {', '.join(names)}", is_warning=bool(missing))
    finally:
        http.close()


def _check_unknown_reference(client: RegisterClient) -> Step:
    name = "unknown application"
    with expecting(name, f"the register to find nothing for {_UNKNOWN_REFERENCE}, and to say so"):
        try:
            client.fetch_application(_UNKNOWN_REFERENCE)
        except ApplicationNotFound:
            return Step(name, f"the register answers, and does not know {_UNKNOWN_REFERENCE}")
        raise PlanningReviewError(f"It claims to know it. Search for {_UNKNOWN_REFERENCE} in a browser.")


def _describe_expected_page(application: FoundApplication) -> str:
    return f"the tabs of {application.reference}, which the list names"
