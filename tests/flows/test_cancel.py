"""Runs that are stopped in each stage: by Cancel on Prefect's page, by Ctrl-C, and by SIGTERM."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import held_runs
from tests.support.deployed import Deployed
from tests.support.held_runs import Hold, Site, open_site, open_surroundings, wait_for

pytestmark = pytest.mark.proof

GONE_SECONDS = 10.0
RUNS_AT_ONCE = 2
"""More only make each one slower on a small machine."""
CANCELLING = {"type": "CANCELLING"}

# Each is a chain: the next run of the same application goes on to the next stage, and the last one
# to the end.
FIRST_STAGES: dict[str, Hold] = {
    "register page": held_runs.hold_page,
    "upload": held_runs.hold_upload,
    "OCR": held_runs.watch_ocr,
    "judging": held_runs.hold_judging,
}
SECOND_STAGES: dict[str, Hold] = {
    "third download": held_runs.hold_download,
    "first manifest": held_runs.hold_manifest,
    "reading": held_runs.watch_reading,
    "adding to the index": held_runs.hold_adding,
    "outputs": held_runs.hold_outputs,
}
if shutil.which("tesseract") is None:
    del FIRST_STAGES["OCR"]

SAID = {
    "Ctrl-C": "planning-review: stopped. The same command, or a retry, goes on from here.",
    "Cancel": "planning-review: cancelled. The same command, or a retry, goes on from here.",
    "SIGTERM": "planning-review: stopped. The same command goes on from here.",
}


@dataclass(frozen=True)
class Stopped:
    """A run that was stopped, seconds after which its last process was gone, and what was left then.

    status and stderr are those of the command line, where that had started it.
    """

    states: Sequence[str]
    seconds: float
    half_written: Sequence[Path]
    scratch: Sequence[Path]
    status: int = 0
    stderr: str = ""


@dataclass(frozen=True)
class Lane:
    """A site after all its runs: the stopped ones by name, and the last one's documents as counted."""

    site: Site
    stopped: dict[str, Stopped]


@pytest.fixture(scope="module")
def lanes(prefect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Lane]]]:
    """What became of the runs at each of three sites."""
    # A shell that starts these tests in the background has SIGINT ignored by all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = tmp_path_factory.mktemp("sites")
    short = held_runs.make_short_documents()
    with ExitStack() as stack:
        s3_url, chroma_url, deployed = stack.enter_context(open_surroundings(prefect_url, folder))
        places = {
            "first": open_site(
                folder / "first",
                [*short, held_runs.make_scan(4, folder)],
                s3_url,
                prefect_url,
                chroma_url,
                "26/00051/F",
            ),
            "second": open_site(
                folder / "second",
                [*short, held_runs.make_slow_document(5, folder)],
                s3_url,
                prefect_url,
                chroma_url,
                "26/00052/F",
            ),
            "command": open_site(
                folder / "command", [*short, held_runs.make_long_document(6)], s3_url, prefect_url
            ),
        }
        sites = {name: stack.enter_context(place) for name, place in places.items()}
        pool = stack.enter_context(ThreadPoolExecutor(RUNS_AT_ONCE))
        yield {
            "first": pool.submit(cancel_deployed, sites["first"], FIRST_STAGES, deployed),
            "second": pool.submit(cancel_deployed, sites["second"], SECOND_STAGES, deployed),
            "command": pool.submit(stop_commands, sites["command"]),
        }


def cancel_deployed(site: Site, stages: dict[str, Hold], deployed: Deployed) -> Lane:
    """Cancel one run in each stage, then let one end."""
    stopped = {}
    for name, hold in stages.items():
        is_reached = hold(site)
        run_id = site.start_deployed(deployed)
        wait_for(is_reached, f"the stage {name}")
        started = time.monotonic()
        cancel(site, run_id)
        seconds = wait_until_gone(site, started)
        left = site.list_half_written(), site.list_scratch()
        deployed.wait_for_end(run_id)
        stopped[name] = Stopped(site.read_states(run_id), seconds, *left)
        site.mend()
    assert deployed.wait_for_end(site.start_deployed(deployed))["state_name"] == "Completed"
    return Lane(site, stopped)


def stop_commands(site: Site) -> Lane:
    """Stop one run of the command line in each way, then let one end."""
    stopped = {
        "Ctrl-C": stop_command(site, held_runs.hold_manifest, lambda run, _: run.send_signal(signal.SIGINT)),
        "Cancel": stop_command(site, held_runs.hold_text, lambda _, run_id: cancel(site, run_id)),
        "SIGTERM": stop_command(
            site, held_runs.watch_embedding, lambda run, _: run.send_signal(signal.SIGTERM)
        ),
    }
    result = site.review()
    assert result.line["state"] == "Completed", result.stderr
    return Lane(site, stopped)


def stop_command(site: Site, hold: Hold, stop: Callable[[subprocess.Popen[str], str], object]) -> Stopped:
    """Stop a run that the command line started when it is in a stage."""
    is_reached = hold(site)
    process = site.start()
    wait_for(is_reached, f"{hold.__name__} was reached")
    run_id = site.read_run_id()
    assert run_id is not None
    started = time.monotonic()
    stop(process, run_id)
    seconds = wait_until_gone(site, started)
    _, stderr = process.communicate()
    left = site.list_half_written(), site.list_scratch()
    site.mend()
    return Stopped(site.read_states(run_id), seconds, *left, process.returncode, stderr)


def cancel(site: Site, run_id: str) -> None:
    """Do what the page's Cancel button does."""
    answer = site.api("POST", f"/flow_runs/{run_id}/set_state", {"state": CANCELLING})
    assert answer["status"] == "ACCEPT", answer


def wait_until_gone(site: Site, started: float) -> float:
    """Return after how many seconds the last process of a run was gone."""
    wait_for(lambda: not site.find_processes(), "no process is left")
    return time.monotonic() - started


def check_stopped(stopped: Stopped) -> None:
    assert stopped.seconds < GONE_SECONDS
    assert stopped.half_written == []
    assert stopped.scratch == []


@pytest.mark.parametrize(
    ("lane", "stage"),
    [*(("first", stage) for stage in FIRST_STAGES), *(("second", stage) for stage in SECOND_STAGES)],
)
def test_cancel_stops_a_deployed_run(
    lanes: dict[str, Future[Any]], lane: str, stage: str, record_property: Callable[[str, object], None]
) -> None:
    stopped = lanes[lane].result().stopped[stage]
    record_property("seconds", round(stopped.seconds, 1))
    check_stopped(stopped)
    assert stopped.states[-1] == "Cancelled"
    # Of a run that vanished people are told.
    assert "Crashed" not in stopped.states


@pytest.mark.parametrize(
    ("way", "status", "state"),
    [("Ctrl-C", 130, "Crashed"), ("Cancel", 1, "Cancelled"), ("SIGTERM", 143, "Crashed")],
)
def test_command_ends_in_time_with_one_line(
    lanes: dict[str, Future[Lane]],
    way: str,
    status: int,
    state: str,
    record_property: Callable[[str, object], None],
) -> None:
    stopped = lanes["command"].result().stopped[way]
    record_property("seconds", round(stopped.seconds, 1))
    check_stopped(stopped)
    assert stopped.status == status
    assert stopped.states[-1] == state
    assert stopped.stderr.splitlines()[-1] == SAID[way]
    assert "Traceback" not in stopped.stderr


@pytest.mark.parametrize("lane", ["first", "second", "command"])
def test_next_run_has_every_document(lanes: dict[str, Future[Lane]], lane: str) -> None:
    site = lanes[lane].result().site
    review = site.read_review()
    assert [row["state"] for row in review["documents"]] == ["indexed"] * len(site.documents)
    assert review["status"] == "complete"
    passages, rows = site.load_index()
    assert {passage.document_id for passage in passages} == {
        row["document_id"] for row in review["documents"]
    }
    assert sorted(passage.id for passage in passages) == rows
    assert [path for path in (site.folder / "temp").rglob("*") if path.is_file()] == []
