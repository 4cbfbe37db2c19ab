"""Fills the retry table: both attempts of every row, by workers and in processes of their own."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from pathlib import Path

from blocks.registration import RESULTS_BLOCK
from planning_review.index.chroma_client import close_client, open_folder, open_server
from tests.support.buckets import make_bucket
from tests.support.commands import command_environment
from tests.support.deployed import ENDED, Deployed
from tests.support.faulty_register import RegisterServer
from tests.support.retry_table import (
    IN_BUCKET,
    IN_BUCKET_IN_ONE_PROCESS,
    IN_DATA_FOLDER,
    IN_DATA_FOLDER_IN_ONE_PROCESS,
    Kind,
    Site,
)
from tests.support.s3_server import FaultProxy, run_proxy, run_s3_server
from tests.support.shared_servers import run_chroma_server

PROJECT = Path(__file__).resolve().parents[2]
REVIEW = "review-application/review"
RUNS_AT_ONCE = "4"
_WRITES = "    paths = write_review_files(review, run.output_dir, today, pictures)\n"
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
    """A kind of failure at a site, and the attempts made there.

    run_id is the last one's run; passages are what stood in the index for each document at the end.
    """

    kind: Kind
    site: Site
    attempts: list[Attempt] = field(default_factory=list)
    run_id: str = ""
    passages: dict[str, int] = field(default_factory=dict)
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
                # Pictures and the page of letters are looked for, or made anew, each time.
                if key.startswith("output/rev_"):
                    yield "output", status
                elif not key.startswith("output/"):
                    yield key, status
            elif method == "PUT" and any(f"/results/text/{text}" in path for text in texts):
                yield "text", status


def copy_project(folder: Path) -> dict[str, str]:
    """Copy what runs into a folder; returns the variables with which it runs from there."""
    for name in ("planning_review", "run", "flows", "tasks", "blocks", "cli", "automations"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "prefect.yaml", folder)
    # Without the second, the folder that the tests were started from goes before the copy.
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


def change_unrelated_code(folder: Path) -> None:
    """Change the copy's code of tasks on which no cached one depends; a run with it says so in a file."""
    outputs, letter = folder / "run" / "outputs.py", folder / "tasks" / "letter.py"
    assert _WRITES in outputs.read_text()
    outputs.write_text(outputs.read_text().replace(_WRITES, _WRITES + _SAYS_SO))
    letter.write_text(letter.read_text().replace('"""Write `', '"""Put down `'))


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


class Bench(ExitStack):
    """What the rows of the table share: a register, a bucket, an index on a server."""

    def __init__(self, prefect_url: str, folder: Path) -> None:
        super().__init__()
        self.prefect_url, self.folder = prefect_url, folder
        self.register = self.enter_context(RegisterServer([]))
        s3_url = self.enter_context(run_s3_server())
        self.proxy = self.enter_context(run_proxy(s3_url))
        self.s3_variables = make_bucket(s3_url).variables(self.register, self.proxy.url)
        self.chroma_url = self.enter_context(run_chroma_server(folder))
        self.numbers = count(100)

    def make_machine(self, name: str, variables: dict[str, str]) -> Deployed:
        """Return a machine with a folder of its own; its workers end with the bench."""
        folder = self.folder / name
        folder.mkdir()
        common = {
            "PLANNING_REGISTER_URL": self.register.url,
            "PLANNING_WORKERS": "1",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        environment = command_environment(self.prefect_url, folder, common | variables)
        machine = Deployed(self.prefect_url, folder, environment)
        self.callback(machine.kill_workers)
        return machine

    def make_row(self, kind: Kind, folder: Path, proxy: FaultProxy | None, **more: str) -> Row:
        """Return a row for an application that the register has from now on."""
        chroma = self.enter_context(run_proxy(self.chroma_url)) if kind.needs_chroma else None
        site = Site(next(self.numbers), folder, self.register, proxy, chroma, more)
        folder.mkdir(parents=True, exist_ok=True)
        self.register.add_application(site.application)
        return Row(kind, site)


def fill_table(bench: Bench) -> dict[str, list[Row]]:
    """Make both attempts of every row, at the same time, as much of each is waiting."""
    worker = bench.make_machine("by-worker", copy_project(bench.folder / "code"))
    with ThreadPoolExecutor(2) as others:
        local = others.submit(retry_in_one_process, bench, "local", IN_DATA_FOLDER_IN_ONE_PROCESS, None)
        # Also saves the block for results, which all that have the bucket share.
        replace(worker, environment=worker.environment | bench.s3_variables).deploy()
        stored = others.submit(retry_in_one_process, bench, "stored", IN_BUCKET_IN_ONE_PROCESS, bench.proxy)
        by_worker = retry_by_another_worker(bench, worker)
        return {**by_worker, "process-local": local.result(), "process-stored": stored.result()}


def retry_by_another_worker(bench: Bench, machine: Deployed) -> dict[str, list[Row]]:
    """Run all rows on one machine, where each run is told whether it has a bucket."""
    folder = machine.folder
    in_bucket = bench.s3_variables | {"PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": f"s3-bucket/{RESULTS_BLOCK}"}
    local = [bench.make_row(kind, folder / f"local-{kind.name}", None) for kind in IN_DATA_FOLDER]
    stored = [
        bench.make_row(kind, folder / f"stored-{kind.name}", bench.proxy, **in_bucket) for kind in IN_BUCKET
    ]
    rows = [*local, *stored]
    start_all(machine, rows)
    machine.kill_workers()
    for row in rows:
        shutil.rmtree(row.site.temp, ignore_errors=True)
        mend(row)
    change_unrelated_code(bench.folder / "code")
    retry_all(machine, rows)
    return {"worker-local": local, "worker-stored": stored}


def retry_in_one_process(
    bench: Bench, name: str, kinds: Iterable[Kind], proxy: FaultProxy | None
) -> list[Row]:
    """Run rows one after the other in a process that lives through both attempts of all."""
    machine = bench.make_machine(name, bench.s3_variables if proxy else {})
    rows = []
    with start_one_process(machine) as process:
        for kind in kinds:
            rows.append(row := bench.make_row(kind, machine.folder, proxy))
            kind.fail(row.site)
            process.run(row)
            mend(row)
            process.run(row)
    return rows


def mend(row: Row) -> None:
    """Make whole again what the row broke, and nothing of any other's."""
    row.kind.mend(row.site)
    if row.site.proxy:
        row.site.proxy.mend(row.site.key)
        row.site.proxy.mend(row.site.text_path.name)
    if row.site.chroma:
        row.site.chroma.mend()


def count_passages(row: Row) -> dict[str, int]:
    """Count what stands in the index for each document, half of one and twice the same included."""
    chroma = row.site.chroma
    client = open_server(f"http://{chroma.upstream}")[0] if chroma else open_folder(row.site.data / "chroma")
    try:
        counts: Counter[str] = Counter()
        for collection in client.list_collections():
            rows = collection.get(where={"reference": row.site.reference}, include=["metadatas"])
            counts.update(str(metadata["document_id"]) for metadata in rows["metadatas"] or [])
        return dict(counts)
    finally:
        close_client(client)
