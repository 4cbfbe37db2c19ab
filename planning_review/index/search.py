"""Hybrid search within one application."""

from collections.abc import Collection, Sequence

from planning_review.index.embedding import Embedder
from planning_review.index.hybrid import DENSE_WEIGHT, HybridRanking
from planning_review.index.passage_store import PassageStore, StoredPassage
from planning_review.models import Passage


class ApplicationIndex:
    """The passages of an application as they stand now, ready to be searched; threads may share it.

    With document_ids, nothing of any other document is ever returned. Passages with the same text
    (a document listed twice) are one, which belongs to the first document in the order of
    PassageStore.load_passages.
    """

    def __init__(
        self,
        store: PassageStore,
        embedder: Embedder,
        reference: str,
        document_ids: Collection[str] | None = None,
        *,
        dense_weight: float = DENSE_WEIGHT,
    ) -> None:
        self._passages: list[StoredPassage] = []
        number_of: dict[str, int] = {}  # by a stored row's id; equal texts share a number
        numbers: dict[str, int] = {}
        for passage in store.load_passages(reference, document_ids):
            key = " ".join(passage.text.split())
            if key not in numbers:
                numbers[key] = len(self._passages)
                self._passages.append(passage)
            number_of[passage.id] = numbers[key]
        self._ranking = HybridRanking(
            [(passage.text, passage.heading or "") for passage in self._passages],
            [passage.id for passage in self._passages],
            number_of,
            embedder,
            lambda vectors, limit: store.query(vectors, reference, limit, document_ids),
            store.load_vectors,
            dense_weight=dense_weight,
        )

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, query: str, limit: int = 10) -> list[Passage]:
        """Return at most limit passages, best first, with scores from 0 to 1.

        Any text is a query; one without a letter or figure finds nothing.
        """
        return self.search_many([query], limit)[0]

    def search_many(self, queries: Sequence[str], limit: int = 10) -> list[list[Passage]]:
        """Return for each query what search would, with all of them embedded and looked up at once."""
        return [
            [_passage(self._passages[number], score) for number, score in ranked]
            for ranked in self._ranking.rank_many(queries, limit)
        ]


def _passage(stored: StoredPassage, score: float) -> Passage:
    return Passage(**stored.model_dump(exclude={"id", "position"}), score=score)
