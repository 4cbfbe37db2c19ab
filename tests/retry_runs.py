"""Both attempts of the rows of the retry table, by workers and in one process, and what each did."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.deployed import ENDED, Deployed
from tests.retry_rows import Kind, Site

PROJECT = Path(__file__).resolve().parent.parent
REVIEW = "review-application/review"
RUNS_AT_ONCE = "4"
_WRITES = "    paths = write_review_files(review, run.output_dir, today)\n"
_SAYS_SO = '    (run.output_dir / "written-by.txt").write_text(__file__)\n'


@dataclass(frozen=True)
class Attempt:
    """What an attempt did: how it ended, the states of its tasks by name, and the requests it made.

    asked are the register's page and documents by title; stored and refused are PUTs, by the key in
    the application's folder, with `output` and `text` for each of those.
    """

    state: str
    message: str
    tasks: dict[str, str]
    asked: list[str]
    stored: list[str]
    refused: list[str]

    def list_tasks(self, state: str) -> list[str]:
        """Return the tasks that ended in a state."""
        return sorted(name for name, found in self.tasks.items() if found == state)


@dataclass
class Row:
    """A kind of failure at a site, and the attempts made there; run_id is the last one's."""

    kind: Kind
    site: Site
    attempts: list[Attempt] = field(default_factory=list)
    run_id: str = ""
    _seen: dict[str, int] = field(default_factory=dict)

    def note(self, state: str, message: str, tasks: dict[str, str]) -> None:
        """Record an attempt, with the requests since the one before it."""
        named = {
            re.sub(r"rev_\w+_review", "review", name.removeprefix(f"{self.site.reference} ")): state
            for name, state in tasks.items()
        }
        puts = list(self._read_puts())
        self.attempts.append(
            Attempt(
                state,
                message,
                named,
                self._take_new("asked", self._read_asked()),
                self._take_new("stored", (key for key, status in puts if status == 200)),
                self._take_new("refused", (key for key, status in puts if status != 200)),
            )
        )

    def _take_new(self, what: str, found: Iterable[str]) -> list[str]:
        every = list(found)
        new = every[self._seen.get(what, 0) :]
        self._seen[what] = len(every)
        return sorted(new)

    def _read_asked(self) -> Iterator[str]:
        titles = {f"planId={one.document_id.split('-')[1]}&": one.title for one in self.site.documents}
        for request in self.site.register.requests:
            if request.path == f"/Planning/Display/{self.site.reference}":
                yield "page"
            yield from (title for part, title in titles.items() if part in request.path)

    def _read_puts(self) -> Iterator[tuple[str, int]]:
        texts = [sha256(document.read_bytes()).hexdigest() for document in self.site.documents]
        for method, path, status in list(self.site.proxy.requests) if self.site.proxy else []:
            _, is_ours, key = path.partition(f"/planning/{self.site.key}/")
            if method == "PUT" and is_ours:
                yield "output" if key.startswith("output/") else key, status
            elif method == "PUT" and any(f"/results/text/{text}" in path for text in texts):
                yield "text", status


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
    deployment_id = _deploy_without_limits(deployed)
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
    """Mend what was broken, and make the second attempts by a worker started after that."""
    for row in rows:
        row.kind.mend(row.site)
        if row.attempts[0].state == "Failed":
            deployed.retry(row.run_id)
        else:
            _retry_by_command(deployed, row.run_id)
        # A run takes other variables only while it waits.
        deployed.api("PATCH", f"/flow_runs/{row.run_id}", {"job_variables": {"env": row.site.variables}})
    deployed.start_worker("--limit", RUNS_AT_ONCE)
    _note_all(deployed, rows, attempt=2)


def _deploy_without_limits(deployed: Deployed) -> str:
    """Deploy for many runs at once, and return the review deployment's id.

    The register is ours, so nobody needs to wait for a turn. And the automations are left out: they
    write to the server's database at every event, and the runs wait for that, up to a minute on SQLite.
    """
    deployed.deploy()
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
    for row in rows:
        state = runs[row.run_id]["state"]
        row.note(state["name"], state["message"] or "", deployed.read_task_states(row.run_id, attempt))


def _retry_by_command(deployed: Deployed, run_id: str) -> None:
    """Do what takes a run that completed with warnings too."""
    command = [sys.executable, "-m", "prefect", "flow-run", "retry", run_id]
    done = subprocess.run(command, env=deployed.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


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
        row.note(ended["state"], ended["message"], self._deployed.read_task_states(row.run_id, 1))


@contextmanager
def start_one_process(deployed: Deployed) -> Iterator[OneProcess]:
    """Start a process in the environment of a machine's workers; its logs go to process.log there."""
    with (
        (deployed.folder / "process.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.run_in_one_process"],
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
