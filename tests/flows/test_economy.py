"""What a review asks of the Prefect server, and what it leaves in its process: nothing for each document."""

import json
from pathlib import Path

from planning_review.sample.register_server import RegisterServer
from tests.support.applications import FACTS, REFERENCE, make_application, make_document, make_pdf
from tests.support.commands import run_command, run_module
from tests.support.counting_proxy import count_requests
from tests.support.server_api import find_password, remember_password

DOCUMENTS = 12
TASKS_OF_A_RUN = (
    "read the register",
    "judge",
    "draw the quotes",
    "write the review",
    "list the letters",
    "publish the index",
)


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
        asked_first = requests.copy()
        requests.clear()
        again = run_command(("review", REFERENCE, "--json"), url, tmp_path, variables)
        asked_again = requests.copy()
    assert first.line["state"] == "Completed", first.stderr
    assert first.line["documents"]["ingested"] == DOCUMENTS
    # The proxy does count.
    assert asked_first["POST /api/flow_runs/{id}/set_state"]
    assert asked_first["GET /api/task_runs/{id}"] == 0
    # Once a run, and again where the server was busy: the council's turn, if another test made its limit.
    turn = "POST /api/v2/concurrency_limits/increment-with-lease"
    assert asked_first[turn] < DOCUMENTS
    asked = [path for path in asked_first if "task_runs" in path or "increment" in path]
    assert [path for path in asked if path != turn] == []
    # Where nothing is to be done no document has a task, and the server is asked for none.
    assert again.line["documents"] == first.line["documents"] | {"downloaded": 0, "reused": DOCUMENTS}
    ended = [line for line in again.stderr.splitlines() if "Finished in state" in line]
    assert len([line for line in ended if "Task run" in line]) == len(TASKS_OF_A_RUN), again.stderr
    assert all(any(f"{REFERENCE} {task}'" in line for line in ended) for task in TASKS_OF_A_RUN)
    # What is left goes by the time that a run takes: its log, and looks for a cancel.
    by_time = ("POST /api/logs/", "GET /api/flow_runs/{id}")
    assert sum(count for path, count in asked_again.items() if path not in by_time) < 2 * DOCUMENTS


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
