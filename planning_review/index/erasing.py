"""Erasing rows of an index for good: Chroma keeps what it deletes in its files until they are packed."""

import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from planning_review.index.opened_index import OpenedIndex

if TYPE_CHECKING:
    import chromadb

_ROWS_AT_ONCE = 2000

_HEADER = struct.Struct("<iQQQQ")
"""How hnswlib's header begins: version, offset, rows there is room for, rows there are, bytes a row."""


class IndexedRow(NamedTuple):
    """A passage of an application: whose it is."""

    collection: str
    document_id: str
    sha256: str


class IndexedRows(NamedTuple):
    """The passages of an application, and how many of its council's were looked through."""

    found: tuple[IndexedRow, ...]
    collections: int
    rows: int


def find_rows(
    index: OpenedIndex, council: str, reference: str, document_id: str | None = None
) -> IndexedRows:
    """Find an application's or a document's passages in the council's collections, old ones included."""
    found = []
    collections = _list_collections(index, council)
    rows = 0
    for collection in collections:
        for batch in _walk(collection, ["metadatas"]):
            rows += len(batch["ids"])
            found += [
                IndexedRow(collection.name, str(row["document_id"]), str(row["sha256"]))
                for row in batch["metadatas"]
                if _is_of(row, reference, document_id)
            ]
    return IndexedRows(tuple(found), len(collections), rows)


def erase_rows(index: OpenedIndex, council: str, reference: str, document_id: str | None = None) -> None:
    """Erase an application's or a document's passages.

    A collection that has any is made anew without them: what Chroma only deletes stays in its log and in
    its files of vectors.
    """
    with index.place.explain_errors():
        for collection in _list_collections(index, council):
            _make_anew(index, collection, reference, document_id)


def pack_folder(folder: Path) -> None:
    """Free what was deleted in an index's folder, which this process has to itself and has closed."""
    database = folder / "chroma.sqlite3"
    if not database.is_file():
        return
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO embedding_fulltext_search(embedding_fulltext_search) VALUES('optimize')"
        )
        connection.commit()
        connection.execute("VACUUM")
        segments = {str(name) for (name,) in connection.execute("SELECT id FROM segments")}
    for part in folder.iterdir():
        # Chroma leaves the vectors of a collection that is gone.
        if part.is_dir() and part.name not in segments and (part / "header.bin").is_file():
            shutil.rmtree(part)


def clear_unused(folder: Path) -> None:
    """Clear the room for vectors still to come, in an index's folder that this process has closed.

    Chroma writes it at every opening as it lies in the memory, with whatever stood there: passages, too.
    """
    for header_path in folder.glob("*/header.bin"):
        header, vectors = header_path.read_bytes(), header_path.with_name("data_level0.bin")
        if len(header) < _HEADER.size or not vectors.is_file():
            continue
        _, _, most, count, row_bytes = _HEADER.unpack_from(header)
        size = vectors.stat().st_size
        if size == most * row_bytes and count < most:
            with vectors.open("r+b") as file:
                file.seek(count * row_bytes)
                file.write(bytes(size - count * row_bytes))


def _make_anew(
    index: OpenedIndex, old: "chromadb.Collection", reference: str, document_id: str | None
) -> None:
    first = old.get(where={"reference": reference}, include=["metadatas"])
    if not any(_is_of(row, reference, document_id) for row in first["metadatas"] or []):
        return
    name = f"{old.name}-anew"
    if any(each.name == name for each in index.client.list_collections()):
        # Of an erasing that was ended halfway.
        index.client.delete_collection(name)
    new = index.client.create_collection(
        name, metadata=old.metadata, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    for batch in _walk(old, ["metadatas", "documents", "embeddings"]):
        kept = [n for n, row in enumerate(batch["metadatas"]) if not _is_of(row, reference, document_id)]
        if kept:
            new.add(
                ids=[batch["ids"][n] for n in kept],
                embeddings=[batch["embeddings"][n] for n in kept],
                documents=[batch["documents"][n] for n in kept],
                metadatas=[batch["metadatas"][n] for n in kept],
            )
    index.client.delete_collection(old.name)
    if new.count():
        new.modify(name=old.name)
    else:
        index.client.delete_collection(name)


def _list_collections(index: OpenedIndex, council: str) -> "list[chromadb.Collection]":
    with index.place.explain_errors():
        found = index.client.list_collections()
    return [each for each in found if (each.metadata or {}).get("council") == council]


def _walk(collection: "chromadb.Collection", include: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, collection.count(), _ROWS_AT_ONCE):
        yield dict(collection.get(limit=_ROWS_AT_ONCE, offset=start, include=include))  # type: ignore[arg-type]


def _is_of(row: Any, reference: str, document_id: str | None) -> bool:
    return row["reference"] == reference and document_id in (None, row["document_id"])
