"""Runs through a deployment: a real server, a real worker process, and a retry of what failed."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from planning_review.sample.atrium import RegisterServer
from planning_review.sample.served import Fault
from tests.conftest import command_environment
from tests.test_review_flow import FACTS, REFERENCE, downloads, make_application, make_document, make_pdf

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS, start=1)]
    with RegisterServer([make_application(*documents)]) as server:
        yield server


@pytest.fixture
def worker(prefect_url: str, register: RegisterServer, tmp_path: Path) -> Iterator[None]:
    environment = command_environment(prefect_url, tmp_path, {"PLANNING_REGISTER_URL": register.url})
    command = [sys.executable, "-m", "cli.deployments"]
    deployed = subprocess.run(
        [*command, "deploy"], env=environment, capture_output=True, text=True, check=False
    )
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "worker"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    yield
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(read_run: Callable[[], dict[str, Any]], attempt: int) -> dict[str, Any]:
    """Return the run when its attempt has ended; pytest's own time limit ends the wait."""
    pause = threading.Event()
    while True:
        run = read_run()
        if run["state_type"] in ENDED and run["run_count"] == attempt:
            return run
        pause.wait(0.3)


def test_retry_of_a_deployed_run_does_only_what_failed(
    prefect_url: str, register: RegisterServer, worker: None, tmp_path: Path
) -> None:
    register.set_fault("5000-2-2", Fault(kind="status", status=503, times=4))
    with httpx.Client(base_url=prefect_url) as api:
        deployment = api.get("/deployments/name/review-application/review").json()
        refused = api.post(
            f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": {"parameters": {}}}
        )
        assert refused.status_code in (409, 422)
        asked = {"parameters": {"parameters": {"reference": REFERENCE}}}
        run = api.post(f"/deployments/{deployment['id']}/create_flow_run", json=asked).json()

        def read_run() -> dict[str, Any]:
            return api.get(f"/flow_runs/{run['id']}").json()

        first = wait_for(read_run, 1)
        assert first["state_name"] == "Failed"
        assert first["name"] == f"{REFERENCE} review (cherwell)"
        assert len(downloads(register)) == 7

        retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}}
        assert api.post(f"/flow_runs/{run['id']}/set_state", json=retry).json()["status"] == "ACCEPT"
        second = wait_for(read_run, 2)
        assert second["state_name"] == "Completed"
        assert len(downloads(register)) == 8
        tasks = api.post(
            "/task_runs/filter", json={"flow_runs": {"id": {"any_": [run["id"]]}}, "limit": 200}
        ).json()
    states = {task["name"]: task["state_name"] for task in tasks if task["flow_run_run_count"] == 2}
    for step in ("download", "read", "index"):
        for number in (1, 3, 4):
            assert states[f"{REFERENCE} {step} Statement {number}"] == "Cached"
        assert states[f"{REFERENCE} {step} Statement 2"] == "Completed"
    review = next((tmp_path / "data").rglob("rev_*_review.json"))
    assert json.loads(review.read_text())["application_ref"] == REFERENCE
