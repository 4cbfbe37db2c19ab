"""Runs through a deployment: a real server, a real worker process, and a retry of what failed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.applications import FACTS, REFERENCE, downloads, make_application, make_document, make_pdf
from tests.support.buckets import make_bucket
from tests.support.commands import run_command
from tests.support.deployed import Deployed, deploy_on
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.s3_server import run_s3_server

REVIEW = "review-application/review"


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS, start=1)]
    with RegisterServer([make_application(*documents)]) as server:
        yield server


@pytest.fixture
def deployed(prefect_url: str, register: RegisterServer, tmp_path: Path) -> Iterator[Deployed]:
    with deploy_on(prefect_url, tmp_path, {"PLANNING_REGISTER_URL": register.url}) as deployed:
        yield deployed


def read_review(folder: Path) -> dict[str, Any]:
    """Return the review that was written last."""
    reviews = sorted((folder / "data").rglob("rev_*_review.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(reviews[-1].read_text())


def test_run_without_a_reference_is_refused_before_it_is_made(deployed: Deployed) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        deployed.start_run(REVIEW)
    assert refused.value.response.status_code in (409, 422)


def test_form_leads_into_no_folder_of_the_workers_machine_but_those_named(
    deployed: Deployed, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text("A word that nobody published.")
    asked = (
        (REVIEW, {"reference": REFERENCE, "documents_folder": str(outside)}),
        ("load-policies/policies", {"document": str(outside / "private.txt"), "source": "NPPF"}),
    )
    for deployment, parameters in asked:
        run = deployed.wait_for_end(deployed.start_run(deployment, **parameters))
        assert run["state_type"] == "FAILED"
        assert "is in none of the folders that a form may name" in run["state"]["message"]
        assert "PLANNING_FORM_FOLDERS" in run["state"]["message"]


def test_e2e_01_deployed_run_with_s3_links_to_public_objects_that_open(
    prefect_url: str, register: RegisterServer, tmp_path: Path
) -> None:
    with run_s3_server() as s3_url:
        bucket = make_bucket(s3_url)
        with deploy_on(prefect_url, tmp_path, bucket.variables(register)) as deployed:
            run_id = deployed.start_run(REVIEW, reference=REFERENCE)
            assert deployed.wait_for_end(run_id)["state_name"] == "Completed"
            letter_id = deployed.start_run("write-letter/letter", reference=REFERENCE, stance="object")
            assert deployed.wait_for_end(letter_id)["state_name"] == "Completed"
            links = [document["url"] for document in read_review(tmp_path)["review"]["key_documents"]]
            assert links
            for link in links:
                assert link.startswith(f"{s3_url}/{bucket.name}/planning/26_00042_F/")
                assert httpx.get(link).content.startswith(b"%PDF")
            results = [key for key in bucket.list_objects() if key.startswith("planning/results/")]
            assert any("/judge_application/" in key for key in results)


def test_e2e_02_deployed_run_without_s3_links_to_the_register(
    deployed: Deployed, register: RegisterServer
) -> None:
    run_id = deployed.start_run(REVIEW, reference=REFERENCE)
    assert deployed.wait_for_end(run_id)["state_name"] == "Completed"
    documents = read_review(deployed.folder)["review"]["key_documents"]
    assert documents
    assert all(document["url"].startswith(register.url) for document in documents)
    assert {"review", "cherwell", REFERENCE} <= set(deployed.read_run(run_id)["tags"])
    shown = deployed.api("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}})
    by_key = {artifact["key"]: artifact["data"] for artifact in shown if artifact["key"]}
    kinds = ("documents", "progress", "review")
    assert sorted(by_key) == [f"{kind}-cherwell-26-00042-f" for kind in kinds]
    assert by_key["progress-cherwell-26-00042-f"] == 100
    status = run_command(("status",), deployed.api_url, deployed.folder, {}).stdout
    assert "Workers: ProcessWorker" in status
    assert re.search(r"^ +next: \d\d \w+ 0[56]:30 London time$", status, re.MULTILINE), status


def test_retry_of_a_deployed_run_does_only_what_failed(deployed: Deployed, register: RegisterServer) -> None:
    register.set_fault("5000-2-2", Fault(kind="status", status=503, times=4))
    run_id = deployed.start_run(REVIEW, reference=REFERENCE)
    first = deployed.wait_for_end(run_id)
    assert first["state_name"] == "Failed"
    assert first["name"] == f"{REFERENCE} review (cherwell)"
    assert len(downloads(register)) == 7
    assert "TypeError" not in (deployed.folder / "worker.log").read_text()

    deployed.retry(run_id)
    assert deployed.wait_for_end(run_id, attempt=2)["state_name"] == "Completed"
    assert len(downloads(register)) == 8
    states = deployed.read_task_states(run_id, attempt=2)
    for step in ("download", "read", "index"):
        for number in (1, 3, 4):
            assert states[f"{REFERENCE} {step} Statement {number}"] == "Cached"
        assert states[f"{REFERENCE} {step} Statement 2"] == "Completed"
    assert read_review(deployed.folder)["status"] == "complete"
