"""What a review asks of the Prefect server, and what it leaves in its process: nothing for each document."""

import json
from pathlib import Path

from planning_review.sample.register_server import RegisterServer
from tests.support.applications import FACTS, REFERENCE, make_application, make_document, make_pdf
from tests.support.commands import run_command, run_module
from tests.support.counting_proxy import count_requests
from tests.support.server_api import find_password, remember_password

DOCUMENTS = 12


def test_no_task_asks_for_the_state_of_another(prefect_url: str, tmp_path: Path) -> None:
    documents = [
        make_document(n, make_pdf("Introduction", f"{FACTS[0]} Part {n}.")) for n in range(1, DOCUMENTS + 1)
    ]
    with (
        RegisterServer([make_application(*documents)]) as register,
        count_requests(prefect_url) as (url, requests),
    ):
        # The password goes with an address that the tests know.
        remember_password(url, find_password(prefect_url) or "")
        variables = {"PLANNING_REGISTER_URL": register.url}
        first = run_command(("review", REFERENCE, "--json"), url, tmp_path, variables)
    assert first.line["state"] == "Completed", first.stderr
    assert first.line["documents"]["ingested"] == DOCUMENTS
    # The proxy does count.
    assert requests["POST /api/flow_runs/{id}/set_state"]
    assert requests["GET /api/task_runs/{id}"] == 0
    # Once a run, and again where the server was busy: the council's turn, if another test made its limit.
    turn = "POST /api/v2/concurrency_limits/increment-with-lease"
    assert requests[turn] < DOCUMENTS
    asked = [path for path in requests if "task_runs" in path or "increment" in path]
    assert [path for path in asked if path != turn] == []


def test_reviews_of_one_process_keep_nothing_of_each_other(
    prefect_url: str, no_deployments: None, tmp_path: Path
) -> None:
    references = [f"26/{number:05}/F" for number in range(701, 707)]
    statement = make_document(1, make_pdf("Introduction", FACTS[0]))
    with RegisterServer([make_application(statement, reference=each) for each in references]) as register:
        variables = {"PLANNING_REGISTER_URL": register.url}
        done = run_module(
            "tests.support.scan_one_by_one", tuple(references), prefect_url, tmp_path, variables
        )
    held = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [each["message"] for each in held] == ["1 found, 1 of interest, 1 reviewed."] * 6, done.stderr
    assert [each["runs"] for each in held] == [0] * 6
    assert held[-1]["threads"] <= held[1]["threads"] + 1
    assert held[-1]["files"] <= held[1]["files"] + 2
