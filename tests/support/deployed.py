"""Runs through deployments, as Prefect's own page starts them: `make deploy`, workers, the API."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.commands import command_environment
from tests.support.server_api import call_server

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
AWAITING_RETRY = {"type": "SCHEDULED", "name": "AwaitingRetry"}
_PAUSE_SECONDS = 0.3


@dataclass
class Deployed:
    """The deployments on a server, and the machine whose workers run them.

    folder is where that machine keeps its data; environment is what its worker is started with, variables
    what it has of a test's own.
    """

    api_url: str
    folder: Path
    environment: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call Prefect's API and return what it answers."""
        answer = call_server(method, f"{self.api_url}{path}", body).raise_for_status()
        return answer.json() if answer.content else None

    def deploy(self) -> None:
        """Do what `make deploy` does."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.deployments", "deploy"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Do what `make worker` does; the output goes to worker.log in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "cli.deployments", "worker", *options],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def kill_workers(self) -> None:
        """End every worker of this machine and the runs that it has started, at once."""
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
        self.workers.clear()

    def start_run(self, deployment: str, **parameters: object) -> str:
        """Ask a deployment, such as `review-application/review`, for a run; returns the run's id."""
        found = self.api("GET", f"/deployments/name/{deployment}")
        asked = {"parameters": {"parameters": parameters}}
        return str(self.api("POST", f"/deployments/{found['id']}/create_flow_run", asked)["id"])

    def read_run(self, run_id: str) -> dict[str, Any]:
        """Return a run as the server has it now."""
        run: dict[str, Any] = self.api("GET", f"/flow_runs/{run_id}")
        return run

    def retry(self, run_id: str) -> None:
        """Do what the page's Retry button does."""
        answer = self.api("POST", f"/flow_runs/{run_id}/set_state", {"state": AWAITING_RETRY})
        assert answer["status"] == "ACCEPT", answer

    def wait_for_end(self, run_id: str, attempt: int = 1) -> dict[str, Any]:
        """Return the run when its attempt has ended; pytest's own time limit ends the wait."""
        pause = threading.Event()
        while True:
            run = self.read_run(run_id)
            if run["state_type"] in ENDED and run["run_count"] >= attempt:
                return run
            pause.wait(_PAUSE_SECONDS)

    def read_task_states(self, run_id: str, attempt: int) -> dict[str, str]:
        """Return the state of each task of one attempt, by the task's name."""
        asked = {"flow_runs": {"id": {"any_": [run_id]}}, "limit": 200}
        tasks = self.api("POST", "/task_runs/filter", asked)
        return {task["name"]: task["state_name"] for task in tasks if task["flow_run_run_count"] == attempt}


@contextmanager
def deploy_on(api_url: str, folder: Path, variables: dict[str, str]) -> Iterator[Deployed]:
    """Put the deployments on a server with one worker running; ends with it."""
    deployed = Deployed(api_url, folder, command_environment(api_url, folder, variables))
    deployed.deploy()
    deployed.start_worker()
    try:
        yield deployed
    finally:
        deployed.kill_workers()
