"""`planning-review retry`: which run it takes, and what is done again, here and by a worker."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from cli.commands.sample import stop_sample_register
from cli.runs import Parameters, Run, choose_run
from planning_review.errors import UsageError
from planning_review.parameters import LetterParameters, ReviewParameters
from planning_review.references import reference_folder
from planning_review.report.output_files import write_review_files
from planning_review.settings import load_settings
from tests.support.applications import FACTS, downloads, make_application, make_document, make_pdf
from tests.support.buckets import make_bucket
from tests.support.commands import Command, CommandResult, run_command
from tests.support.deployed import Deployed, deploy_on
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.handmade_review import make_review
from tests.support.s3_server import SECRET_ACCESS_KEY, FaultProxy, answer, run_proxy, run_s3_server
from tests.support.server_api import call_server

HERE, QUEUED, NOBODYS = "26/04101/F", "26/04102/F", "26/04103/F"
"""References of these tests alone: the server knows runs of other tests too."""

REFUSED = Fault(kind="status", status=403, times=1)
"""A download that fails one run, with one request and no waiting."""


# --- which run -----------------------------------------------------------------------------------

FAILED = ("FAILED", "Failed")
WARNED = ("COMPLETED", "CompletedWithWarnings")
CLEAN = ("COMPLETED", "Completed")
CANCELLED = ("CANCELLED", "Cancelled")
CRASHED = ("CRASHED", "Crashed")
RUNNING = ("RUNNING", "Running")
QUEUED_AGAIN = ("SCHEDULED", "AwaitingRetry")


def make_runs(*rows: tuple[tuple[str, str], Parameters | None]) -> list[Run]:
    """Return runs, the one that changed last first, each named for its place."""
    now = datetime.now(UTC)
    return [
        Run(
            id=UUID(int=place),
            name=f"run {place}",
            flow="write-letter" if isinstance(parameters, LetterParameters) else "review-application",
            state_type=state_type,
            state_name=state_name,
            changed_at=now - timedelta(minutes=place),
            parameters=parameters,
        )
        for place, ((state_type, state_name), parameters) in enumerate(rows)
    ]


def choose(runs: list[Run], *, is_named: bool) -> Run:
    return choose_run(runs, "http://127.0.0.1:1", is_named=is_named)


A = ReviewParameters(reference="26/00001/F")
B = ReviewParameters(reference="26/00002/F")
A_ELSEWHERE = ReviewParameters(reference="26/00001/F", council="oxford")
A_LETTER = LetterParameters(reference="26/00001/F")


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([(CLEAN, B), (FAILED, A), (FAILED, B)], 1),
        ([(WARNED, A), (FAILED, B)], 0),
        ([(CRASHED, A)], 0),
        ([(CANCELLED, A), (FAILED, B)], 1),
        # What a later run has mended, or is at, is left alone; one of another council or flow mends nothing.
        ([(CLEAN, A), (FAILED, A), (FAILED, B)], 2),
        ([(RUNNING, A), (FAILED, A), (FAILED, B)], 2),
        ([(QUEUED_AGAIN, A), (WARNED, A), (WARNED, B)], 2),
        ([(CLEAN, A_ELSEWHERE), (CLEAN, A_LETTER), (FAILED, A)], 2),
        # A failure after the clean run, or after one that never ended, is there to be mended.
        ([(FAILED, A), (CLEAN, A), (RUNNING, A)], 0),
        # Parameters that were refused are refused again.
        ([(FAILED, None), (FAILED, A)], 1),
    ],
)
def test_without_a_name_the_last_one_that_is_not_mended_is_taken(rows: list[Any], place: int) -> None:
    assert choose(make_runs(*rows), is_named=False).name == f"run {place}"


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([(CLEAN, A), (CANCELLED, A), (FAILED, A)], 1),
        ([(FAILED, A), (RUNNING, A)], 0),
        ([(RUNNING, A_LETTER), (FAILED, A)], 1),
    ],
)
def test_with_a_name_the_newest_that_can_be_retried_is_taken(rows: list[Any], place: int) -> None:
    assert choose(make_runs(*rows), is_named=True).name == f"run {place}"


@pytest.mark.parametrize(
    ("rows", "is_named", "said"),
    [
        ([], False, ["no run", "http://127.0.0.1:1", "planning-review review"]),
        ([(CLEAN, A)], False, ["nothing to retry", "run 0", "Completed"]),
        ([(CLEAN, A), (FAILED, A)], False, ["nothing to retry", "later run"]),
        ([(CANCELLED, A)], False, ["nothing to retry", f"planning-review retry {UUID(int=0)}"]),
        ([(CLEAN, A)], True, ["completed without warnings", "planning-review review 26/00001/F"]),
        ([(CLEAN, A_LETTER)], True, ["planning-review letter 26/00001/F --stance neutral"]),
        ([(RUNNING, A_ELSEWHERE), (FAILED, A_ELSEWHERE)], True, ["Running", "--council oxford"]),
    ],
)
def test_nothing_to_retry_says_what_there_is(rows: list[Any], is_named: bool, said: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        choose(make_runs(*rows), is_named=is_named)
    for part in said:
        assert part in str(refused.value)


# --- a run without a deployment ------------------------------------------------------------------


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    with serve(HERE) as register:
        yield register


def serve(reference: str) -> RegisterServer:
    documents = [make_document(n, make_pdf(f"Of {reference}", fact)) for n, fact in enumerate(FACTS, start=1)]
    return RegisterServer([make_application(*documents, reference=reference)])


def call(api_url: str, method: str, path: str, body: object = None) -> Any:
    """Call Prefect's API and return what it answers."""
    answered = call_server(method, f"{api_url}{path}", body).raise_for_status()
    return answered.json() if answered.content else None


def read_runs(api_url: str, name: str) -> list[dict[str, Any]]:
    """Return the runs with a name, the newest first."""
    asked = {"flow_runs": {"name": {"any_": [name]}}, "sort": "START_TIME_DESC"}
    runs: list[dict[str, Any]] = call(api_url, "POST", "/flow_runs/filter", asked)
    return runs


@pytest.mark.proof
def test_run_without_a_deployment_is_done_again_here_with_its_parameters(
    command: Command, register: RegisterServer, prefect_url: str
) -> None:
    def retry(*run: str) -> CommandResult:
        return command("retry", *run, PLANNING_REGISTER_URL=register.url)

    # Fails the run, and its first retry.
    register.set_fault("5000-2-2", REFUSED, REFUSED)
    options = ("--include", "comments", "--refresh", "review", "--json")
    first = command("review", HERE, *options, PLANNING_REGISTER_URL=register.url)
    assert first.line["state"] == "Failed"
    assert len(downloads(register)) == 4

    again = retry(first.line["flow_run_id"])
    assert again.status == 1, again.stderr
    assert "1 document is still missing" in again.stderr
    assert len(downloads(register)) == 5

    mended = retry()
    assert mended.status == 0, mended.stderr
    assert len(downloads(register)) == 6
    assert Path(mended.stdout.split("Review:")[1].split()[0]).is_file()
    assert "Traceback" not in again.stderr + mended.stderr

    runs = read_runs(prefect_url, f"{HERE} review (cherwell)")
    assert [run["state_name"] for run in runs] == ["Completed", "Failed", "Failed"]
    assert runs[0]["parameters"]["parameters"]["include"] == ["comments"]
    assert all(run["parameters"] == runs[0]["parameters"] for run in runs)

    clean = retry(runs[0]["id"])
    assert clean.status == 2
    assert "completed without warnings" in clean.stderr
    assert len(read_runs(prefect_url, runs[0]["name"])) == 3


def test_letter_is_written_again_here(command: Command, tmp_path: Path) -> None:
    review = make_review()
    folder = tmp_path / "data" / "output" / reference_folder(review.application_ref)
    path = write_review_files(review, folder, date(2026, 11, 23))["json"]
    content = path.read_bytes()
    path.write_bytes(b"{}")
    failed = command("letter", review.application_ref, "--stance", "object", "--officer", "A. Writer")
    assert failed.status == 1
    path.write_bytes(content)
    again = command("retry", f"{review.application_ref} letter (object)")
    assert again.status == 0, again.stderr
    letter = Path(again.stdout.split("Letter:")[1].split()[1])
    assert "A. Writer" in letter.read_text()


@pytest.mark.proof
def test_sample_is_served_again(command: Command, tmp_path: Path) -> None:
    settings = load_settings(PLANNING_DATA_DIR=tmp_path / "data")
    try:
        first = command("review", "--sample", "--json")
        assert first.line["state"] == "CompletedWithWarnings", first.stderr
        assert stop_sample_register(settings)
        again = command("retry", first.line["flow_run_id"])
        assert again.status == 0, again.stderr
        assert "CompletedWithWarnings: " in again.stderr
        assert "(sample)" in again.stderr
    finally:
        assert stop_sample_register(settings)


def test_what_is_no_run_of_ours_is_refused(command: Command, prefect_url: str) -> None:
    for text in ("26/09999/F", str(uuid4())):
        unknown = command("retry", text)
        assert unknown.status == 2
        assert text in unknown.stderr
    flow = call(prefect_url, "POST", "/flows/", {"name": "somebody-elses"})
    state = {"type": "FAILED", "name": "Failed"}
    run = call(prefect_url, "POST", "/flow_runs/", {"flow_id": flow["id"], "state": state})
    other = command("retry", run["id"])
    assert other.status == 2
    assert "somebody-elses" in other.stderr


def test_server_that_does_not_answer_is_named(command: Command) -> None:
    result = command("retry", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert result.status == 1
    assert "http://127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr


# --- a run of a deployment -----------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A worker that keeps documents in a bucket, behind a proxy that breaks on request."""

    deployed: Deployed
    variables: dict[str, str]
    register: RegisterServer
    proxy: FaultProxy

    def retry(self, *run: str) -> CommandResult:
        return run_command(("retry", *run), self.deployed.api_url, self.deployed.folder, self.variables)


@pytest.fixture
def place(prefect_url: str, tmp_path: Path) -> Iterator[Place]:
    with run_s3_server() as s3_url, run_proxy(s3_url) as proxy, serve(QUEUED) as register:
        variables = make_bucket(s3_url).variables(register, proxy.url)
        # How often the worker asks for runs: 10 s unless told.
        variables["PREFECT_WORKER_QUERY_SECONDS"] = "1"
        with deploy_on(prefect_url, tmp_path, variables) as deployed:
            yield Place(deployed, variables, register, proxy)


def states_of(place: Place, run_id: str, attempt: int, number: int) -> set[str]:
    """Return the states of one document's tasks in an attempt."""
    states = place.deployed.read_task_states(run_id, attempt)
    steps = ("download", "upload", "read", "index")
    names = [f"{QUEUED} {step} Statement {number}" for step in steps]
    return {states[name] for name in names if name in states}


@pytest.mark.proof
def test_worker_does_only_what_failed_or_was_not_uploaded(place: Place) -> None:
    place.register.set_fault("5000-2-2", REFUSED, REFUSED)
    run_id = place.deployed.start_run("review-application/review", reference=QUEUED)
    assert place.deployed.wait_for_end(run_id)["state_name"] == "Failed"
    assert len(downloads(place.register)) == 4

    # Prefect's own command does the same as ours, and the register refuses once more.
    subprocess.run(
        [sys.executable, "-m", "prefect", "flow-run", "retry", run_id],
        env=place.deployed.environment,
        capture_output=True,
        check=True,
    )
    assert place.deployed.wait_for_end(run_id, attempt=2)["state_name"] == "Failed"
    assert len(downloads(place.register)) == 5
    assert all(states_of(place, run_id, 2, number) == set() for number in (1, 3, 4))

    place.proxy.fail_path("PUT", "002_Statement_2", answer(403, "AccessDenied", "no"))
    queued = place.retry(run_id)
    assert queued.status == 0, queued.stderr
    assert f"{QUEUED} review (cherwell) (it was Failed)" in queued.stdout
    assert queued.stdout.splitlines()[-1].endswith(f"/runs/flow-run/{run_id}")
    assert "No worker" not in queued.stdout
    assert place.deployed.wait_for_end(run_id, attempt=3)["state_name"] == "CompletedWithWarnings"
    assert len(downloads(place.register)) == 6
    assert all(states_of(place, run_id, 3, number) == set() for number in (1, 3, 4))

    # The server keeps the result of a run that completed; it is done again all the same.
    place.proxy.mend()
    before = len(place.proxy.requests)
    queued = place.retry(QUEUED)
    assert queued.status == 0, queued.stderr
    assert "it was CompletedWithWarnings" in queued.stdout
    assert SECRET_ACCESS_KEY not in queued.stdout + queued.stderr
    assert place.deployed.wait_for_end(run_id, attempt=4)["state_name"] == "Completed"
    assert len(downloads(place.register)) == 6
    stored = [path for asked, path, _ in place.proxy.requests[before:] if asked == "PUT"]
    assert [path.split("/")[-1] for path in stored if ".pdf" in path] == ["002_Statement_2.pdf"]
    assert all(states_of(place, run_id, 4, number) == set() for number in (1, 3, 4))
    states = place.deployed.read_task_states(run_id, attempt=4)
    assert states[f"{QUEUED} upload Statement 2"] == "Completed"
    assert f"{QUEUED} download Statement 2" not in states


def make_failed_run(api_url: str, pool: str, reference: str) -> tuple[str, str]:
    """Make a failed run of a deployment in a pool without workers; returns the ids of run and deployment."""
    call(api_url, "POST", "/work_pools/", {"name": pool, "type": "process"})
    flow = call(api_url, "POST", "/flows/", {"name": "write-letter"})
    wanted = {"name": pool, "flow_id": flow["id"], "work_pool_name": pool}
    deployment = call(api_url, "POST", "/deployments/", wanted)
    asked = {
        "parameters": {"parameters": {"reference": reference}},
        "state": {"type": "FAILED", "name": "Failed"},
    }
    run = call(api_url, "POST", f"/deployments/{deployment['id']}/create_flow_run", asked)
    return run["id"], deployment["id"]


def test_missing_worker_and_missing_deployment_are_named(command: Command, prefect_url: str) -> None:
    run_id, deployment_id = make_failed_run(prefect_url, "nobody", NOBODYS)
    queued = command("retry", NOBODYS)
    assert queued.status == 0, queued.stderr
    assert "prefect worker start --pool nobody" in queued.stdout
    assert call(prefect_url, "GET", f"/flow_runs/{run_id}")["state_name"] == "AwaitingRetry"
    going = command("retry", run_id)
    assert going.status == 2
    assert "AwaitingRetry and has not ended" in going.stderr

    failed = {"state": {"type": "FAILED", "name": "Failed"}, "force": True}
    call(prefect_url, "POST", f"/flow_runs/{run_id}/set_state", failed)
    call(prefect_url, "DELETE", f"/deployments/{deployment_id}")
    gone = command("retry", run_id)
    assert gone.status == 2
    assert f"planning-review letter {NOBODYS}" in gone.stderr
