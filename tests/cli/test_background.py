"""Processes in the background: one that lives is waited for, and only one that is gone is replaced."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli import telling as words
from cli.server import local_server
from cli.server.background import (
    Background,
    await_background,
    find_background,
    find_free_port,
    owns_port,
    start_background,
    stop_background,
)
from cli.server.local_server import ensure_server, find_server, stop_server
from cli.telling import tell_step, telling
from planning_review.errors import PlanningReviewError
from planning_review.settings import Settings, load_settings

pytestmark = pytest.mark.slow

SLOW_SERVER = (sys.executable, "-m", "tests.support.slow_server")
STILL_SECONDS = 4


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "server.json"
    yield path
    stop_background(path, wait_seconds=0)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A data folder whose Prefect server is a stand-in that is slow to start."""
    monkeypatch.setattr(local_server, "COMMAND", (*SLOW_SERVER, "--seconds", "2"))
    settings = load_settings(PLANNING_DATA_DIR=tmp_path)
    yield settings
    stop_server(settings)


def start(record: Path, *options: str) -> Background:
    port = find_free_port()
    return start_background(
        [*SLOW_SERVER, "--port", str(port), *options],
        record=record,
        url=f"http://127.0.0.1:{port}",
        is_ready=answers,
        environment=os.environ,
        name="The server",
        still_seconds=STILL_SECONDS,
    )


def answers(url: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        host, port = url.removeprefix("http://").split(":")
        return probe.connect_ex((host, int(port))) == 0


def test_start_that_gets_on_is_waited_for_longer_than_one_that_stands_still(record: Path) -> None:
    begun = time.monotonic()
    started = start(record, "--seconds", str(2 * STILL_SECONDS))
    assert time.monotonic() - begun >= 2 * STILL_SECONDS
    assert find_background(record) == started
    assert owns_port(started)


def test_one_that_stands_still_is_told_and_left_alive(record: Path) -> None:
    started = start(record)
    os.kill(started.pid, signal.SIGSTOP)
    with pytest.raises(PlanningReviewError, match=r"lives, but has not answered .*planning-review down"):
        await_background(started, record=record, is_ready=lambda _: False, name="The server", still_seconds=1)
    assert find_background(record) == started


def test_reason_comes_from_the_log_and_not_from_a_banner(record: Path) -> None:
    with pytest.raises(PlanningReviewError) as caught:
        start(record, "--error")
    assert "The server ended before it was ready: sqlite3.OperationalError: no such table: flow." in str(
        caught.value
    )
    assert "___" not in str(caught.value)
    assert str(record.with_suffix(".log")) in str(caught.value)
    assert not record.exists()


def test_port_of_somebody_else_is_not_taken_for_its_own(record: Path) -> None:
    started = start(record)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not owns_port(started.model_copy(update={"url": f"http://127.0.0.1:{port}"}))


def test_pid_that_another_process_has_now_is_not_adopted(record: Path) -> None:
    started = start(record)
    record.write_text(started.model_copy(update={"started_ticks": "1"}).model_dump_json())
    assert find_background(record) is None
    record.write_text(started.model_dump_json())


def test_server_that_is_stopped_for_a_while_is_waited_for_with_words(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "EVERY_SECONDS", 0.5)
    first = ensure_server(settings)
    os.kill(first.pid, signal.SIGSTOP)
    going_on = threading.Timer(5, os.kill, (first.pid, signal.SIGCONT))
    going_on.start()
    with telling():
        assert ensure_server(settings) == first
    assert not going_on.is_alive()
    said = capsys.readouterr().err
    assert f"Waiting for the Prefect server at {first.url}" in said
    assert len(said.splitlines()) >= 4


def test_server_that_is_gone_is_replaced(settings: Settings) -> None:
    first = ensure_server(settings)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert find_server(settings) is None
    second = ensure_server(settings)
    assert second.pid != first.pid


def test_second_command_waits_for_the_start_of_the_first(settings: Settings) -> None:
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(ensure_server, settings) for _ in range(2)]
        assert both[0].result() == both[1].result() == find_server(settings)


def test_words_come_soon_and_again_and_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(words, "EVERY_SECONDS", 0.2)
    pause = threading.Event()
    with telling("Starting"):
        pause.wait(0.15)
        tell_step("Loading Prefect")
        pause.wait(0.5)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "Starting …"
    assert "Loading Prefect …" in said
    assert said[-1].startswith("Loading Prefect … ")
    pause.wait(0.3)
    assert capsys.readouterr().err == ""


def test_nothing_is_said_of_what_is_quick(capsys: pytest.CaptureFixture[str]) -> None:
    with telling("Starting"):
        tell_step("Done")
    assert capsys.readouterr().err == ""
