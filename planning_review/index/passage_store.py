"""The passages of applications and their vectors, kept in Chroma: an index that can be made again."""

import threading
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from planning_review.index.embedding import Vectors
from planning_review.index.opened_index import OpenedIndex
from planning_review.index.passage_rows import (
    PageRange,
    StoredPassage,
    complete_passages,
    id_prefix,
    in_batches,
    metadata_of,
    where_clause,
    without_surrogates,
)
from planning_review.index.vector_rows import find_nearest, load_row_vectors
from planning_review.models import Chunk

__all__ = ["PageRange", "PassageStore", "StoredPassage"]

if TYPE_CHECKING:
    import chromadb


class PassageStore:
    """The passages of one council's applications. Threads may share it; writes take turns."""

    def __init__(self, index: OpenedIndex, collection: "chromadb.Collection") -> None:
        self.index = index
        """The index that the passages stand in: other collections are opened from it, with its lock."""
        self._collection = collection
        self._place = index.place
        self._batch_rows = index.batch_rows
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index and give its folder back to other processes. A second call does nothing."""
        self.index.close()

    @property
    def collection_id(self) -> str:
        """The collection's own id: another one means that nothing is indexed yet."""
        return str(self._collection.id)

    def has_document(self, reference: str, document_id: str, sha256: str, extractor_version: str) -> bool:
        """Return whether every passage of these bytes, read by this extractor, is in the index.

        What a killed process left half added does not count. False for a document without passages:
        there is nothing of it to find.
        """
        prefix = id_prefix(reference, document_id, sha256, extractor_version)
        with self._place.explain_errors():
            first = self._collection.get(ids=[f"{prefix}|0"], include=["metadatas"])
            if not first["metadatas"]:
                return False
            ids = [f"{prefix}|{n}" for n in range(int(str(first["metadatas"][0]["chunk_count"])))]
            return all(
                len(self._collection.get(ids=batch, include=[])["ids"]) == len(batch)
                for batch in in_batches(ids, self._batch_rows)
            )

    def add_document(
        self,
        reference: str,
        document_id: str,
        title: str,
        sha256: str,
        extractor_version: str,
        chunks: Sequence[Chunk],
        vectors: Vectors,
    ) -> int:
        """Add a document's passages, vectors[n] for chunks[n], and return how many they are.

        Everything that stood there for the document is removed first. Without chunks that is all that
        happens, and has_document stays False: a caller leaves such documents out.
        """
        if len(chunks) != len(vectors):
            raise ValueError(f"{len(chunks)} chunks and {len(vectors)} vectors for {document_id}")
        prefix = id_prefix(reference, document_id, sha256, extractor_version)
        shared: dict[str, str | int] = {
            "reference": reference,
            "document_id": document_id,
            "title": without_surrogates(title),
            "sha256": sha256,
            "extractor": extractor_version,
            "chunk_count": len(chunks),
        }
        with self._writing, self._place.explain_errors():
            self._delete(reference, document_id)
            for numbers in in_batches(range(len(chunks)), self._batch_rows):
                batch = [chunks[n] for n in numbers]
                # Not upsert, which is eight times slower: the document's own rows are gone.
                self._collection.add(
                    ids=[f"{prefix}|{n}" for n in numbers],
                    embeddings=np.asarray(vectors[numbers[0] : numbers[-1] + 1], dtype=np.float32),
                    documents=[without_surrogates(chunk.text) for chunk in batch],
                    metadatas=[metadata_of(chunk, shared) for chunk in batch],
                )
        return len(chunks)

    def remove_document(self, reference: str, document_id: str) -> None:
        """Remove every passage of a document. Its text may stay on the disk until the folder is removed."""
        with self._writing, self._place.explain_errors():
            self._delete(reference, document_id)

    def list_documents(self, reference: str) -> set[str]:
        """Return the ids of the documents of an application that have any passage, complete or not."""
        with self._place.explain_errors():
            rows = self._collection.get(where=where_clause(reference, None), include=["metadatas"])
        return {str(row["document_id"]) for row in rows["metadatas"] or []}

    def load_passages(
        self, reference: str, document_ids: Collection[str] | None = None
    ) -> list[StoredPassage]:
        """Return the passages of an application, or of some of its documents, complete documents only.

        They come in the order of document_ids where those have one, else of the ids, then as they
        stand in the document.
        """
        if document_ids is not None and not document_ids:
            return []
        with self._place.explain_errors():
            rows = self._collection.get(
                where=where_clause(reference, document_ids), include=["documents", "metadatas"]
            )
        passages = complete_passages(rows)
        found = {passage.document_id for passage in passages}
        ordered = document_ids if isinstance(document_ids, Sequence) else sorted(found)
        rank = {document_id: n for n, document_id in reversed(list(enumerate(ordered)))}
        return sorted(passages, key=lambda passage: (rank[passage.document_id], passage.position))

    def query(
        self,
        vectors: Vectors,
        reference: str,
        limit: int,
        document_ids: Collection[str] | None = None,
        pages: PageRange | None = None,
    ) -> list[list[tuple[str, float]]]:
        """Return for each vector the nearest passages' ids with their cosine similarity, best first."""
        if not len(vectors) or limit < 1 or (document_ids is not None and not document_ids):
            return [[] for _ in vectors]
        with self._place.explain_errors():
            where = where_clause(reference, document_ids, pages)
            return find_nearest(self._collection, vectors, limit, where)

    def load_vectors(self, passage_ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of passages by their ids; one that is gone is left out."""
        with self._place.explain_errors():
            return load_row_vectors(self._collection, passage_ids, self._batch_rows)

    def _delete(self, reference: str, document_id: str) -> None:
        self._collection.delete(where=where_clause(reference, [document_id]))
