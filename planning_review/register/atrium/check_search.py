"""The search's part of the walk through a register: terms, form, and a list of some days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from urllib.parse import urlsplit

from planning_review.check_step import Step
from planning_review.errors import PlanningReviewError, RegisterLayoutError
from planning_review.register.atrium.search import RegisterSearch
from planning_review.register.atrium.search_form import parse_search_form
from planning_review.register.atrium.search_session import SEARCH_HINT, SearchSession, ServedPage
from planning_review.register.councils import Council
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer
from planning_review.register.responses import explain_status, load_page
from planning_review.register.search import FoundList, SearchWindow
from planning_review.settings import Settings

_WINDOWS_DAYS = (7, 28)
_TIMEOUT_SECONDS = 60


@contextmanager
def expecting(name: str, expected: str) -> Iterator[None]:
    """Put the step's name, and what it expected, before the message of an error."""
    try:
        yield
    except PlanningReviewError as error:
        raise PlanningReviewError(f"{name}: expected {expected}. {error}") from error


def check_form(council: Council, settings: Settings, today: date) -> Iterator[Step]:
    """Yield whether terms stand before the search, and what its form holds."""
    url = f"{council.register_url}/Search/Advanced"
    pacer = Pacer(settings.locks_dir, council.code, settings.register_interval_seconds)
    http = PacedHttp(council, pacer, settings.contact, _TIMEOUT_SECONDS, SEARCH_HINT)
    try:
        with expecting("terms", f"the search at {url}, or the council's terms before it"):
            with http.get(url, {"Accept": "text/html"}) as response:
                if not response.is_success:
                    raise explain_status(response, url, SEARCH_HINT)
                page = ServedPage(str(response.url), load_page(response, url))
            has_terms = "/Disclaimer" in page.url or b"/Disclaimer/Accept" in page.body
            if has_terms:
                page = SearchSession(council, http, ()).get_page(url)
        yield Step("terms", f"accepted, they stood before {url}" if has_terms else "none before the search")
        yield _describe_form(page, today)
    finally:
        http.close()


def _describe_form(page: ServedPage, today: date) -> Step:
    name = "search form"
    with expecting(name, "a form with two enabled fields for the date received"):
        form = parse_search_form(page.body, page.url, SearchWindow(date_from=today, date_to=today))
    try:
        parse_search_form(page.body, page.url, SearchWindow(date_from=today, date_to=today, by="valid"))
        dates, is_warning = "received and valid dates", False
    except RegisterLayoutError:
        dates, is_warning = "received dates only (validated late, an application can be missed)", True
    written = "yyyy-mm-dd" if today.isoformat() in (value for _, value in form.fields) else "dd/mm/yyyy"
    names = dict.fromkeys(field for field, _ in form.fields if not field.startswith("__"))
    return Step(
        name,
        f"{dates} as {written}, {form.method} to {urlsplit(form.action).path}; fields {', '.join(names)}",
        is_warning,
    )


def find_applications(council: Council, settings: Settings, today: date) -> FoundList:
    """Return the proven list of the last days, of more days where a few hold nothing."""
    search = RegisterSearch(
        council,
        locks_dir=settings.locks_dir,
        interval_seconds=settings.register_interval_seconds,
        contact=settings.contact,
        pages_dir=settings.pages_dir,
        retry_delays_seconds=(),
    )
    with (
        search,
        expecting("search", f"a list of the last {_WINDOWS_DAYS[0]} days as long as the number printed"),
    ):
        for days in _WINDOWS_DAYS:
            window = SearchWindow(date_from=today - timedelta(days=days - 1), date_to=today)
            found = search.find(window)
            if found.applications:
                return found
        raise PlanningReviewError(
            f"The register lists no {window.describe()}, which no council goes without. Make the same search "
            "by hand on the register."
        )


def describe_list(found: FoundList) -> Step:
    """Return what a list shows."""
    first = found.applications[0]
    shown = [name for name, value in first.model_dump(exclude={"register_url"}).items() if value is not None]
    return Step(
        "search",
        f"{found.window.describe()}: found {len(found.applications)} of {found.total_printed} printed; "
        f"the list shows {', '.join(shown)}",
    )
