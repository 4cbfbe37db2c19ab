"""What `forget` erases, on this disk and in a bucket that keeps versions, and what it leaves to others."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from blocks.s3 import S3StorageBackend
from blocks.storage import create_private_storage, create_storage_backend
from cli.commands.forget import forget
from planning_review.documents.manifest import ManifestFile
from planning_review.errors import PlanningReviewError
from planning_review.index.council_store import open_store
from planning_review.models import Chunk, FileKind, ListedDocument
from planning_review.publish.local_site import publish_on_disk
from planning_review.references import reference_folder
from planning_review.report.output_files import picture_stem, write_review_files
from planning_review.report.pictures import picture_prefix
from planning_review.settings import Settings, load_settings
from run.bucket_site import publish_in_bucket
from run.forgetting.disk import is_output_of
from run.forgetting.subject import Subject
from tests.support.handmade_review import make_document, make_review
from tests.support.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, make_raw_client, run_s3_server

FORGOTTEN, KEPT = "25/00001/F", "25/00011/F"
SHARED = b"%PDF- the same drawing in both"
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PLANNING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANNING_TEMP_DIR", str(tmp_path / "temp"))
    monkeypatch.chdir(tmp_path)
    return load_settings()


@pytest.fixture
def bucket(
    server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Settings, Any]]:
    """A bucket of a test's own that keeps every version, and the settings for it."""
    name = f"versions-{uuid4().hex[:8]}"
    variables = {
        "S3_ENDPOINT_URL": server,
        "S3_BUCKET": name,
        "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    with contextlib.closing(make_raw_client(server)) as client:
        client.create_bucket(Bucket=name)
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        yield load_settings(), client


def add_application(settings: Settings, reference: str) -> Path:
    """Put an application with two documents, a review and what else a run leaves into a data folder."""
    folder = reference_folder(reference)
    output_dir = settings.output_dir / folder
    manifest = ManifestFile(output_dir / "manifest.json", reference, "cherwell", folder)
    contents = {
        f"{reference[3:8]}-1-1": f"%PDF- words of {reference}".encode(),
        f"{reference[3:8]}-1-2": SHARED,
    }
    documents = []
    for number, (document_id, content) in enumerate(contents.items(), start=1):
        listed = ListedDocument(
            document_id=document_id, title=f"Statement {number}", register_url="https://x.example/"
        )
        sha256 = hashlib.sha256(content).hexdigest()
        stored = manifest.record_download(listed, sha256=sha256, size_bytes=len(content), kind=FileKind.PDF)
        write(settings.raw_dir / stored.key, content)
        write(settings.text_dir / f"{sha256}_5_none.json", b"{}")
        result = {"result": json.dumps({"data": stored.model_dump(mode="json")})}
        write(settings.results_dir / "download_document/v1" / f"{document_id}", json.dumps(result).encode())
        documents.append(make_document(document_id, listed.title, sha256=sha256))
    outcome = {"data": {"letter_md": f"/data/output/{folder}/let_1_letter.md"}}
    write(settings.results_dir / f"flow-{folder}", json.dumps(outcome).encode())
    write(output_dir / "decisions.yaml", b"findings: []")
    write(output_dir / "let_20261123_0123abcd_letter.md", b"Dear Sir")
    write(output_dir / "let_20261123_0123abcd_letter.json", json.dumps({"read": [*contents]}).encode())
    review = make_review(application={"reference": reference}, documents=documents)
    paths = write_review_files(review, output_dir, DAY)
    publish_on_disk(settings, [review], datetime.now(UTC), DAY)
    add_passages(settings, reference, [*contents])
    return paths["html"]


def add_passages(settings: Settings, reference: str, document_ids: list[str]) -> None:
    with open_index(settings) as store:
        for document_id in document_ids:
            chunks = [
                Chunk(position=n, page_start=1, page_end=1, heading=None, text=f"{reference}: passage {n}")
                for n in range(5)
            ]
            vectors = np.random.default_rng(1).standard_normal((5, 8)).astype(np.float32)
            store.add_document(reference, document_id, "T", "a" * 64, "x", chunks, vectors)


def open_index(settings: Settings) -> Any:
    return open_store(
        folder=settings.chroma_dir,
        lock_path=settings.locks_dir / "chroma.lock",
        embedder_version="e",
        dimension=8,
        chunker_version="c",
        council="cherwell",
    )


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def find_mentions(settings: Settings, *words: str) -> list[str]:
    """Return the files whose name or bytes hold any of the words."""
    return [
        str(path)
        for path in settings.data_dir.rglob("*")
        if path.is_file() and any(word in str(path) or word.encode() in path.read_bytes() for word in words)
    ]


def push(settings: Settings) -> None:
    """Store what the data folder has as runs store it, the manifest twice."""
    public, private = create_storage_backend(settings), create_private_storage(settings)
    assert private is not None
    for path in settings.raw_dir.rglob("*.pdf"):
        public.upload(path, path.relative_to(settings.raw_dir).as_posix())
    for manifest in settings.output_dir.glob("*/manifest.json"):
        folder = manifest.parent.name
        for path in manifest.parent.iterdir():
            key = f"{folder}/manifest.json" if path == manifest else f"{folder}/output/{path.name}"
            public.upload(path, key)
        manifest.write_text(manifest.read_text() + "\n")
        public.upload(manifest, f"{folder}/manifest.json")
        private.upload(manifest.parent / "decisions.yaml", f"decisions/{folder}.yaml")
    for path in settings.text_dir.iterdir():
        private.upload(path, f"text/{path.name}")
    for path in settings.results_dir.rglob("*"):
        if path.is_file():
            private.upload(path, path.relative_to(settings.results_dir).as_posix())
    publish_in_bucket(settings, public, [], datetime.now(UTC), DAY, is_whole_folder=True)


def list_all(client: Any, settings: Settings) -> dict[tuple[str, str], bytes]:
    """Return every version of every object, and each mark of a deletion."""
    listed = client.list_object_versions(Bucket=settings.s3_bucket)
    found = {(item["Key"], item["VersionId"]): b"" for item in listed.get("DeleteMarkers", [])}
    for item in listed.get("Versions", []):
        answer = client.get_object(Bucket=settings.s3_bucket, Key=item["Key"], VersionId=item["VersionId"])
        found[item["Key"], item["VersionId"]] = answer["Body"].read()
    return found


def test_an_application_goes_from_everywhere_and_another_stays(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    page, kept_page = add_application(settings, FORGOTTEN), add_application(settings, KEPT)
    before = find_mentions(settings, KEPT, "25_00011_F", "00011-1-1")
    assert forget(FORGOTTEN, None, None, is_forced=True) == 0
    own = hashlib.sha256(f"%PDF- words of {FORGOTTEN}".encode()).hexdigest()
    assert find_mentions(settings, FORGOTTEN, "25_00001_F", "00001-1-1", "00001-1-2", own, page.name) == []
    assert find_mentions(settings, KEPT, "25_00011_F", "00011-1-1") == before
    shared = settings.text_dir / f"{hashlib.sha256(SHARED).hexdigest()}_5_none.json"
    assert shared.is_file()
    assert kept_page.name in (settings.output_dir / "index.html").read_text()
    assert kept_page.name in (settings.output_dir / "feed.xml").read_text()
    with open_index(settings) as store:
        assert len(store.load_passages(KEPT)) == 10
        assert len(store.query(np.ones((1, 8), np.float32), KEPT, 3)[0]) == 3
    out = capsys.readouterr().out
    assert "1 text stays" in out
    assert "texts: 2 files: nothing of it" in out
    assert "index: 10 passages in 1 collections: nothing of it" in out


def test_a_second_time_nothing_is_left(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    add_application(settings, FORGOTTEN)
    assert forget(FORGOTTEN, None, None, is_forced=True) == 0
    capsys.readouterr()
    assert forget(FORGOTTEN, None, None, is_forced=True) == 0
    assert f"There is nothing left of {FORGOTTEN} (cherwell)." in capsys.readouterr().out


def test_nothing_goes_before_it_is_confirmed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    page = add_application(settings, FORGOTTEN)
    before = sorted(settings.data_dir.rglob("*"))
    assert forget(FORGOTTEN, None, None, is_forced=False) == 2
    assert page.is_file()
    assert [path for path in before if not path.exists()] == []
    assert f"planning-review forget {FORGOTTEN} --yes" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["output", "raw", "text", "results", "chroma"])
def test_what_is_there_goes_where_a_part_is_missing(settings: Settings, missing: str) -> None:
    add_application(settings, FORGOTTEN)
    lost = settings.data_dir / missing
    lost.rename(settings.data_dir.parent / missing)
    assert forget(FORGOTTEN, None, None, is_forced=True) == 0
    own = hashlib.sha256(f"%PDF- words of {FORGOTTEN}".encode()).hexdigest()
    assert find_mentions(settings, FORGOTTEN, "25_00001_F", "00001-1-1", own) == []


def test_a_run_that_works_on_it_is_not_disturbed(settings: Settings) -> None:
    from filelock import FileLock

    page = add_application(settings, FORGOTTEN)
    with (
        FileLock(settings.locks_dir / "review-25_00001_F.lock"),
        pytest.raises(PlanningReviewError, match="A run works on 25/00001/F now"),
    ):
        forget(FORGOTTEN, None, None, is_forced=True)
    assert page.is_file()


def test_a_document_goes_with_what_names_it_and_its_number_stays_taken(settings: Settings) -> None:
    add_application(settings, FORGOTTEN)
    add_application(settings, KEPT)
    assert forget(FORGOTTEN, None, "00001-1-1", is_forced=True) == 0
    own = hashlib.sha256(f"%PDF- words of {FORGOTTEN}".encode()).hexdigest()
    manifest = settings.output_dir / "25_00001_F/manifest.json"
    assert find_mentions(settings, "00001-1-1", own, "25_00001_F/001_Statement") == [str(manifest)]
    [forgotten, other] = json.loads(manifest.read_text())["documents"]
    assert (forgotten["title"], forgotten["index"], forgotten["sha256"]) == ("forgotten", 1, None)
    assert (settings.raw_dir / other["key"]).is_file()
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["decisions.yaml", "manifest.json"]
    assert forget(FORGOTTEN, None, "00001-1-1", is_forced=True) == 0
    with open_index(settings) as store:
        assert store.list_documents(FORGOTTEN) == {"00001-1-2"}


def test_pictures_of_a_documents_pages_go_with_it() -> None:
    subject = Subject(
        council="cherwell", reference="26/1/F", document_id="1-2-3", document_ids=frozenset(["1-2-3"])
    )
    pictures = [f"{subject.folder}/{picture_stem(name)}_0a1b.png" for name in ("1-2-3", "1-2-4")]
    assert [is_output_of(key, subject, lambda name: b"") for key in pictures] == [True, False]


def test_a_bucket_keeps_no_version_of_it_in_either_part(bucket: tuple[Settings, Any]) -> None:
    settings, client = bucket
    for reference in (FORGOTTEN, KEPT):
        add_application(settings, reference)
    push(settings)
    # What somebody deleted by hand left a mark, and all its versions.
    client.delete_object(Bucket=settings.s3_bucket, Key="planning/25_00001_F/001_Statement_1.pdf")
    before = list_all(client, settings)
    assert any("results/decisions/25_00001_F.yaml" in key for key, _ in before)
    assert forget(FORGOTTEN, None, None, is_forced=True) == 0
    after = list_all(client, settings)
    own = hashlib.sha256(f"%PDF- words of {FORGOTTEN}".encode()).hexdigest()
    for word in (FORGOTTEN, "25_00001_F", "00001-1-1", own):
        assert [key for key, content in after.items() if word in key[0] or word.encode() in content] == []
    kept = [key for key, content in before.items() if "25_00011_F" in key[0]]
    assert [key for key in kept if key not in after] == []
    assert find_mentions(settings, FORGOTTEN, "25_00001_F", own) == []
    assert b"25_00011_F/output/rev_" in after[newest(after, "planning/index.html")]


def test_a_document_goes_from_the_buckets_manifest_too(bucket: tuple[Settings, Any]) -> None:
    settings, client = bucket
    add_application(settings, FORGOTTEN)
    push(settings)
    assert forget(FORGOTTEN, None, "00001-1-1", is_forced=True) == 0
    after = list_all(client, settings)
    named = {key for key, content in after.items() if b"00001-1-1" in content or "001_Statement" in key[0]}
    assert named == {newest(after, "planning/25_00001_F/manifest.json")}
    [forgotten, other] = json.loads(after[named.pop()])["documents"]
    assert forgotten["title"] == "forgotten"
    assert any(other["key"] in key for key, _ in after)


def test_a_bucket_that_is_away_is_told_and_the_rest_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_application(settings, FORGOTTEN)
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a-bucket")
    monkeypatch.setattr(S3StorageBackend, "from_settings", fail_at_once(S3StorageBackend.from_settings))
    assert forget(FORGOTTEN, None, None, is_forced=True) == 1
    assert "could not be listed" in capsys.readouterr().err
    assert find_mentions(settings, FORGOTTEN) == []


def fail_at_once(make: Any) -> Any:
    """Return a maker of clients that don't try for long."""
    from blocks.s3_client import Timeouts

    return lambda settings, attempts=3, timeouts=None: make(settings, attempts, Timeouts(1, 1))


def newest(versions: dict[tuple[str, str], bytes], key: str) -> tuple[str, str]:
    [found] = [each for each in versions if each[0] == key]
    return found


def test_pictures_of_its_pages_go_with_a_document() -> None:
    mine, other = "a" * 64, "b" * 64
    subject = Subject(
        council="cherwell", reference=FORGOTTEN, document_id="1-1-1", known_sha256s=frozenset({mine})
    )

    def goes(name: str) -> bool:
        return is_output_of(f"{subject.folder}/{name}", subject, lambda _: b"")

    assert goes(f"{picture_prefix(mine)}0123456789abcdef.webp")
    assert not goes(f"{picture_prefix(other)}0123456789abcdef.webp")
    assert goes("letters.html")
