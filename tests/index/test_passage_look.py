"""The look at an index's files: it says what Chroma says, or nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from planning_review.index.council_store import name_council_collection
from planning_review.index.passage_look import find_complete_documents
from planning_review.index.passage_rows import id_prefix
from planning_review.index.passage_store import PassageStore
from tests.index.test_passage_store import DIMENSION, REFERENCE, SHA, add, open_in

COLLECTION = name_council_collection("cherwell", "embedder-1", DIMENSION, "chunker-1")
OTHER = "25/00284/F2"


def look(folder: Path, reference: str = REFERENCE) -> frozenset[str] | None:
    return find_complete_documents(folder / "chroma", COLLECTION, reference)


def prefix_of(document_id: str, reference: str = REFERENCE) -> str:
    return id_prefix(reference, document_id, SHA, "extractor-1")


def ask(store: PassageStore, document_id: str) -> bool:
    return store.has_document(REFERENCE, document_id, SHA, "extractor-1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with whole documents, one that was removed, one half added, and another application's."""
    folder = tmp_path_factory.mktemp("index")
    with open_in(folder) as store:
        for document_id in ("a", "b", "gone", "half"):
            add(store, document_id)
        add(store, "a", 400, reference=OTHER)
        store.remove_document(REFERENCE, "gone")
        store._collection.delete(ids=[f"{prefix_of('half')}|1"])
    return folder


def test_it_says_of_each_document_what_chroma_says(folder: Path) -> None:
    found = look(folder)
    assert found == {prefix_of("a"), prefix_of("b")}
    with open_in(folder) as store:
        for document_id in ("a", "b", "gone", "half", "never"):
            assert ask(store, document_id) == (prefix_of(document_id) in found)
        # Also while it is open elsewhere, as soon as something was added.
        add(store, "c")
        assert prefix_of("c") in (look(folder) or ())
        store.remove_document(REFERENCE, "c")
        assert prefix_of("c") not in (look(folder) or ())
    assert look(folder, OTHER) == {prefix_of("a", OTHER)}


def test_a_collection_of_another_embedder_holds_nothing(folder: Path) -> None:
    other = name_council_collection("cherwell", "embedder-2", DIMENSION, "chunker-1")
    assert find_complete_documents(folder / "chroma", other, REFERENCE) == frozenset()


def test_no_index_holds_nothing_and_what_is_none_gives_no_answer(tmp_path: Path) -> None:
    assert look(tmp_path) == frozenset()
    chroma = tmp_path / "chroma"
    chroma.mkdir()
    assert look(tmp_path) is None
    (chroma / "chroma.sqlite3").write_bytes(b"no database at all")
    assert look(tmp_path) is None
    (chroma / "chroma.sqlite3").unlink()
    with closing(sqlite3.connect(chroma / "chroma.sqlite3")) as connection:
        connection.execute("CREATE TABLE collections (of_another_version)")
    assert look(tmp_path) is None
