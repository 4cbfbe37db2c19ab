"""Documents read by Dask: a scheduler and workers of these tests' own, in processes on 127.0.0.1."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.server.background import find_free_port
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.workers.dask_pool import DaskPool
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.documents.workers.reading_pool import open_reading_pool
from planning_review.errors import ExtractionError, ReadersUnavailable, UsageError
from planning_review.models import DocumentText
from planning_review.settings import load_settings
from tests.support.applications import read_review, review, states
from tests.support.commands import Command
from tests.support.document_files import PARKING, write_noise_picture, write_scanned_pdf, write_text_pdf
from tests.support.faulty_register import RegisterServer
from tests.support.worker_processes import children, names, wait_until

pytestmark = pytest.mark.slow


@dataclass
class Cluster:
    """A scheduler's address, and the processes of its workers."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    running: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def run_worker(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run one more worker, of one thread, until the block ends."""
        folder = self.folder / f"worker-{time.monotonic_ns()}"
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
        with run_dask("worker", self.address, *options, "--no-dashboard", **variables) as process:
            self.workers.append(process)
            yield process
            self.workers = [worker for worker in self.workers if worker is not process]

    def find_reader(self) -> subprocess.Popen[bytes]:
        """Return the worker that has a tesseract at work, once one has."""
        readers: list[subprocess.Popen[bytes]] = []
        assert wait_until(lambda: readers.extend(filter(has_tesseract, self.workers)) or readers, 60)
        return readers[0]


def has_tesseract(worker: subprocess.Popen[bytes]) -> bool:
    return "tesseract" in names(children(worker.pid))


@contextmanager
def run_dask(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=os.environ | {"PLANNING_WORKERS": "1"} | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def run_scheduler(folder: Path) -> Iterator[tuple[Cluster, subprocess.Popen[bytes]]]:
    port = find_free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"]
    with run_dask("scheduler", *options) as process:
        assert wait_until(lambda: accepts_connections(port), 60)
        yield Cluster(f"tcp://127.0.0.1:{port}", folder), process


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_scheduler(tmp_path_factory.mktemp("dask")) as (cluster, _), cluster.running:
        yield cluster


@pytest.fixture
def cluster(scheduler: Cluster) -> Cluster:
    """Two workers, those of the test before where it left them alive."""
    scheduler.workers = [worker for worker in scheduler.workers if worker.poll() is None]
    while len(scheduler.workers) < 2:
        scheduler.running.enter_context(scheduler.run_worker())
    return scheduler


@pytest.fixture
def pool(cluster: Cluster) -> Iterator[DaskPool]:
    found = open_reading_pool(load_settings(PLANNING_DASK_SCHEDULER=cluster.address))
    assert isinstance(found, DaskPool)
    assert wait_until(lambda: len(found._client.nthreads()) == 2)
    yield found
    found.close()


def read(pool: DaskPool | ExtractionPool, path: Path) -> DocumentText:
    return pool.read_document(path, hashlib.sha256(path.read_bytes()).hexdigest(), sniff_kind(path))


def test_texts_are_those_of_this_machine_and_both_workers_read(
    cluster: Cluster, pool: DaskPool, tmp_path: Path
) -> None:
    paths = [write_text_pdf(tmp_path / f"{n}.pdf", [f"{n} {PARKING}"]) for n in range(6)]
    paths.append(write_scanned_pdf(tmp_path / "scan.pdf", [PARKING]))
    with ThreadPoolExecutor(4) as threads:
        there = list(threads.map(lambda path: read(pool, path), paths))
    assert all(children(worker.pid) for worker in cluster.workers)
    with ExtractionPool(1) as here:
        assert there == [read(here, path) for path in paths]
    assert there[-1].ocr_pages == 1


def test_documents_of_a_review_are_read_there(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    with run_scheduler(tmp_path) as (cluster, _), cluster.run_worker() as worker:
        first = review(lambda *a, **v: command(*a, PLANNING_DASK_SCHEDULER=cluster.address, **v), register)
        # A worker has no process of its own before its first document.
        assert children(worker.pid)
    assert first.status == 0, first.stderr
    assert set(states(first).values()) == {"indexed"}
    assert read_review(first)["documents"][0]["pages"] == 2


@pytest.mark.proof
def test_document_of_a_killed_worker_is_read_by_another_when_it_is_tried_again(
    cluster: Cluster, pool: DaskPool, tmp_path: Path
) -> None:
    path = write_noise_picture(tmp_path / "noise.png", 2500)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(read, pool, path)
        killed = cluster.find_reader()
        killed.kill()
        with pytest.raises(ReadersUnavailable, match=r"noise\.png was not read"):
            reading.result(timeout=30)
    again = write_text_pdf(tmp_path / "a.pdf", [PARKING])
    assert PARKING[:20] in read(pool, again).pages[0].text


def test_closing_ends_the_reading_there_too(cluster: Cluster, pool: DaskPool, tmp_path: Path) -> None:
    path = write_scanned_pdf(tmp_path / "long.pdf", [f"{PARKING}\n\n" * 4] * 40)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(read, pool, path)
        assert cluster.find_reader()
        pool.close()
        with pytest.raises(ExtractionError, match="was stopped"):
            reading.result(timeout=5)
    # A page takes a second or two, and 40 of them would take longer than this.
    assert wait_until(lambda: are_idle(cluster), 20)


def are_idle(cluster: Cluster) -> bool:
    """Say whether no worker has had a tesseract for a second: between two pages there is none either."""
    return not wait_until(lambda: any(map(has_tesseract, cluster.workers)), 1)


@pytest.mark.proof
def test_scheduler_that_goes_away_leaves_nobody_waiting(tmp_path: Path) -> None:
    with run_scheduler(tmp_path) as (cluster, scheduler), cluster.run_worker():
        pool = DaskPool(cluster.address, connect_seconds=5)
        path = write_noise_picture(tmp_path / "noise.png", 2500)
        with ThreadPoolExecutor(1) as thread:
            reading = thread.submit(read, pool, path)
            cluster.find_reader()
            scheduler.kill()
            with pytest.raises(ReadersUnavailable):
                reading.result(timeout=60)
            # Nor does one that comes after: Dask's client gives up looking for its scheduler.
            with pytest.raises(ReadersUnavailable):
                thread.submit(read, pool, path).result(timeout=60)
        pool.close()


@pytest.mark.proof
def test_worker_of_another_version_is_refused_before_and_after_the_start(
    cluster: Cluster, pool: DaskPool, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with cluster.run_worker(PATH=str(tmp_path / "empty")):
        assert wait_until(lambda: len(pool._client.nthreads()) == 3)
        with pytest.raises(UsageError, match=f"'{EXTRACTOR_VERSION}', 'none'"):
            DaskPool(cluster.address)
        path = write_text_pdf(tmp_path / "a.pdf", [PARKING])
        refused = []
        for _ in range(3):
            try:
                assert read(pool, path).ocr == ocr_version()
            except ExtractionError as error:
                refused.append(str(error))
        assert len(refused) == 1
        assert "'none')" in refused[0]


@pytest.mark.proof
def test_nobody_at_the_address_ends_the_run_before_any_request(command: Command, register) -> None:
    address = f"tcp://127.0.0.1:{find_free_port()}"
    result = review(lambda *a, **v: command(*a, PLANNING_DASK_SCHEDULER=address, **v), register)
    assert result.status == 1
    assert f"The Dask scheduler at {address}" in result.stderr
    assert "docs/several-machines.md" in result.stderr
    assert register.requests == []


def test_nothing_of_dask_is_imported_where_none_is_set() -> None:
    script = (
        "import sys, flows.review_application\n"
        "from planning_review.documents.workers.reading_pool import open_reading_pool\n"
        "from planning_review.settings import load_settings\n"
        "open_reading_pool(load_settings()).close()\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('dask', 'distributed')])\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PLANNING_DASK_SCHEDULER"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "tcp://10.0.0.5", "http://10.0.0.5:8786"])
def test_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(UsageError, match="PLANNING_DASK_SCHEDULER"):
        load_settings(PLANNING_DASK_SCHEDULER=address)
