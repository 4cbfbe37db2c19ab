"""Hybrid ranking: words by BM25 beside meaning by vectors, whatever the texts are."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from planning_review.index.embedding import Embedder, Vectors
from planning_review.index.everyday_words import add_field_words
from planning_review.index.word_index import WordIndex

DENSE_WEIGHT = 1.0
"""What a cosine similarity counts, where words count at most 1.

Words count by the BM25 score as a share of the query's best, times a power of the share of the query's
words that the text has. A question in a person's own words shares few of them with the text that answers
it: half of the words count an eighth, so that meaning decides, and all of them decide by themselves.
Weight and power were searched over two sets of text in ten cuttings; this pair is one of about twenty of
144 that nowhere found less than the better of words and meaning. docs/search.md has the figures.
"""

_SHARE_POWER = 3
_MIN_CANDIDATES = 50

FindNearest = Callable[[Vectors, int], list[list[tuple[str, float]]]]
"""Return for each vector the nearest rows' ids with their cosine similarity, best first."""

LoadVectors = Callable[[Sequence[str]], dict[str, Vectors]]
"""Return the vectors of rows by their ids; one that is gone is left out."""


class HybridRanking:
    """Texts with their headings, numbered from 0, and the stored rows of their vectors.

    number_of gives a row's number by its id; rows of one number have the same text, and row_ids names
    one of them. Threads may share it.
    """

    def __init__(
        self,
        texts: Sequence[tuple[str, str]],
        row_ids: Sequence[str],
        number_of: Mapping[str, int],
        embedder: Embedder,
        find_nearest: FindNearest,
        load_vectors: LoadVectors,
        *,
        dense_weight: float = DENSE_WEIGHT,
    ) -> None:
        self._words = WordIndex(texts)
        self._row_ids = row_ids
        self._number_of = number_of
        self._embedder = embedder
        self._find_nearest = find_nearest
        self._load_vectors = load_vectors
        self._dense_weight = dense_weight

    def rank_many(self, queries: Sequence[str], limit: int) -> list[list[tuple[int, float]]]:
        """Return for each query at most limit numbers with their scores from 0 to 1, best first.

        Any text is a query; one without a letter or figure finds nothing. All are embedded and looked
        up at once.
        """
        found: list[list[tuple[int, float]]] = [[] for _ in queries]
        asked = [n for n, query in enumerate(queries) if any(map(str.isalnum, query))]
        if not asked or not self._row_ids or limit < 1:
            return found
        candidates = max(_MIN_CANDIDATES, 5 * limit)
        vectors = self._embedder.embed([add_field_words(queries[n]) for n in asked])
        by_words = [self._weigh_words(queries[n], candidates) for n in asked]
        by_meaning = self._find_similar(vectors, candidates, by_words)
        for n, words, similarities in zip(asked, by_words, by_meaning, strict=True):
            found[n] = self._rank(words, similarities)[:limit]
        return found

    def _weigh_words(self, query: str, candidates: int) -> dict[int, float]:
        """Return what the query's words say for the texts that have any, from 0 to 1."""
        scores = self._words.search(query, candidates)
        shares = self._words.share_found(query, scores)
        best = max(scores.values(), default=0.0) or 1.0
        return {number: score / best * shares[number] ** _SHARE_POWER for number, score in scores.items()}

    def _find_similar(
        self, vectors: Vectors, candidates: int, by_words: list[dict[int, float]]
    ) -> list[dict[int, float]]:
        """Return each query's similarity to its nearest texts and to those found by its words.

        Taking the latter as not similar at all gives fewer right first answers: .62 against .72.
        """
        found: list[dict[int, float]] = []
        for hits in self._find_nearest(vectors, candidates):
            # An id that is not known was added after this ranking was made.
            known = [(self._number_of[id_], cosine) for id_, cosine in hits if id_ in self._number_of]
            found.append(dict(reversed(known)))
        lacking = {n for words, row in zip(by_words, found, strict=True) for n in words.keys() - row.keys()}
        stored = self._load_vectors([self._row_ids[n] for n in sorted(lacking)])
        for vector, words, row in zip(vectors, by_words, found, strict=True):
            for number in words.keys() - row.keys():
                if (other := stored.get(self._row_ids[number])) is not None:
                    row[number] = float(np.dot(vector, other))
        return found

    def _rank(self, by_words: dict[int, float], similarities: dict[int, float]) -> list[tuple[int, float]]:
        scores = {
            number: (by_words.get(number, 0.0) + self._dense_weight * min(max(cosine, 0.0), 1.0))
            / (1.0 + self._dense_weight)
            for number, cosine in similarities.items()
        }
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
