"""`planning-review check`: try the register, the storage and the model, one line a step."""

import click

from blocks.check import walk_storage_checks
from cli.server_status import connect_if_running
from planning_review.check_step import Step
from planning_review.errors import PlanningReviewError
from planning_review.register.check import walk_register_checks
from planning_review.register.councils import get_council
from planning_review.settings import Settings, load_settings
from tasks.times import london_today


def run_checks(what: str, council: str | None) -> int:
    """Try each thing asked for; the first that fails raises its error."""
    settings = load_settings()
    if what in ("storage", "all"):
        _check_storage(settings)
    if what in ("register", "all"):
        _check_register(settings, council)
    if what in ("model", "all"):
        _check_model(settings)
    if what == "all":
        with connect_if_running(settings) as (client, url):
            click.echo(f"prefect: {url}{' answers' if client else ''}")
    return 0


def _check_storage(settings: Settings) -> None:
    for step in walk_storage_checks(settings):
        _print_step("storage", step)


def _check_register(settings: Settings, council: str | None) -> None:
    found = get_council(council or settings.council, settings.register_url)
    click.echo(f"register: {found.name}: {found.register_url}")
    try:
        for step in walk_register_checks(found, settings, london_today()):
            _print_step("register", step)
    except PlanningReviewError as error:
        raise PlanningReviewError(f"register: {error}") from error


def _check_model(settings: Settings) -> None:
    from planning_review.review.model.check import check_model

    for step in check_model(settings):
        _print_step("model", step)


def _print_step(what: str, step: Step) -> None:
    # A page's own words stand in it, and must not steer the terminal.
    detail = "".join(char for char in step.detail if char.isprintable())
    click.echo(f"{what}: {step.name}: {'warning: ' if step.is_warning else ''}{detail}")
