"""Both attempts of the rows of the retry table: by two workers, and in one process."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.deployed import ENDED, Deployed
from tests.support.retry_attempts import Row

PROJECT = Path(__file__).resolve().parents[2]
REVIEW = "review-application/review"
RUNS_AT_ONCE = "4"
_WRITES = "    paths = write_review_files(review, run.output_dir, today)\n"
_SAYS_SO = '    (run.output_dir / "written-by.txt").write_text(__file__)\n'


def copy_project(folder: Path) -> dict[str, str]:
    """Copy what runs into a folder; returns the variables with which it runs from there."""
    for name in ("planning_review", "flows", "tasks", "blocks", "cli", "automations"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "prefect.yaml", folder)
    # Without the second, the folder that the tests were started from goes before the copy.
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


def change_unrelated_code(folder: Path) -> None:
    """Change the copy's code of tasks on which no cached one depends; a run with it says so in a file."""
    outputs, letter = folder / "tasks" / "outputs.py", folder / "tasks" / "letter.py"
    assert _WRITES in outputs.read_text()
    outputs.write_text(outputs.read_text().replace(_WRITES, _WRITES + _SAYS_SO))
    letter.write_text(letter.read_text().replace("_letter", "_other_letter"))


def start_all(deployed: Deployed, rows: Sequence[Row]) -> None:
    """Break what each row is about, and make its first attempt by a worker."""
    deployment_id = _open_limits(deployed)
    for row in rows:
        broken = row.kind.fail(row.site) or {}
        asked = {
            "parameters": {"parameters": {"reference": row.site.reference}},
            "job_variables": {"env": row.site.variables | broken},
        }
        row.run_id = deployed.api("POST", f"/deployments/{deployment_id}/create_flow_run", asked)["id"]
    deployed.start_worker("--limit", RUNS_AT_ONCE)
    _note_all(deployed, rows, attempt=1)


def retry_all(deployed: Deployed, rows: Sequence[Row]) -> None:
    """Make the second attempts of what is mended, by a worker started after the first ones."""
    failed = [row for row in rows if row.attempts[0].state == "Failed"]
    for row in failed:
        deployed.retry(row.run_id)
        # A run takes other variables only while it waits.
        deployed.api("PATCH", f"/flow_runs/{row.run_id}", {"job_variables": {"env": row.site.variables}})
    deployed.start_worker("--limit", RUNS_AT_ONCE)
    # The page's button is for runs that failed; this takes those that ended with warnings too.
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "prefect", "flow-run", "retry", row.run_id],
            env=deployed.environment,
            stdout=subprocess.DEVNULL,
        )
        for row in rows
        if row not in failed
    ]
    assert [command.wait() for command in commands] == [0] * len(commands)
    _note_all(deployed, rows, attempt=2)


def _open_limits(deployed: Deployed) -> str:
    """Let many runs go at once, and return the review deployment's id.

    The register is ours, so nobody needs to wait for a turn. And the automations are taken away: they
    write to the server's database at every event, and the runs wait for that, up to a minute on SQLite.
    """
    deployment_id = str(deployed.api("GET", f"/deployments/name/{REVIEW}")["id"])
    deployed.api("PATCH", f"/deployments/{deployment_id}", {"concurrency_limit": None})
    deployed.api("DELETE", "/v2/concurrency_limits/review-cherwell")
    for automation in deployed.api("POST", "/automations/filter", {}):
        deployed.api("DELETE", f"/automations/{automation['id']}")
    return deployment_id


def _note_all(deployed: Deployed, rows: Sequence[Row], attempt: int) -> None:
    """Wait until all runs have ended an attempt, and record it; pytest's time limit ends the wait."""
    asked = {"flow_runs": {"id": {"any_": [row.run_id for row in rows]}}}
    pause = threading.Event()
    while True:
        runs = {run["id"]: run for run in deployed.api("POST", "/flow_runs/filter", asked)}
        if all(run["state_type"] in ENDED and run["run_count"] >= attempt for run in runs.values()):
            break
        pause.wait(0.5)
    tasks = _read_tasks(deployed, [row.run_id for row in rows], attempt)
    for row, states in zip(rows, tasks, strict=True):
        state = runs[row.run_id]["state"]
        row.note(state["name"], state["message"] or "", states)


def _read_tasks(deployed: Deployed, run_ids: Sequence[str], attempt: int) -> list[dict[str, str]]:
    """Return the states of the tasks of each run, once they stay as they are.

    The server notes them from events, which may arrive after the run's own end.
    """
    pause = threading.Event()
    before: list[dict[str, str]] = []
    while before != (now := [deployed.read_task_states(run_id, attempt) for run_id in run_ids]):
        before = now
        pause.wait(0.5)
    return now


class OneProcess:
    """A process that reviews what it is told, one application after the other."""

    def __init__(self, process: subprocess.Popen[str], deployed: Deployed) -> None:
        self._process = process
        self._deployed = deployed

    def run(self, row: Row) -> None:
        """Make an attempt of a row."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(row.site.reference, file=self._process.stdin, flush=True)
        ended = json.loads(self._process.stdout.readline())
        row.run_id = ended["run_id"]
        (tasks,) = _read_tasks(self._deployed, [row.run_id], attempt=1)
        row.note(ended["state"], ended["message"], tasks)


@contextmanager
def start_one_process(deployed: Deployed) -> Iterator[OneProcess]:
    """Start a process in the environment of a machine's workers; its logs go to process.log there."""
    with (
        (deployed.folder / "process.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.run_in_one_process"],
            cwd=PROJECT,
            env=deployed.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield OneProcess(process, deployed)
        finally:
            process.kill()
