"""Opening the index of a council as the settings say, and the policies beside it."""

from collections.abc import Callable

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.council_store import open_store
from planning_review.index.opened_index import OpenedIndex, open_index
from planning_review.index.passage_store import PassageStore
from planning_review.settings import Settings


def open_council_store(settings: Settings, council: str, *, tell: Callable[[str], None]) -> PassageStore:
    """Return the council's index, a context manager; waits, and says so, while another process has it.

    `PolicyStore(store.index, embedder)` opens the policies beside it, with the same lock.
    """
    embedder = make_embedder(settings.embedder)
    return open_store(
        folder=settings.chroma_dir,
        lock_path=settings.locks_dir / "chroma.lock",
        embedder_version=embedder.version,
        dimension=embedder.dimension,
        chunker_version=CHUNKER_VERSION,
        council=council,
        chroma_url=settings.chroma_url,
        tell=tell,
    )


def open_policies_index(settings: Settings, *, tell: Callable[[str], None]) -> OpenedIndex:
    """Return the index without any council's passages, a context manager; waits like open_council_store."""
    return open_index(
        folder=settings.chroma_dir,
        lock_path=settings.locks_dir / "chroma.lock",
        chroma_url=settings.chroma_url,
        tell=tell,
    )
