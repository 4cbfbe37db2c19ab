"""`planning-review check`: try each thing that a review needs, one line a step."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from cli.command import EXIT_FAILED, EXIT_USAGE
from cli.commands.disk_use import LITTLE_BYTES
from cli.environment import prepare_prefect
from cli.server.connection import connect_if_running
from cli.server.exposure import find_openings
from cli.server.status import describe_workers
from cli.telling import tell_step
from planning_review.check_step import Step
from planning_review.dates import london_today
from planning_review.disk_sizes import format_bytes
from planning_review.errors import PlanningReviewError, UsageError
from planning_review.folders import explain_os_error, find_open_mode, require_folder, require_folders
from planning_review.register.by_hand import require_read
from planning_review.register.councils import get_council
from planning_review.register.platform import get_platform
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from planning_review.notices.addresses import Address

Check = Callable[[Settings, str | None], Iterator[Step]]


def run_checks(what: str, council: str | None, *, is_deep: bool = False) -> int:
    """Try what is asked for; returns the exit status.

    One thing alone raises its error. Of all, each is tried whatever became of the others. is_deep, of the
    storage alone, has every object read, and gives 1 where one of them could not be put in order.
    """
    if is_deep and what != "storage":
        raise UsageError("--deep goes with storage: planning-review check storage --deep")
    settings = load_settings()
    if what == "all":
        return _check_all(settings, council)
    for step in _ALONE[what](settings, council):
        _print_step(what, step)
    return _check_objects(settings) if is_deep else 0


def _check_objects(settings: Settings) -> int:
    """Read every object of the data folder's applications; returns the exit status."""
    if not settings.uses_bucket:
        raise UsageError("There is no bucket to look into: set S3_ENDPOINT_URL and the rest (.env.example).")
    require_folders(settings)
    prepare_prefect(settings, is_terminal=False)
    from run.bucket_check import walk_bucket

    steps = []
    for step in walk_bucket(settings):
        _print_step("storage", step)
        steps.append(step)
    return EXIT_FAILED if any(step.is_warning for step in steps) else 0


def _check_all(settings: Settings, council: str | None) -> int:
    failed: dict[str, bool] = {}
    for what, check in _CHECKS.items():
        tell_step(f"Trying the {what}")
        try:
            for step in check(settings, council):
                _print_step(what, step)
        except (PlanningReviewError, OSError) as error:
            explained = explain_os_error(error) if isinstance(error, OSError) else None
            # Some messages begin with it: alone they have nothing else to say what was tried.
            message = (explained or str(error)).removeprefix(f"{what}: ")
            click.echo(f"{what}: NOT RIGHT: {_strip_controls(message)}", err=True)
            failed[what] = isinstance(error, UsageError)
    if not failed:
        click.echo("All of it works.")
        return 0
    click.echo(
        f"planning-review: {len(failed)} of {len(_CHECKS)} not right: {', '.join(failed)}. The lines above "
        "say what to do; then again: planning-review check all",
        err=True,
    )
    return EXIT_USAGE if all(failed.values()) else EXIT_FAILED


def _check_folders(settings: Settings, council: str | None) -> Iterator[Step]:
    require_folders(settings)
    free_bytes = require_folder(settings.data_dir, "PLANNING_DATA_DIR")
    advice = ", which is little: planning-review prune" if free_bytes < LITTLE_BYTES else ""
    detail = f"{settings.data_dir} can be written; {format_bytes(free_bytes)} free{advice}"
    yield Step("data", detail, is_warning=bool(advice))
    if mode := find_open_mode(settings.data_dir):
        detail = f"other users of this machine can look into {settings.data_dir} (mode {mode})"
        yield Step("data", f"{detail}: chmod 700 {settings.data_dir}", is_warning=True)


def _check_storage(settings: Settings, council: str | None) -> Iterator[Step]:
    # boto3 takes a second to load, and the other checks have no use for it.
    from blocks.check import walk_storage_checks

    return walk_storage_checks(settings)


def _check_register(settings: Settings, council: str | None) -> Iterator[Step]:
    found = get_council(council or settings.council, settings.register_url)
    platform = get_platform(found)
    require_read(platform)
    yield Step(found.name, found.register_url)
    try:
        yield from platform.walk_checks(settings, london_today())
    except PlanningReviewError as error:
        raise PlanningReviewError(f"register: {error}") from error


def _check_model(settings: Settings, council: str | None) -> Iterator[Step]:
    from planning_review.model.check import check_model

    return check_model(settings)


def _check_reading(settings: Settings, council: str | None) -> Iterator[Step]:
    """Say who reads documents, and try to reach Dask's workers where they do."""
    from planning_review.documents.pages.ocr import NO_OCR, ocr_version
    from planning_review.documents.workers.reading_pool import open_reading_pool

    ocr = ocr_version()
    if ocr == NO_OCR:
        advice = "Debian: apt-get install tesseract-ocr; macOS: brew install tesseract"
        yield Step("scanned pages", f"not read: tesseract is not installed ({advice})", is_warning=True)
    else:
        yield Step("scanned pages", f"read by {ocr}")
    if settings.dask_scheduler is None:
        yield Step("documents", f"read on this machine, by up to {settings.workers} processes")
        return
    begun = time.monotonic()
    open_reading_pool(settings).close()
    detail = f"{settings.dask_scheduler} and its workers answer, with this machine's versions"
    yield Step("documents", f"{detail}, in {time.monotonic() - begun:.1f} s")


def _check_prefect(settings: Settings, council: str | None) -> Iterator[Step]:
    with connect_if_running(settings) as (client, url):
        if client:
            yield Step("server", f"{url} answers")
            yield from (Step("server", line, is_warning=True) for line in find_openings(url))
            yield from (Step("worker", line) for line in describe_workers(client))
        elif settings.prefect_api_url:
            raise PlanningReviewError(f"The Prefect server {url}")
        else:
            yield Step("server", url)


def _check_notify(settings: Settings, council: str | None) -> Iterator[Step]:
    """Look at the form of each address; nothing is sent."""
    from planning_review.notices.sending import check_address

    addresses = _list_addresses(settings)
    if not addresses:
        yield Step("messages", "nobody is told anything: PLANNING_NOTIFY is not set (docs/automations.md)")
        return
    for address in addresses:
        yield Step(f"{address.scheme}://", f"an address of {check_address(address)}")


def _send_test(settings: Settings, council: str | None) -> Iterator[Step]:
    """Look at the addresses, and send a message to each."""
    from datetime import UTC, datetime

    from planning_review.notices.outbox import Message
    from planning_review.notices.sending import send_message

    yield from _check_notify(settings, council)
    text = "This is a test: messages of planning-review reach you."
    message = Message(made_at=datetime.now(UTC), subject="A test", text=text, html=f"<p>{text}</p>")
    for address in _list_addresses(settings):
        send_message(address, message)
        yield Step(f"{address.scheme}://", "took a test message: see whether it arrived")


def _list_addresses(settings: Settings) -> "list[Address]":
    from planning_review.notices.addresses import list_addresses
    from run.digest import hide_addresses

    addresses = list_addresses(settings)
    hide_addresses(addresses)
    return addresses


_CHECKS: dict[str, Check] = {
    "folders": _check_folders,
    "storage": _check_storage,
    "register": _check_register,
    "model": _check_model,
    "reading": _check_reading,
    "prefect": _check_prefect,
    "notify": _check_notify,
}
"""What `check all` tries."""

_ALONE: dict[str, Check] = {**_CHECKS, "notify": _send_test}
"""What is done where one thing is asked for: whoever asks for messages alone wants to get one."""


def _print_step(what: str, step: Step) -> None:
    click.echo(f"{what}: {step.name}: {'warning: ' if step.is_warning else ''}{_strip_controls(step.detail)}")


def _strip_controls(text: str) -> str:
    # A page's own words stand in it, and must not steer the terminal.
    return "".join(char for char in text if char.isprintable())
