"""The readers of documents: processes of this machine, or Dask's workers where a scheduler is set."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import UsageError
from planning_review.models import DocumentText, FileKind
from planning_review.settings import Settings


@runtime_checkable
class ReadingPool(Protocol):
    """Reads documents for any number of threads."""

    def read_document(self, path: Path, sha256: str, kind: FileKind) -> DocumentText:
        """Return all that can be read of a file; blocks until it is read."""

    def close(self) -> None:
        """End what is in work, from any thread, more than once if need be."""


def open_reading_pool(settings: Settings) -> ReadingPool:
    """Return this machine's pool, or one that is connected to the Dask scheduler of the settings.

    Raises UsageError where Dask's workers are not as this machine is, ReadersUnavailable where none is
    reached.
    """
    if settings.dask_scheduler is None:
        return ExtractionPool(settings.workers)
    try:
        # Slow to import, and not installed everywhere.
        from planning_review.documents.workers.dask_pool import DaskPool
    except ModuleNotFoundError as error:
        raise UsageError(
            f"PLANNING_DASK_SCHEDULER is set, and {error.name} is not installed: `make setup` installs it, "
            "or pip install 'planning-review[dask]'."
        ) from error
    return DaskPool(settings.dask_scheduler)
