"""Folders as applications, and the command that serves one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from planning_review.errors import UsageError
from planning_review.sample.served_application import serve_folder

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "planning_review.sample.serve"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "saved"
    for name in (
        "Statement_of_need.pdf",
        "Site Plans/Layout.pdf",
        "Public Comments/a letter.txt",
        ".hidden/x.pdf",
    ):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(name.encode())
    return made


def test_folder_becomes_an_application(folder: Path) -> None:
    application = serve_folder(folder)
    assert application.reference == "26/00001/F"
    assert [(d.category, d.title, d.file_name, d.read_bytes()) for d in application.documents] == [
        ("Public Comments", "a letter", "a letter.txt", b"Public Comments/a letter.txt"),
        ("Site Plans", "Layout", "Layout.pdf", b"Site Plans/Layout.pdf"),
        ("Supporting Documents", "Statement of need", "Statement_of_need.pdf", b"Statement_of_need.pdf"),
    ]


def test_document_ids_stay_when_files_are_added(folder: Path) -> None:
    before = {d.file_name: d.document_id for d in serve_folder(folder).documents}
    (folder / "A new file.pdf").write_bytes(b"new")
    after = {d.file_name: d.document_id for d in serve_folder(folder).documents}
    assert before.items() < after.items()
    assert len(set(after.values())) == 4


def test_listing_describes_what_it_names_and_leaves_the_rest(folder: Path) -> None:
    entry = {
        "document_id": "7-8-9",
        "title": "The layout",
        "category": "Proposed Plans",
        "listed_date": "2026-10-02",
        "drawing_number": "L-1",
        "size": "9.9 MB",
        "file": "Site Plans/Layout.pdf",
    }
    listing = {"reference": "26/00077/OUT", "fields": {"Parish": "Brackenford"}, "documents": [entry]}
    (folder / "listing.json").write_text(json.dumps(listing))
    application = serve_folder(folder)
    assert (application.reference, application.fields["Parish"]) == ("26/00077/OUT", "Brackenford")
    first, *others = application.documents
    assert (first.document_id, first.category, first.printed_size) == ("7-8-9", "Proposed Plans", "9.9 MB")
    assert {d.title for d in others} == {"a letter", "Statement of need"}
    assert serve_folder(folder, "26/00078/F").fields["Application Number"] == "26/00078/F"


def test_folder_that_cannot_be_served_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        serve_folder(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no files"):
        serve_folder(tmp_path / "empty")
    entry = {
        "document_id": "1-2-3",
        "title": "x",
        "category": None,
        "listed_date": "2026-10-02",
        "file": "gone.pdf",
    }
    (folder / "listing.json").write_text(json.dumps({"documents": [entry]}))
    with pytest.raises(UsageError, match=r"gone\.pdf"):
        serve_folder(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_serves_until_it_is_told_to_end(folder: Path, tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    command = [*COMMAND, str(folder), "--reference", "26/00123/f", "--ready-file", str(ready)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"}
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        told = json.loads(ready.read_text())
        assert told == {"url": told["url"], "reference": "26/00123/F", "pid": process.pid}
        assert address == f"{told['url']}/Planning/Display/26/00123/F"
        assert "Statement of need" in httpx.get(address).text
        process.send_signal(number)
        assert process.wait(timeout=600) == 0
    assert not ready.exists()


def test_command_serves_the_sample_without_a_folder(tmp_path: Path) -> None:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.endswith("/Planning/Display/26/00417/OUT")
        assert httpx.get(address).text.count("singledownloadlink") == 19
        process.terminate()
        assert process.wait(timeout=600) == 0


@pytest.mark.parametrize("arguments", [["--reference", "nonsense"], ["/nowhere/at/all"]])
def test_command_refuses_bad_usage(arguments: list[str]) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
