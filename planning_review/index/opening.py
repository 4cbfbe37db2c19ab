"""Opening the index of a council as the settings say, and the policies beside it."""

from collections.abc import Callable

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.opened_index import OpenedIndex, open_index
from planning_review.index.passage_store import PassageStore, open_store
from planning_review.settings import Settings


def open_council_store(settings: Settings, council: str, *, tell: Callable[[str], None]) -> PassageStore:
    """Return the council's index, a context manager; waits, and says so, while another process has it.

    `PolicyStore(store.index, embedder)` opens the policies beside it, with the same lock.
    """
    embedder = MiniLMEmbedder()
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
    """Return the index for work on the policies alone, a context manager; waits like open_council_store."""
    return open_index(
        folder=settings.chroma_dir,
        lock_path=settings.locks_dir / "chroma.lock",
        chroma_url=settings.chroma_url,
        tell=tell,
    )
