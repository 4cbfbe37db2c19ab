"""Search over the policy passages that one application is judged by."""

import hashlib
import json
import re
from collections.abc import Sequence

from planning_review.index.embedding import Embedder
from planning_review.index.hybrid import HybridRanking
from planning_review.index.policy_store import PolicyStore
from planning_review.policy.basis import PolicyBasis
from planning_review.policy.passages import PolicyPassage


class PolicyIndex:
    """The passages of the chosen editions as they stand now: a SearchPolicies. Threads may share it.

    chosen is what choose_editions returns for the application's council and days. Nothing of any
    other edition, or of another council's sources, is ever returned. missing holds the choices whose
    text is not loaded.
    """

    def __init__(
        self, store: PolicyStore, embedder: Embedder, chosen: Sequence[PolicyBasis], council: str
    ) -> None:
        wanted = {(basis.source, basis.edition) for basis in chosen if basis.edition}
        applicable = [
            loaded
            for loaded in store.list_loaded()
            if (loaded.source, loaded.edition) in wanted and loaded.council in (None, council)
        ]
        there = {(loaded.source, loaded.edition) for loaded in applicable}
        self.missing = tuple(
            basis for basis in chosen if basis.edition and (basis.source, basis.edition) not in there
        )
        identity = sorted((e.source, e.edition, e.council or "", e.sha256, e.passages) for e in applicable)
        self._version = hashlib.sha256(json.dumps([embedder.version, identity]).encode()).hexdigest()[:12]
        stored = store.load_passages(applicable)
        self._passages = [row.passage for row in stored]
        self._names = [_name_pattern(passage.paragraph) for passage in self._passages]
        self._ranking = HybridRanking(
            # "TR4" and "paragraph 117" are looked for as well as what stands there.
            [(p.text, f"{p.source} {p.paragraph} {p.heading or ''}") for p in self._passages],
            [row.id for row in stored],
            {row.id: number for number, row in enumerate(stored)},
            embedder,
            lambda vectors, limit: store.query(vectors, applicable, limit),
            store.load_vectors,
        )

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def version(self) -> str:
        """A short hash of the loaded files that apply: equal versions find the same."""
        return self._version

    def __call__(self, queries: Sequence[str], limit: int) -> list[list[PolicyPassage]]:
        """Return for each query at most limit passages, best first.

        A passage that the query names ("TR4", "paragraph 117", "Table 5-2") comes before all others.
        """
        found = []
        for query, ranked in zip(queries, self._ranking.rank_many(queries, limit), strict=True):
            named = [number for number, pattern in enumerate(self._names) if pattern.search(query)]
            others = [(number, score) for number, score in ranked if number not in named]
            best = [(number, 1.0) for number in named] + others
            found.append([self._score(number, score) for number, score in best[: max(limit, 0)]])
        return found

    def _score(self, number: int, score: float) -> PolicyPassage:
        return self._passages[number].model_copy(update={"score": score})


def _name_pattern(paragraph: str) -> re.Pattern[str]:
    """Return what names a paragraph in a query: TR4 for all its limbs, and no bare number."""
    label = re.escape(paragraph.partition("(")[0])
    before = r"(?<!\w)para(?:graph|\.)?\s*" if paragraph.isdigit() else r"(?<!\w)"
    return re.compile(rf"{before}{label}(?![\w.]?\w)", re.IGNORECASE)
