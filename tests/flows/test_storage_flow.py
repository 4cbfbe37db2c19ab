"""The review with an object store: every scenario of the flow over a real S3 server, by its id."""

import contextlib
import hashlib
import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from planning_review.sample.served_application import ServedDocument
from tests.support.applications import (
    FACTS,
    REFERENCE,
    make_application,
    make_document,
    make_pdf,
    read_review,
    serve_statements,
)
from tests.support.buckets import Bucket, make_bucket
from tests.support.commands import Command, CommandResult, run_command, run_module, start_command
from tests.support.faulty_register import RegisterServer
from tests.support.s3_server import (
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    SILENT,
    FaultProxy,
    answer,
    make_certificate,
    proxy_url,
    run_proxy,
    run_s3_server,
)

FOLDER = "26_00042_F"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture
def bucket(s3_url: str) -> Bucket:
    return make_bucket(s3_url)


@pytest.fixture
def proxy(s3_url: str) -> Iterator[FaultProxy]:
    with run_proxy(s3_url) as proxy:
        yield proxy


def temp_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "temp").rglob("*") if path.is_file())


@dataclass(frozen=True)
class Reviewed:
    """A review that several tests look at."""

    result: CommandResult
    bucket: Bucket
    folder: Path

    @property
    def documents(self) -> list[dict[str, Any]]:
        return read_review(self.result)["documents"]


@pytest.fixture(scope="module")
def stored(s3_url: str, prefect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    bucket, folder = make_bucket(s3_url), tmp_path_factory.mktemp("stored")
    with serve_statements() as register:
        arguments = ("review", REFERENCE, "--json")
        result = run_command(arguments, prefect_url, folder, bucket.variables(register))
        assert result.status == 0, result.stderr
        yield Reviewed(result, bucket, folder)


@pytest.fixture(scope="module")
def local(s3_url: str, prefect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    folder = tmp_path_factory.mktemp("local")
    with serve_statements() as register:
        variables = {"PLANNING_REGISTER_URL": register.url}
        result = run_command(("review", REFERENCE, "--json"), prefect_url, folder, variables)
        assert result.status == 0, result.stderr
        yield Reviewed(result, Bucket(s3_url, "none"), folder)


def test_orchestrator_ts_01_each_document_is_uploaded_and_linked(stored: Reviewed) -> None:
    assert stored.result.line["documents"]["uploaded"] == 4
    for number, row in enumerate(stored.documents, start=1):
        assert row["url"] == stored.bucket.link(f"planning/{FOLDER}/00{number}_Statement_{number}.pdf")
        opened = httpx.get(row["url"])
        assert opened.status_code == 200
        assert opened.headers["content-type"] == "application/pdf"
        assert hashlib.sha256(opened.content).hexdigest() == row["sha256"]
        for kind in ("review_md", "review_html"):
            assert row["url"] in Path(stored.result.line[kind]).read_text()
    manifest = httpx.get(stored.bucket.link(f"planning/{FOLDER}/manifest.json")).json()
    assert [row["public_url"] for row in manifest["documents"]] == [row["url"] for row in stored.documents]


def test_orchestrator_ts_02_uploaded_and_read_files_are_deleted(stored: Reviewed) -> None:
    assert temp_files(stored.folder) == []


def test_download_phase_ts_01_files_go_to_the_temporary_folder(stored: Reviewed) -> None:
    assert (stored.folder / "temp" / FOLDER).is_dir()
    assert not (stored.folder / "data" / "raw").exists()


def test_review_jobs_ts_01_outputs_stand_at_their_keys(stored: Reviewed) -> None:
    review_id = stored.result.line["review_id"]
    outputs = {f"planning/{FOLDER}/output/{review_id}_review.{kind}" for kind in ("json", "md", "html")}
    documents = {f"planning/{FOLDER}/00{n}_Statement_{n}.pdf" for n in range(1, 5)}
    objects = stored.bucket.list_objects()
    public = {key for key in objects if not key.startswith("planning/results/")}
    entries = {key for key in public if key.startswith(f"planning/catalogue/cherwell/{FOLDER}/")}
    assert len(entries) == 1
    site = entries | {"planning/index.html", "planning/feed.xml", "planning/deadlines.ics"}
    pictures = {key for key in public if key.startswith(f"planning/{FOLDER}/output/quote_")}
    page = Path(stored.result.line["review_html"]).read_text()
    assert pictures
    assert {key.rpartition("/")[2] for key in pictures} == set(re.findall(r'src="(quote_[^"]+)"', page))
    letters = {f"planning/{FOLDER}/output/letters.html"}
    assert public == documents | outputs | pictures | letters | site | {f"planning/{FOLDER}/manifest.json"}
    assert len(objects) > len(public)
    page = httpx.get(stored.bucket.link(f"planning/{FOLDER}/output/{review_id}_review.html"))
    assert page.headers["content-type"].startswith("text/html")
    assert page.content == Path(stored.result.line["review_html"]).read_bytes()


def test_upload_seconds_are_logged_and_no_secret_is(stored: Reviewed) -> None:
    assert "s3_upload_total_seconds=" in stored.result.stderr
    for secret in (ACCESS_KEY_ID, SECRET_ACCESS_KEY):
        assert secret not in stored.result.stderr + stored.result.stdout


def test_orchestrator_ts_05_its_02_local_run_keeps_the_registers_links(local: Reviewed) -> None:
    assert local.result.line["documents"]["uploaded"] == 0
    for row in local.documents:
        assert row["url"] == row["register_url"]


def test_download_phase_ts_02_local_files_stay_in_the_data_folder(local: Reviewed) -> None:
    assert len(list((local.folder / "data" / "raw" / FOLDER).iterdir())) == 4
    assert temp_files(local.folder) == []


def test_review_jobs_ts_03_local_run_uploads_nothing(local: Reviewed) -> None:
    assert "upload" not in local.result.stderr


def test_its_01_whole_review_in_memory(register: RegisterServer, prefect_url: str, tmp_path: Path) -> None:
    variables = {"PLANNING_REGISTER_URL": register.url}
    done = run_module("tests.support.run_in_memory", (REFERENCE,), prefect_url, tmp_path, variables)
    assert done.status == 0, done.stderr
    outcome = done.line
    review = json.loads(next((tmp_path / "data").rglob("rev_*_review.json")).read_text())
    assert outcome["state"] == "Completed"
    for row in review["documents"]:
        key = row["url"].removeprefix("https://test-bucket.example.com/")
        assert outcome["uploads"][key] == row["sha256"]
    for kind in ("json", "md", "html"):
        assert f"{FOLDER}/output/{review['review_id']}_review.{kind}" in outcome["uploads"]
    assert temp_files(tmp_path) == []


def review(
    command: Command, bucket: Bucket, register: RegisterServer, url: str | None = None
) -> CommandResult:
    return command("review", REFERENCE, "--json", **bucket.variables(register, url))


@pytest.mark.proof
def test_second_review_on_another_machine_reuses_the_bucket(
    command: Command, register: RegisterServer, bucket: Bucket, tmp_path: Path
) -> None:
    first = review(command, bucket, register)
    before = len(register.requests)
    (tmp_path / "data").rename(tmp_path / "the-other-machines-data")
    second = review(command, bucket, register)
    assert second.status == 0, second.stderr
    assert second.line["documents"]["downloaded"] == 0
    assert second.line["documents"]["reused"] == 4
    assert second.line["documents"]["ingested"] == 4
    assert second.line["review_id"] == first.line["review_id"]
    assert len(register.requests) == before + 1
    assert temp_files(tmp_path) == []
    # The text came from the private part of the bucket: no document was read a second time.
    assert "read: Statement 1" in first.stderr
    assert "read: Statement 1" not in second.stderr
    text = next(key for key in bucket.list_objects() if key.startswith("planning/results/text/"))
    assert httpx.get(bucket.link(text)).status_code == 403


def test_changed_document_gets_a_new_key_and_old_links_keep_their_bytes(
    command: Command, register: RegisterServer, bucket: Bucket
) -> None:
    first = read_review(review(command, bucket, register))
    old = first["documents"][0]
    register.replace_bytes("5000-1-1", make_pdf("Revised", FACTS[0]) + b"\n" * 2000)
    second = read_review(review(command, bucket, register))
    assert second["documents"][0]["url"].endswith("/005_Statement_1.pdf")
    assert hashlib.sha256(httpx.get(old["url"]).content).hexdigest() == old["sha256"]


def test_orchestrator_ts_04_its_04_failed_upload_keeps_file_and_register_link(
    command: Command, register: RegisterServer, bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    # One that is quoted, of which a picture is drawn.
    proxy.fail_path("PUT", "001_Statement_1", answer(503, "SlowDown", "later"))
    result = review(command, bucket, register, proxy.url)
    assert result.status == 0, result.stderr
    assert result.line["state"] == "CompletedWithWarnings"
    rows = {row["title"]: row for row in read_review(result)["documents"]}
    assert "001_Statement_1" not in str(bucket.list_objects())
    assert rows["Statement 1"]["url"] == rows["Statement 1"]["register_url"]
    assert "upload" in rows["Statement 1"]["reason"]
    assert rows["Statement 1"]["state"] == "indexed"
    for number in (2, 3, 4):
        assert f"00{number}_Statement_{number}.pdf" in rows[f"Statement {number}"]["url"]
    assert temp_files(tmp_path) == ["001_Statement_1.pdf"]
    assert "001_Statement_1.pdf is kept" in result.stderr
    assert proxy.count("PUT", "001_Statement_1") == 3

    proxy.mend()
    again = review(command, bucket, register, proxy.url)
    assert again.line["state"] == "Completed"
    assert again.line["documents"]["downloaded"] == 0
    assert temp_files(tmp_path) == []


def test_review_jobs_ts_02_failed_output_upload_fails_no_run(
    command: Command, register: RegisterServer, bucket: Bucket, proxy: FaultProxy
) -> None:
    proxy.fail_path("PUT", "/output/", answer(403, "AccessDenied", "no"))
    result = review(command, bucket, register, proxy.url)
    assert result.status == 0
    assert result.line["state"] == "CompletedWithWarnings"
    assert read_review(result)["status"] == "complete"
    assert "was not uploaded and is kept" in result.stderr


def test_orchestrator_ts_03_failed_ingestion_keeps_the_file(
    command: Command, register: RegisterServer, bucket: Bucket, tmp_path: Path
) -> None:
    # The index cannot be opened: its folder's place is taken by a file.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chroma").write_text("in the way")
    result = review(command, bucket, register)
    assert result.status == 1
    assert temp_files(tmp_path) == [f"00{n}_Statement_{n}.pdf" for n in range(1, 5)]
    assert "is kept" in result.stderr
    (tmp_path / "data" / "chroma").unlink()
    again = review(command, bucket, register)
    assert again.status == 0
    assert again.line["documents"]["downloaded"] == 0
    assert temp_files(tmp_path) == []


def test_its_03_letter_jobs_ts_01_ts_02_letter_is_uploaded(
    command: Command, register: RegisterServer, bucket: Bucket, proxy: FaultProxy
) -> None:
    review(command, bucket, register, proxy.url)
    letter = ("letter", REFERENCE, "--stance", "neutral", "--json")
    first = command(*letter, **bucket.variables(register, proxy.url))
    assert first.status == 0, first.stderr
    for kind in ("json", "md", "docx"):
        key = f"planning/{FOLDER}/output/{first.line['letter_id']}_letter.{kind}"
        assert httpx.get(bucket.link(key)).content == Path(first.line[f"letter_{kind}"]).read_bytes()
    points = json.loads(Path(first.line["letter_json"]).read_text())["points"]
    citations = [citation for point in points for citation in point["citations"]]
    assert citations
    assert all(f"/planning/{FOLDER}/" in citation["url"] for citation in citations)

    # LetterJobs/TS-02: an upload that fails is not fatal.
    proxy.fail_path("PUT", "/output/", answer(403, "AccessDenied", "no"))
    second = command(*letter, "--tone", "accessible", **bucket.variables(register, proxy.url))
    assert second.status == 0
    assert Path(second.line["letter_md"]).is_file()
    assert "was not uploaded and is kept" in second.stderr


def test_bad_storage_is_refused_before_the_run(
    command: Command, register: RegisterServer, bucket: Bucket
) -> None:
    incomplete = command(
        "review", REFERENCE, PLANNING_REGISTER_URL=register.url, S3_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert incomplete.status == 2
    assert "S3 configuration incomplete: missing S3_BUCKET" in incomplete.stderr
    missing = bucket.variables(register) | {"S3_BUCKET": "no-such-bucket"}
    absent = command("review", REFERENCE, **missing)
    assert absent.status == 2
    assert "no-such-bucket" in absent.stderr
    assert register.requests == []


def test_locked_and_damaged_documents_leave_the_temporary_folder_too(
    command: Command, register: RegisterServer, bucket: Bucket, tmp_path: Path
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
    result = review(command, bucket, register)
    assert result.line["state"] == "CompletedWithWarnings"
    assert temp_files(tmp_path) == []
    assert f"planning/{FOLDER}/005_Broken.pdf" in bucket.list_objects()


def test_review_over_https_with_a_certificate_of_its_own(
    command: Command, register: RegisterServer, bucket: Bucket, tmp_path: Path
) -> None:
    certificate, context = make_certificate(tmp_path)
    with run_proxy(bucket.url, tls=context) as proxy:
        settings = bucket.variables(register, proxy_url(proxy, "https"))
        result = command("review", REFERENCE, "--json", **settings, AWS_CA_BUNDLE=str(certificate))
        assert result.status == 0, result.stderr
        assert result.line["state"] == "Completed"
        for row in read_review(result)["documents"]:
            assert row["url"].startswith("https://127.0.0.1")
            opened = httpx.get(row["url"], verify=ssl.create_default_context(cafile=str(certificate)))
            assert hashlib.sha256(opened.content).hexdigest() == row["sha256"]


@pytest.mark.proof
def test_temporary_folder_stays_within_its_limit(prefect_url: str, bucket: Bucket, tmp_path: Path) -> None:
    documents = [make_document(n, make_pdf(f"Statement {n}") + b"\n%" + b"x" * 100_000) for n in range(1, 25)]
    with RegisterServer([make_application(*documents)]) as register:
        limits = {"PLANNING_TEMP_LIMIT_BYTES": "900000", "PLANNING_WORKERS": "1"}
        process = start_command(
            ("review", REFERENCE, "--json"), prefect_url, tmp_path, bucket.variables(register) | limits
        )
        peak_bytes = 0
        while process.poll() is None:
            peak_bytes = max(peak_bytes, measure_bytes(tmp_path / "temp"))
        _, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert 100_000 < peak_bytes <= 900_000
    assert len([key for key in bucket.list_objects() if key.endswith(".pdf")]) == 24


def measure_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


@pytest.mark.proof
def test_push_killed_halfway_goes_on_and_stores_every_object_once(
    command: Command,
    register: RegisterServer,
    bucket: Bucket,
    proxy: FaultProxy,
    prefect_url: str,
    tmp_path: Path,
) -> None:
    local = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    assert local.status == 0
    settings = bucket.variables(register, proxy.url)
    proxy.fail_path("PUT", "003_Statement_3", SILENT)
    push = start_command(("storage", "push"), prefect_url, tmp_path, settings)
    while proxy.count_stored("004_Statement_4") == 0:
        assert push.poll() is None
    push.kill()
    push.communicate()
    proxy.mend()
    pushed = command("storage", "push", **settings)
    assert pushed.status == 0, pushed.stderr
    assert [proxy.count_stored(f"00{n}_Statement_{n}.pdf") for n in range(1, 5)] == [1, 1, 1, 1]
    assert f"{FOLDER}/output/rev_" in httpx.get(pushed.stdout.split()[-1]).text, "the index of all reviews"
    manifest = json.loads((tmp_path / "data" / "output" / FOLDER / "manifest.json").read_text())
    for row in manifest["documents"]:
        opened = httpx.get(row["public_url"])
        assert hashlib.sha256(opened.content).hexdigest() == row["sha256"]
    before = len(register.requests)
    after = command("review", REFERENCE, "--json", **settings)
    assert after.status == 0, after.stderr
    assert after.line["documents"]["downloaded"] == 0
    assert len(register.requests) == before + 1


@pytest.mark.proof
def test_push_of_a_folder_that_contradicts_the_bucket_changes_nothing(
    command: Command, register: RegisterServer, bucket: Bucket, prefect_url: str, tmp_path: Path
) -> None:
    settings = bucket.variables(register)
    assert command("review", REFERENCE, **settings).status == 0
    published = bucket.list_objects()
    other = tmp_path / "other"
    other.mkdir()
    documents = [make_document(n, make_pdf("Of another listing", fact)) for n, fact in enumerate(FACTS, 7)]
    with RegisterServer([make_application(*documents)]) as another:
        variables = {"PLANNING_REGISTER_URL": another.url}
        assert run_command(("review", REFERENCE), prefect_url, other, variables).status == 0
    pushed = run_command(("storage", "push"), prefect_url, other, settings)
    assert pushed.status == 1
    assert "Nothing was pushed" in pushed.stderr
    assert "Traceback" not in pushed.stderr
    assert (other / "data" / "output" / FOLDER / "manifest.before-bucket.json").is_file()
    documents_of = {key: size for key, size in published.items() if key.endswith(".pdf")}
    assert {key: size for key, size in bucket.list_objects().items() if key.endswith(".pdf")} == documents_of
