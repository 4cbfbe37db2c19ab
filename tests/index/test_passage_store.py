"""The index of passages, in a real embedded Chroma and on a real server."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planning_review.errors import IndexMismatch, PermanentError, TransientError, UsageError
from planning_review.index.council_store import open_store
from planning_review.index.embedding import Vectors
from planning_review.index.passage_store import PageRange, PassageStore
from planning_review.models import Chunk
from tests.support.shared_servers import run_chroma_server

REFERENCE = "25/00284/F"
SHA = "a" * 64
DIMENSION = 8


def open_in(folder: Path, **changes: Any) -> PassageStore:
    """Open an index under a folder, with small vectors."""
    options: dict[str, Any] = {
        "folder": folder / "chroma",
        "lock_path": folder / "locks" / "chroma.lock",
        "embedder_version": "embedder-1",
        "dimension": DIMENSION,
        "chunker_version": "chunker-1",
        "council": "cherwell",
    }
    return open_store(**{**options, **changes})


def make_chunks(count: int, text: str = "passage") -> list[Chunk]:
    return [
        Chunk(
            position=n,
            page_start=n + 1,
            page_end=n + 2,
            heading=f"Part {n}" if n else None,
            text=f"{text} {n}",
        )
        for n in range(count)
    ]


def make_vectors(count: int, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def add(
    store: PassageStore,
    document_id: str,
    count: int = 3,
    *,
    reference: str = REFERENCE,
    sha256: str = SHA,
    extractor: str = "extractor-1",
    text: str = "passage",
) -> int:
    return store.add_document(
        reference,
        document_id,
        f"Title {document_id}",
        sha256,
        extractor,
        make_chunks(count, text),
        make_vectors(count),
    )


def start_python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """Start a process that has this module's helpers; it speaks by lines on its stdout."""
    prelude = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.index.test_passage_store import *\n"
    )
    return subprocess.Popen(
        [sys.executable, "-u", "-c", prelude + code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    with open_in(tmp_path) as store:
        yield store


def test_passages_are_there_after_reopening(tmp_path: Path) -> None:
    with open_in(tmp_path) as store:
        assert add(store, "1-2-3") == 3
        identity = store.collection_id
    with open_in(tmp_path) as store:
        assert store.collection_id == identity
        assert store.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")
        first, second, _ = store.load_passages(REFERENCE)
    assert (first.document_id, first.title, first.text, first.heading) == (
        "1-2-3",
        "Title 1-2-3",
        "passage 0",
        None,
    )
    assert (second.position, second.page_start, second.page_end, second.heading) == (1, 2, 3, "Part 1")


def test_only_the_same_bytes_read_by_the_same_extractor_count_as_indexed(store: PassageStore) -> None:
    add(store, "1-2-3")
    assert store.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")
    assert not store.has_document(REFERENCE, "1-2-3", "b" * 64, "extractor-1")
    assert not store.has_document(REFERENCE, "1-2-3", SHA, "extractor-2")
    assert not store.has_document(REFERENCE, "1-2-4", SHA, "extractor-1")
    assert not store.has_document("25/00285/F", "1-2-3", SHA, "extractor-1")


def test_adding_again_replaces_what_stood_there(store: PassageStore) -> None:
    add(store, "1-2-3", 5)
    add(store, "1-2-4", 2)
    add(store, "1-2-3", 2, text="newer", sha256="b" * 64)
    add(store, "1-2-4", 2, text="again")
    texts = [passage.text for passage in store.load_passages(REFERENCE)]
    assert texts == ["newer 0", "newer 1", "again 0", "again 1"]
    assert not store.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")
    assert store.has_document(REFERENCE, "1-2-3", "b" * 64, "extractor-1")


def test_removing_takes_one_document_of_one_application(store: PassageStore) -> None:
    for reference in (REFERENCE, "25/00285/F"):
        add(store, "1-2-3", reference=reference)
    add(store, "1-2-4")
    store.remove_document(REFERENCE, "1-2-3")
    store.remove_document(REFERENCE, "never there")
    assert {passage.document_id for passage in store.load_passages(REFERENCE)} == {"1-2-4"}
    assert len(store.load_passages("25/00285/F")) == 3


def test_a_document_without_passages_is_not_indexed(store: PassageStore) -> None:
    add(store, "1-2-3")
    assert add(store, "1-2-3", 0) == 0
    assert store.load_passages(REFERENCE) == []
    assert not store.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")


def test_passages_come_in_the_order_of_the_documents_asked_for(store: PassageStore) -> None:
    for document_id in ("1-2-5", "1-2-3", "1-2-4"):
        add(store, document_id, 2)

    def documents(asked: list[str] | set[str] | None) -> list[str]:
        return [passage.document_id for passage in store.load_passages(REFERENCE, asked)][::2]

    assert documents(None) == documents({"1-2-5", "1-2-4", "1-2-3"}) == ["1-2-3", "1-2-4", "1-2-5"]
    assert documents(["1-2-5", "unknown", "1-2-3", "1-2-5"]) == ["1-2-5", "1-2-3"]
    assert documents([]) == []


def test_queries_find_the_nearest_of_what_was_asked_for(store: PassageStore) -> None:
    vectors = make_vectors(40)
    for number, reference in enumerate((REFERENCE, "25/00285/F")):
        for half, document_id in enumerate(("1-2-3", "1-2-4")):
            rows = vectors[20 * number + 10 * half :][:10]
            store.add_document(reference, document_id, "Plan", SHA, "x", make_chunks(10), rows)
    (first, last) = store.query(vectors[[3, 19]], REFERENCE, 4)
    assert [len(first), len(last)] == [4, 4]
    assert first[0][0].startswith(f"{REFERENCE}|1-2-3|")
    assert first[0][1] == pytest.approx(1, abs=1e-5)
    exact = sorted((float(vectors[3] @ row) for row in vectors[:20]), reverse=True)[:4]
    assert [similarity for _, similarity in first] == pytest.approx(exact, abs=1e-5)
    (other,) = store.query(vectors[[3]], REFERENCE, 100, ["1-2-4"])
    assert len(other) == 10
    assert all("|1-2-4|" in id_ for id_, _ in other)
    assert store.query(vectors[:2], REFERENCE, 5, []) == [[], []]
    assert store.query(vectors[:1], "25/00999/F", 5) == [[]]
    stored = store.load_vectors([first[0][0], "no such passage"])
    assert list(stored) == [first[0][0]]
    assert stored[first[0][0]] == pytest.approx(vectors[3], abs=1e-6)


def test_queries_find_passages_of_some_pages_only(store: PassageStore) -> None:
    vectors = make_vectors(10)
    store.add_document(REFERENCE, "1-2-3", "Plan", SHA, "x", make_chunks(10), vectors)
    (found,) = store.query(vectors[[0]], REFERENCE, 100, pages=PageRange(first=4, last=5))
    # Passage n stands on pages n + 1 and n + 2.
    assert {id_.rpartition("|")[2] for id_, _ in found} == {"2", "3", "4"}
    (none,) = store.query(vectors[[0]], REFERENCE, 100, ["1-2-4"], PageRange(first=4, last=5))
    assert none == []


def test_the_documents_of_an_application_are_listed_whole_or_not(store: PassageStore) -> None:
    add(store, "1-2-3")
    add(store, "1-2-4", reference="25/00285/F")
    store._collection.delete(ids=[store._collection.get(where={"document_id": "1-2-3"})["ids"][0]])
    assert store.load_passages(REFERENCE) == []
    assert store.list_documents(REFERENCE) == {"1-2-3"}


def test_text_of_any_kind_is_kept(store: PassageStore) -> None:
    text = "🚲 \ud83d nul\x00 «quoted» \u202e '; DROP TABLE x; --"
    chunk = Chunk(position=0, page_start=1, page_end=1, heading="\udfff", text=text)
    store.add_document(REFERENCE, "1-2-3", "\udc00", SHA, "x", [chunk], make_vectors(1))
    (passage,) = store.load_passages(REFERENCE)
    assert passage.text == text.replace("\ud83d", "?")


def test_vectors_must_match_their_chunks(store: PassageStore) -> None:
    with pytest.raises(ValueError, match="3 chunks and 2 vectors"):
        store.add_document(REFERENCE, "1-2-3", "Plan", SHA, "x", make_chunks(3), make_vectors(2))


def test_threads_add_documents_at_once(store: PassageStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda n: add(store, f"1-2-{n}", 20), range(12)))
    assert sum(counts) == len(store.load_passages(REFERENCE)) == 240


KILLED_WHILE_ADDING = """
import os
import signal
store = open_in(Path(sys.argv[1]))
store._batch_rows = 4
add(store, "whole", 10)
rows, real_add = 0, store._collection.add
def add_then_die(**batch):
    global rows
    real_add(**batch)
    rows += len(batch["ids"])
    if rows == 8:
        os.kill(os.getpid(), signal.SIGKILL)
store._collection.add = add_then_die
add(store, "halved", 10)
"""


@pytest.mark.slow
def test_a_document_whose_adding_was_killed_does_not_count(tmp_path: Path) -> None:
    process = start_python(KILLED_WHILE_ADDING, tmp_path)
    process.communicate(timeout=600)
    assert process.returncode == -signal.SIGKILL
    with open_in(tmp_path, wait_seconds=0) as store:
        assert len(store._collection.get(where={"document_id": "halved"})["ids"]) == 8
        assert store.has_document(REFERENCE, "whole", SHA, "extractor-1")
        assert not store.has_document(REFERENCE, "halved", SHA, "extractor-1")
        assert {passage.document_id for passage in store.load_passages(REFERENCE)} == {"whole"}
        add(store, "halved", 10)
        assert store.has_document(REFERENCE, "halved", SHA, "extractor-1")
        assert len(store.load_passages(REFERENCE, ["halved"])) == 10


HOLD_UNTIL_A_LINE_COMES = """
with open_in(Path(sys.argv[1])) as store:
    print("open")
    sys.stdin.readline()
    add(store, "1-2-3")
"""


@pytest.mark.slow
def test_a_second_process_waits_says_so_and_then_sees_everything(tmp_path: Path) -> None:
    process = start_python(HOLD_UNTIL_A_LINE_COMES, tmp_path)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "open\n"
    told: list[str] = []

    def let_it_go(message: str) -> None:
        told.append(message)
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]

    with open_in(tmp_path, wait_seconds=60, tell=let_it_go) as store:
        assert store.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")
    process.communicate(timeout=600)
    (message,) = told
    assert "in use by another process" in message
    assert "PLANNING_CHROMA_URL" in message


def test_waiting_ends_with_an_error_and_threads_wait_like_processes(tmp_path: Path) -> None:
    with open_in(tmp_path), pytest.raises(TransientError, match="still in use"):
        open_in(tmp_path, wait_seconds=0.2)
    opened = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        store = open_in(tmp_path)
        waiting = pool.submit(open_in, tmp_path, tell=lambda _: opened.set())
        assert opened.wait(30)
        store.close()
        waiting.result(30).close()


@pytest.mark.parametrize(
    "change",
    [{"embedder_version": "embedder-2"}, {"chunker_version": "chunker-2"}, {"council": "Oxford & Cité"}],
)
def test_another_embedder_chunker_or_council_has_a_collection_of_its_own(
    tmp_path: Path, change: dict[str, str]
) -> None:
    with open_in(tmp_path) as store:
        add(store, "1-2-3")
        identity = store.collection_id
    with open_in(tmp_path, **change) as store:
        assert store.collection_id != identity
        assert store.load_passages(REFERENCE) == []
    with open_in(tmp_path) as store:
        assert len(store.load_passages(REFERENCE)) == 3


def test_a_collection_made_in_another_way_is_refused(tmp_path: Path) -> None:
    with open_in(tmp_path) as store:
        store._collection.modify(metadata={"embedder": "somebody else's"})
    with pytest.raises(IndexMismatch, match=r"somebody else's.*index rebuild --council cherwell"):
        open_in(tmp_path)
    open_in(tmp_path / "elsewhere").close()


def spoil_the_database(folder: Path) -> None:
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"not a database" * 100)


def cut_the_database(folder: Path) -> None:
    open_in(folder.parent).close()
    database = folder / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:3000])


def put_other_files(folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.jpg").touch()


def put_a_file(folder: Path) -> None:
    folder.write_text("a file")


@pytest.mark.parametrize("spoil", [spoil_the_database, cut_the_database, put_other_files, put_a_file])
def test_a_folder_that_is_no_index_is_named_with_its_remedy(tmp_path: Path, spoil: Any) -> None:
    folder = tmp_path / "chroma"
    spoil(folder)
    for _ in range(2):
        with pytest.raises(PermanentError, match="rm -r") as caught:
            open_in(tmp_path, wait_seconds=0)
        assert str(folder) in str(caught.value)


def test_a_damaged_vector_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with open_in(tmp_path) as store:
        add(store, "1-2-3", 1200)
    files = list((tmp_path / "chroma").rglob("*.bin"))
    assert files
    for file in files:
        file.write_bytes(b"xx")
    with open_in(tmp_path) as store, pytest.raises(PermanentError, match="rm -r"):
        store.query(make_vectors(1), REFERENCE, 3)


@pytest.mark.slow
def test_a_server_serves_several_at_once_and_its_end_is_a_clear_error(tmp_path: Path) -> None:
    with run_chroma_server(tmp_path / "server") as url:
        with open_in(tmp_path, chroma_url=url) as one, open_in(tmp_path, chroma_url=url + "/") as other:
            assert one.collection_id == other.collection_id
            add(one, "1-2-3", 700)
            assert other.has_document(REFERENCE, "1-2-3", SHA, "extractor-1")
            assert len(other.load_passages(REFERENCE, ["1-2-3"])) == 700
            ((best, *_),) = other.query(make_vectors(700)[[5]], REFERENCE, 3)
            assert best[1] == pytest.approx(1, abs=1e-5)
            assert list(other.load_vectors([best[0]])) == [best[0]]
        survivor = open_in(tmp_path, chroma_url=url)
        assert not (tmp_path / "chroma").exists()
    with pytest.raises(TransientError, match="chroma run"):
        survivor.load_passages(REFERENCE)
    with pytest.raises(TransientError, match="chroma run"):
        open_in(tmp_path, chroma_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "ftp://host",
        "http://name:hunter2@host:8000",
        "http://host/api",
        "http://h:x9",
        "http://",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="PLANNING_CHROMA_URL") as caught:
        open_in(tmp_path, chroma_url=url)
    assert "hunter2" not in str(caught.value)
