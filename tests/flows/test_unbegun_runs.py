"""Runs whose process is gone before it began: settled, told of, and asked for again by the next scan."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from planning_review.sample.register_server import RegisterServer
from tests.support.commands import CommandResult, command_environment, run_command
from tests.support.deployed import Deployed
from tests.support.scans import make_statement, serve

pytestmark = pytest.mark.proof

KILLED, CANCELLED = "26/00861/F", "26/00862/F"
PENDING_SECONDS = 4


@pytest.fixture
def deployed(prefect_url: str, tmp_path: Path) -> Iterator[Deployed]:
    with RegisterServer([serve(number, make_statement(number)) for number in (861, 862)]) as register:
        variables = {
            "PLANNING_REGISTER_URL": register.url,
            "PLANNING_PENDING_SECONDS": str(PENDING_SECONDS),
        }
        deployed = Deployed(
            prefect_url, tmp_path, command_environment(prefect_url, tmp_path, variables), variables=variables
        )
        deployed.deploy()
        yield deployed
        deployed.kill_workers()


def run(deployed: Deployed, *arguments: str) -> CommandResult:
    return run_command(arguments, deployed.api_url, deployed.folder, deployed.variables)


def scan(deployed: Deployed, reference: str) -> str:
    """Scan for one application, and return the scan's last words."""
    references = deployed.folder / "references.txt"
    references.write_text(reference)
    done = run(deployed, "scan", "--references", str(references))
    assert done.status == 0, done.stderr
    return next(line for line in reversed(done.stderr.splitlines()) if "found" in line)


def find_reviews(deployed: Deployed, reference: str) -> list[dict[str, str]]:
    flows = {"name": {"any_": ["review-application"]}}
    asked = {"flow_runs": {"tags": {"all_": [reference]}}, "flows": flows}
    runs: list[dict[str, str]] = deployed.api("POST", "/flow_runs/filter", asked)
    return runs


def test_worker_killed_while_its_run_is_pending(deployed: Deployed) -> None:
    assert "1 review started" in scan(deployed, KILLED)
    assert "1 review under way or waiting for a worker" in scan(deployed, KILLED)
    (review,) = find_reviews(deployed, KILLED)
    deployed.start_worker()
    pause = threading.Event()
    while deployed.read_run(review["id"])["state_type"] != "PENDING":
        pause.wait(0.05)
    pause.wait(1)
    deployed.kill_workers()
    killed_at = time.monotonic()
    assert deployed.read_run(review["id"])["state_type"] == "PENDING"
    pause.wait(PENDING_SECONDS + 1 - (time.monotonic() - killed_at))

    shown = run(deployed, "status").stdout
    assert f"planning-review retry {review['id']}" in shown
    assert "Its process ended before it began." in shown
    assert "1 review tried again" in scan(deployed, KILLED)
    deployed.start_worker()
    assert deployed.wait_for_end(review["id"])["state_name"] == "Completed"
    assert "1 reviewed with these documents" in scan(deployed, KILLED)
    assert len(find_reviews(deployed, KILLED)) == 1


def test_what_was_cancelled_or_is_gone_is_not_called_reviewed(deployed: Deployed) -> None:
    scan(deployed, CANCELLED)
    (review,) = find_reviews(deployed, CANCELLED)

    def put(state: str) -> None:
        asked = {"state": {"type": state}, "force": True}
        deployed.api("POST", f"/flow_runs/{review['id']}/set_state", asked)

    put("CANCELLED")
    assert "1 review cancelled by a person" in scan(deployed, CANCELLED)
    # No worker has done anything: there is no review.
    put("COMPLETED")
    assert "1 review tried again" in scan(deployed, CANCELLED)
    assert deployed.read_run(review["id"])["state_name"] == "AwaitingRetry"
