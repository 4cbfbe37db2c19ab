"""Fills the retry table: both attempts of every row, by workers and in processes of their own."""

import shutil
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

from blocks.registration import RESULTS_BLOCK
from planning_review.index.chroma_client import close_client, open_folder, open_server
from planning_review.sample.atrium import RegisterServer
from tests.conftest import command_environment
from tests.flows.test_storage_flow import make_bucket
from tests.support.deployed import Deployed
from tests.support.retry_attempts import Row
from tests.support.retry_kinds import (
    IN_BUCKET,
    IN_BUCKET_IN_ONE_PROCESS,
    IN_DATA_FOLDER,
    IN_DATA_FOLDER_IN_ONE_PROCESS,
)
from tests.support.retry_rows import Kind, Site
from tests.support.retry_runs import (
    change_unrelated_code,
    copy_project,
    retry_all,
    start_all,
    start_one_process,
)
from tests.support.s3_server import FaultProxy, run_proxy, run_s3_server
from tests.support.shared_servers import run_chroma_server


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
