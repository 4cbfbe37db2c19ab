"""Two machines: a worker each on one Prefect server with Postgres, one bucket, one Chroma server."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from planning_review.index.opening import open_council_store
from planning_review.settings import load_settings
from tests.support.applications import make_application, make_document, make_pdf
from tests.support.commands import command_environment
from tests.support.deployed import Deployed
from tests.support.faulty_register import RegisterServer
from tests.support.s3_server import ACCESS_KEY_ID, BUCKET, SECRET_ACCESS_KEY, make_raw_client, run_s3_server
from tests.support.shared_servers import find_postgres, run_chroma_server, run_postgres, run_prefect_server

pytestmark = pytest.mark.proof

INTERVAL_SECONDS = 1.0
REFERENCES = [f"26/0004{number}/F" for number in range(1, 5)]
KILLED_COUNCIL = "wychavon"


@dataclass(frozen=True)
class Machines:
    """Both machines, and what they share. killed_at_seconds: when a run that held a turn was killed."""

    one: Deployed
    two: Deployed
    register: RegisterServer
    chroma_url: str
    s3_url: str
    killed_at_seconds: float


def say_width(number: int) -> str:
    """Return what only one application's statement says."""
    return f"The shared path at site number {number} will be {number}.5m wide over its whole length."


def serve_four() -> RegisterServer:
    return RegisterServer(
        [
            make_application(
                make_document(10 * number, make_pdf("Introduction", say_width(number))),
                make_document(
                    10 * number + 1, make_pdf(f"Cycle parking for {number}0 dwellings is covered.")
                ),
                reference=reference,
            )
            for number, reference in enumerate(REFERENCES, start=1)
        ]
    )


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    programs = find_postgres()
    if programs is None:
        pytest.skip("Postgres is not installed (Debian: apt-get install postgresql).")
    folder = tmp_path_factory.mktemp("shared")
    with (
        run_postgres(programs, folder) as database_url,
        run_prefect_server(database_url, folder) as api_url,
        run_chroma_server(folder) as chroma_url,
        run_s3_server() as s3_url,
        serve_four() as register,
    ):
        variables = {
            "PLANNING_REGISTER_URL": register.url,
            "PLANNING_REGISTER_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
            "PLANNING_CHROMA_URL": chroma_url,
            "PLANNING_WORKERS": "1",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "S3_ENDPOINT_URL": s3_url,
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }
        one, two = (
            Deployed(api_url, folder / name, command_environment(api_url, folder / name, variables))
            for name in ("one", "two")
        )
        # First of all: what its lease takes to run out passes while the others work.
        one.api("POST", "/v2/concurrency_limits/", {"name": f"review-{KILLED_COUNCIL}", "limit": 1})
        killed_at_seconds = kill_holder(one)
        one.deploy()
        try:
            yield Machines(one, two, register, chroma_url, s3_url, killed_at_seconds)
        finally:
            one.kill_workers()
            two.kill_workers()


def kill_holder(machine: Deployed) -> float:
    """Kill a run that holds a council's only turn; returns when."""
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.support.hold_turn", KILLED_COUNCIL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=machine.environment,
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    assert holder.returncode == -signal.SIGKILL
    return time.monotonic()


@pytest.fixture(scope="module")
def runs(machines: Machines) -> dict[str, dict[str, Any]]:
    """The four runs, ended, by reference; let go together when all of them wait for their council's turn."""
    machines.one.start_worker("--limit", "2")
    machines.two.start_worker("--limit", "2")
    pause = threading.Event()
    while len(machines.one.api("POST", "/work_pools/planning/workers/filter", {})) < 2:
        pause.wait(0.2)
    allow_reviews(machines, 0)
    asked = {
        reference: machines.one.start_run("review-application/review", reference=reference)
        for reference in REFERENCES
    }
    while {machines.one.read_run(run_id)["state_type"] for run_id in asked.values()} != {"RUNNING"}:
        pause.wait(0.2)
    assert machines.register.requests == []
    allow_reviews(machines, 4)
    return {reference: machines.one.wait_for_end(run_id) for reference, run_id in asked.items()}


def allow_reviews(machines: Machines, number: int) -> None:
    machines.one.api("PATCH", "/v2/concurrency_limits/review-cherwell", {"limit": number})


def folder_of(reference: str) -> str:
    return reference.replace("/", "_")


def find_review(machines: Machines, reference: str) -> tuple[Deployed, dict[str, Any]]:
    """Return the machine that did a review, and the review."""
    found = [
        (machine, path)
        for machine in (machines.one, machines.two)
        for path in (machine.folder / "data" / "output" / folder_of(reference)).glob("*_review.json")
    ]
    assert len(found) == 1, found
    return found[0][0], json.loads(found[0][1].read_text())


def test_each_machine_reviews_two_of_four_at_once(
    machines: Machines, runs: dict[str, dict[str, Any]]
) -> None:
    logs = "".join((m.folder / "worker.log").read_text() for m in (machines.one, machines.two))
    assert {run["state_name"] for run in runs.values()} == {"Completed"}, logs
    took = {reference: find_review(machines, reference)[0].folder.name for reference in REFERENCES}
    assert sorted(took.values()) == ["one", "one", "two", "two"]
    spans = {
        reference: (datetime.fromisoformat(run["start_time"]), datetime.fromisoformat(run["end_time"]))
        for reference, run in runs.items()
    }
    overlaps = [
        min(spans[a][1], spans[b][1]) > max(spans[a][0], spans[b][0]) for a, b in combinations(REFERENCES, 2)
    ]
    assert all(overlaps), spans


def test_register_has_one_request_a_second_in_all(
    machines: Machines, runs: dict[str, dict[str, Any]]
) -> None:
    times = [request.at_seconds for request in machines.register.requests]
    assert len(times) == 3 * len(runs)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert sum(gaps) / len(gaps) >= 0.95 * INTERVAL_SECONDS
    # In any stretch of n seconds at most n + 1 requests: one may have been slow on its way.
    for first, last in combinations(range(len(times)), 2):
        assert times[last] - times[first] >= (last - first - 1) * INTERVAL_SECONDS, gaps


def test_each_review_rests_on_its_own_documents(machines: Machines, runs: dict[str, dict[str, Any]]) -> None:
    with contextlib.closing(make_raw_client(machines.s3_url)) as client:
        keys = {item["Key"] for item in client.list_objects_v2(Bucket=BUCKET)["Contents"]}
    for number, reference in enumerate(runs, start=1):
        _, review = find_review(machines, reference)
        assert review["application_ref"] == reference
        assert review["status"] == "complete"
        ids = [f"5000-{n}-{n}" for n in (10 * number, 10 * number + 1)]
        assert [row["document_id"] for row in review["documents"]] == ids
        quotes = {
            citation["quote"] for aspect in review["review"]["aspects"] for citation in aspect["citations"]
        }
        others = {f"{other}.5m wide" for other in range(1, 5) if other != number}
        assert not [quote for quote in quotes for other in others if other in quote]
        prefix = f"planning/{folder_of(reference)}"
        for row in review["documents"]:
            served = machines.register.find_document(row["document_id"])
            assert served
            assert row["url"].startswith(f"{machines.s3_url}/{BUCKET}/{prefix}/")
            assert httpx.get(row["url"]).content == served.read_bytes()
        for kind in ("json", "md", "html"):
            key = f"{prefix}/output/{review['review_id']}_review.{kind}"
            assert key in keys
            assert httpx.get(f"{machines.s3_url}/{BUCKET}/{key}").status_code == httpx.codes.OK


def test_index_holds_each_applications_passages_once(
    machines: Machines, runs: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    settings = load_settings(PLANNING_DATA_DIR=tmp_path, PLANNING_CHROMA_URL=machines.chroma_url)
    with open_council_store(settings, "cherwell", tell=print) as store:
        for number, reference in enumerate(runs, start=1):
            passages = store.load_passages(reference)
            assert {passage.document_id for passage in passages} == {
                f"5000-{n}-{n}" for n in (10 * number, 10 * number + 1)
            }
            texts = [passage.text for passage in passages]
            assert sum(say_width(number) in text for text in texts) == 1
            assert len(set(texts)) == len(texts)


def test_turn_of_a_killed_run_is_free_when_its_lease_has_run_out(machines: Machines) -> None:
    pause = threading.Event()
    while machines.one.api("GET", f"/v2/concurrency_limits/review-{KILLED_COUNCIL}")["active_slots"]:
        pause.wait(0.2)
    assert time.monotonic() - machines.killed_at_seconds < 90
