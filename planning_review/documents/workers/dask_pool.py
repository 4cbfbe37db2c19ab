"""Documents read by Dask's workers, on other machines than the run's.

Only the reading is handed out: it is where the CPU goes, and needs nothing of the run but the bytes. The
tasks stay in the run's own process with their caches, retries, locks and secrets.

On a Dask worker, `read_bytes` reads in processes of that machine: bytes come in and JSON goes out. A reading
that nobody waits for any more, because the run was cancelled or has died, ends with the page that it is at.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, Future, KilledWorker, get_worker
from distributed.client import ClosedClientError

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError, ReadersUnavailable, UsageError
from planning_review.models import DocumentText, FileKind
from planning_review.settings import load_settings

_WORKER_SECONDS = 60
_ANSWER_SECONDS = 30
_LOOK_SECONDS = 0.25
_SEND_SECONDS = 60
_SEND_BYTES_A_SECOND = 1024**2
_LOST = (CancelledError, ClosedClientError, KilledWorker, OSError)

_pool: ExtractionPool | None = None
_lock = threading.Lock()


class DaskPool:
    """Reads documents through a Dask scheduler. Any number of threads may use one pool.

    Connects at once; connect_seconds is how long the scheduler is waited for, now and whenever the
    connection is cut. Raises UsageError where a worker has other versions of the extractor or of tesseract
    than this machine, ReadersUnavailable where the scheduler or all workers are away.
    """

    def __init__(self, address: str, connect_seconds: float = 20.0) -> None:
        self._address = address
        self._versions = tell_versions()
        self._closing = threading.Event()
        try:
            self._client = Client(address, timeout=connect_seconds, set_as_default=False, name="planning")
        except TypeError as error:
            # How Dask says that there are no certificates for an address of tls://.
            raise UsageError(f"{address} (PLANNING_DASK_SCHEDULER): {error}") from error
        except OSError as error:
            raise ReadersUnavailable(
                f"The Dask scheduler at {address} (PLANNING_DASK_SCHEDULER) does not answer: start it, and a "
                "worker for it (docs/several-machines.md), or unset it to read on this machine."
            ) from error
        try:
            self._require_same_versions()
        except BaseException:
            self.close()
            raise

    def read_document(self, path: Path, sha256: str, kind: FileKind) -> DocumentText:
        """Return all that can be read of a file; blocks until a worker has read it.

        Raises ReadersUnavailable where the scheduler or the worker was lost meanwhile, and
        ExtractionError where the worker failed on its own side, or the pool was closed.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ExtractionError(
                f"{path} could not be read ({error.strerror}). Run the same command again."
            ) from error
        try:
            self._wait_for_scheduler()
            future = self._send(data, sha256, kind)
            del data
            self._wait(future)
            text = DocumentText.model_validate_json(future.result())
        except Exception as error:
            self._raise_if_closed()
            if not isinstance(error, _LOST):
                raise
            raise ReadersUnavailable(
                f"{path.name} was not read: the Dask scheduler at {self._address} or the worker that had it "
                f"was lost ({type(error).__name__})."
            ) from error
        if text.sha256 != sha256 or (text.extractor, text.ocr) != self._versions:
            raise ExtractionError(
                f"A Dask worker at {self._address} answered with another text than asked for."
            )
        return text

    def close(self) -> None:
        """Let go of the scheduler; what is in work fails here, and ends there with its page."""
        self._closing.set()
        self._client.close(timeout=2)

    def _require_same_versions(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_WORKER_SECONDS)
            found: dict[str, Any] = self._ask(partial(self._client.run, tell_versions, on_error="return"))
            if lost := [versions for versions in found.values() if isinstance(versions, OSError)]:
                raise lost[0]
        except _LOST as error:
            raise ReadersUnavailable(
                f"No worker of the Dask scheduler at {self._address} answers. Start one on each machine that "
                f"is to read: dask worker {self._address} --nworkers 1"
            ) from error
        others = [f"{place}: {versions}" for place, versions in found.items() if versions != self._versions]
        if others:
            raise UsageError(
                f"Dask workers at {self._address} read by other versions than this machine "
                f"({self._versions}), so that the text of a document would depend on where it was read. "
                f"Bring them to the same versions of the project and of tesseract: {'; '.join(others)}"
            )

    def _send(self, data: bytes, sha256: str, kind: FileKind) -> "Future[str]":
        """Give a document's bytes to a worker, and a task that reads them to the scheduler."""
        # Past the scheduler: through it 200 MB took three times as long and stayed in its memory.
        send = partial(self._client.scatter, data, direct=True, hash=False)
        held = self._ask(send, _SEND_SECONDS + len(data) / _SEND_BYTES_A_SECOND)
        # Never from a result that Dask may still have: the text store says what is read anew.
        return self._client.submit(read_bytes, held, sha256, kind, self._versions, pure=False)

    def _wait(self, future: "Future[str]") -> None:
        """Wait until a document is read, and see meanwhile that there is somebody to read it."""
        look_at, was_alone = time.monotonic() + _ANSWER_SECONDS, False
        while not future.done():
            if self._closing.wait(_LOOK_SECONDS):
                self._raise_if_closed()
            if time.monotonic() > look_at:
                workers = self._ask(self._client.nthreads)
                # One that was lost is started again by its nanny within seconds.
                if not workers and was_alone:
                    raise ConnectionError("no worker is left")
                look_at, was_alone = time.monotonic() + _ANSWER_SECONDS, not workers

    def _wait_for_scheduler(self) -> None:
        """Wait while Dask's client reconnects, which it gives up by itself."""
        while self._client.status == "connecting":
            if self._closing.wait(_LOOK_SECONDS):
                break
        self._raise_if_closed()
        if self._client.status != "running":
            raise ConnectionError(f"the connection is {self._client.status}")

    def _ask(self, call: Callable[..., Any], seconds: float = _ANSWER_SECONDS) -> Any:
        """Call a method of Dask's client with a limit on its time, which most have none for themselves."""
        return self._client.sync(call, asynchronous=False, callback_timeout=seconds)

    def _raise_if_closed(self) -> None:
        if self._closing.is_set():
            raise ExtractionError("The reading by Dask was stopped while a document was read. Run it again.")


def tell_versions() -> tuple[str, str]:
    """Return the versions of the extractor and of the OCR of this machine."""
    return EXTRACTOR_VERSION, ocr_version()


def read_bytes(data: bytes, sha256: str, kind: FileKind, versions: tuple[str, str]) -> str:
    """Return a document's DocumentText as JSON.

    versions are those of the machine that asks: a text is kept under them. Raises ExtractionError where
    this machine has others, or fails on its own side.
    """
    worker = get_worker()
    if versions != tell_versions():
        raise ExtractionError(
            f"The Dask worker {worker.address} reads by {tell_versions()}, this machine by {versions}: the "
            "text would differ. Bring both to the same versions of the project and of tesseract."
        )
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    try:
        # In the worker's own folder: what it leaves there when it is killed, Dask removes.
        with tempfile.NamedTemporaryFile(dir=worker.local_directory, prefix="document-") as file:
            file.write(data)
            file.flush()
            text = _find_pool().read_document(Path(file.name), sha256, kind, is_wanted=is_wanted)
    except OSError as error:
        raise ExtractionError(
            f"The Dask worker {worker.address} can't write to its folder {worker.local_directory}: {error}"
        ) from error
    return text.model_dump_json()


def _find_pool() -> ExtractionPool:
    """Return the pool of this Dask worker, which ends with it."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = ExtractionPool(load_settings().workers)
        return _pool
