"""The manifest: an index for life, keys that never change what they stand for, and no loss."""

import hashlib
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from planning_review.documents.manifest import ManifestFile
from planning_review.errors import PermanentError
from planning_review.models import FileKind, ListedDocument, StoredFile

REFERENCE, FOLDER = "25/00284/F", "25_00284_F"


def listed(number: int | str, title: str = "Plan", **fields: object) -> ListedDocument:
    return ListedDocument.model_validate(
        {"document_id": f"1-{number}-3", "title": title, "register_url": f"https://register.example/{number}"}
        | fields
    )


def open_manifest(folder: Path) -> ManifestFile:
    return ManifestFile(folder / "output" / FOLDER / "manifest.json", REFERENCE, "cherwell", FOLDER)


def record(manifest: ManifestFile, document: ListedDocument, content: bytes) -> StoredFile:
    return manifest.record_download(
        document,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        kind=FileKind.PDF,
    )


def key_of(manifest: ManifestFile, document_id: str) -> str:
    stored = manifest.stored_file(document_id)
    assert stored is not None
    return stored.key


def indexes(manifest: ManifestFile) -> dict[str, int]:
    return {entry.document_id: entry.index for entry in manifest.snapshot().documents}


def test_an_index_is_for_life(tmp_path: Path) -> None:
    open_manifest(tmp_path).register([listed("a"), listed("b"), listed("c")])
    again = open_manifest(tmp_path)
    again.register([listed("d"), listed("c"), listed("a"), listed("d")])
    assert indexes(again) == {"1-a-3": 1, "1-b-3": 2, "1-c-3": 3, "1-d-3": 4}
    assert again.entry("1-x-3") is None


def test_the_key_is_made_of_index_title_and_the_kind_of_the_bytes(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    document = listed("b", "Transport Assessment", listed_date=date(2025, 2, 3), size_listed="1.2 MB")
    manifest.register([listed("a"), document])
    stored = record(manifest, document, b"%PDF-1")
    assert stored.key == "25_00284_F/002_Transport_Assessment.pdf"
    entry = open_manifest(tmp_path).entry("1-b-3")
    assert entry is not None
    assert (entry.index, entry.key, entry.sha256, entry.size_bytes, entry.kind) == (
        2,
        stored.key,
        hashlib.sha256(b"%PDF-1").hexdigest(),
        6,
        FileKind.PDF,
    )
    assert (entry.listed_date, entry.size_listed, entry.public_url) == (date(2025, 2, 3), "1.2 MB", None)
    assert manifest.stored_file("1-b-3") == stored
    assert manifest.stored_file("1-a-3") is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Transport Assessment.pdf", "Transport_Assessment"),
        ("Plan.PDF.pdf ", "Plan"),
        ("Plan rev.2", "Plan_rev.2"),
        (".pdf", "pdf"),
        ("../../etc/passwd", "etc_passwd"),
        ("/etc/passwd", "etc_passwd"),
        ("a\0b", "a_b"),
        ("x" * 2000, "x" * 80),
        ("مخطط الموقع", "document"),
        ("🚲", "document"),
        ("CON", "CON"),
        ("..", "document"),
        ("C:\\temp\\plan.pdf", "C_temp_plan"),
        ("a\nb\r\x1b[2J", "a_b_2J"),
    ],
)
def test_a_hostile_title_gives_a_safe_key(tmp_path: Path, title: str, name: str) -> None:
    stored = record(open_manifest(tmp_path), listed("a", title), b"x")
    assert stored.key == f"{FOLDER}/001_{name}.pdf"
    entry = open_manifest(tmp_path).entry("1-a-3")
    assert entry is not None
    assert entry.title == title


def test_other_bytes_take_the_next_index_and_the_old_key_stays_theirs(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a", "Plan"), listed("b")])
    old = record(manifest, listed("a", "Plan"), b"old")
    manifest.record_upload(key_of(manifest, "1-a-3"), "https://files.example/old")
    new = record(manifest, listed("a", "Plan"), b"new")
    assert (old.key, new.key) == (f"{FOLDER}/001_Plan.pdf", f"{FOLDER}/003_Plan.pdf")
    assert new.index == 3
    entry = open_manifest(tmp_path).entry("1-a-3")
    assert entry is not None
    assert entry.public_url is None
    assert [(f.index, f.key, f.sha256, f.public_url) for f in entry.earlier] == [
        (1, old.key, old.sha256, "https://files.example/old")
    ]
    manifest.register([listed("c")])
    assert indexes(manifest) == {"1-a-3": 3, "1-b-3": 2, "1-c-3": 4}


def test_bytes_that_come_back_get_their_old_key_back(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    old = record(manifest, listed("a"), b"old")
    manifest.record_upload(key_of(manifest, "1-a-3"), "https://files.example/old")
    new = record(manifest, listed("a"), b"new")
    assert record(manifest, listed("a"), b"old") == old
    entry = open_manifest(tmp_path).entry("1-a-3")
    assert entry is not None
    assert entry.public_url == "https://files.example/old"
    assert [file.key for file in entry.earlier] == [new.key]
    assert record(manifest, listed("a"), b"third").index == 3


def test_the_same_bytes_again_change_nothing_but_what_is_listed(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    first = record(manifest, listed("a", "Plan", size_listed="1 KB"), b"x")
    manifest.record_upload(key_of(manifest, "1-a-3"), "https://files.example/1")
    again = record(manifest, listed("a", "Renamed", size_listed="2 KB"), b"x")
    assert again == first
    entry = manifest.entry("1-a-3")
    assert entry is not None
    assert (entry.title, entry.size_listed, entry.public_url) == (
        "Renamed",
        "2 KB",
        "https://files.example/1",
    )
    assert entry.earlier == ()


def test_equal_bytes_share_the_key_and_the_link_of_the_first(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a", "First listed"), listed("b", "First here")])
    first = record(manifest, listed("b", "First here"), b"same")
    second = record(manifest, listed("a", "First listed"), b"same")
    assert second.key == first.key == f"{FOLDER}/002_First_here.pdf"
    assert (second.document_id, second.index) == ("1-a-3", 1)
    assert manifest.find_bytes(first.sha256) == first
    manifest.record_upload(key_of(manifest, "1-a-3"), "https://files.example/2")
    third = record(manifest, listed("c"), b"same")
    assert third.key == first.key
    assert {entry.public_url for entry in manifest.snapshot().documents} == {"https://files.example/2"}
    # The first one moves on; the others still stand for what they stood for.
    record(manifest, listed("b", "First here"), b"changed")
    assert manifest.find_bytes(first.sha256) == first
    assert manifest.stored_file("1-a-3") == second
    assert manifest.find_bytes("0" * 64) is None
    # A link made anew is that of the key, in its history too.
    manifest.record_upload(key_of(manifest, "1-c-3"), "https://elsewhere.example/2")
    moved = manifest.entry("1-b-3")
    assert moved is not None
    assert (moved.public_url, moved.earlier[0].public_url) == (None, "https://elsewhere.example/2")


def test_a_link_cannot_be_recorded_before_a_download(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a")])
    with pytest.raises(LookupError, match=r"001_a\.pdf"):
        manifest.record_upload(f"{FOLDER}/001_a.pdf", "https://files.example/1")


def test_a_wrong_checksum_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a")])
    before = manifest.path.read_bytes()
    with pytest.raises(ValidationError):
        manifest.record_download(listed("a"), sha256="nonsense", size_bytes=1, kind=FileKind.PDF)
    assert manifest.path.read_bytes() == before


def test_an_unchanged_listing_writes_nothing(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a")])
    before = manifest.path.stat()
    open_manifest(tmp_path).register([listed("a")])
    assert manifest.path.stat().st_ino == before.st_ino
    assert manifest.path.stat().st_mtime_ns == before.st_mtime_ns


def test_eight_threads_with_objects_of_their_own_lose_nothing(tmp_path: Path) -> None:
    def work(worker: int) -> list[StoredFile]:
        manifest = open_manifest(tmp_path)
        return [
            # Every fifth file is the same one, whichever worker brings it.
            record(manifest, listed(f"{worker}x{n}"), b"same" if n == 4 else f"{worker} {n}".encode())
            for n in range(5)
        ]

    with ThreadPoolExecutor(8) as pool:
        stored = [file for files in pool.map(work, range(8)) for file in files]
    manifest = open_manifest(tmp_path)
    assert sorted(indexes(manifest).values()) == list(range(1, 41))
    assert len({file.key for file in stored}) == 33
    assert len({(file.key, file.sha256) for file in stored}) == 33
    assert all(manifest.stored_file(file.document_id) == file for file in stored)
    assert [path.name for path in manifest.path.parent.iterdir()] == ["manifest.json"]


def test_another_process_reads_what_this_one_wrote(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a")])
    on_disk = json.loads(manifest.path.read_text(encoding="utf-8"))
    on_disk["documents"][0]["public_url"] = "https://files.example/x"
    replacement = manifest.path.with_name("new")
    replacement.write_text(json.dumps(on_disk), encoding="utf-8")
    replacement.replace(manifest.path)
    entry = manifest.entry("1-a-3")
    assert entry is not None
    assert entry.public_url == "https://files.example/x"


def test_a_kill_in_the_middle_of_writing_leaves_the_old_manifest(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    stored = record(manifest, listed("a"), b"x")
    script = f"""
        import os, signal
        from pathlib import Path
        from planning_review.documents.manifest import ManifestFile
        from planning_review.models import ListedDocument
        manifest = ManifestFile(Path({str(manifest.path)!r}), {REFERENCE!r}, "cherwell", {FOLDER!r})
        # The kernel is asked to end the process as its temporary file is half on its way to disk.
        os.fsync = lambda descriptor: (os.ftruncate(descriptor, 20), os.kill(os.getpid(), signal.SIGKILL))
        manifest.register([ListedDocument(document_id="z", title="z", register_url="z")])
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=600)
    assert killed.returncode == -signal.SIGKILL
    leftovers = [path for path in manifest.path.parent.iterdir() if path != manifest.path]
    assert [path.stat().st_size for path in leftovers] == [20]
    again = open_manifest(tmp_path)
    assert again.stored_file("1-a-3") == stored
    again.register([listed("b")])
    assert indexes(open_manifest(tmp_path)) == {"1-a-3": 1, "1-b-3": 2}


def valid_content(folder: Path) -> dict[str, Any]:
    manifest = open_manifest(folder)
    record(manifest, listed("a"), b"x")
    record(manifest, listed("b"), b"y")
    content = json.loads(manifest.path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: b"", "Invalid JSON"),
        (lambda c: json.dumps(c)[:200].encode(), "Invalid JSON"),
        (lambda c: b"\xff\xfe\0", "JSON"),
        (lambda c: b"[]", "object"),
        (lambda c: json.dumps(c | {"format": 2}).encode(), "format"),
        (lambda c: json.dumps(c | {"reference": "25/00285/F"}).encode(), "its reference is '25/00285/F'"),
        (lambda c: json.dumps(c | {"documents": [*c["documents"], c["documents"][0]]}).encode(), "twice"),
        (lambda c: json.dumps(c).replace("001_Plan", "../../001_Plan").encode(), "no key of the folder"),
        (lambda c: json.dumps(c).replace("002_Plan", "001_Plan").encode(), "two different files"),
    ],
)
def test_a_damaged_manifest_is_kept_and_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], bytes], reason: str
) -> None:
    path = open_manifest(tmp_path).path
    content = change(valid_content(tmp_path))
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(PermanentError) as caught:
            open_manifest(tmp_path)
        assert reason in str(caught.value)
        assert str(path) in str(caught.value)
    copies = [other for other in path.parent.iterdir() if other != path]
    assert [copy.read_bytes() for copy in copies] == [content]
    assert copies[0].name in str(caught.value)
    assert path.read_bytes() == content


def test_a_manifest_that_was_put_back_works_at_once(tmp_path: Path) -> None:
    path = open_manifest(tmp_path).path
    good = json.dumps(valid_content(tmp_path))
    path.write_bytes(b"{")
    with pytest.raises(PermanentError):
        open_manifest(tmp_path)
    path.write_text(good, encoding="utf-8")
    assert indexes(open_manifest(tmp_path)) == {"1-a-3": 1, "1-b-3": 2}


def test_a_deleted_manifest_starts_anew(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    manifest.register([listed("a"), listed("b")])
    manifest.path.unlink()
    anew = open_manifest(tmp_path)
    anew.register([listed("c")])
    assert indexes(anew) == {"1-c-3": 1}


def test_another_councils_folder_is_part_of_the_key(tmp_path: Path) -> None:
    manifest = ManifestFile(tmp_path / "manifest.json", "25/1", "northwarks", "northwarks/25_1")
    assert record(manifest, listed("a"), b"x").key == "northwarks/25_1/001_Plan.pdf"
    reread = ManifestFile(tmp_path / "manifest.json", "25/1", "northwarks", "northwarks/25_1")
    assert reread.stored_file("1-a-3") is not None


def test_what_is_no_longer_listed_is_named(tmp_path: Path) -> None:
    manifest = open_manifest(tmp_path)
    assert manifest.describe_unlisted([listed("a")]) == ()
    manifest.register([listed("a"), listed("b", "Travel Plan"), listed("c", "Site Layout")])
    assert manifest.describe_unlisted([listed("c"), listed("b"), listed("a"), listed("d")]) == ()
    (sentence,) = manifest.describe_unlisted([listed("c")])
    assert sentence.startswith(
        "On earlier visits the register listed 2 that it does not list now: Plan; Travel Plan."
    )


def test_saved_files_are_no_list_of_the_register(tmp_path: Path) -> None:
    manifest, saved = open_manifest(tmp_path), listed("a").model_copy(update={"document_id": "saved-1"})
    manifest.register([listed("a")])
    assert manifest.describe_unlisted([saved]) == ()
    manifest.register([saved])
    assert manifest.describe_unlisted([listed("a")]) == ()
