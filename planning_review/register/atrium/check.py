"""The walk of `planning-review check register`: robots.txt, terms, form, list, page and document."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from urllib.parse import unquote, urlsplit

from planning_review.check_step import Step
from planning_review.errors import ApplicationNotFound, PlanningReviewError, RegisterLayoutError
from planning_review.register.atrium.search_form import parse_search_form
from planning_review.register.atrium.search_session import SearchSession
from planning_review.register.check import (
    check_applications,
    describe_list,
    describe_robots,
    expecting,
    find_recent,
)
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer
from planning_review.register.platform import Council, Platform, RegisterClient, RegisterSearch
from planning_review.register.responses import ServedPage, explain_status, load_page
from planning_review.register.retrying import SEARCH_HINT
from planning_review.register.robots import Robots
from planning_review.register.search import FoundApplication, SearchWindow
from planning_review.settings import Settings

# A reference that no council gives out: the answer proves that the pages are the platform's.
_UNKNOWN_REFERENCE = "00/00000/F"
_TIMEOUT_SECONDS = 60


def walk_checks(
    platform: Platform, searching: RegisterSearch, settings: Settings, today: date
) -> Iterator[Step]:
    """Yield each step as it passes; raise PlanningReviewError at the one that does not."""
    with platform.open_client(settings) as client:
        yield _check_unknown_reference(client)
        yield from _check_form(platform.council, settings, today)
        with searching as search:
            found = find_recent(search, today)
        yield describe_list(found)
        describe_expected = partial(_describe_expected_page, platform)
        yield from check_applications(client, found, settings.temp_dir, describe_expected)


def _check_unknown_reference(client: RegisterClient) -> Step:
    name = "unknown application"
    with expecting(name, f"the register not to know {_UNKNOWN_REFERENCE}, with its search page or a 404"):
        try:
            client.fetch_application(_UNKNOWN_REFERENCE)
        except ApplicationNotFound:
            return Step(name, f"the register answers, and does not know {_UNKNOWN_REFERENCE}")
        raise PlanningReviewError(f"It claims to know it. Open {_UNKNOWN_REFERENCE} in a browser.")


def _check_form(council: Council, settings: Settings, today: date) -> Iterator[Step]:
    """Yield what robots.txt says, whether terms stand before the search, and what its form holds."""
    url = f"{council.register_url}/Search/Advanced"
    pacer = Pacer(settings.locks_dir, council.code, settings.register_interval_seconds)
    http = PacedHttp(council, pacer, settings.contact, _TIMEOUT_SECONDS, SEARCH_HINT)
    try:
        yield describe_robots(Robots(council, http, settings.locks_dir), [url])
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


def _describe_expected_page(platform: Platform, application: FoundApplication) -> str:
    expected = f"the page of {application.reference}, which the list names"
    asked = platform.application_url(application.reference)
    if unquote(asked).casefold() != unquote(application.register_url).casefold():
        expected += f" (at {application.register_url}: display_route in councils.yaml may be wrong)"
    return expected
