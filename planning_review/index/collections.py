"""The collections of an index: what each was made with, what it holds, and which nothing needs."""

from typing import Any

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.index.opened_index import OpenedIndex
from planning_review.models import Frozen
from planning_review.policy.splitting import SPLITTER_VERSION

_ROWS_AT_ONCE = 5000


class CollectionContent(Frozen):
    """A collection of ours. council is None for the policies; holds names applications or editions."""

    name: str
    council: str | None
    embedder: str
    cutting: str
    rows: int
    holds: frozenset[str]

    @property
    def subject(self) -> str:
        """What it is about, for people."""
        return f"passages of {self.council}" if self.council else "policies"

    def is_in_use(self, embedder_version: str) -> bool:
        """Tell whether it is one that is searched with this embedder and today's way of cutting."""
        cutting = CHUNKER_VERSION if self.council else SPLITTER_VERSION
        return (self.embedder, self.cutting) == (embedder_version, cutting)


class Pruning(Frozen):
    """The collections that can go, and those that hold what the ones in use lack, with what that is."""

    unused: tuple[CollectionContent, ...]
    kept: tuple[tuple[CollectionContent, tuple[str, ...]], ...]


def list_collections(index: OpenedIndex) -> list[CollectionContent]:
    """Return the collections that this project made, by name; those of others are left out."""
    with index.place.explain_errors():
        found = [_read(collection) for collection in index.client.list_collections()]
    return sorted((content for content in found if content), key=lambda content: content.name)


def find_unused(index: OpenedIndex, embedder_version: str) -> Pruning:
    """Find the collections of other embedders and other ways of cutting.

    One that holds an application or an edition that no collection in use has is kept.
    """
    collections = list_collections(index)
    unused, kept = [], []
    for content in collections:
        if content.is_in_use(embedder_version):
            continue
        held = {
            name
            for other in collections
            if other.council == content.council and other.is_in_use(embedder_version)
            for name in other.holds
        }
        if lacking := sorted(content.holds - held):
            kept.append((content, tuple(lacking)))
        else:
            unused.append(content)
    return Pruning(unused=tuple(unused), kept=tuple(kept))


def remove_collection(index: OpenedIndex, content: CollectionContent) -> None:
    """Remove a collection with everything in it. What stands in the text store stays."""
    with index.place.explain_errors():
        index.client.delete_collection(content.name)


def _read(collection: Any) -> CollectionContent | None:
    identity = collection.metadata or {}
    council, is_policies = identity.get("council"), identity.get("content") == "policies"
    if "embedder" not in identity or not (council or is_policies):
        return None
    holds, rows = set(), collection.count()
    for start in range(0, rows, _ROWS_AT_ONCE):
        batch = collection.get(limit=_ROWS_AT_ONCE, offset=start, include=["metadatas"])
        for row in batch["metadatas"]:
            holds.add(f"{row['source']} ({row['edition']})" if is_policies else str(row["reference"]))
    return CollectionContent(
        name=collection.name,
        council=None if is_policies else str(council),
        embedder=str(identity["embedder"]),
        cutting=str(identity.get("splitter" if is_policies else "chunker")),
        rows=rows,
        holds=frozenset(holds),
    )
