"""The deep look into the bucket: what is found of each kind of damage, and what is mended from here."""

from pathlib import Path

import pytest

from blocks.storage import InMemoryStorageBackend
from planning_review.models import StoredFile
from planning_review.settings import Settings, load_settings
from run import files as run_files
from run.bucket_check import walk_bucket
from tests.run.test_run_files import REFERENCE, listed, open_files, put

CONTENT = b"%PDF-1.7 as it is"


class GuardedBackend(InMemoryStorageBackend):
    """A bucket of which some links are closed until somebody opens them."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: set[str] = set()

    def is_open(self, key: str) -> bool:
        return key not in self.closed

    def open_to_readers(self, key: str) -> None:
        self.closed.discard(key)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(PLANNING_DATA_DIR=tmp_path / "data", PLANNING_TEMP_DIR=tmp_path / "temp")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> GuardedBackend:
    backend = GuardedBackend()
    monkeypatch.setattr(run_files, "create_storage_backend", lambda settings, attempts: backend)
    return backend


@pytest.fixture
def stored(settings: Settings, bucket: GuardedBackend) -> list[StoredFile]:
    """Three documents and an output in the bucket, of which this machine has the output alone."""
    files = open_files(settings)
    documents = [put(files, listed(number), CONTENT + b"%d" % number) for number in (1, 2, 3)]
    for document in documents:
        files.upload(document)
        files.remove_local(document)
    output = settings.output_dir / files.folder / "rev_20261101_abc_review.json"
    output.write_bytes(b"{}")
    files.upload_output(output)
    files.push_manifest()
    return documents


def test_a_bucket_in_order_is_said_to_be(settings: Settings, stored: list[StoredFile]) -> None:
    (step,) = walk_bucket(settings)
    assert (step.name, step.is_warning) == (REFERENCE, False)
    assert step.detail == "3 documents read, all as they were stored"


@pytest.mark.parametrize(
    ("damage", "word"),
    [(None, "missing"), (b"%PDF", "cut"), (b"%PDF-1.7 as it wa1", "changed")],
    ids=["missing", "cut", "changed at equal size"],
)
def test_what_is_damaged_is_named_and_the_next_run_sees_it_too(
    settings: Settings, bucket: GuardedBackend, stored: list[StoredFile], damage: bytes | None, word: str
) -> None:
    key = stored[0].key
    # Of objects that an earlier release stored nothing but the size is known.
    open_files(settings).manifest.record_upload(key, bucket.public_url(key))
    if damage is None:
        del bucket.uploads[key]
    else:
        bucket.uploads[key] = damage
    (step,) = walk_bucket(settings)
    assert step.is_warning
    assert f"1 {word}" in step.detail
    assert f"planning-review review {REFERENCE}" in step.detail
    assert open_files(settings).find_bytes(listed(1)) is None
    assert open_files(settings).find_bytes(listed(2)) == stored[1]


def test_what_this_machine_has_is_stored_anew_and_links_are_opened(
    settings: Settings, bucket: GuardedBackend, stored: list[StoredFile]
) -> None:
    bucket.uploads[stored[0].key] = b"%PDF"
    put(open_files(settings), listed(1), CONTENT + b"1")
    bucket.closed.add(stored[1].key)
    (output,) = [key for key in bucket.uploads if "/output/" in key]
    del bucket.uploads[output]

    (step,) = walk_bucket(settings)

    assert not step.is_warning
    assert step.detail == "3 documents read, 1 closed, 1 cut; 3 objects put in order"
    assert bucket.uploads[stored[0].key] == CONTENT + b"1"
    assert bucket.uploads[output] == b"{}"
    assert bucket.closed == set()
    assert open_files(settings).find_link(stored[0]) == bucket.public_url(stored[0].key)
