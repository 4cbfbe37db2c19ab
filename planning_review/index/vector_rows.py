"""Rows of a collection by their vectors: the nearest ones, and the vectors themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from planning_review.index.embedding import Vectors
from planning_review.index.passage_rows import in_batches

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.types import Where


def find_nearest(
    collection: "chromadb.Collection", vectors: Vectors, limit: int, where: "Where"
) -> list[list[tuple[str, float]]]:
    """Return for each vector the nearest rows' ids with their cosine similarity, best first."""
    found = collection.query(
        query_embeddings=np.asarray(vectors, dtype=np.float32),
        n_results=limit,
        where=where,
        include=["distances"],
    )
    return [
        [(id_, 1.0 - distance) for id_, distance in zip(ids, distances, strict=True)]
        for ids, distances in zip(found["ids"], found["distances"] or [], strict=True)
    ]


def load_row_vectors(
    collection: "chromadb.Collection", row_ids: Sequence[str], batch_rows: int
) -> dict[str, Vectors]:
    """Return the vectors of rows by their ids; one that is gone is left out."""
    vectors: dict[str, Vectors] = {}
    for batch in in_batches(row_ids, batch_rows):
        rows = collection.get(ids=batch, include=["embeddings"])
        arrays = np.asarray(rows["embeddings"], dtype=np.float32)
        vectors.update(zip(rows["ids"], arrays, strict=True))
    return vectors
