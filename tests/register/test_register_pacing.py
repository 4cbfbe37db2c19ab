"""The pace: no two requests of any process, thread or client arrive less than the interval apart."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from planning_review.errors import DocumentGone, PermanentError, RegisterThrottled, RegisterUnavailable
from planning_review.models import ListedDocument
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer
from tests.support.register_server import Register, send, serve_register

INTERVAL_SECONDS = 0.2

DOWNLOAD_FOUR = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from planning_review.models import ListedDocument
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council

url, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
council = get_council("sample", url)
with AtriumClient(council, locks_dir=folder / "locks", interval_seconds=0.2, contact=None,
                    pages_dir=folder / "pages") as client, ThreadPoolExecutor(2) as pool:
    documents = [ListedDocument(document_id=str(i), title="d", register_url=f"{url}/d") for i in range(4)]
    parts = [folder / f"{name}{i}.part" for i in range(4)]
    list(pool.map(client.download, documents, parts))
"""


def make_client(register: Register, folder: Path, timeout_seconds: float = 30) -> AtriumClient:
    return AtriumClient(
        get_council("sample", register.url),
        locks_dir=folder / "locks",
        interval_seconds=INTERVAL_SECONDS,
        contact=None,
        pages_dir=folder / "pages",
        timeout_seconds=timeout_seconds,
    )


def listed(url: str) -> ListedDocument:
    return ListedDocument(document_id="1-2-3", title="Plan", register_url=url)


def write_state(folder: Path, **state: float) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "register-sample.json").write_text(json.dumps(state), encoding="utf-8")


def seconds_to_turn(folder: Path, interval_seconds: float = INTERVAL_SECONDS) -> float:
    started = time.monotonic()
    with Pacer(folder, "sample", interval_seconds).exchange() as exchange:
        exchange.wait_turn()
    return time.monotonic() - started


@pytest.mark.slow
def test_two_processes_with_two_threads_each_keep_one_pace(tmp_path: Path) -> None:
    with serve_register() as register:
        # Larger than the sockets' buffers: the server is busy until the client has read it.
        register.routes["/d"] = send(200, bytes(8_000_000))
        command = [sys.executable, "-W", "error", "-c", DOWNLOAD_FOUR, register.url, str(tmp_path)]
        processes = [
            subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in ("a", "b")
        ]
        for process in processes:
            _, stderr = process.communicate(timeout=600)
            assert process.returncode == 0, stderr
    assert len(register.arrivals) == 8
    assert min(register.gaps) >= INTERVAL_SECONDS
    assert register.most_at_once == 1
    assert len(list(tmp_path.glob("*.part"))) == 8


def test_request_counts_though_its_process_is_killed_before_the_answer(tmp_path: Path) -> None:
    seconds_to_turn(tmp_path)
    state = json.loads((tmp_path / "register-sample.json").read_text(encoding="utf-8"))
    assert 0 <= time.time() - state["last_request_at"] < 60


def test_clients_of_several_threads_pages_and_redirects_keep_it_too(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/moved"] = send(302, Location="/d")
        register.routes["/d"] = send(200, b"bytes")

        def ask(number: int) -> None:
            with make_client(register, tmp_path) as client:
                client.download(listed(f"{register.url}/moved"), tmp_path / f"{number}.part")

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(ask, range(3)))
    assert len(register.arrivals) == 6
    assert min(register.gaps) >= INTERVAL_SECONDS
    assert register.most_at_once == 1


def test_register_is_held_until_the_body_has_been_read(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/d"] = send(200, b"bytes")
        council = get_council("sample", register.url)
        http = PacedHttp(council, Pacer(tmp_path, "sample", 0), contact=None, timeout_seconds=30)
        with http.get(f"{register.url}/d", {}) as response:
            with pytest.raises(Timeout):
                FileLock(tmp_path / "register-sample.lock").acquire(blocking=False)
            assert response.read() == b"bytes"
        FileLock(tmp_path / "register-sample.lock").acquire(blocking=False).lock.release()
        http.close()


def test_failed_attempt_counts_from_its_failure(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/silent"] = lambda handler: handler.connection.recv(1)
        with make_client(register, tmp_path, timeout_seconds=0.3) as client:
            with pytest.raises(RegisterUnavailable):
                client.download(listed(f"{register.url}/silent"), tmp_path / "x.part")
            with pytest.raises(DocumentGone):
                client.download(listed(f"{register.url}/gone"), tmp_path / "x.part")
    assert register.gaps[0] >= 0.3 + INTERVAL_SECONDS - 0.02


def test_no_interval_is_no_wait(tmp_path: Path) -> None:
    assert sum(seconds_to_turn(tmp_path, 0) for _ in range(5)) < 3


@pytest.mark.parametrize(
    "state", [b"", b"{", b'{"last_request_at": "soon"}', b'{"retry_after_seconds": 1e99}']
)
def test_unreadable_state_costs_one_interval(tmp_path: Path, state: bytes) -> None:
    (tmp_path / "register-sample.json").write_bytes(state)
    assert INTERVAL_SECONDS * 0.9 <= seconds_to_turn(tmp_path) < 60


def test_clock_set_back_costs_one_interval(tmp_path: Path) -> None:
    write_state(tmp_path, last_request_at=time.time() + 86_400)
    assert INTERVAL_SECONDS * 0.9 <= seconds_to_turn(tmp_path) < 60


def test_clock_set_back_makes_retry_after_no_longer(tmp_path: Path) -> None:
    write_state(tmp_path, retry_after_asked_at=time.time() + 86_400, retry_after_seconds=0.4)
    assert 0.35 <= seconds_to_turn(tmp_path) < 60


def test_another_client_waits_out_what_the_register_asked(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/busy"] = send(503, Retry_After="1")
        register.routes["/d"] = send(200, b"bytes")
        with make_client(register, tmp_path) as client, pytest.raises(RegisterUnavailable, match="in 1 s"):
            client.download(listed(f"{register.url}/busy"), tmp_path / "x.part")
        with make_client(register, tmp_path) as other:
            other.download(listed(f"{register.url}/d"), tmp_path / "x.part")
    assert register.gaps[0] >= 1.0


def test_long_retry_after_is_said_and_not_slept_through(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/busy"] = send(429, Retry_After="7200")
        with make_client(register, tmp_path) as client:
            with pytest.raises(RegisterThrottled, match="patience for 7200 s") as first:
                client.download(listed(f"{register.url}/busy"), tmp_path / "x.part")
            with pytest.raises(RegisterThrottled, match=r"until \d\d:\d\d UTC on \d+ \w+") as second:
                client.fetch_application("25/00284/F")
    assert first.value.retry_after_seconds == 7200
    assert second.value.retry_after_seconds == pytest.approx(7200, abs=30)
    assert len(register.arrivals) == 1


def test_locks_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PermanentError, match="PLANNING_DATA_DIR"):
        seconds_to_turn(tmp_path / "file" / "locks")
