"""`planning-review prune`: remove what nothing needs any more, after saying what it is."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.commands.disk_use import format_bytes, measure_bytes
from cli.runs import FLOWS, walk_runs
from cli.server.connection import connect_if_running
from planning_review.documents.manifest import Manifest
from planning_review.documents.text_store import TextStore
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

YOUNGEST_SECONDS = 24 * 3600
"""Temporary files and texts younger than this may belong to a run that goes on."""

_RUNS_AT_ONCE = 200


class Removal(NamedTuple):
    """Something to remove: what it is, how much, and how."""

    text: str
    remove: Callable[[], None]


def prune(days: int, *, is_forced: bool) -> int:
    """Say what would be removed, and remove it where that is wanted; returns the exit status.

    Reviews, letters, manifests, documents, decisions and the index are never touched.
    """
    settings = load_settings()
    with connect_if_running(settings) as (client, url):
        removals = [*_find_temporary(settings), *_find_texts(settings)]
        going = client and next((run for run in walk_runs(client) if run.is_going), None)
        if client is None:
            click.echo(f"Prefect: {url}; its runs and their results are left as they are.")
        elif going:
            click.echo(f"{going} is {going.state_name}: runs and results are left until it has ended.")
        else:
            removals += _find_runs(client, days)
            removals += _find_results(settings, days)
        for removal in removals:
            click.echo(f"{'Removed' if is_forced else 'Would remove'}: {removal.text}")
            if is_forced:
                removal.remove()
    if not removals:
        click.echo("Nothing to remove.")
    elif not is_forced:
        click.echo("Nothing was removed. To remove it: planning-review prune --yes")
    return 0


def _find_temporary(settings: Settings) -> Iterator[Removal]:
    """Yield the temporary files that no run can be using any more."""
    if not settings.temp_dir.is_dir():
        return
    old = [p for p in settings.temp_dir.rglob("*") if _is_old_file(p)]
    yield from _as_removal(old, f"temporary files in {settings.temp_dir} that are over a day old")


def _find_texts(settings: Settings) -> Iterator[Removal]:
    """Yield stored texts that no application has or that a newer reading replaced; both can be made again."""
    known: set[str] = set()
    for path in settings.output_dir.glob("**/manifest.json"):
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except ValueError:
            click.echo(f"{path} is damaged, so that no text is removed.", err=True)
            return
        known |= {file.sha256 for entry in manifest.documents for file in entry.files}
    store = TextStore(settings.text_dir)
    texts = [p for p in settings.text_dir.glob("**/*") if _is_old_file(p)]
    unknown = [p for p in texts if p.name[:64] not in known]
    yield from _as_removal(unknown, "stored texts of files that no application has")
    replaced = [p for p in texts if p.name[:64] in known and _is_replaced(p, store)]
    yield from _as_removal(replaced, "stored texts that a newer version of the reader has read again")


def _is_replaced(path: Path, store: TextStore) -> bool:
    newest = store.path(path.name[:64])
    return path not in (newest, store.places_path(path.name[:64])) and newest.is_file()


def _is_old_file(path: Path) -> bool:
    """Return whether a file is too old for a run to be about to use it: its manifest comes after its text."""
    return path.is_file() and path.lstat().st_mtime < time.time() - YOUNGEST_SECONDS


def _find_results(settings: Settings, days: int) -> Iterator[Removal]:
    """Yield results kept on this disk that are older than the runs that are kept."""
    before = time.time() - days * 24 * 3600
    if not settings.results_dir.is_dir():
        return
    old = [p for p in settings.results_dir.rglob("*") if p.is_file() and p.lstat().st_mtime < before]
    yield from _as_removal(old, f"results of tasks over {days} days old; what is wanted again is done again")


def _find_runs(client: "SyncPrefectClient", days: int) -> Iterator[Removal]:
    """Yield our flows' runs that ended so long ago; others' on the server are theirs.

    Their logs go when the server next looks for logs without a run (cli/server/local_server.py).
    """
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    ended = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]
    before = datetime.now(UTC) - timedelta(days=days)
    flows = FlowFilter(name={"any_": [*FLOWS, "load-policies"]})
    wanted = FlowRunFilter(end_time={"before_": before}, state={"type": {"any_": ended}})

    def load_page() -> "list[FlowRun]":
        return client.read_flow_runs(
            flow_filter=flows,
            flow_run_filter=wanted,
            sort=FlowRunSort.END_TIME_DESC,
            limit=_RUNS_AT_ONCE,
        )

    found = load_page()
    if not found:
        return

    def remove() -> None:
        while page := load_page():
            for run in page:
                client.delete_flow_run(run.id)

    count = f"{len(found)} or more" if len(found) == _RUNS_AT_ONCE else str(len(found))
    yield Removal(
        f"{count} runs that ended over {days} days ago; the server drops their logs within a day", remove
    )


def _as_removal(paths: list[Path], what: str) -> Iterator[Removal]:
    def remove() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    if paths:
        size = format_bytes(sum(map(measure_bytes, paths)))
        yield Removal(f"{len(paths)} {what}, {size}", remove)
