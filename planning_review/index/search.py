"""Hybrid search within one application: words by BM25 beside meaning by vectors."""

from collections.abc import Collection, Sequence

import numpy as np

from planning_review.index.embedding import Embedder, Vectors
from planning_review.index.passage_store import PassageStore, StoredPassage
from planning_review.index.word_index import WordIndex
from planning_review.models import Passage

DENSE_WEIGHT = 2.0
"""What a cosine similarity counts, where the BM25 score as a share of the query's best counts 1.

Cosines of a query's candidates lie within some 0.3 to 0.5, so that words still lead. Measured on 986
passages of real local plans and the NPPF (300 queries made of words out of them; 18 lay questions on
the NPPF), a right passage among the first five: weight 1 gives .93 and 12 of 18, weight 2 .92 and 13,
weight 3 .88 and 14; words alone .93 and 10, vectors alone .40 and 13.
"""

_MIN_CANDIDATES = 50


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
        self._store = store
        self._embedder = embedder
        self._reference = reference
        self._document_ids = document_ids
        self._dense_weight = dense_weight
        self._passages: list[StoredPassage] = []
        self._number_of: dict[str, int] = {}  # by a stored row's id; equal texts share a number
        numbers: dict[str, int] = {}
        for passage in store.load_passages(reference, document_ids):
            key = " ".join(passage.text.split())
            if key not in numbers:
                numbers[key] = len(self._passages)
                self._passages.append(passage)
            self._number_of[passage.id] = numbers[key]
        self._words = WordIndex([(passage.text, passage.heading or "") for passage in self._passages])

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, query: str, limit: int = 10) -> list[Passage]:
        """Return at most limit passages, best first, with scores from 0 to 1.

        Any text is a query; one without a letter or figure finds nothing.
        """
        return self.search_many([query], limit)[0]

    def search_many(self, queries: Sequence[str], limit: int = 10) -> list[list[Passage]]:
        """Return for each query what search would, with all of them embedded and looked up at once."""
        found: list[list[Passage]] = [[] for _ in queries]
        asked = [n for n, query in enumerate(queries) if any(map(str.isalnum, query))]
        if not asked or not self._passages or limit < 1:
            return found
        candidates = max(_MIN_CANDIDATES, 5 * limit)
        vectors = self._embedder.embed([queries[n] for n in asked])
        by_words = [self._words.search(queries[n], candidates) for n in asked]
        by_meaning = self._find_similar(vectors, candidates, by_words)
        for n, words, similarities in zip(asked, by_words, by_meaning, strict=True):
            found[n] = self._rank(words, similarities)[:limit]
        return found

    def _find_similar(
        self, vectors: Vectors, candidates: int, by_words: list[dict[int, float]]
    ) -> list[dict[int, float]]:
        """Return each query's similarity to its nearest passages and to those found by its words.

        Taking the latter as not similar at all gives fewer right first answers: .62 against .72.
        """
        nearest = self._store.query(vectors, self._reference, candidates, self._document_ids)
        found: list[dict[int, float]] = []
        for hits in nearest:
            # An id that is not known was added after this index was made.
            known = [(self._number_of[id_], cosine) for id_, cosine in hits if id_ in self._number_of]
            found.append(dict(reversed(known)))
        lacking = {n for words, row in zip(by_words, found, strict=True) for n in words.keys() - row.keys()}
        stored = self._store.load_vectors([self._passages[n].id for n in sorted(lacking)])
        for vector, words, row in zip(vectors, by_words, found, strict=True):
            for number in words.keys() - row.keys():
                if (other := stored.get(self._passages[number].id)) is not None:
                    row[number] = float(np.dot(vector, other))
        return found

    def _rank(self, by_words: dict[int, float], similarities: dict[int, float]) -> list[Passage]:
        best = max(by_words.values(), default=0.0) or 1.0
        scores = {
            number: (by_words.get(number, 0.0) / best + self._dense_weight * min(max(cosine, 0.0), 1.0))
            / (1.0 + self._dense_weight)
            for number, cosine in similarities.items()
        }
        order = sorted(scores, key=lambda number: (-scores[number], number))
        return [_passage(self._passages[number], scores[number]) for number in order]


def _passage(stored: StoredPassage, score: float) -> Passage:
    return Passage(**stored.model_dump(exclude={"id", "position"}), score=score)
