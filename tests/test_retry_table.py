"""Retries do what failed and what depends on it, and nothing else: a row for each kind of failure.

Every retry by a worker is another worker's, from code of which an unrelated part has changed. With
a bucket the temporary folder is emptied before it.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from planning_review.index.chroma_client import close_client, open_folder, open_server
from planning_review.sample.atrium import RegisterServer
from tests.conftest import command_environment, run_command
from tests.deployed import Deployed
from tests.retry_kinds import (
    IN_BUCKET,
    IN_BUCKET_IN_ONE_PROCESS,
    IN_DATA_FOLDER,
    IN_DATA_FOLDER_IN_ONE_PROCESS,
    OUTPUTS,
)
from tests.retry_rows import ALWAYS, TITLES, Kind, Site, all_of
from tests.retry_runs import Row, change_unrelated_code, copy_project, retry_all, start_all, start_one_process
from tests.s3_server import FaultProxy, run_proxy, run_s3_server
from tests.shared_servers import run_chroma_server
from tests.test_storage_flow import make_bucket

Rows = dict[str, Row]


def name_of(kind: Kind) -> str:
    return kind.name


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_chroma_server(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


class Environment(ExitStack):
    """A register, a bucket if there is an address of one, and a machine, for some rows."""

    def __init__(self, prefect_url: str, folder: Path, s3_url: str | None, chroma_url: str) -> None:
        super().__init__()
        self.folder = folder
        self._chroma_url = chroma_url
        self.register = self.enter_context(RegisterServer([]))
        self.proxy: FaultProxy | None = None
        variables = {"PLANNING_REGISTER_URL": self.register.url, "PREFECT_WORKER_QUERY_SECONDS": "1"}
        if s3_url:
            self.proxy = self.enter_context(run_proxy(s3_url))
            variables |= make_bucket(s3_url).variables(self.register, self.proxy.url)
        self.machine = Deployed(prefect_url, folder, command_environment(prefect_url, folder, variables))
        self.callback(self.machine.kill_workers)

    def make_row(self, kind: Kind, number: int, folder: Path) -> Row:
        chroma = self.enter_context(run_proxy(self._chroma_url)) if kind.needs_chroma else None
        site = Site(number, folder, self.register, self.proxy, chroma)
        folder.mkdir(parents=True, exist_ok=True)
        self.register.add_application(site.application)
        return Row(kind, site)

    def mend(self, rows: Sequence[Row]) -> None:
        for proxy in (self.proxy, *(row.site.chroma for row in rows)):
            if proxy:
                proxy.mend()


def retry_by_another_worker(environment: Environment, kinds: Sequence[Kind], first_number: int) -> Rows:
    with environment:
        code = environment.folder / "code"
        environment.machine.environment |= copy_project(code)
        rows = [
            environment.make_row(kind, number, environment.folder / kind.name)
            for number, kind in enumerate(kinds, start=first_number)
        ]
        start_all(environment.machine, rows)
        environment.machine.kill_workers()
        for row in rows:
            shutil.rmtree(row.site.temp, ignore_errors=True)
        change_unrelated_code(code)
        environment.mend(rows)
        retry_all(environment.machine, rows)
    return {row.kind.name: row for row in rows}


def retry_in_one_process(environment: Environment, kinds: Sequence[Kind], first_number: int) -> Rows:
    rows = []
    with environment, start_one_process(environment.machine) as process:
        for number, kind in enumerate(kinds, start=first_number):
            row = environment.make_row(kind, number, environment.folder)
            rows.append(row)
            kind.fail(row.site)
            process.run(row)
            kind.mend(row.site)
            environment.mend(rows)
            process.run(row)
    return {row.kind.name: row for row in rows}


@pytest.fixture(scope="module")
def by_worker_locally(prefect_url: str, chroma_url: str, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("by-worker-locally")
    return retry_by_another_worker(Environment(prefect_url, folder, None, chroma_url), IN_DATA_FOLDER, 100)


@pytest.fixture(scope="module")
def by_worker_in_s3(
    prefect_url: str, s3_url: str, chroma_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Rows:
    folder = tmp_path_factory.mktemp("by-worker-in-s3")
    return retry_by_another_worker(Environment(prefect_url, folder, s3_url, chroma_url), IN_BUCKET, 200)


@pytest.fixture(scope="module")
def in_one_process_locally(
    prefect_url: str, chroma_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Rows:
    environment = Environment(prefect_url, tmp_path_factory.mktemp("one-process"), None, chroma_url)
    return retry_in_one_process(environment, IN_DATA_FOLDER_IN_ONE_PROCESS, 300)


@pytest.fixture(scope="module")
def in_one_process_in_s3(
    prefect_url: str, s3_url: str, chroma_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Rows:
    environment = Environment(prefect_url, tmp_path_factory.mktemp("one-process-s3"), s3_url, chroma_url)
    return retry_in_one_process(environment, IN_BUCKET_IN_ONE_PROCESS, 400)


@pytest.mark.parametrize("kind", IN_DATA_FOLDER, ids=name_of)
def test_another_worker_with_results_in_the_data_folder(by_worker_locally: Rows, kind: Kind) -> None:
    row = by_worker_locally[kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_BUCKET, ids=name_of)
def test_another_worker_with_results_in_s3_and_no_temporary_folder(by_worker_in_s3: Rows, kind: Kind) -> None:
    row = by_worker_in_s3[kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_DATA_FOLDER_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_the_data_folder(in_one_process_locally: Rows, kind: Kind) -> None:
    check_row(in_one_process_locally[kind.name])


@pytest.mark.parametrize("kind", IN_BUCKET_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_s3(in_one_process_in_s3: Rows, kind: Kind) -> None:
    check_row(in_one_process_in_s3[kind.name])


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
    assert count_passages(row) == {document.document_id: 1 for document in row.site.documents}


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
    assert written_by == str(row.site.folder.parent / "code" / "tasks" / "outputs.py")


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
