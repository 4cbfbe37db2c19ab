"""Retries do what failed and what depends on it, and nothing else: a row for each kind of failure.

Every retry by a worker is another worker's, from code of which an unrelated part has changed. With
a bucket the temporary folder is emptied before it.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from blocks.registration import RESULTS_BLOCK
from planning_review.index.chroma_client import close_client, open_folder, open_server
from planning_review.sample.atrium import RegisterServer
from tests.conftest import command_environment
from tests.deployed import Deployed
from tests.retry_attempts import Row
from tests.retry_kinds import (
    IN_BUCKET,
    IN_BUCKET_IN_ONE_PROCESS,
    IN_DATA_FOLDER,
    IN_DATA_FOLDER_IN_ONE_PROCESS,
    OUTPUTS,
)
from tests.retry_rows import ALWAYS, TITLES, Kind, Site, all_of
from tests.retry_runs import change_unrelated_code, copy_project, retry_all, start_all, start_one_process
from tests.s3_server import FaultProxy, run_proxy, run_s3_server
from tests.shared_servers import run_chroma_server
from tests.test_storage_flow import make_bucket

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]
"""The first test waits for the whole table, with the machine to itself or not."""


class Bench(ExitStack):
    """What the rows of the table share: a register, a bucket, an index on a server, a machine."""

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

    def make_row(self, kind: Kind, folder: Path, proxy: FaultProxy | None, more: dict[str, str]) -> Row:
        chroma = self.enter_context(run_proxy(self.chroma_url)) if kind.needs_chroma else None
        site = Site(next(self.numbers), folder, self.register, proxy, chroma, more)
        folder.mkdir(parents=True, exist_ok=True)
        self.register.add_application(site.application)
        return Row(kind, site)


def mend(rows: Iterable[Row]) -> None:
    for row in rows:
        row.kind.mend(row.site)
        for proxy in (row.site.proxy, row.site.chroma):
            if proxy:
                proxy.mend()


def retry_by_another_worker(bench: Bench) -> tuple[list[Row], list[Row]]:
    """Run both tables on one machine, where each run is told whether it has a bucket."""
    code = bench.folder / "code"
    machine = bench.make_machine("by-worker", copy_project(code))
    # Which makes the block for results too.
    replace(machine, environment=machine.environment | bench.s3_variables).deploy()
    in_bucket = bench.s3_variables | {"PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": f"s3-bucket/{RESULTS_BLOCK}"}
    local = [bench.make_row(kind, machine.folder / f"local-{kind.name}", None, {}) for kind in IN_DATA_FOLDER]
    stored = [
        bench.make_row(kind, machine.folder / f"stored-{kind.name}", bench.proxy, in_bucket)
        for kind in IN_BUCKET
    ]
    rows = [*local, *stored]
    start_all(machine, rows)
    machine.kill_workers()
    for row in rows:
        shutil.rmtree(row.site.temp, ignore_errors=True)
    change_unrelated_code(code)
    mend(rows)
    retry_all(machine, rows)
    return local, stored


def retry_in_one_process(
    bench: Bench, name: str, kinds: Iterable[Kind], proxy: FaultProxy | None
) -> list[Row]:
    machine = bench.make_machine(name, bench.s3_variables if proxy else {})
    rows = []
    with start_one_process(machine) as process:
        for kind in kinds:
            rows.append(row := bench.make_row(kind, machine.folder, proxy, {}))
            kind.fail(row.site)
            process.run(row)
            mend([row])
            process.run(row)
    return rows


Table = dict[str, dict[str, Row]]


@pytest.fixture(scope="module")
def table(prefect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Both attempts of every row, by where results are and who retries, and the kind's name."""
    with Bench(prefect_url, tmp_path_factory.mktemp("retry-table")) as bench:
        # At the same time, as much of either is waiting; what has a bucket shares a block, and is not.
        with ThreadPoolExecutor(1) as other:
            process_local = other.submit(
                retry_in_one_process, bench, "process-local", IN_DATA_FOLDER_IN_ONE_PROCESS, None
            )
            worker_local, worker_stored = retry_by_another_worker(bench)
        process_stored = retry_in_one_process(bench, "process-stored", IN_BUCKET_IN_ONE_PROCESS, bench.proxy)
        parts = {
            "worker-local": worker_local,
            "worker-stored": worker_stored,
            "process-local": process_local.result(),
            "process-stored": process_stored,
        }
        for row in (row for rows in parts.values() for row in rows):
            row.passages = count_passages(row)
    return {part: {row.kind.name: row for row in rows} for part, rows in parts.items()}


def name_of(kind: Kind) -> str:
    return kind.name


@pytest.mark.parametrize("kind", IN_DATA_FOLDER, ids=name_of)
def test_another_worker_with_results_in_the_data_folder(table: Table, kind: Kind) -> None:
    row = table["worker-local"][kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_BUCKET, ids=name_of)
def test_another_worker_with_results_in_s3_and_no_temporary_folder(table: Table, kind: Kind) -> None:
    row = table["worker-stored"][kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_DATA_FOLDER_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_the_data_folder(table: Table, kind: Kind) -> None:
    check_row(table["process-local"][kind.name])


@pytest.mark.parametrize("kind", IN_BUCKET_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_s3(table: Table, kind: Kind) -> None:
    check_row(table["process-stored"][kind.name])


def check_row(row: Row) -> None:
    """Hold a row's two attempts against what its kind of failure may cost."""
    kind, (first, retry) = row.kind, row.attempts
    assert first.state == kind.ends, first.message
    tried = Counter([*first.asked, *first.refused])
    assert {what: tried[what] for what in kind.tries} == kind.tries
    assert retry.state == "Completed", retry.message
    steps = ("download", "upload", "read", "index") if row.site.proxy else ("download", "read", "index")
    outputs = OUTPUTS if row.site.proxy else ()
    ran = sorted([*ALWAYS, *kind.ran])
    assert retry.list_tasks("Completed") == ran
    assert retry.list_tasks("Cached") == sorted({*ALWAYS, *all_of(*steps), "judge", *outputs} - {*ran})
    assert len(retry.tasks) == len(ran) + len(retry.list_tasks("Cached"))
    assert retry.asked == sorted(["page", *kind.asked])
    # The manifest is stored as often as it changes.
    assert sorted({*retry.stored}) == sorted({*kind.stored})
    for what in ("output", "text"):
        assert retry.stored.count(what) == list(kind.stored).count(what)
    assert retry.refused == []
    check_review(row)
    assert row.passages == {document.document_id: 1 for document in row.site.documents}


def check_review(row: Row) -> None:
    folder = row.site.data / "output" / row.site.key
    newest = max(folder.glob("rev_*_review.json"), key=lambda path: path.stat().st_mtime_ns)
    review = json.loads(newest.read_text())
    assert review["status"] == "complete"
    assert {document["title"]: document["state"] for document in review["documents"]} == dict.fromkeys(
        TITLES, "indexed"
    )


def check_changed_code_ran(row: Row) -> None:
    written_by = (row.site.data / "output" / row.site.key / "written-by.txt").read_text()
    assert written_by == str(row.site.folder.parents[1] / "code" / "tasks" / "outputs.py")


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
