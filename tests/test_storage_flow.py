"""The review with an object store: every scenario of the flow over a real S3 server, by its id."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from planning_review.sample.atrium import RegisterServer
from planning_review.sample.served import ServedDocument
from tests.conftest import Command, CommandResult
from tests.s3_server import (
    ACCESS_KEY_ID,
    BUCKET,
    SECRET_ACCESS_KEY,
    FaultProxy,
    answer,
    make_raw_client,
    run_proxy,
    run_s3_server,
)
from tests.test_review_flow import FACTS, REFERENCE, make_application, make_document, make_pdf

FOLDER = "26_00042_F"


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS, start=1)]
    with RegisterServer([make_application(*documents)]) as server:
        yield server


@pytest.fixture
def s3() -> Iterator[str]:
    with run_s3_server() as url:
        # All of moto's servers in a process share their buckets: this one starts empty.
        httpx.post(f"{url}/moto-api/reset")
        make_raw_client(url).create_bucket(Bucket=BUCKET)
        yield url


@pytest.fixture
def proxy(s3: str) -> Iterator[FaultProxy]:
    with run_proxy(s3) as proxy:
        yield proxy


def variables(endpoint_url: str, register: RegisterServer) -> dict[str, str]:
    return {
        "PLANNING_REGISTER_URL": register.url,
        "S3_ENDPOINT_URL": endpoint_url,
        "S3_BUCKET": BUCKET,
        "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


def review(command: Command, endpoint_url: str, register: RegisterServer, *options: str) -> CommandResult:
    return command("review", REFERENCE, "--json", *options, **variables(endpoint_url, register))


def list_objects(s3: str) -> dict[str, int]:
    pages = make_raw_client(s3).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}


def read_review(result: CommandResult) -> dict[str, Any]:
    return json.loads(Path(result.line["review_json"]).read_text())


def temp_files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "temp").rglob("*") if path.is_file())


def test_its_01_orchestrator_ts_01_ts_02_review_jobs_ts_01_download_phase_ts_01(
    command: Command, register: RegisterServer, s3: str, tmp_path: Path
) -> None:
    result = review(command, s3, register)
    assert result.status == 0, result.stderr
    assert result.line["documents"]["uploaded"] == 4
    review_id = result.line["review_id"]
    documents = {f"planning/{FOLDER}/00{n}_Statement_{n}.pdf" for n in range(1, 5)}
    outputs = {f"planning/{FOLDER}/output/{review_id}_review.{kind}" for kind in ("json", "md", "html")}
    public = {key for key in list_objects(s3) if not key.startswith("planning/results/")}
    assert public == documents | outputs | {f"planning/{FOLDER}/manifest.json"}
    assert any(key.startswith("planning/results/") for key in list_objects(s3))

    written = read_review(result)
    for number, row in enumerate(written["documents"], start=1):
        assert row["url"] == f"{s3}/{BUCKET}/planning/{FOLDER}/00{number}_Statement_{number}.pdf"
        opened = httpx.get(row["url"])
        assert opened.status_code == 200
        assert opened.headers["content-type"] == "application/pdf"
        assert hashlib.sha256(opened.content).hexdigest() == row["sha256"]
        assert row["url"] in Path(result.line["review_md"]).read_text()
        assert row["url"] in Path(result.line["review_html"]).read_text()
    page = httpx.get(f"{s3}/{BUCKET}/planning/{FOLDER}/output/{review_id}_review.html")
    assert page.headers["content-type"].startswith("text/html")
    assert page.content == Path(result.line["review_html"]).read_bytes()
    assert temp_files(tmp_path) == []
    assert not (tmp_path / "data" / "raw").exists()
    assert "s3_upload_total_seconds=" in result.stderr
    manifest = httpx.get(f"{s3}/{BUCKET}/planning/{FOLDER}/manifest.json").json()
    assert [row["public_url"] for row in manifest["documents"]] == [
        row["url"] for row in written["documents"]
    ]
    for secret in (ACCESS_KEY_ID, SECRET_ACCESS_KEY):
        assert secret not in result.stderr + result.stdout


def test_second_review_on_another_machine_reuses_the_bucket(
    command: Command, register: RegisterServer, s3: str, tmp_path: Path
) -> None:
    first = review(command, s3, register)
    before = len(register.requests)
    (tmp_path / "data").rename(tmp_path / "the-other-machines-data")
    second = review(command, s3, register)
    assert second.status == 0, second.stderr
    assert second.line["documents"]["downloaded"] == 0
    assert second.line["documents"]["reused"] == 4
    assert second.line["documents"]["ingested"] == 4
    assert second.line["review_id"] == first.line["review_id"]
    assert len(register.requests) == before + 1
    assert temp_files(tmp_path) == []


def test_changed_document_gets_a_new_key_and_old_links_keep_their_bytes(
    command: Command, register: RegisterServer, s3: str
) -> None:
    first = read_review(review(command, s3, register))
    old = first["documents"][0]
    register.replace_bytes("5000-1-1", make_pdf("Revised", FACTS[0]) + b"\n" * 2000)
    second = read_review(review(command, s3, register))
    assert second["documents"][0]["url"].endswith("/005_Statement_1.pdf")
    assert hashlib.sha256(httpx.get(old["url"]).content).hexdigest() == old["sha256"]


def test_orchestrator_ts_04_its_04_failed_upload_keeps_file_and_register_link(
    command: Command, register: RegisterServer, s3: str, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.fail_path("PUT", "003_Statement_3", answer(503, "SlowDown", "later"))
    result = review(command, proxy.url, register)
    assert result.status == 0, result.stderr
    assert result.line["state"] == "CompletedWithWarnings"
    rows = {row["title"]: row for row in read_review(result)["documents"]}
    assert "003_Statement_3" not in str(list_objects(s3))
    assert rows["Statement 3"]["url"] == rows["Statement 3"]["register_url"]
    assert "upload" in rows["Statement 3"]["reason"]
    assert rows["Statement 3"]["state"] == "indexed"
    for number in (1, 2, 4):
        assert f"00{number}_Statement_{number}.pdf" in rows[f"Statement {number}"]["url"]
    assert temp_files(tmp_path) == ["003_Statement_3.pdf"]
    assert "003_Statement_3.pdf is kept" in result.stderr
    assert proxy.count("PUT", "003_Statement_3") == 3

    proxy.mend()
    again = review(command, proxy.url, register)
    assert again.line["state"] == "Completed"
    assert again.line["documents"]["downloaded"] == 0
    assert temp_files(tmp_path) == []


def test_review_jobs_ts_02_failed_output_upload_fails_no_run(
    command: Command, register: RegisterServer, proxy: FaultProxy
) -> None:
    proxy.fail_path("PUT", "/output/", answer(403, "AccessDenied", "no"))
    result = review(command, proxy.url, register)
    assert result.status == 0
    assert result.line["state"] == "CompletedWithWarnings"
    assert read_review(result)["status"] == "complete"
    assert "was not uploaded and is kept" in result.stderr


def test_orchestrator_ts_03_failed_ingestion_keeps_the_file(
    command: Command, register: RegisterServer, s3: str, tmp_path: Path
) -> None:
    # The index cannot be opened: its folder's place is taken by a file.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chroma").write_text("in the way")
    result = review(command, s3, register)
    assert result.status == 1
    assert temp_files(tmp_path) == [f"00{n}_Statement_{n}.pdf" for n in range(1, 5)]
    assert "is kept" in result.stderr
    (tmp_path / "data" / "chroma").unlink()
    again = review(command, s3, register)
    assert again.status == 0
    assert again.line["documents"]["downloaded"] == 0
    assert temp_files(tmp_path) == []


def test_its_02_orchestrator_ts_05_review_jobs_ts_03_download_phase_ts_02_local(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    result = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    assert result.status == 0
    assert result.line["documents"]["uploaded"] == 0
    for row in read_review(result)["documents"]:
        assert row["url"] == row["register_url"]
    assert len(list((tmp_path / "data" / "raw" / FOLDER).iterdir())) == 4
    assert temp_files(tmp_path) == []
    assert "upload" not in result.stderr


def test_its_03_letter_jobs_ts_01_ts_02(
    command: Command, register: RegisterServer, s3: str, proxy: FaultProxy
) -> None:
    review(command, proxy.url, register)
    letter = ("letter", REFERENCE, "--stance", "neutral", "--json")
    first = command(*letter, **variables(proxy.url, register))
    assert first.status == 0, first.stderr
    letter_id = first.line["letter_id"]
    keys = list_objects(s3)
    for kind in ("json", "md", "docx"):
        assert f"planning/{FOLDER}/output/{letter_id}_letter.{kind}" in keys
    for point in json.loads(Path(first.line["letter_json"]).read_text())["points"]:
        assert all(f"/planning/{FOLDER}/" in citation["url"] for citation in point["citations"])
    proxy.fail_path("PUT", "/output/", answer(403, "AccessDenied", "no"))
    second = command(*letter, "--tone", "accessible", **variables(proxy.url, register))
    assert second.status == 0
    assert Path(second.line["letter_md"]).is_file()
    assert "was not uploaded and is kept" in second.stderr


def test_bad_storage_is_refused_before_the_run(command: Command, register: RegisterServer, s3: str) -> None:
    incomplete = command(
        "review", REFERENCE, PLANNING_REGISTER_URL=register.url, S3_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert incomplete.status == 2
    assert "S3 configuration incomplete: missing S3_BUCKET" in incomplete.stderr
    missing = variables(s3, register) | {"S3_BUCKET": "no-such-bucket"}
    absent = command("review", REFERENCE, **missing)
    assert absent.status == 2
    assert "no-such-bucket" in absent.stderr
    assert register.requests == []


def test_locked_and_damaged_documents_leave_the_temporary_folder_too(
    command: Command, register: RegisterServer, s3: str, tmp_path: Path
) -> None:
    damaged = ServedDocument(
        document_id="5000-9-9",
        title="Broken",
        file_name="broken.pdf",
        category="Supporting Documents",
        listed_date=date(2026, 10, 1),
        content=b"%PDF-1.7\nnothing else",
    )
    register.add_document(REFERENCE, damaged)
    result = review(command, s3, register)
    assert result.line["state"] == "CompletedWithWarnings"
    assert temp_files(tmp_path) == []
    assert f"planning/{FOLDER}/005_Broken.pdf" in list_objects(s3)


def test_pushing_a_data_folder_stores_every_object_once(
    command: Command, register: RegisterServer, s3: str, proxy: FaultProxy, tmp_path: Path
) -> None:
    local = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    assert local.status == 0
    proxy.fail_path("PUT", "003_Statement_3", answer(403, "AccessDenied", "no"))
    broken = command("storage", "push", **variables(proxy.url, register))
    assert broken.status == 1
    proxy.mend()
    pushed = command("storage", "push", **variables(proxy.url, register))
    assert pushed.status == 0, pushed.stderr
    for number in range(1, 5):
        assert proxy.count_stored(f"00{number}_Statement_{number}") == 1
    manifest = json.loads((tmp_path / "data" / "output" / FOLDER / "manifest.json").read_text())
    for row in manifest["documents"]:
        opened = httpx.get(row["public_url"])
        assert hashlib.sha256(opened.content).hexdigest() == row["sha256"]
    before = len(register.requests)
    after = review(command, s3, register)
    assert after.status == 0, after.stderr
    assert after.line["documents"]["downloaded"] == 0
    assert len(register.requests) == before + 1
