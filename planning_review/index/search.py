"""Hybrid search within one application."""

from collections.abc import Collection, Sequence

from planning_review.index.embedding import Embedder
from planning_review.index.hybrid import DENSE_WEIGHT, HybridRanking
from planning_review.index.near_duplicates import Fingerprint, say_the_same, take_fingerprint
from planning_review.index.passage_store import PageRange, PassageStore, StoredPassage
from planning_review.models import Frozen, Passage

_SPARE = 10  # results beyond the limit, for those that are folded into others


class PassagePlace(Frozen):
    """Where the same text stands, too."""

    document_id: str
    title: str
    page_start: int
    page_end: int
    part: str | None = None
    part_page: int | None = None


class FoundPassage(Passage):
    """A passage found by a search, with the other documents that say the same."""

    also_in: tuple[PassagePlace, ...] = ()


class ApplicationIndex:
    """The passages of an application as they stand now, ready to be searched; threads may share it.

    With document_ids, nothing of any other document is ever returned; with pages, nothing that stands
    on none of them. Passages with the same text (a document listed twice) are one, which belongs to the
    first document in the order of PassageStore.load_passages, and names the others.
    """

    def __init__(
        self,
        store: PassageStore,
        embedder: Embedder,
        reference: str,
        document_ids: Collection[str] | None = None,
        *,
        pages: PageRange | None = None,
        dense_weight: float = DENSE_WEIGHT,
    ) -> None:
        self._passages: list[StoredPassage] = []
        self._others: list[list[StoredPassage]] = []  # with the same text
        self._fingerprints: dict[int, Fingerprint] = {}
        number_of: dict[str, int] = {}  # by a stored row's id; equal texts share a number
        numbers: dict[str, int] = {}
        for passage in store.load_passages(reference, document_ids):
            if pages and (passage.page_start > pages.last or passage.page_end < pages.first):
                continue
            key = " ".join(passage.text.split())
            if key not in numbers:
                numbers[key] = len(self._passages)
                self._passages.append(passage)
                self._others.append([])
            else:
                self._others[numbers[key]].append(passage)
            number_of[passage.id] = numbers[key]
        self._ranking = HybridRanking(
            [(passage.text, passage.heading or "") for passage in self._passages],
            [passage.id for passage in self._passages],
            number_of,
            embedder,
            lambda vectors, limit: store.query(vectors, reference, limit, document_ids, pages),
            store.load_vectors,
            dense_weight=dense_weight,
        )

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, query: str, limit: int = 10) -> list[FoundPassage]:
        """Return at most limit passages, best first, with scores from 0 to 1.

        Any text is a query; one without a letter or figure finds nothing. What another document says in
        almost the same words, such as a later revision, is named by the better passage.
        """
        return self.search_many([query], limit)[0]

    def search_many(self, queries: Sequence[str], limit: int = 10) -> list[list[FoundPassage]]:
        """Return for each query what search would, with all of them embedded and looked up at once."""
        if limit < 1:
            return [[] for _ in queries]
        return [self._fold(ranked, limit) for ranked in self._ranking.rank_many(queries, limit + _SPARE)]

    def _fold(self, ranked: Sequence[tuple[int, float]], limit: int) -> list[FoundPassage]:
        """Return the best passages, those that say the same in other documents as one."""
        groups: list[tuple[float, list[int]]] = []
        for number, score in ranked:
            group = next((group for _, group in groups if self._repeats(group[0], number)), None)
            if group is not None:
                group.append(number)
            elif len(groups) < limit:
                groups.append((score, [number]))
        return [self._describe(group, score) for score, group in groups]

    def _repeats(self, first: int, second: int) -> bool:
        # Within a document, passages that look alike are rows of a table or parts of a list.
        if self._passages[first].document_id == self._passages[second].document_id:
            return False
        return say_the_same(self._find_fingerprint(first), self._find_fingerprint(second))

    def _find_fingerprint(self, number: int) -> Fingerprint:
        # Made when first needed; two threads may make it twice, which does no harm.
        if number not in self._fingerprints:
            self._fingerprints[number] = take_fingerprint(self._passages[number].text)
        return self._fingerprints[number]

    def _describe(self, group: Sequence[int], score: float) -> FoundPassage:
        first, *more = (passage for n in group for passage in (self._passages[n], *self._others[n]))
        places = {
            passage.document_id: PassagePlace(**passage.model_dump(include=set(PassagePlace.model_fields)))
            for passage in reversed(more)
            if passage.document_id != first.document_id
        }
        return FoundPassage(
            **first.model_dump(exclude={"id", "position"}),
            score=score,
            also_in=tuple(reversed(places.values())),
        )
