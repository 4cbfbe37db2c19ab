"""What a Dask worker does for a run on another machine: it reads documents in processes of its own.

Bytes come in and JSON goes out. A reading that nobody waits for any more, because the run was cancelled
or has died, ends with the page that it is at.
"""

import tempfile
import threading
from pathlib import Path

from distributed import get_worker

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError
from planning_review.models import FileKind
from planning_review.settings import load_settings

_pool: ExtractionPool | None = None
_lock = threading.Lock()


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
