"""The walk of `planning-review check register` through Agile: the interface, its list, and a document."""

from collections.abc import Iterator
from datetime import date

from planning_review.check_step import Step
from planning_review.errors import ApplicationNotFound, PlanningReviewError
from planning_review.register.agile.addresses import AgileOptions, describe_api, make_search_url
from planning_review.register.agile.client import open_http
from planning_review.register.check import (
    check_applications,
    describe_list,
    describe_robots,
    expecting,
    find_recent,
)
from planning_review.register.platform import Platform, RegisterClient, RegisterSearch
from planning_review.register.robots import Robots
from planning_review.settings import Settings

_UNKNOWN_REFERENCE = "00/00000/XXX"


def walk_checks(
    platform: Platform, searching: RegisterSearch, settings: Settings, today: date
) -> Iterator[Step]:
    """Yield each step as it passes; raise PlanningReviewError at the one that does not."""
    council, api = platform.council, describe_api(platform.council)
    client_code = AgileOptions.model_validate(council.options).client
    yield Step("interface", f"{api.register_url}, asked as {client_code}")
    http = open_http(council, settings.locks_dir, settings.register_interval_seconds, settings.contact, None)
    try:
        robots = Robots(api, http, settings.locks_dir)
        yield describe_robots(robots, [make_search_url(api, {})])
    finally:
        http.close()
    with platform.open_client(settings) as client:
        yield _check_unknown_reference(client)
        with searching as search:
            found = find_recent(search, today)
        yield describe_list(found)
        yield from check_applications(
            client, found, settings.temp_dir, lambda each: f"the answer for {each.reference}, which is listed"
        )


def _check_unknown_reference(client: RegisterClient) -> Step:
    name = "unknown application"
    with expecting(name, f"the register to count 0 for {_UNKNOWN_REFERENCE}"):
        try:
            client.fetch_application(_UNKNOWN_REFERENCE)
        except ApplicationNotFound:
            return Step(name, f"the register answers, and does not know {_UNKNOWN_REFERENCE}")
        raise PlanningReviewError(f"It claims to know it. Search for {_UNKNOWN_REFERENCE} in a browser.")
