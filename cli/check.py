"""`planning-review check`: try the register and the storage, one line a step."""

import click

from blocks.check import walk_storage_checks
from cli.server import find_server
from planning_review.errors import ApplicationNotFound, PlanningReviewError
from planning_review.register.client import RegisterClient
from planning_review.register.councils import get_council
from planning_review.settings import Settings, load_settings

# A reference that no council gives out: the answer proves that the pages are the platform's.
_UNKNOWN_REFERENCE = "00/00000/F"


def run_checks(what: str, council: str | None) -> int:
    """Try each thing asked for; the first that fails raises its error."""
    settings = load_settings()
    if what in ("storage", "all"):
        _check_storage(settings)
    if what in ("register", "all"):
        _check_register(settings, council)
    if what == "all":
        server = find_server(settings)
        click.echo(f"prefect: {server.url if server else 'not running (planning-review up)'}")
    return 0


def _check_storage(settings: Settings) -> None:
    for step in walk_storage_checks(settings):
        click.echo(f"storage: {step.name}: {'warning: ' if step.is_warning else ''}{step.detail}")


def _check_register(settings: Settings, council: str | None) -> None:
    found = get_council(council or settings.council, settings.register_url)
    click.echo(f"register: {found.name}: {found.register_url}")
    with RegisterClient(
        found,
        locks_dir=settings.locks_dir,
        interval_seconds=settings.register_interval_seconds,
        contact=settings.contact,
        pages_dir=settings.pages_dir,
    ) as client:
        try:
            client.fetch_application(_UNKNOWN_REFERENCE)
        except ApplicationNotFound:
            click.echo("register: answers, and does not know an application that there is not")
            return
    raise PlanningReviewError(f"The register claims to know {_UNKNOWN_REFERENCE}, which cannot be.")
