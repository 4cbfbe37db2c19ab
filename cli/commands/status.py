"""`planning-review status`: what runs here, what needs a person, and what is known of an application."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.disk_use import describe_disk
from cli.server.connection import connect_if_running
from cli.server.status import (
    describe_going,
    describe_problems,
    describe_scans,
    describe_workers,
)
from planning_review.dates import london_today
from planning_review.notices.outbox import count_waiting, find_outbox
from planning_review.publish.catalogue import CatalogueEntry
from planning_review.publish.entry_folder import read_newest_entries
from planning_review.references import describe_review, parse_reference, reference_folder
from planning_review.register.councils import get_council
from planning_review.report.assembly import load_review
from planning_review.report.output_files import find_newest_review
from planning_review.report.presentation import format_date
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def show_status(reference: str | None, council: str | None) -> int:
    """Print the state of one application, or of all that this data folder and its server know."""
    settings = load_settings()
    if reference is not None:
        return _show_application(settings, reference, council)
    with connect_if_running(settings) as (client, url):
        click.echo(f"Prefect: {f'{url} answers' if client else url}")
        if client:
            _settle_unbegun(client, settings)
            _print_list("Workers", describe_workers(client))
            if going := describe_going(client):
                _print_list("Running", going)
            _print_list("Scans", describe_scans(client))
            _print_list("To do", describe_problems(client, url), "nothing failed")
    _print_list("Data", describe_disk(settings))
    if waiting := count_waiting(find_outbox(settings)):
        _print_list(
            "Messages", [f"{waiting} wait for the next digest: planning-review check notify says why"]
        )
    _print_list("Reviews", _describe_reviews(settings), "none yet: planning-review review REFERENCE")
    return 0


def _settle_unbegun(client: "SyncPrefectClient", settings: Settings) -> None:
    """Have the runs that never began among those that a person should see to."""
    from run.unbegun import settle_unbegun_runs

    settle_unbegun_runs(client, settings.pending_seconds)


def _print_list(label: str, lines: list[str], nothing: str = "") -> None:
    for number, line in enumerate(lines or [nothing]):
        click.echo(f"{label + ':' if number == 0 else '':9}{line}")


def _describe_reviews(settings: Settings) -> list[str]:
    """Return a line for each application that was reviewed, the one to answer first on top."""
    # With a bucket also those that another machine published, as of this one's last review.
    roots = [settings.output_dir, *(settings.data_dir / "bucket-catalogue").glob("*")]
    newest: dict[tuple[str, str], CatalogueEntry] = {}
    for entry in (entry for root in roots for entry in read_newest_entries(root)):
        known = newest.setdefault((entry.council, entry.reference), entry)
        if entry.updated_at > known.updated_at:
            newest[entry.council, entry.reference] = entry
    return [_describe_entry(entry) for entry in sorted(newest.values(), key=_by_urgency)]


def _by_urgency(entry: CatalogueEntry) -> tuple[int, int, str]:
    days = (entry.consultation_end - london_today()).days if entry.consultation_end else None
    if entry.decision or days is None:
        return (2 if entry.decision else 1, 0, entry.reference)
    return (0, days, entry.reference) if days >= 0 else (1, -days, entry.reference)


def _describe_entry(entry: CatalogueEntry) -> str:
    name = f"{entry.reference} ({entry.council})"
    rating = entry.overall_rating + ("" if entry.status == "complete" else ", incomplete")
    if entry.decision:
        when = "decided"
    elif entry.consultation_end is None:
        when = "no last day for comments is known"
    else:
        days = (entry.consultation_end - london_today()).days
        left = f"{days} days left" if days > 1 else ("1 day left" if days == 1 else "the last day")
        closed = f"comments closed on {format_date(entry.consultation_end)}"
        when = f"{left}, until {format_date(entry.consultation_end)}" if days >= 0 else closed
    return f"{name}: {rating}; {when}"


def _show_application(settings: Settings, reference: str, council: str | None) -> int:
    code = get_council(council or settings.council, settings.register_url).code
    parsed = parse_reference(reference)
    path = find_newest_review(settings.output_dir / reference_folder(parsed, code))
    if path is None:
        command = describe_review(parsed, code)
        click.echo(f"{parsed} ({code}): no review in {settings.output_dir} yet: {command}")
    else:
        _show_review(path)
    with connect_if_running(settings) as (client, url):
        if client:
            _settle_unbegun(client, settings)
            _print_list("To do", describe_problems(client, url, (code, parsed)), "nothing failed")
        else:
            click.echo(f"Prefect: {url}")
    return 0


def _show_review(path: Path) -> None:
    review = load_review(path)
    states = Counter(document.state.value for document in review.documents)
    click.echo(f"{review.application_ref}: {review.review.overall_rating}, {review.status}")
    click.echo("Documents: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    for file in _list_outputs(path):
        click.echo(f"  {file}")


def _list_outputs(path: Path) -> list[Path]:
    letters = sorted(path.parent.glob("let_*_letter.docx"), key=lambda letter: letter.stat().st_mtime)
    return [path.with_suffix(".html"), path.with_suffix(".md"), path, *letters[-1:]]
