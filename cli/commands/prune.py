"""`planning-review prune`: remove what nothing needs any more, after saying what it is."""

import click

from cli.server.connection import connect_if_running
from planning_review.settings import load_settings
from run.pruning import find_removals


def prune(days: int, *, is_forced: bool) -> int:
    """Say what would be removed, and remove it where that is wanted; returns the exit status.

    Reviews, letters, manifests, documents, decisions and the index are never touched.
    """
    settings = load_settings()
    with connect_if_running(settings) as (client, url):
        pruning = find_removals(settings, client, days)
        if client is None:
            click.echo(f"Prefect: {url}; its runs and their results are left as they are.")
        elif pruning.left:
            click.echo(pruning.left)
        for removal in pruning.removals:
            click.echo(f"{'Removed' if is_forced else 'Would remove'}: {removal.text}")
            if is_forced:
                removal.remove()
    if not pruning.removals:
        click.echo("Nothing to remove.")
    elif not is_forced:
        click.echo("Nothing was removed. To remove it: planning-review prune --yes")
    return 0
