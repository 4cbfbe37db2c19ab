"""`planning-review status`: what runs here, and what is known of an application."""

from collections import Counter
from pathlib import Path

import click

from cli.server import find_server
from planning_review.errors import UsageError
from planning_review.references import parse_reference, reference_folder
from planning_review.register.councils import get_council
from planning_review.review.assembly import load_review
from planning_review.review.output_files import find_newest_review
from planning_review.settings import Settings, load_settings


def show_status(reference: str | None, council: str | None) -> int:
    """Print the server's address, and the newest review of one application or of all."""
    settings = load_settings()
    server = find_server(settings)
    click.echo(f"Prefect: {server.url if server else 'not running (planning-review up)'}")
    click.echo(f"Data:    {settings.data_dir}")
    if reference is not None:
        code = get_council(council or settings.council, settings.register_url).code
        parsed = parse_reference(reference)
        folder = settings.output_dir / reference_folder(parsed, code)
        path = find_newest_review(folder)
        if path is None:
            raise UsageError(
                f"There is no review of {parsed} ({code}). Write one: planning-review review {parsed}"
            )
        review = load_review(path)
        states = Counter(document.state.value for document in review.documents)
        click.echo(f"{review.application_ref}: {review.review.overall_rating}, {review.status}, {path}")
        click.echo("  " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
        return 0
    for folder in _application_folders(settings):
        path = find_newest_review(folder)
        if path is not None:
            review = load_review(path)
            name = f"{review.application_ref} ({review.council})"
            click.echo(f"{name}: {review.review.overall_rating}, {review.status}")
    return 0


def _application_folders(settings: Settings) -> list[Path]:
    return sorted({path.parent for path in settings.output_dir.glob("**/manifest.json")})
