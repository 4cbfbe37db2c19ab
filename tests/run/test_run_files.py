"""A run's files between this disk and the bucket: what is published stays, whatever stands in the way."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from blocks.object_mark import ObjectMark
from blocks.storage import InMemoryStorageBackend
from planning_review.errors import ObjectNotFound, PermanentError
from planning_review.models import FileKind, ListedDocument, StoredFile
from planning_review.settings import Settings, load_settings
from run import files as run_files
from run.files import RunFiles

REFERENCE, FOLDER = "26/00042/F", "26_00042_F"
MANIFEST_KEY = f"{FOLDER}/manifest.json"


class OrderlyBackend(InMemoryStorageBackend):
    """A bucket that sees to it that the manifest in it knows every document before that comes."""

    def upload(self, local_path: Path, key: str) -> None:
        if key.startswith(f"{FOLDER}/0"):
            rows = json.loads(self.uploads[MANIFEST_KEY])["documents"]
            assert key in [row["key"] for row in rows]
        super().upload(local_path, key)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(PLANNING_DATA_DIR=tmp_path / "data", PLANNING_TEMP_DIR=tmp_path / "temp")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> OrderlyBackend:
    backend = OrderlyBackend()
    monkeypatch.setattr(run_files, "create_storage_backend", lambda settings, attempts: backend)
    return backend


def open_files(settings: Settings) -> RunFiles:
    return RunFiles(settings, FOLDER, "cherwell", REFERENCE)


def listed(number: int) -> ListedDocument:
    return ListedDocument(
        document_id=f"1-2-{number}",
        title=f"Statement {number}",
        listed_date=date(2026, 11, 1),
        size_listed="1 KB",
        register_url=f"https://register.example/{number}",
    )


def put(files: RunFiles, document: ListedDocument, content: bytes) -> StoredFile:
    """Have a document downloaded."""
    stored = files.manifest.record_download(
        document,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        kind=FileKind.PDF,
    )
    path = files.root / stored.key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return stored


def test_no_document_is_in_the_bucket_before_the_manifest_that_knows_it(
    settings: Settings, bucket: OrderlyBackend
) -> None:
    files = open_files(settings)
    for number in (1, 2):
        stored = put(files, listed(number), b"%d" % number)
        assert files.upload(stored) == bucket.public_url(stored.key)
    assert list(bucket.uploads) == [
        MANIFEST_KEY,
        f"{FOLDER}/001_Statement_1.pdf",
        f"{FOLDER}/002_Statement_2.pdf",
    ]


def test_another_file_under_a_documents_key_is_never_overwritten(
    settings: Settings, bucket: OrderlyBackend
) -> None:
    key = f"{FOLDER}/001_Statement_1.pdf"
    bucket.uploads[key] = b"what a link has long led to"
    files = open_files(settings)
    with pytest.raises(PermanentError, match="is another file in the bucket, and what is published stays"):
        files.upload(put(files, listed(1), b"mine"))
    assert bucket.uploads[key] == b"what a link has long led to"


def test_an_output_that_is_published_stays_as_it_is(
    settings: Settings, bucket: OrderlyBackend, tmp_path: Path
) -> None:
    page = tmp_path / "rev_20261124_00000000_review.html"
    page.write_bytes(b"made again, with other days left")
    key = f"{FOLDER}/output/{page.name}"
    bucket.uploads[key] = b"published"
    assert open_files(settings).upload_output(page) == bucket.public_url(key)
    assert bucket.uploads[key] == b"published"


def test_the_buckets_manifest_counts_and_one_that_contradicts_it_is_kept(
    settings: Settings, bucket: OrderlyBackend
) -> None:
    path = settings.output_dir / FOLDER / "manifest.json"
    kept = path.with_name("manifest.before-bucket.json")
    first = open_files(settings)
    put(first, listed(1), b"one")
    first.push_manifest()

    # What is here knows all that the bucket does, and more.
    put(first, listed(2), b"two")
    assert len(open_files(settings).manifest.snapshot().documents) == 2
    # What is here is behind the bucket.
    first.push_manifest()
    path.unlink()
    bucket_manifest = bucket.uploads.pop(MANIFEST_KEY)
    put(open_files(settings), listed(1), b"one")
    bucket.uploads[MANIFEST_KEY] = bucket_manifest
    assert len(open_files(settings).manifest.snapshot().documents) == 2
    assert not kept.exists()

    # What is here gave the first key to something else.
    path.unlink()
    del bucket.uploads[MANIFEST_KEY]
    put(open_files(settings), listed(3), b"three")
    contradicting = path.read_bytes()
    bucket.uploads[MANIFEST_KEY] = bucket_manifest
    ids = [entry.document_id for entry in open_files(settings).manifest.snapshot().documents]
    assert ids == ["1-2-1", "1-2-2"]
    assert kept.read_bytes() == contradicting


def test_a_document_that_is_listed_otherwise_now_counts_as_missing(settings: Settings) -> None:
    files = open_files(settings)
    stored = put(files, listed(1), b"one")
    assert files.find_bytes(listed(1)) == stored
    for change in ({"listed_date": date(2026, 11, 2)}, {"size_listed": "2 KB"}, {"document_id": "1-2-9"}):
        assert files.find_bytes(listed(1).model_copy(update=change)) is None
    (files.root / stored.key).write_bytes(b"eno")
    assert files.find_bytes(listed(1)) is None


def test_bytes_from_the_bucket_that_are_not_those_stored_there_are_no_document(
    settings: Settings, bucket: OrderlyBackend
) -> None:
    files = open_files(settings)
    stored = put(files, listed(1), b"one")
    files.upload(stored)
    files.remove_local(stored)
    assert files.open_local(stored).read_bytes() == b"one"
    files.remove_local(stored)
    bucket.uploads[stored.key] = b"eno"
    with pytest.raises(ObjectNotFound, match="is not what was stored there"):
        files.open_local(stored)


@pytest.mark.parametrize("damage", [b"%PDF", b"%PDF-1.7 another!"], ids=["cut", "changed at equal size"])
def test_what_was_cut_or_changed_in_the_bucket_is_found_and_stored_anew(
    settings: Settings, bucket: OrderlyBackend, damage: bytes
) -> None:
    files, content = open_files(settings), b"%PDF-1.7 as it is"
    files.manifest.register([listed(1)])
    stored = put(files, listed(1), content)
    files.upload(stored)
    files.remove_local(stored)
    assert files.find_bytes(listed(1)) == stored

    bucket.uploads[stored.key] = damage
    again = open_files(settings)
    assert again.find_bytes(listed(1)) is None
    assert again.find_link(stored) is None
    with pytest.raises(ObjectNotFound, match="is not what was stored there"):
        again.open_local(stored)

    assert put(again, listed(1), content) == stored
    again.upload(stored)
    assert bucket.uploads[stored.key] == content
    assert open_files(settings).find_link(stored) == bucket.public_url(stored.key)


def test_an_object_with_another_etag_is_read_and_not_fetched_anew(
    settings: Settings, bucket: OrderlyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = open_files(settings)
    stored = put(files, listed(1), b"%PDF-1.7")
    files.upload(stored)
    # As after a move to a store that makes its ETags in another way.
    monkeypatch.setattr(
        bucket, "list_marks", lambda folder: {key: ObjectMark(8, "other") for key in bucket.uploads}
    )
    moved = open_files(settings)
    assert moved.find_bytes(listed(1)) == stored
    entry = moved.manifest.entry("1-2-1")
    assert entry is not None
    assert entry.etag == "other"


def test_an_output_that_was_changed_is_stored_anew_and_another_machines_stays(
    settings: Settings, bucket: OrderlyBackend, tmp_path: Path
) -> None:
    path = tmp_path / "rev_20261101_abc_review.json"
    path.write_bytes(b"{}")
    files = open_files(settings)
    assert files.find_output_link(path) is None
    link = files.upload_output(path)
    assert open_files(settings).find_output_link(path) == link

    key = files.make_output_key(path)
    del bucket.uploads[key]
    assert open_files(settings).find_output_link(path) is None

    bucket.uploads[key] = b"written elsewhere"
    there = open_files(settings)
    assert there.find_output_link(path) == link
    there.upload_output(path)
    assert bucket.uploads[key] == b"written elsewhere"
