"""Turns between machines: the pace of a register and the reviews of a council, kept by one server."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from cli.server.background import find_free_port
from cli.server.limits import make_limits
from planning_review.errors import TransientError
from planning_review.models import ListedDocument
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council, list_paced_councils
from planning_review.settings import load_settings
from run.rate_limits import find_register_turn, take_register_turn
from tests.support.commands import command_environment
from tests.support.register_server import send, serve_register
from tests.support.server_api import call_server, use_server

COUNCIL = "wychavon"
INTERVAL_SECONDS = 0.5

ASK_SIX_TIMES = """
import sys
from pathlib import Path
from planning_review.models import ListedDocument
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council
from run.rate_limits import find_register_turn

url, folder, council, interval = sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
turn = find_register_turn(council, interval)
with AtriumClient(get_council(council, url), locks_dir=folder / "locks", interval_seconds=interval,
                    contact=None, pages_dir=folder, shared_turn=turn) as client:
    document = ListedDocument(document_id="1", title="d", register_url=f"{url}/d")
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(6):
        client.download(document, folder / "d.part")
"""


@pytest.fixture
def api_url(prefect_url: str) -> Iterator[str]:
    """The server with every limit, and without them afterwards."""
    with use_server(prefect_url):
        assert make_limits(load_settings(PLANNING_REGISTER_INTERVAL_SECONDS=INTERVAL_SECONDS)) == 0
        yield prefect_url
    for name in read_limits(prefect_url):
        call_server("DELETE", f"{prefect_url}/v2/concurrency_limits/{name}").raise_for_status()


def read_limits(api_url: str) -> dict[str, dict[str, Any]]:
    answer = call_server("POST", f"{api_url}/v2/concurrency_limits/filter", {})
    ours = ("register-", "review-")
    return {limit["name"]: limit for limit in answer.json() if limit["name"].startswith(ours)}


def set_limit(api_url: str, name: str, **values: object) -> None:
    call_server("PATCH", f"{api_url}/v2/concurrency_limits/{name}", values).raise_for_status()


@contextmanager
def start(api_url: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=command_environment(api_url, folder, {}),
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_two_machines_ask_at_one_pace(api_url: str, tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/d"] = send(200, b"bytes")
        asked = [register.url, COUNCIL, str(INTERVAL_SECONDS)]

        def ask(name: str) -> tuple[str, ...]:
            return ("-c", ASK_SIX_TIMES, asked[0], str(tmp_path / name), *asked[1:])

        with start(api_url, tmp_path / "a", *ask("a")) as a, start(api_url, tmp_path / "b", *ask("b")) as b:
            assert (read_line(a), read_line(b)) == ("ready", "ready")
            tell(a)
            tell(b)
            for machine in (a, b):
                _, stderr = machine.communicate(timeout=600)
                assert machine.returncode == 0, stderr
    assert len(register.arrivals) == 12
    assert sum(register.gaps) / 11 >= INTERVAL_SECONDS


def test_no_request_goes_out_without_a_turn(api_url: str, tmp_path: Path) -> None:
    turn = find_register_turn(COUNCIL, INTERVAL_SECONDS)
    assert turn
    away = f"http://127.0.0.1:{find_free_port()}/api"
    with serve_register() as register, temporary_settings({PREFECT_API_URL: away}):
        client = AtriumClient(
            get_council(COUNCIL, register.url),
            locks_dir=tmp_path,
            interval_seconds=0.1,
            contact=None,
            pages_dir=tmp_path,
            shared_turn=turn,
        )
        document = ListedDocument(document_id="1", title="d", register_url=f"{register.url}/d")
        with client, pytest.raises(TransientError, match="Prefect server did not answer"):
            client.download(document, tmp_path / "d.part")
    assert register.arrivals == []


def test_machines_share_nothing_where_there_is_no_limit_or_no_interval(api_url: str) -> None:
    assert find_register_turn(COUNCIL, 0) is None
    call_server("DELETE", f"{api_url}/v2/concurrency_limits/register-{COUNCIL}").raise_for_status()
    assert find_register_turn(COUNCIL, INTERVAL_SECONDS) is None


def test_turn_that_never_comes_is_an_error_that_names_the_limit(
    api_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("run.rate_limits.LONGEST_TURN_WAIT_SECONDS", 0.5)
    name = f"register-{COUNCIL}"
    set_limit(api_url, name, slot_decay_per_second=0.001, active_slots=1)
    with pytest.raises(TransientError, match=f"limit {name} on the Prefect server's page Concurrency"):
        take_register_turn(name)


def test_second_review_of_a_council_waits_and_says_so(api_url: str, tmp_path: Path) -> None:
    arguments = ("-m", "tests.support.hold_turn")
    with start(api_url, tmp_path / "a", *arguments, COUNCIL) as first:
        assert read_line(first) == "held"
        with start(api_url, tmp_path / "b", *arguments, COUNCIL) as second:
            assert second.stderr
            said = next(line for line in second.stderr if "Waiting for another review" in line)
            assert f"limit review-{COUNCIL}" in said
            with start(api_url, tmp_path / "c", *arguments, "cherwell") as other:
                assert read_line(other) == "held"
            tell(first)
            assert read_line(first) == "free"
            assert read_line(second) == "held"
            assert read_limits(api_url)[f"review-{COUNCIL}"]["active_slots"] == 1
            tell(second)
            assert read_line(second) == "free"
    assert read_limits(api_url)[f"review-{COUNCIL}"]["active_slots"] == 0


def test_review_holds_nothing_where_there_is_no_limit(api_url: str, tmp_path: Path) -> None:
    call_server("DELETE", f"{api_url}/v2/concurrency_limits/review-{COUNCIL}").raise_for_status()
    with start(api_url, tmp_path / "a", "-m", "tests.support.hold_turn", COUNCIL) as run:
        stdout, stderr = run.communicate("\n", timeout=60)
    assert stdout.split() == ["held", "free"]
    assert "limit" not in stderr.casefold()
    assert "do not exist" not in stderr


def test_limits_follow_the_interval_and_leave_the_operators_alone(
    api_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    councils = list_paced_councils("cherwell")
    names = {f"{kind}-{council}" for kind in ("register", "review") for council in councils}
    assert set(read_limits(api_url)) == names
    set_limit(api_url, "review-cherwell", limit=4)
    make_limits(load_settings(PLANNING_REGISTER_INTERVAL_SECONDS=3))
    limits = read_limits(api_url)
    assert limits["review-cherwell"]["limit"] == 4
    assert limits["register-cherwell"]["limit"] == 1
    assert limits["register-cherwell"]["slot_decay_per_second"] == pytest.approx(1 / 3)
    assert "one request in 3 s" in capsys.readouterr().out

    make_limits(load_settings(PLANNING_REGISTER_INTERVAL_SECONDS=3))
    assert read_limits(api_url) == limits

    make_limits(load_settings(PLANNING_REGISTER_INTERVAL_SECONDS=0))
    assert {name.split("-")[0] for name in read_limits(api_url)} == {"review"}
