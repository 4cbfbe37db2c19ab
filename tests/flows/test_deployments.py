"""Runs through a deployment: a real server, a real worker process, and a retry of what failed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from planning_review.references import reference_folder
from tests.support.applications import FACTS, REFERENCE, downloads, make_application, make_document, make_pdf
from tests.support.buckets import make_bucket
from tests.support.commands import run_command
from tests.support.deployed import Deployed, deploy_on
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.s3_server import run_s3_server

REVIEW = "review-application/review"


RETRIED = "26/00043/F"
"""The application of the test with a retry: one worker and one data folder serve all tests here."""


@pytest.fixture(scope="module")
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS, start=1)]
    # Others, so that nothing of them is known before.
    others = [
        make_document(10 + n, make_pdf("Summary", fact), f"Statement {n}")
        for n, fact in enumerate(FACTS, start=1)
    ]
    applications = [make_application(*documents), make_application(*others, reference=RETRIED)]
    with RegisterServer(applications) as server:
        yield server


@pytest.fixture(scope="module")
def deployed(
    prefect_url: str, register: RegisterServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    variables = {"PLANNING_REGISTER_URL": register.url, "PREFECT_WORKER_QUERY_SECONDS": "3"}
    with deploy_on(prefect_url, folder, variables) as deployed:
        yield deployed


def read_review(folder: Path, reference: str = REFERENCE) -> dict[str, Any]:
    """Return an application's review that was written last."""
    found = (folder / "data" / "output" / reference_folder(reference)).glob("rev_*_review.json")
    reviews = sorted(found, key=lambda path: path.stat().st_mtime_ns)
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
    started = [deployed.start_run(deployment, **parameters) for deployment, parameters in asked]
    for run_id in started:
        run = deployed.wait_for_end(run_id)
        assert run["state_type"] == "FAILED"
        assert "is in none of the folders that a form may name" in run["state"]["message"]
        assert "PLANNING_FORM_FOLDERS" in run["state"]["message"]


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
    register.set_fault("5000-12-12", Fault(kind="status", status=503, times=4))
    before = len(downloads(register))
    run_id = deployed.start_run(REVIEW, reference=RETRIED)
    first = deployed.wait_for_end(run_id)
    assert first["state_name"] == "Failed"
    assert first["name"] == f"{RETRIED} review (cherwell)"
    assert len(downloads(register)) == before + 7
    assert "TypeError" not in (deployed.folder / "worker.log").read_text()

    deployed.retry(run_id)
    assert deployed.wait_for_end(run_id, attempt=2)["state_name"] == "Completed"
    assert len(downloads(register)) == before + 8
    states = deployed.read_task_states(run_id, attempt=2)
    for step in ("download", "read", "index"):
        for number in (1, 3, 4):
            assert f"{RETRIED} {step} Statement {number}" not in states
        assert states[f"{RETRIED} {step} Statement 2"] == "Completed"
    assert read_review(deployed.folder, RETRIED)["status"] == "complete"


def test_e2e_01_deployed_run_with_s3_links_to_public_objects_that_open(
    deployed: Deployed, prefect_url: str, register: RegisterServer, tmp_path: Path
) -> None:
    # The worker without a bucket would take these runs.
    deployed.kill_workers()
    with run_s3_server() as s3_url:
        bucket = make_bucket(s3_url)
        variables = bucket.variables(register) | {"PREFECT_WORKER_QUERY_SECONDS": "3"}
        with deploy_on(prefect_url, tmp_path, variables) as storing:
            run_id = storing.start_run(REVIEW, reference=REFERENCE)
            assert storing.wait_for_end(run_id)["state_name"] == "Completed"
            letter_id = storing.start_run("write-letter/letter", reference=REFERENCE, stance="object")
            assert storing.wait_for_end(letter_id)["state_name"] == "Completed"
            links = [document["url"] for document in read_review(tmp_path)["review"]["key_documents"]]
            assert links
            for link in links:
                assert link.startswith(f"{s3_url}/{bucket.name}/planning/26_00042_F/")
                assert httpx.get(link).content.startswith(b"%PDF")
            results = [key for key in bucket.list_objects() if key.startswith("planning/results/")]
            assert any("/judge_application/" in key for key in results)
