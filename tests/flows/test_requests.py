"""What a review asks of the Prefect server: no more for a document than the server has to know."""

from pathlib import Path

from planning_review.sample.atrium import RegisterServer
from tests.support.applications import FACTS, REFERENCE, make_application, make_document, make_pdf
from tests.support.commands import run_command
from tests.support.counting_proxy import count_requests

DOCUMENTS = 12


def test_no_task_asks_for_the_state_of_another(prefect_url: str, tmp_path: Path) -> None:
    documents = [
        make_document(n, make_pdf("Introduction", f"{FACTS[0]} Part {n}.")) for n in range(1, DOCUMENTS + 1)
    ]
    with (
        RegisterServer([make_application(*documents)]) as register,
        count_requests(prefect_url) as (url, requests),
    ):
        variables = {"PLANNING_REGISTER_URL": register.url}
        first = run_command(("review", REFERENCE, "--json"), url, tmp_path, variables)
    assert first.line["state"] == "Completed", first.stderr
    assert first.line["documents"]["ingested"] == DOCUMENTS
    # The proxy does count.
    assert requests["POST /api/flow_runs/{id}/set_state"]
    assert requests["GET /api/task_runs/{id}"] == 0
    assert [path for path in requests if "task_runs" in path or "concurrency" in path] == []
