"""Answers that never end: each is given up at its limit of bytes or time, and leaves nothing behind."""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from planning_review.errors import PermanentError, PlanningReviewError, RegisterUnavailable
from planning_review.register import responses
from tests.register.test_register_client import PAGE_PATH, REFERENCE, listed, make_client
from tests.support.register_server import Answer, Register, serve_register

MEBIBYTE = 1024**2
MOST_SERVED_BYTES = 64 * MEBIBYTE
"""Where a server of a test ends, should nobody else."""


@pytest.fixture
def register() -> Iterator[Register]:
    with serve_register() as served:
        yield served


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches in a moment."""
    monkeypatch.setattr(responses, "LARGEST_DOCUMENT_BYTES", 4 * MEBIBYTE)
    monkeypatch.setattr(responses, "_LONGEST_DOCUMENT_SECONDS", 0.5)
    monkeypatch.setattr(responses, "_LONGEST_PAGE_SECONDS", 0.5)


def pour(status: int, piece: bytes, pause_seconds: float = 0, **headers: str) -> Answer:
    """Return an answer that sends a piece again and again, as long as anyone takes it."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.close_connection = True
        sent = 0
        try:
            while sent < MOST_SERVED_BYTES:
                sent += handler.wfile.write(piece)
                time.sleep(pause_seconds)
        except OSError:
            # Nobody takes it any more.
            return

    return answer


def download(register: Register, folder: Path, answer: Answer) -> tuple[PlanningReviewError, int]:
    """Return what a download ends with, and the most memory that it took beside what was there."""
    register.routes["/Document/Download"] = answer
    with make_client(register.url, folder) as client:
        tracemalloc.start()
        try:
            with pytest.raises(PlanningReviewError) as raised:
                client.download(listed(f"{register.url}/Document/Download"), folder / "a.part")
            return raised.value, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("is_packed", [False, True], ids=["as it is", "unpacking to a thousand times"])
def test_a_document_without_end_stops_at_its_bytes(
    register: Register, tmp_path: Path, is_packed: bool
) -> None:
    piece = gzip.compress(bytes(32 * MEBIBYTE)) if is_packed else bytes(65536)
    coding = {"Content_Encoding": "gzip"} if is_packed else {}
    error, peak_bytes = download(
        register, tmp_path, pour(200, piece, Content_Type="application/pdf", **coding)
    )
    assert isinstance(error, PermanentError)
    assert "is larger than 4 MB" in str(error)
    # A piece of 64 KB that is unpacked is there whole: 64 MB at most.
    assert peak_bytes < 100 * MEBIBYTE
    assert not (tmp_path / "a.part").exists()


@pytest.mark.usefixtures("small_limits")
def test_a_document_that_drips_stops_at_its_time(register: Register, tmp_path: Path) -> None:
    started = time.monotonic()
    error, _ = download(register, tmp_path, pour(200, b"x", 0.05, Content_Type="application/pdf"))
    assert isinstance(error, RegisterUnavailable)
    assert "was not waited for longer" in str(error)
    assert time.monotonic() - started < 10
    assert not (tmp_path / "a.part").exists()


def test_a_part_that_nobody_asked_for_is_no_document(register: Register, tmp_path: Path) -> None:
    error, _ = download(register, tmp_path, pour(206, bytes(MEBIBYTE), Content_Type="application/pdf"))
    assert isinstance(error, PermanentError)
    assert "sent a part of the file" in str(error)


@pytest.mark.parametrize("status", [200, 202, 405, 503])
def test_a_page_without_end_stops_at_its_bytes_whatever_its_status(
    register: Register, tmp_path: Path, status: int
) -> None:
    register.routes[PAGE_PATH] = pour(status, bytes(65536), Content_Type="text/html")
    with (
        make_client(register.url, tmp_path) as client,
        pytest.raises(PermanentError, match="larger than 32 MB"),
    ):
        client.fetch_application(REFERENCE)


@pytest.mark.usefixtures("small_limits")
def test_a_page_that_drips_stops_at_its_time(register: Register, tmp_path: Path) -> None:
    register.routes[PAGE_PATH] = pour(200, b"<", 0.05, Content_Type="text/html")
    with (
        make_client(register.url, tmp_path) as client,
        pytest.raises(RegisterUnavailable, match="was not waited for longer"),
    ):
        client.fetch_application(REFERENCE)
