"""The index made anew from stored text, and what nobody searches removed: through the command line."""

import hashlib
import json
from pathlib import Path

import pytest

from planning_review.documents import chunking
from planning_review.documents.text_store import TextStore
from planning_review.errors import IndexMismatch
from planning_review.index import rebuild
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.collections import list_collections
from planning_review.index.council_store import open_collection_store, open_store
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.opening import open_council_store, open_policies_index
from planning_review.index.passage_store import PassageStore
from planning_review.index.rebuild import find_manifests, rebuild_council
from planning_review.index.search import ApplicationIndex
from planning_review.models import Chunk
from planning_review.settings import Settings, load_settings
from tests.support.kept_documents import KERBS, REFERENCE, STORES, keep_document, name_pages, planning_review
from tests.support.shared_servers import run_chroma_server

pytestmark = pytest.mark.slow

OTHER = "25/00285/F"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(PLANNING_DATA_DIR=tmp_path / "data", _env_file=None)


def open_passages(settings: Settings, council: str = "cherwell") -> PassageStore:
    return open_council_store(settings, council, tell=print)


def test_an_index_that_was_removed_is_made_anew_without_reading_a_document(
    settings: Settings, tmp_path: Path
) -> None:
    stores = keep_document(settings, "Design and Access Statement", "Cover", STORES)
    kerbs = keep_document(settings, "Transport Assessment", KERBS)
    keep_document(settings, "Site Plan", "")
    keep_document(settings, "Plan of another application", KERBS, reference=OTHER)
    done = planning_review(tmp_path, "index", "rebuild", REFERENCE)
    assert done.status == 0, done.stderr
    assert f"{REFERENCE} (cherwell): 2 documents, " in done.stdout
    assert " passages, " in done.stdout
    assert OTHER not in done.stdout
    found = planning_review(tmp_path, "search", REFERENCE, "secure store for bicycles", "--json")
    assert (stores, 2) in name_pages(found) or (stores, 1) in name_pages(found)
    assert (kerbs, 1) in name_pages(planning_review(tmp_path, "search", REFERENCE, "kerb radii", "--json"))
    # Nothing that reads documents was there to be used: no file of the raw folder exists.
    assert not settings.raw_dir.exists()
    again = planning_review(tmp_path, "index", "rebuild")
    assert again.status == 0, again.stderr
    assert f"{OTHER} (cherwell): 1 documents" in again.stdout
    assert "2 applications: 3 documents" in again.stdout
    assert name_pages(planning_review(tmp_path, "search", REFERENCE, "kerb radii", "--json"))[0] == (kerbs, 1)


def test_all_councils_are_made_anew_each_in_its_own_collection(settings: Settings, tmp_path: Path) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    keep_document(settings, "Travel Plan", STORES, reference=OTHER, council="sample")
    done = planning_review(tmp_path, "index", "rebuild", "--council", "sample")
    assert done.status == 0, done.stderr
    assert "cherwell" not in done.stdout
    assert planning_review(tmp_path, "index", "rebuild").status == 0
    for council, reference in (("cherwell", REFERENCE), ("sample", OTHER)):
        with open_passages(settings, council) as store:
            assert len(store.load_passages(reference)) == 1


def test_a_document_whose_text_is_not_stored_is_named_with_what_mends_it(
    settings: Settings, tmp_path: Path
) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    lost = keep_document(settings, "Travel Plan", STORES, is_text_kept=False)
    done = planning_review(tmp_path, "index", "rebuild", REFERENCE)
    assert done.status == 1
    assert f"{REFERENCE} (cherwell): 1 documents" in done.stdout
    assert f"text not stored: Travel Plan ({lost})" in done.stdout
    assert f"planning-review review {REFERENCE}" in done.stderr


def test_a_rebuild_keeps_what_has_lost_its_text_and_drops_what_nothing_knows(
    settings: Settings, tmp_path: Path
) -> None:
    known = keep_document(settings, "Transport Assessment", KERBS)
    lost = keep_document(settings, "Travel Plan", STORES)
    assert planning_review(tmp_path, "index", "rebuild").status == 0
    with open_passages(settings) as store:
        row = store.load_passages(REFERENCE)[0]
        vector = MiniLMEmbedder().embed([row.text])
        chunk = Chunk(position=0, page_start=1, page_end=1, heading=None, text=row.text)
        store.add_document(REFERENCE, "8-8-8", "Unknown", "c" * 64, "x", [chunk], vector)
    next(
        settings.text_dir.glob(f"{hashlib.sha256(f'Travel Plan {(STORES,)}'.encode()).hexdigest()}*")
    ).unlink()
    assert planning_review(tmp_path, "index", "rebuild").status == 1
    with open_passages(settings) as store:
        assert store.list_documents(REFERENCE) == {known, lost}


def test_where_there_is_nothing_to_make_it_from_the_command_says_so(tmp_path: Path) -> None:
    done = planning_review(tmp_path, "index", "rebuild", REFERENCE)
    assert done.status == 2
    assert f"planning-review review {REFERENCE}" in done.stderr
    assert planning_review(tmp_path, "index", "rebuild", "no reference").status == 2


def test_a_damaged_manifest_is_named(settings: Settings, tmp_path: Path) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    path = next(settings.output_dir.rglob("manifest.json"))
    path.write_text(path.read_text()[:40])
    done = planning_review(tmp_path, "index", "rebuild")
    assert done.status == 1
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_collection_that_was_made_in_another_way_is_refused_and_mended(
    settings: Settings, tmp_path: Path
) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    keep_document(settings, "Travel Plan", STORES, reference=OTHER)
    assert planning_review(tmp_path, "index", "rebuild").status == 0
    with open_passages(settings) as store:
        store._collection.modify(metadata={"embedder": "somebody else's"})
    with pytest.raises(IndexMismatch, match=r"somebody else's.*index rebuild --council cherwell"):
        open_passages(settings)
    for command in (("search", REFERENCE, "kerbs"), ("index", "rebuild", REFERENCE)):
        refused = planning_review(tmp_path, *command)
        assert refused.status == 1
        assert "planning-review index rebuild --council cherwell" in refused.stderr
    mended = planning_review(tmp_path, "index", "rebuild", "--council", "cherwell")
    assert mended.status == 0, mended.stderr
    for reference in (REFERENCE, OTHER):
        assert planning_review(tmp_path, "search", reference, "kerbs or stores", "--json").line


def add_in_another_way(settings: Settings, reference: str, **changes: str) -> None:
    """Index one passage of an application as another embedder or chunker would have."""
    ours = MiniLMEmbedder()
    made = {"embedder_version": ours.version, "chunker_version": "0", "council": "cherwell"} | changes
    with open_store(
        folder=settings.chroma_dir,
        lock_path=settings.locks_dir / "chroma.lock",
        dimension=ours.dimension,
        **made,
    ) as store:
        chunk = Chunk(position=0, page_start=1, page_end=1, heading=None, text=KERBS)
        store.add_document(reference, "9-1-1", "Plan", "a" * 64, "x", [chunk], ours.embed([KERBS]))


def test_what_another_embedder_indexed_is_not_found_and_the_command_that_mends_it_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    add_in_another_way(settings, REFERENCE, embedder_version="other-embedder")
    refused = planning_review(tmp_path, "search", REFERENCE, "kerbs")
    assert refused.status == 2
    assert "other-embedder" in refused.stderr
    assert f"planning-review index rebuild {REFERENCE} --council cherwell" in refused.stderr
    assert planning_review(tmp_path, "index", "rebuild", REFERENCE).status == 0
    assert planning_review(tmp_path, "search", REFERENCE, "kerbs").status == 0


def test_pruning_removes_what_is_not_searched_and_nothing_that_is_lacking_elsewhere(
    settings: Settings, tmp_path: Path
) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    add_in_another_way(settings, REFERENCE)
    add_in_another_way(settings, REFERENCE, embedder_version="other-embedder")
    with open_policies_index(settings, tell=print) as index:
        index.client.create_collection(
            "somebody-elses", metadata={"purpose": "theirs"}, embedding_function=None
        )
        index.client.create_collection("without-metadata", embedding_function=None)
    kept = planning_review(tmp_path, "index", "prune")
    assert kept.status == 0, kept.stderr
    assert "Removing" not in kept.stdout
    assert kept.stdout.count(f"lacks {REFERENCE}") == 2
    assert "planning-review index rebuild --council cherwell" in kept.stdout
    assert planning_review(tmp_path, "index", "rebuild").status == 0
    pruned = planning_review(tmp_path, "index", "prune")
    assert pruned.stdout.count("Removing cherwell-") == 2
    assert "other-embedder" in pruned.stdout
    with open_policies_index(settings, tell=print) as index:
        (left,) = list_collections(index)
        assert left.holds == {REFERENCE}
        assert left.is_in_use(MiniLMEmbedder().version)
        names = {collection.name for collection in index.client.list_collections()}
        assert names == {left.name, "somebody-elses", "without-metadata"}
    assert "nothing to remove" in planning_review(tmp_path, "index", "prune").stdout
    assert planning_review(tmp_path, "search", REFERENCE, "kerbs", "--json").line


def test_an_index_on_a_server_is_made_anew_and_pruned_there(settings: Settings, tmp_path: Path) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    with run_chroma_server(tmp_path / "server") as url:
        done = planning_review(tmp_path, "index", "rebuild", PLANNING_CHROMA_URL=url)
        assert done.status == 0, done.stderr
        found = planning_review(tmp_path, "search", REFERENCE, "kerbs", "--json", PLANNING_CHROMA_URL=url)
        assert name_pages(found) == [("9-1-1", 1)]
        pruned = planning_review(tmp_path, "index", "prune", PLANNING_CHROMA_URL=url)
        assert "nothing to remove" in pruned.stdout
    assert not settings.chroma_dir.exists()


def test_another_chunker_makes_other_passages_from_the_same_text(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_document(settings, "Transport Assessment", " ".join([KERBS, STORES] * 20))
    embedder, texts = make_embedder(), TextStore(settings.text_dir)
    counts = []
    for version, most_tokens in (("long", 220), ("short", 60)):
        monkeypatch.setattr(rebuild, "CHUNKER_VERSION", version)
        monkeypatch.setattr(chunking, "MAX_TOKENS", most_tokens)
        with open_policies_index(settings, tell=print) as index:
            manifests = find_manifests(settings.output_dir)
            (done,) = rebuild_council(index, embedder, "cherwell", manifests, texts.find)
            counts.append(done.passages)
            store = open_collection_store(index, "cherwell", embedder.version, embedder.dimension, version)
            assert ApplicationIndex(store, embedder, REFERENCE).search("kerb radii", 1)
    assert counts[1] > 2 * counts[0]


def test_the_contract_of_search_as_json_stays(settings: Settings, tmp_path: Path) -> None:
    keep_document(settings, "Transport Assessment", KERBS)
    keep_document(settings, "Transport Assessment again", KERBS, " ")
    assert planning_review(tmp_path, "index", "rebuild").status == 0
    found = planning_review(tmp_path, "search", REFERENCE, "kerb radii", "--json")
    (row,) = found.line
    assert list(row) == ["document_id", "title", "page_start", "page_end", "text", "score"]
    assert (row["document_id"], row["page_start"], row["page_end"], row["text"]) == ("9-1-1", 1, 1, KERBS)
    assert isinstance(row["page_start"], int)
    assert json.loads(found.stdout) == found.line
    spoken = planning_review(tmp_path, "search", REFERENCE, "kerb radii")
    assert "Transport Assessment (9-1-1), page 1" in spoken.stdout
    assert "also in Transport Assessment again (9-1-2), page 1" in spoken.stdout
