"""The passages of policy documents and their vectors, kept in Chroma beside those of applications."""

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from planning_review.index.embedding import Embedder, Vectors
from planning_review.index.opened_index import OpenedIndex
from planning_review.index.passage_rows import in_batches, without_surrogates
from planning_review.index.policy_rows import (
    LoadedEdition,
    StoredPolicyPassage,
    describe_edition,
    describe_passage,
    read_edition,
    read_passage,
    where_any,
    where_edition,
    write_day,
)
from planning_review.index.vector_rows import find_nearest, load_row_vectors
from planning_review.policy.editions import Edition, find_edition, last_day_of
from planning_review.policy.splitting import SPLITTER_VERSION, LabelledPassage

__all__ = ["LoadedEdition", "PolicyStore", "StoredPolicyPassage"]

if TYPE_CHECKING:
    import chromadb


class PolicyStore:
    """The policy passages for one embedder. Threads may share it; writes take turns.

    The index that it is in stays open until its owner closes it.
    """

    def __init__(self, index: OpenedIndex, embedder: Embedder) -> None:
        identity: dict[str, str | int] = {
            "content": "policies",
            "embedder": embedder.version,
            "splitter": SPLITTER_VERSION,
            "dimension": embedder.dimension,
        }
        self._collection: chromadb.Collection = index.open_collection("policies", identity)
        self._place = index.place
        self._batch_rows = index.batch_rows
        self._writing = threading.Lock()

    def add_edition(
        self,
        edition: Edition,
        council: str | None,
        sha256: str,
        passages: Sequence[LabelledPassage],
        vectors: Vectors,
    ) -> None:
        """Put an edition's passages in place of those that stood there, and set every edition's last day.

        vectors[n] belongs to passages[n]; no passages at all are refused with ValueError, as that would
        only remove what is there. Until when the other editions of the source were in force follows from
        the editions that are known, in whatever order they are loaded.
        """
        if not passages or len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages and {len(vectors)} vectors for {edition.edition}")
        prefix = f"{edition.source}|{edition.edition}|{council or ''}|{sha256[:12]}"
        shared = describe_edition(edition, council, sha256, len(passages))
        with self._writing, self._place.explain_errors():
            self._collection.delete(where=where_edition(edition.source, edition.edition, council))
            for numbers in in_batches(range(len(passages)), self._batch_rows):
                self._collection.add(
                    ids=[f"{prefix}|{n}" for n in numbers],
                    embeddings=np.asarray(vectors[numbers[0] : numbers[-1] + 1], dtype=np.float32),
                    documents=[without_surrogates(passages[n].text) for n in numbers],
                    metadatas=[{**shared, **describe_passage(passages[n], n)} for n in numbers],
                )
            self._close_editions(edition.source)

    def list_loaded(self) -> list[LoadedEdition]:
        """Return the editions that are in the index whole, by source and first day."""
        with self._place.explain_errors():
            rows: list[Any] = list(self._collection.get(include=["metadatas"])["metadatas"] or [])
        rows.sort(key=lambda row: (row["source"], row["in_force_from"]))
        counts = Counter(read_edition(row) for row in rows)
        return [edition for edition, count in counts.items() if count == edition.passages]

    def find_loaded(self, source: str, edition: str, council: str | None) -> LoadedEdition | None:
        """Return an edition that is in the index whole, or None."""
        here = (source, edition, council)
        return next((e for e in self.list_loaded() if (e.source, e.edition, e.council) == here), None)

    def load_passages(self, loaded: Collection[LoadedEdition]) -> list[StoredPolicyPassage]:
        """Return the passages of some editions, as they stand in their documents."""
        if not loaded:
            return []
        with self._place.explain_errors():
            rows = self._collection.get(where=where_any(loaded), include=["documents", "metadatas"])
        metadatas: list[Any] = list(rows["metadatas"] or [])
        found = zip(rows["ids"], rows["documents"] or [], metadatas, strict=True)
        order = sorted(found, key=lambda row: (row[2]["source"], row[2]["edition"], row[2]["position"]))
        return [StoredPolicyPassage(id=id_, passage=read_passage(text, row)) for id_, text, row in order]

    def query(
        self, vectors: Vectors, loaded: Collection[LoadedEdition], limit: int
    ) -> list[list[tuple[str, float]]]:
        """Return for each vector the nearest passages' ids with their cosine similarity, best first."""
        if not len(vectors) or limit < 1 or not loaded:
            return [[] for _ in vectors]
        with self._place.explain_errors():
            return find_nearest(self._collection, vectors, limit, where_any(loaded))

    def load_vectors(self, passage_ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of passages by their ids; one that is gone is left out."""
        with self._place.explain_errors():
            return load_row_vectors(self._collection, passage_ids, self._batch_rows)

    def _close_editions(self, source: str) -> None:
        """Write the last day of every edition of a source where another one stands in its rows."""
        rows = self._collection.get(where={"source": source}, include=["metadatas"])
        changed: list[tuple[str, str]] = []
        for id_, metadata in zip(rows["ids"], rows["metadatas"] or [], strict=True):
            known = find_edition(source, str(metadata["edition"]))
            if known and (last := write_day(last_day_of(known))) != metadata["in_force_to"]:
                changed.append((id_, last))
        for batch in in_batches(changed, self._batch_rows):
            self._collection.update(
                ids=[id_ for id_, _ in batch], metadatas=[{"in_force_to": last} for _, last in batch]
            )
