"""The context of one run: its settings, its folders and the things that are slow to open."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote
from uuid import UUID

from filelock import FileLock, Timeout
from prefect.client.orchestration import get_client
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.download import remove_parts
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.documents.workers.reading_pool import ReadingPool, open_reading_pool
from planning_review.errors import PermanentError, PlanningReviewError, RunStopped
from planning_review.folders import explain_os_error
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.council_store import name_council_collection
from planning_review.index.embedding import Embedder
from planning_review.index.opening import open_council_store
from planning_review.index.passage_look import find_complete_documents
from planning_review.index.passage_rows import id_prefix
from planning_review.index.passage_store import PassageStore
from planning_review.models import ListedDocument, StoredFile
from planning_review.parameters import Stage
from planning_review.references import describe_review, reference_folder
from planning_review.register.councils import get_council
from planning_review.register.platform import RegisterClient, get_platform
from planning_review.settings import Settings
from run.files import RunFiles, RunTexts
from run.rate_limits import find_register_turn
from run.stopping import Stopping, settle_vanished_run, stop_in_time

T = TypeVar("T")


class _Place:
    """What the context of a run's threads points to. Prefect keeps copies of it that outlive the run."""

    def __init__(self, run: "RunContext") -> None:
        self.run: RunContext | None = run


_current: ContextVar[_Place] = ContextVar("current_run")

_SCRATCH = ("manifest.json.*.tmp", "manifest.stored*", ".rev_*", ".let_*", ".quote_*", ".letters*")
"""The names under which the manifest and the outputs are written before they get their own."""

EXTRA_LOGGERS = ("planning_review", "run", "blocks")
"""Those of PREFECT_LOGGING_EXTRA_LOGGERS: what logic and storage have to say belongs to the run's log."""

LOCK_WAIT_SECONDS = 600
"""How long a run waits for another one of the same application, or for the index."""


class RunContext:
    """The shared things of one review run, opened when first used and closed with the run.

    seconds is by stage: the time in which at least one task worked on it. fetched holds the ids of
    the documents that this run asked the register for. is_manifest_stored is False where the bucket's
    copy may be behind this machine's.
    """

    def __init__(
        self, settings: Settings, council: str, reference: str, refresh: Collection[Stage] = ()
    ) -> None:
        self.settings = settings
        self.refresh = frozenset(refresh)
        self.council = get_council(council, settings.register_url)
        self.platform = get_platform(self.council)
        self.reference = reference
        self.folder = reference_folder(reference, council)
        self.output_dir = settings.output_dir / self.folder
        self.files = RunFiles(settings, self.folder, council, reference)
        self.texts = RunTexts(settings)
        self.seconds: dict[str, float] = defaultdict(float)
        self._busy: dict[str, int] = defaultdict(int)
        self._counted_at = time.monotonic()
        self.fetched: set[str] = set()
        self.stopping = Stopping()
        self.is_manifest_stored = True
        self._take_turn = find_register_turn(self.council.code, settings.register_interval_seconds)
        self._opened: dict[str, object] = {}
        self._lock = threading.RLock()
        self._closing = ExitStack()

    def _open_once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._opened:
                self._opened[name] = make()
            return cast(T, self._opened[name])

    @property
    def client(self) -> RegisterClient:
        """The register's client, one for the run."""
        return self._open_once(
            "client",
            lambda: self._closing.enter_context(
                self.platform.open_client(self.settings, self._wait_for_turn)
            ),
        )

    @property
    def pool(self) -> ReadingPool:
        """Who reads documents: worker processes here, or Dask's workers."""
        return self._open_once(
            "pool", lambda: self._closing.enter_context(closing(open_reading_pool(self.settings)))
        )

    @property
    def drawer(self) -> ExtractionPool:
        """Who draws pages: worker processes here, also where Dask's workers read."""
        if self.settings.dask_scheduler is None and isinstance(self.pool, ExtractionPool):
            return self.pool
        return self._open_once(
            "drawer",
            lambda: self._closing.enter_context(closing(ExtractionPool(self.settings.workers))),
        )

    @property
    def embedder(self) -> Embedder:
        """The embedding model, one for all runs of the process."""
        return _share_embedder(self.settings.embedder)

    @property
    def store(self) -> PassageStore:
        """The index; opening it waits while another process has it."""
        return self._open_once(
            "store",
            lambda: self._closing.enter_context(
                open_council_store(self.settings, self.council.code, tell=get_run_logger().warning)
            ),
        )

    @property
    def command(self) -> str:
        """The command that does this run again, and only what is missing of it."""
        if deployed := name_retry():
            return deployed
        return describe_review(self.reference, self.council.code)

    def find_page_url(self, path: Path) -> str | None:
        """Return where others can read an output without a bucket; None where no setting says it."""
        if self.settings.public_url is None:
            return None
        return f"{self.settings.public_url.rstrip('/')}/{quote(f'{self.folder}/{path.name}')}"

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the time inside towards a stage; tasks that overlap are counted once."""
        with self._lock:
            self._count_time()
            self._busy[stage] += 1
        try:
            yield
        finally:
            with self._lock:
                self._count_time()
                self._busy[stage] -= 1

    def _count_time(self) -> None:
        now = time.monotonic()
        for stage, tasks in self._busy.items():
            if tasks:
                self.seconds[stage] += now - self._counted_at
        self._counted_at = now

    def _wait_for_turn(self) -> None:
        self.stopping.check()
        if self._take_turn:
            self._take_turn()

    def in_place(self, document: ListedDocument) -> StoredFile | None:
        """Return a document's stored bytes if the manifest knows them and they are really there."""
        if document.document_id in self.fetched:
            return self.files.manifest.stored_file(document.document_id)
        return None if "download" in self.refresh else self.files.find_bytes(document)

    def has_passages(self, stored: StoredFile) -> bool:
        """Return whether all passages of a document's bytes stand in the index."""
        return self.store.has_document(self.reference, stored.document_id, stored.sha256, EXTRACTOR_VERSION)

    def had_passages(self, stored: StoredFile) -> bool:
        """Return whether all passages of a document's bytes stood in the index when the run first looked.

        Read from the index's files where that can be: to open it takes seconds.
        """
        found = self._open_once("passages found", self._look_for_passages)
        if found is None:
            return self.has_passages(stored)
        return id_prefix(self.reference, stored.document_id, stored.sha256, EXTRACTOR_VERSION) in found

    def _look_for_passages(self) -> frozenset[str] | None:
        if self.settings.chroma_url:
            return None
        collection = name_council_collection(
            self.council.code, self.embedder.version, self.embedder.dimension, CHUNKER_VERSION
        )
        return find_complete_documents(self.settings.chroma_dir, collection, self.reference)

    def release(self) -> None:
        """End the reading of documents and remove half-written downloads; the tasks in work fail."""
        if isinstance(pool := self._opened.get("pool"), ReadingPool):
            pool.close()
        if isinstance(drawer := self._opened.get("drawer"), ExtractionPool):
            drawer.close()
        remove_parts(self.files.root / self.folder)

    def close(self) -> None:
        """Close whatever was opened and let go of it; worker processes end."""
        self._closing.close()
        self._opened.clear()


@contextmanager
def open_run(
    settings: Settings, council: str, reference: str, refresh: Collection[Stage] = ()
) -> Iterator[RunContext]:
    """Open the context of a run; a second run of the same application waits for the first."""
    _let_logic_speak()
    # Before the run has done anything: never in the middle of it.
    if settings.uses_bucket:
        from blocks.check import check_storage

        check_storage(settings)
    run_id = UUID(flow_run.id)
    _tag_run(run_id, council, reference)
    with _hold_application(settings, council, reference) as record:
        settle_vanished_run(record, run_id)
        run = RunContext(settings, council, reference, refresh)
        _remove_leftovers(run.files.root / run.folder, run.output_dir)
        place = _Place(run)
        token = _current.set(place)
        try:
            with stop_in_time(run.stopping, run_id, run.release):
                # Readers elsewhere that are away, or of another version, end the run before it asks anyone.
                if settings.dask_scheduler:
                    _ = run.pool
                yield run
        except PlanningReviewError as error:
            # The state's message is what a person sees first.
            if run.command not in str(error) and not isinstance(error, RunStopped):
                error.args = (f"{error} To go on from here: `{run.command}`.", *error.args[1:])
            raise
        except Exception as error:
            if isinstance(error, OSError) and (explained := explain_os_error(error)):
                raise PermanentError(f"{explained} To go on from here: `{run.command}`.") from error
            get_run_logger().error("To go on from here: %s", run.command)
            raise
        finally:
            _current.reset(token)
            place.run = None
            run.close()
            record.unlink(missing_ok=True)


@contextmanager
def _hold_application(settings: Settings, council: str, reference: str) -> Iterator[Path]:
    """Keep other runs of an application out; waits for one that is there.

    Yields the file in which a run that has the application says who it is.
    """
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    name = reference_folder(reference, council).replace("/", "-")
    lock = FileLock(settings.locks_dir / f"review-{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        get_run_logger().warning("Another run works on %s: waiting for it to end.", reference)
        try:
            lock.acquire(timeout=LOCK_WAIT_SECONDS)
        except Timeout:
            raise PlanningReviewError(
                f"Another run still works on {reference} after {LOCK_WAIT_SECONDS} s. See "
                "`planning-review status`, and run the same command again when it has ended."
            ) from None
    try:
        yield settings.locks_dir / f"review-{name}.run"
    finally:
        lock.release()


def current_run() -> RunContext:
    """Return the context of the run that this thread works for; raises RunStopped once that is to stop."""
    run = _current.get().run
    if run is None:
        raise RunStopped("The run has ended.")
    run.stopping.check()
    return run


@cache
def _share_embedder(name: str) -> Embedder:
    """Return a process's embedder: loaded it takes 80 MB."""
    return make_embedder(name)


def name_retry() -> str | None:
    """Return the command that retries this run; None where no deployment made it."""
    return f"planning-review retry {flow_run.id}" if deployment.id else None


def _let_logic_speak() -> None:
    """Have the loggers of logic and storage say as much as Prefect's, which gives them no level."""
    level = logging.getLogger("prefect.extra").level
    for name in EXTRA_LOGGERS:
        logging.getLogger(name).setLevel(level)


def _tag_run(run_id: UUID, council: str, reference: str) -> None:
    """Tag a run with its council and reference, by which the runs' page can be filtered."""
    with get_client(sync_client=True) as client:
        tags = client.read_flow_run(run_id).tags
        client.update_flow_run(run_id, tags=sorted({*tags, council, reference}))


def _remove_leftovers(documents_folder: Path, output_folder: Path) -> None:
    """Remove an application's half-written files. To be called with its lock held, before any work."""
    remove_parts(documents_folder)
    for pattern in _SCRATCH:
        for path in output_folder.glob(pattern):
            path.unlink(missing_ok=True)
