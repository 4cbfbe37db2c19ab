"""`planning-review prune`: remove what nothing needs any more, after saying what it is."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.disk_use import format_bytes, measure_bytes
from cli.runs import FLOWS
from cli.server_status import connect_if_running
from planning_review.documents.manifest import Manifest
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

YOUNGEST_TEMPORARY_SECONDS = 24 * 3600
"""Temporary files younger than this may belong to a run that goes on."""

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
        if client:
            removals += _find_runs(client, days)
            removals += _find_results(settings, days)
        else:
            click.echo(f"Prefect: {url}; its runs and their results are left as they are.")
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
    before = time.time() - YOUNGEST_TEMPORARY_SECONDS
    old = [p for p in settings.temp_dir.rglob("*") if p.is_file() and p.lstat().st_mtime < before]
    yield from _as_removal(old, f"temporary files in {settings.temp_dir} that are over a day old")


def _find_texts(settings: Settings) -> Iterator[Removal]:
    """Yield stored texts of files that no manifest here knows; another reading makes them again."""
    known: set[str] = set()
    for path in settings.output_dir.glob("**/manifest.json"):
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except ValueError:
            click.echo(f"{path} is damaged, so that no text is removed.", err=True)
            return
        known |= {file.sha256 for entry in manifest.documents for file in entry.files}
    texts = [p for p in settings.text_dir.glob("**/*") if p.is_file() and p.name[:64] not in known]
    yield from _as_removal(texts, "stored texts of files that no application has")


def _find_results(settings: Settings, days: int) -> Iterator[Removal]:
    """Yield results kept on this disk that are older than the runs that are kept."""
    before = time.time() - days * 24 * 3600
    if not settings.results_dir.is_dir():
        return
    old = [p for p in settings.results_dir.rglob("*") if p.is_file() and p.lstat().st_mtime < before]
    yield from _as_removal(old, f"results of tasks over {days} days old; what is wanted again is done again")


def _find_runs(client: "SyncPrefectClient", days: int) -> Iterator[Removal]:
    """Yield our flows' runs that ended so long ago, with their logs; others' on the server are theirs."""
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    ended = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]
    before = datetime.now(UTC) - timedelta(days=days)
    flows = FlowFilter(name={"any_": [*FLOWS, "load-policies"]})
    wanted = FlowRunFilter(end_time={"before_": before}, state={"type": {"any_": ended}})

    def read_page() -> list[object]:
        return client.read_flow_runs(
            flow_filter=flows,
            flow_run_filter=wanted,
            sort=FlowRunSort.END_TIME_DESC,
            limit=_RUNS_AT_ONCE,
        )

    found = read_page()
    if not found:
        return

    def remove() -> None:
        while page := read_page():
            for run in page:
                client.delete_flow_run(run.id)

    count = f"{len(found)} or more" if len(found) == _RUNS_AT_ONCE else str(len(found))
    yield Removal(f"{count} runs that ended over {days} days ago, with their logs", remove)


def _as_removal(paths: list[Path], what: str) -> Iterator[Removal]:
    if paths:
        size = format_bytes(sum(map(measure_bytes, paths)))
        yield Removal(f"{len(paths)} {what}, {size}", lambda: [p.unlink(missing_ok=True) for p in paths][:0])
