"""The review of one application as a user runs it: a process of its own, a register over HTTP."""

from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from tests.support.applications import (
    FACTS,
    REFERENCE,
    downloads,
    make_application,
    make_document,
    make_pdf,
    read_review,
    review,
    states,
)
from tests.support.commands import Command, start_command
from tests.support.faulty_register import Fault, RegisterServer


def test_second_run_fetches_reads_and_embeds_nothing(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    first = review(command, register)
    assert first.status == 0, first.stderr
    assert first.line["state"] == "Completed"
    assert first.line["documents"] == {
        "listed": 4,
        "selected": 4,
        "downloaded": 4,
        "reused": 0,
        "uploaded": 0,
        "ingested": 4,
        "failed": 0,
    }
    for kind in ("review_json", "review_md", "review_html"):
        assert Path(first.line[kind]).stat().st_size > 500
    files = sorted((tmp_path / "data" / "raw" / "26_00042_F").iterdir())
    assert [path.name for path in files] == [f"00{n}_Statement_{n}.pdf" for n in range(1, 5)]

    seconds = read_review(first)["metadata"]["seconds"]
    assert {"download", "extract", "index", "judge"} <= set(seconds)
    outputs = sorted((tmp_path / "data" / "output").rglob("*review*"))
    second = review(command, register)
    assert second.status == 0
    assert len(downloads(register)) == 4
    assert second.line["documents"] | {"downloaded": 4, "reused": 0} == first.line["documents"]
    assert second.line["documents"]["reused"] == 4
    assert second.line["review_id"] == first.line["review_id"]
    assert sorted((tmp_path / "data" / "output").rglob("*review*")) == outputs
    assert f"{REFERENCE} judge' - Finished in state Cached" in second.stderr
    # What needs nothing has no task.
    for task in ("download", "read", "index"):
        assert f"{REFERENCE} {task} Statement" in first.stderr
        assert f"{REFERENCE} {task} Statement" not in second.stderr


def test_what_was_deleted_is_made_again(command: Command, register: RegisterServer, tmp_path: Path) -> None:
    first = review(command, register)
    for folders, fetched in ((("raw",), 4), (("text", "chroma"), 0)):
        for folder in folders:
            (tmp_path / "data" / folder).rename(tmp_path / f"gone-{folder}")
        again = review(command, register)
        assert again.status == 0, again.stderr
        assert again.line["documents"]["downloaded"] == fetched
        assert again.line["documents"]["ingested"] == 4
        assert again.line["review_id"] == first.line["review_id"]
    found = command("search", REFERENCE, "width of the shared path", "--json")
    assert "2.0m wide" in found.line[0]["text"]


def test_one_missing_document_fails_the_run_and_the_next_run_fetches_only_it(
    command: Command, register: RegisterServer
) -> None:
    register.set_fault("5000-2-2", Fault(kind="status", status=503))
    first = review(command, register)
    assert first.status == 1
    assert first.line["state"] == "Failed"
    assert first.line["documents"]["failed"] == 1
    assert read_review(first)["status"] == "incomplete"
    assert states(first)["Statement 2"] == "failed"
    assert sum("planId=2&" in path for path in downloads(register)) == 4
    assert "Traceback" not in first.stderr

    register.set_fault("5000-2-2")
    before = len(downloads(register))
    second = review(command, register)
    assert second.status == 0
    assert len(downloads(register)) == before + 1
    assert read_review(second)["status"] == "complete"


def test_bad_documents_are_named_and_the_rest_is_reviewed(command: Command, register: RegisterServer) -> None:
    register.set_fault("5000-1-1", Fault(kind="html"))
    register.set_fault("5000-2-2", Fault(kind="empty"))
    register.set_fault("5000-3-3", Fault(kind="status", status=404))
    locked = pymupdf.open(stream=make_pdf("secret"), filetype="pdf")
    content = locked.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
    register.add_document(REFERENCE, make_document(5, content, "Locked statement"))
    result = review(command, register)
    assert result.status == 0
    assert result.line["state"] == "CompletedWithWarnings"
    assert states(result) == {
        "Statement 1": "damaged",
        "Statement 2": "damaged",
        "Statement 3": "gone",
        "Statement 4": "indexed",
        "Locked statement": "locked",
    }
    assert all(row["reason"] for row in read_review(result)["documents"] if row["state"] != "indexed")
    assert read_review(result)["status"] == "complete"
    assert "Traceback" not in result.stderr


def test_bot_challenge_stops_all_requests(command: Command, register: RegisterServer) -> None:
    register.set_fault("/Document/Download", Fault(kind="challenge"))
    result = review(command, register)
    assert result.status == 1
    assert len(downloads(register)) == 1
    assert "--documents" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nonsense",), 2, "25/00284/F"),
        ((), 2, "--sample"),
        ((REFERENCE, "--council", "atlantis"), 2, "planning-review councils"),
        ((REFERENCE, "--include", "gossip"), 2, "include"),
        ((REFERENCE, "--model", "oracle"), 2, "oracle"),
        ((REFERENCE, "--documents", "/nowhere"), 2, "/nowhere"),
    ],
)
def test_bad_usage_is_refused_before_any_request(
    command: Command, register: RegisterServer, arguments: tuple[str, ...], status: int, said: str
) -> None:
    result = command("review", *arguments, PLANNING_REGISTER_URL=register.url)
    assert result.status == status
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert register.requests == []


def test_unexpected_error_shows_no_traceback_and_keeps_it(command: Command, tmp_path: Path) -> None:
    # A folder where the server's log is to be written: nobody foresaw that.
    (tmp_path / "data" / "prefect" / "server.log").mkdir(parents=True)
    # Without a server that is named: only then is one to be started in the folder.
    result = command("up", PREFECT_API_URL="", TMPDIR=str(tmp_path))
    assert result.status == 1
    assert "Traceback" not in result.stderr
    (kept,) = tmp_path.glob("planning-review-error-*.log")
    assert str(kept) in result.stderr
    assert "Traceback" in kept.read_text()


def test_unknown_application_and_unreachable_register_fail_with_a_message(
    command: Command, register: RegisterServer
) -> None:
    unknown = command("review", "26/99999/F", "--json", PLANNING_REGISTER_URL=register.url)
    assert unknown.status == 1
    assert unknown.line["state"] == "Failed"
    assert unknown.line["review_json"] is None
    assert "26/99999/F" in unknown.stderr
    register.set_fault(f"/Planning/Display/{REFERENCE}", Fault(kind="reset"))
    unreachable = review(command, register)
    assert unreachable.status == 1
    asked = [request for request in register.requests if REFERENCE in request.path]
    assert len(asked) == 4
    assert "Traceback" not in unknown.stderr + unreachable.stderr


def test_missing_documents_section_is_unavailable_not_none(
    command: Command, register: RegisterServer
) -> None:
    register.set_fault(f"/Planning/Display/{REFERENCE}", Fault(kind="no-documents"))
    result = review(command, register)
    assert result.status == 1
    assert "unavailable" in result.stderr
    assert not list(Path(result.line["review_json"] or "/nowhere").parent.glob("rev_*"))


def test_changed_bytes_get_a_new_file_and_the_old_one_stays(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    review(command, register)
    old = (tmp_path / "data/raw/26_00042_F/001_Statement_1.pdf").read_bytes()
    register.replace_bytes("5000-1-1", make_pdf("Revised", FACTS[0].replace("2.0m", "3.5m")) + b"\n" * 2000)
    second = review(command, register)
    assert second.line["documents"]["downloaded"] == 1
    assert (tmp_path / "data/raw/26_00042_F/001_Statement_1.pdf").read_bytes() == old
    assert (tmp_path / "data/raw/26_00042_F/005_Statement_1.pdf").is_file()
    found = command("search", REFERENCE, "shared footway and cycleway wide", "--json")
    texts = " ".join(row["text"] for row in found.line)
    assert "3.5m" in texts
    assert "2.0m" not in texts


def test_saved_documents_are_reviewed_without_the_register(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    saved = tmp_path / "saved" / "Supporting Documents"
    saved.mkdir(parents=True)
    (saved / "Transport_Statement.pdf").write_bytes(make_pdf("Contents", FACTS[0]))
    result = review(command, register, "--documents", str(tmp_path / "saved"))
    assert result.status == 0, result.stderr
    assert states(result) == {"Transport Statement": "indexed"}
    assert register.requests == []


@pytest.mark.proof
def test_two_processes_share_the_pace_of_one_register(
    prefect_url: str, register: RegisterServer, tmp_path: Path
) -> None:
    other = "26/00043/F"
    documents = [make_document(100 + n, make_pdf(f"Other {n}", FACTS[n])) for n in range(4)]
    with RegisterServer(
        [make_application(*documents, reference=other), register.find_application(REFERENCE)]
    ) as both:
        variables = {"PLANNING_REGISTER_URL": both.url, "PLANNING_REGISTER_INTERVAL_SECONDS": "0.3"}
        runs = [
            start_command(("review", reference, "--json"), prefect_url, tmp_path, variables)
            for reference in (REFERENCE, other)
        ]
        for run in runs:
            _, stderr = run.communicate(timeout=600)
            assert run.returncode == 0, stderr
        times = [request.at_seconds for request in both.requests]
    assert len(times) == 10
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.3
