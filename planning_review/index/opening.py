"""Opening the index of a council as the settings say."""

from collections.abc import Callable

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.passage_store import PassageStore, open_store
from planning_review.settings import Settings


def open_council_store(settings: Settings, council: str, *, tell: Callable[[str], None]) -> PassageStore:
    """Return the council's index, a context manager; waits, and says so, while another process has it."""
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
