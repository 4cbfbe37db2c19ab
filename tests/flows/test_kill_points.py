"""A run killed with SIGKILL, at ten moments: nothing is left running, and the next run ends right."""

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import pytest

from planning_review.sample.served_application import ServedDocument
from tests.support import held_runs
from tests.support.deployed import Deployed
from tests.support.held_runs import Hold, Site, open_site, open_surroundings, wait_for

pytestmark = pytest.mark.proof

RUNS_AT_ONCE = 2
"""More only make each one slower on a small machine."""
GONE_SECONDS = 2.0


@dataclass(frozen=True)
class Point:
    """A moment at which a run is killed, and the documents that the application has."""

    hold: Hold
    documents: str = "short"
    needs_chroma: bool = False
    is_deployed: bool = False


POINTS = {
    "register page": Point(held_runs.hold_page),
    "third download": Point(held_runs.hold_download),
    "first manifest": Point(held_runs.hold_manifest),
    "reading, all uploaded": Point(held_runs.watch_reading, "slow"),
    "OCR": Point(held_runs.watch_ocr, "scan"),
    "between reading and indexing": Point(held_runs.hold_text),
    "indexing": Point(held_runs.watch_embedding, "long"),
    "judging": Point(held_runs.hold_judging, needs_chroma=True),
    "written, not uploaded": Point(held_runs.hold_outputs),
    "upload, the worker killed too": Point(held_runs.hold_upload, is_deployed=True),
}
HAS_TESSERACT = shutil.which("tesseract") is not None


@dataclass(frozen=True)
class Killed:
    """A site whose run was killed, and whose next one went on from there."""

    site: Site
    run_id: str


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[ServedDocument]]:
    folder = tmp_path_factory.mktemp("documents")
    short = held_runs.make_short_documents()
    return {
        "short": short,
        "slow": [held_runs.make_slow_document(4, folder), *short],
        "scan": [*short, held_runs.make_scan(5, folder)],
        "long": [*short, held_runs.make_long_document(6)],
    }


@pytest.fixture(scope="module")
def outcomes(
    prefect_url: str,
    documents: dict[str, list[ServedDocument]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Future[Any]]]:
    """Every point's outcome by its name, and the undisturbed runs by that of their documents."""
    folder = tmp_path_factory.mktemp("sites")
    with ExitStack() as stack:
        s3_url, chroma_url, deployed = stack.enter_context(open_surroundings(prefect_url, folder))

        def open_with(name: str, documents_name: str, index_url: str | None = None) -> Site:
            place = folder / name.replace(" ", "-")
            return stack.enter_context(
                open_site(place, documents[documents_name], s3_url, prefect_url, index_url)
            )

        points = {name: point for name, point in POINTS.items() if HAS_TESSERACT or point.documents != "scan"}
        killed = {
            name: open_with(name, point.documents, chroma_url if point.needs_chroma else None)
            for name, point in points.items()
        }
        whole = {
            name: open_with(f"{name} undisturbed", name) for name in {p.documents for p in points.values()}
        }
        pool = stack.enter_context(ThreadPoolExecutor(RUNS_AT_ONCE))
        futures: dict[str, Future[Any]] = {}
        for name, point in points.items():
            kill = kill_deployed if point.is_deployed else kill_command
            futures[name] = pool.submit(kill, killed[name], point.hold, deployed)
        yield futures | {name: pool.submit(review, site) for name, site in whole.items()}


def review(site: Site) -> Site:
    """Review to the end, and return the site."""
    result = site.review()
    assert result.line["state"] == "Completed", result.stderr
    return site


def kill_command(site: Site, hold: Hold, deployed: Deployed) -> Killed:
    """Kill a run that the command line started, and give the same command again."""
    is_reached = hold(site)
    process = site.start()
    wait_for(lambda: is_reached() or process.poll() is not None, f"{hold.__name__} was reached")
    run_id = site.read_run_id()
    process.kill()
    _, stderr = process.communicate()
    assert process.returncode == -signal.SIGKILL, stderr
    wait_until_gone(site)
    assert run_id is not None
    assert site.read_states(run_id)[-1] == "Running"
    # As a kill in the middle of writing it leaves it.
    manifest = site.data / "output" / site.key / "manifest.json.1.tmp"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text("{")
    site.mend()
    review(site)
    return Killed(site, run_id)


def kill_deployed(site: Site, hold: Hold, deployed: Deployed) -> Killed:
    """Kill a run and the worker that started it; another worker runs the next one."""
    is_reached = hold(site)
    run_id = site.start_deployed(deployed)
    wait_for(is_reached, f"{hold.__name__} was reached")
    deployed.kill_workers()
    for process, command in site.find_processes().items():
        if "prefect.engine" in command:
            os.kill(process, signal.SIGKILL)
    wait_until_gone(site)
    assert site.read_states(run_id)[-1] == "Running"
    site.mend()
    deployed.start_worker()
    assert deployed.wait_for_end(site.start_deployed(deployed))["state_name"] == "Completed"
    return Killed(site, run_id)


def wait_until_gone(site: Site) -> None:
    """Wait for the end of all that a killed run had started."""
    wait_for(lambda: not site.find_processes(), "no process is left", GONE_SECONDS)


@pytest.fixture(params=list(POINTS))
def killed(request: pytest.FixtureRequest, outcomes: dict[str, Future[Any]]) -> Killed:
    if request.param not in outcomes:
        pytest.skip("tesseract is not installed")
    found: Killed = outcomes[request.param].result()
    return found


@pytest.fixture
def undisturbed(request: pytest.FixtureRequest, outcomes: dict[str, Future[Any]], killed: Killed) -> Site:
    name = request.node.callspec.params["killed"]
    site: Site = outcomes[POINTS[name].documents].result()
    return site


def test_next_run_ends_as_if_nothing_had_happened(killed: Killed, undisturbed: Site) -> None:
    site = killed.site
    assert site.read_states(killed.run_id)[-1] == "Crashed"
    assert read_lasting_review(site) == read_lasting_review(undisturbed)
    assert site.load_index() == undisturbed.load_index()
    assert {row["state"] for row in site.read_review()["documents"]} == {"indexed"}
    assert site.list_half_written() == []
    assert [path for path in (site.folder / "temp").rglob("*") if path.is_file()] == []
    assert count_documents_asked(site) <= len(site.documents) + 1


def test_every_document_is_in_the_bucket_whole(killed: Killed) -> None:
    site, review = killed.site, killed.site.read_review()
    expected = {document.document_id: document.read_bytes() for document in site.documents}
    for row in review["documents"]:
        opened = httpx.get(row["url"])
        assert opened.status_code == 200
        assert opened.content == expected.pop(row["document_id"])
        assert sha256(opened.content).hexdigest() == row["sha256"]
    assert expected == {}
    manifest = httpx.get(site.bucket.link(f"planning/{site.key}/manifest.json"))
    assert manifest.content == (site.data / "output" / site.key / "manifest.json").read_bytes()
    outputs = sorted((site.data / "output" / site.key).glob("rev_*"))
    assert len(outputs) == 3
    for path in outputs:
        opened = httpx.get(site.bucket.link(f"planning/{site.key}/output/{path.name}"))
        assert opened.content == path.read_bytes()
    ours = [key for key in site.bucket.list_objects() if key.startswith(f"planning/{site.key}/")]
    beside = [key for key in ours if key.rpartition("/")[2].startswith(("quote_", "letters.html"))]
    assert len(ours) - len(beside) == len(review["documents"]) + len(outputs) + 1


def read_lasting_review(site: Site) -> str:
    """Return a site's review without what differs by the place and the time."""
    review = site.read_review()
    review.pop("metadata")
    text = str(review)
    for found, name in (
        # Markdown escapes what stands before it.
        (review["review_id"].rpartition("_")[2], "REVIEW"),
        (site.bucket.name, "BUCKET"),
        (site.register.url, "REGISTER"),
    ):
        text = text.replace(found, name)
    return text


def count_documents_asked(site: Site) -> int:
    """Return how many documents the register was asked for, by all runs."""
    return sum("/Document/Download" in request.path for request in site.register.requests)
