"""Opening the passages of one council, made with one embedder and one chunker."""

import logging
from collections.abc import Callable
from pathlib import Path

from planning_review.errors import IndexMismatch
from planning_review.index.chroma_client import name_collection
from planning_review.index.opened_index import OpenedIndex, open_index
from planning_review.index.passage_store import PassageStore

_log = logging.getLogger(__name__)


def open_store(
    *,
    folder: Path,
    lock_path: Path,
    embedder_version: str,
    dimension: int,
    chunker_version: str,
    council: str,
    chroma_url: str | None = None,
    wait_seconds: float = 600,
    tell: Callable[[str], None] = _log.info,
) -> PassageStore:
    """Open the index of a council for one embedder and chunker; close it, or use it in a `with`.

    What open_index says of the folder, the server and the errors holds here. Raises IndexMismatch too,
    where the collection was made in another way than its name says.
    """
    index = open_index(
        folder=folder, lock_path=lock_path, chroma_url=chroma_url, wait_seconds=wait_seconds, tell=tell
    )
    try:
        return open_collection_store(index, council, embedder_version, dimension, chunker_version)
    except BaseException:
        index.close()
        raise


def open_collection_store(
    index: OpenedIndex,
    council: str,
    embedder_version: str,
    dimension: int,
    chunker_version: str,
    *,
    anew_on_mismatch: bool = False,
) -> PassageStore:
    """Return a council's passages in an index that is open already, and stays so until its owner closes it.

    Raises IndexMismatch like open_store; with anew_on_mismatch the collection that does not match is
    removed and an empty one made.
    """
    identity = _identify(council, embedder_version, dimension, chunker_version)
    try:
        return PassageStore(index, index.open_collection(council, identity))
    except IndexMismatch:
        if not anew_on_mismatch:
            raise
    with index.place.explain_errors():
        index.client.delete_collection(name_collection(council, identity))
    return PassageStore(index, index.open_collection(council, identity))


def name_council_collection(council: str, embedder_version: str, dimension: int, chunker_version: str) -> str:
    """Return the name of a council's collection for one embedder and chunker."""
    return name_collection(council, _identify(council, embedder_version, dimension, chunker_version))


def _identify(
    council: str, embedder_version: str, dimension: int, chunker_version: str
) -> dict[str, str | int]:
    return {
        "council": council,
        "embedder": embedder_version,
        "chunker": chunker_version,
        "dimension": dimension,
    }
