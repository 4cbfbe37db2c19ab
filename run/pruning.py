"""What nothing needs any more: temporary files, texts, results and runs; and the database packed."""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from planning_review.disk_sizes import format_bytes, measure_bytes
from planning_review.documents.manifest import Manifest
from planning_review.documents.text_store import TextStore
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

YOUNGEST_SECONDS = 24 * 3600
"""Temporary files and texts younger than this may belong to a run that goes on."""

FLOWS = (
    "review-application",
    "write-letter",
    "scan-register",
    "load-policies",
    "send-digest",
    "maintain",
)
"""Our flows: others' runs on the server are theirs."""

_WORKING = ("review-application", "write-letter", "scan-register", "load-policies")
_GOING = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
_RUNS_AT_ONCE = 200
_BUSY_SECONDS = 60


logger = logging.getLogger(__name__)


class Removal(NamedTuple):
    """Something to remove: what it is, how much, and how."""

    text: str
    remove: Callable[[], None]


class Pruning(NamedTuple):
    """What can be removed, and what is left as it is and why ("" where nothing is)."""

    removals: list[Removal]
    left: str = ""


def find_removals(settings: Settings, client: "SyncPrefectClient | None", days: int) -> Pruning:
    """Find what nothing needs. Runs and results stay while a run goes on, and without a server's client.

    Reviews, letters, manifests, documents, decisions and the index are never touched.
    """
    removals = [*_find_temporary(settings), *_find_texts(settings)]
    if client is None:
        return Pruning(removals)
    if going := _find_going(client):
        return Pruning(removals, f"{going}: runs and results are left until it has ended.")
    return Pruning([*removals, *_find_runs(client, days), *_find_results(settings, days)])


def pack_database(settings: Settings) -> str:
    """Pack this data folder's Prefect database and say what that freed; "" where there is none.

    The server may run meanwhile: it waits for the seconds that it takes.
    """
    path = settings.prefect_dir / "prefect.db"
    if not path.is_file():
        return ""
    files = [path, path.with_name("prefect.db-wal")]
    before = sum(map(measure_bytes, files))
    free = shutil.disk_usage(path.parent).free
    if free < before:
        room = f"{format_bytes(before)}, and {format_bytes(free)} are free"
        return f"{path} was not packed: for a while that takes its own size once more, {room}"
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        return f"{path} was not packed: {error}. The next maintenance tries again"
    after = sum(map(measure_bytes, files))
    return f"{path} packed: {format_bytes(max(before - after, 0))} freed, {format_bytes(after)} left"


def _find_going(client: "SyncPrefectClient") -> str | None:
    """Return a run that has begun or was asked for and has not ended; those of a schedule don't count."""
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter

    found = client.read_flow_runs(
        flow_filter=FlowFilter(name={"any_": list(_WORKING)}),
        flow_run_filter=FlowRunFilter(state={"type": {"any_": list(_GOING)}}),
        limit=_RUNS_AT_ONCE,
    )
    going = (run for run in found if not (run.auto_scheduled and run.state_type == "SCHEDULED"))
    return next((f"{run.name} ({run.id}) is {run.state_name}" for run in going), None)


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
            logger.warning("%s is damaged, so that no text is removed.", path)
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
    flows = FlowFilter(name={"any_": list(FLOWS)})
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
