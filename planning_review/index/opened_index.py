"""An index that stands open: its client and its lock, shared by all collections that are used from it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from planning_review.index.chroma_client import (
    IndexPlace,
    close_client,
    lock_folder,
    open_collection,
    open_folder,
    open_server,
)

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.client import Client
    from filelock import FileLock

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenedIndex:
    """A client of Chroma, where its data are, and the lock on their folder (None for a server)."""

    client: "Client"
    place: IndexPlace
    lock: "FileLock | None"
    batch_rows: int

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open_collection(self, stem: str, identity: dict[str, str | int]) -> "chromadb.Collection":
        """Open or make a collection named for what its vectors depend on."""
        with self.place.explain_errors():
            return open_collection(self.client, self.place, stem, identity)

    def close(self) -> None:
        """Close the index and give its folder back to other processes. A second call does nothing."""
        close_client(self.client)
        if self.lock:
            self.lock.release()


def open_index(
    *,
    folder: Path,
    lock_path: Path,
    chroma_url: str | None = None,
    wait_seconds: float = 600,
    tell: Callable[[str], None] = _log.info,
) -> OpenedIndex:
    """Open the index; close it, or use it in a `with`.

    With chroma_url it is on that server, and folder and lock_path are not touched. Otherwise it is in
    the folder, which this process then has to itself: while another process has it, tell gets one
    message and the call waits up to wait_seconds. Raises TransientError where the folder stays taken or
    the server does not answer, PermanentError where the index is damaged or not ours.
    """
    lock = None
    if chroma_url:
        client, place = open_server(chroma_url)
    else:
        lock = lock_folder(folder, lock_path, wait_seconds, tell)
        try:
            client, place = open_folder(folder), IndexPlace.of_folder(folder)
        except BaseException:
            lock.release()
            raise
    try:
        with place.explain_errors():
            return OpenedIndex(client, place, lock, batch_rows=client.get_max_batch_size())
    except BaseException:
        close_client(client)
        if lock:
            lock.release()
        raise
