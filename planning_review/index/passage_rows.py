"""Passages as rows of a Chroma collection: their ids and metadata, and the way back."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field

from planning_review.models import Chunk, Frozen

if TYPE_CHECKING:
    from chromadb.api.types import GetResult, Where

Item = TypeVar("Item")


class PageRange(Frozen):
    """Pages of a document, from 1, both ends included."""

    first: int = Field(ge=1)
    last: int = Field(ge=1)


class StoredPassage(Frozen):
    """A passage as the index holds it. position counts from 0 within its document."""

    id: str
    document_id: str
    title: str
    position: int
    page_start: int
    page_end: int
    heading: str | None
    text: str
    part: str | None = None
    part_page: int | None = None


def id_prefix(reference: str, document_id: str, sha256: str, extractor_version: str) -> str:
    """Return what the ids of one reading of a document begin with; `|n` follows, counted from 0."""
    extractor = hashlib.sha256(extractor_version.encode()).hexdigest()
    return f"{reference}|{document_id}|{sha256[:12]}|{extractor[:8]}"


def metadata_of(chunk: Chunk, document: dict[str, str | int]) -> dict[str, Any]:
    """Return a row's metadata: its document's and its own place. Chroma knows no null here."""
    return {
        **document,
        "position": chunk.position,
        "page_start": chunk.page_start,
        "page_end": chunk.page_end,
        "heading": without_surrogates(chunk.heading or ""),
        "part": without_surrogates(chunk.part or ""),
        "part_page": chunk.part_page or 0,
    }


def where_clause(
    reference: str, document_ids: Collection[str] | None, pages: PageRange | None = None
) -> "Where":
    """Return the filter for an application's rows, for some of its documents, for a range of pages."""
    clauses: list[Any] = [{"reference": reference}]
    if document_ids is not None:
        clauses.append({"document_id": {"$in": list(document_ids)}})
    if pages is not None:
        # A passage may run over the end of a page: any of its pages counts.
        clauses += [{"page_start": {"$lte": pages.last}}, {"page_end": {"$gte": pages.first}}]
    return {"$and": clauses} if len(clauses) > 1 else clauses[0]


def complete_passages(rows: "GetResult") -> list[StoredPassage]:
    """Return rows as passages, without the documents of which some rows are missing."""
    metadatas: list[Any] = list(rows["metadatas"] or [])
    found = Counter(metadata["document_id"] for metadata in metadatas)
    return [
        StoredPassage(
            id=id_,
            document_id=metadata["document_id"],
            title=metadata["title"],
            position=metadata["position"],
            page_start=metadata["page_start"],
            page_end=metadata["page_end"],
            heading=metadata["heading"] or None,
            text=text,
            # Rows of earlier releases have none.
            part=metadata.get("part") or None,
            part_page=metadata.get("part_page") or None,
        )
        for id_, text, metadata in zip(rows["ids"], rows["documents"] or [], metadatas, strict=True)
        if found[metadata["document_id"]] == metadata["chunk_count"]
    ]


def in_batches(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Return the items in order, in lists of at most size."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def without_surrogates(text: str) -> str:
    """Replace what UTF-8 can't carry: half of a surrogate pair, out of a broken PDF."""
    return text.encode("utf-8", "replace").decode("utf-8")
