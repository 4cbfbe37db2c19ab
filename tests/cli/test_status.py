"""`planning-review status` and `prune`: what a keeper sees, and what goes when they tidy up."""

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cli.commands.disk_use import describe_disk, format_bytes, measure_bytes
from planning_review.settings import load_settings
from tests.support.applications import make_application, make_document, make_pdf
from tests.support.commands import Command, run_command
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.server_api import call_server

REFERENCE = "26/06101/F"


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("The cycle route will not be lit.", f"Page {n}")) for n in (1, 2)]
    with RegisterServer([make_application(*documents, reference=REFERENCE)]) as server:
        yield server


def test_failed_run_is_shown_with_its_command_until_it_is_mended(
    command: Command, register: RegisterServer
) -> None:
    register.set_fault("5000-2-2", Fault(kind="status", status=403))
    failed = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    assert failed.status == 1
    shown = command("status")
    assert shown.status == 0, shown.stderr
    line = next(line for line in shown.stdout.splitlines() if REFERENCE in line and "Failed" in line)
    assert f"planning-review retry {failed.line['flow_run_id']}" in line
    why = shown.stdout.splitlines()[shown.stdout.splitlines().index(line) + 1]
    assert why.startswith("           ")
    assert "1 document is still missing" in why
    assert f"{REFERENCE} (cherwell): amber, incomplete; no last day for comments is known" in shown.stdout
    assert "Workers:" in shown.stdout
    assert "free" in shown.stdout

    register.set_fault("5000-2-2")
    assert command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url).status == 0
    shown = command("status", REFERENCE)
    assert "nothing failed" in shown.stdout
    assert "2 indexed" in shown.stdout
    assert "_review.html" in shown.stdout


def test_failed_run_is_shown_where_there_is_no_review_yet(command: Command, register: RegisterServer) -> None:
    unknown = "26/06102/F"
    failed = command("review", unknown, "--json", PLANNING_REGISTER_URL=register.url)
    assert failed.status == 1
    shown = command("status", unknown)
    assert shown.status == 0, shown.stderr
    assert f"planning-review review {unknown}" in shown.stdout
    assert f"planning-review retry {failed.line['flow_run_id']}" in shown.stdout


def test_nothing_is_started_by_looking(command: Command, tmp_path: Path) -> None:
    shown = command("status", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert shown.status == 0, shown.stderr
    assert "http://127.0.0.1:9 does not answer" in shown.stdout
    assert not (tmp_path / "data" / "prefect" / "server.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "password", "words"),
    [
        (401, "", "wants a name and a password: set PREFECT_API_AUTH_STRING=name:password"),
        (401, "keeper:wrong", "refuses the name and the password in PREFECT_API_AUTH_STRING"),
        (404, "", "(HTTP 404). Does PREFECT_API_URL name a Prefect server?"),
    ],
)
def test_server_that_refuses_is_named_with_the_setting_that_mends_it(
    tmp_path: Path, code: int, password: str, words: str
) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(code)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        shown = run_command(
            ("status",), f"{url}/api", tmp_path, {"PREFECT_API_AUTH_STRING": password} if password else {}
        )
        server.shutdown()
    assert shown.status == 0, shown.stderr
    assert f"Prefect: {url}" in shown.stdout
    assert words in shown.stdout
    assert "wrong" not in shown.stdout + shown.stderr


def test_little_room_and_temporary_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(PLANNING_DATA_DIR=tmp_path / "data", PLANNING_TEMP_DIR=tmp_path / "temp")
    assert describe_disk(settings) == [f"{settings.data_dir} (nothing there yet)"]
    for folder in (settings.data_dir / "text", settings.temp_dir):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 200_000)
    monkeypatch.setattr("cli.commands.disk_use.LITTLE_BYTES", 0)
    shown, waiting = describe_disk(settings)
    assert "200 KB (text 200 KB)" in shown
    assert shown.endswith(" free")
    assert waiting == f"{settings.temp_dir}, 200 KB of temporary files"
    monkeypatch.setattr("cli.commands.disk_use.LITTLE_BYTES", 10**18)
    assert "free, which is little: `planning-review prune --yes` makes room" in describe_disk(settings)[0]


def test_prune_removes_what_nothing_needs_and_nothing_else(
    command: Command, register: RegisterServer, prefect_url: str, tmp_path: Path
) -> None:
    first = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    data, temp = tmp_path / "data", tmp_path / "temp"
    orphan = data / "text" / f"{'0' * 64}_old.json"
    (current, *_) = (data / "text").glob("*.json")
    replaced = current.with_name(f"{current.name[:64]}_2-pymupdf.json")
    only = current.with_name(f".{current.name}.part")
    for path in (orphan, replaced, only):
        path.write_text("{}")
    temp.mkdir(exist_ok=True)
    (temp / "old.pdf").write_bytes(b"x" * 5000)
    (temp / "new.pdf").write_bytes(b"x")
    days_ago = time.time() - 3 * 24 * 3600
    for path in (temp / "old.pdf", orphan, replaced, *(data / "text").glob("*.json")):
        os.utime(path, (days_ago, days_ago))
    kept = {p for p in (data / "output").rglob("*") if p.is_file()} | {*(data / "raw").rglob("*.pdf")}
    kept |= {*(data / "text").iterdir()} - {orphan, replaced}
    run_url = f"{prefect_url}/flow_runs/{first.line['flow_run_id']}"

    others = make_run_of_others(prefect_url)
    young = command("prune")
    assert "runs that ended" not in young.stdout
    assert "results of tasks" not in young.stdout
    listed = command("prune", "--days", "0")
    assert listed.status == 0, listed.stderr
    assert "Nothing was removed" in listed.stdout
    assert orphan.exists()
    assert (temp / "old.pdf").exists()
    assert call_server("GET", run_url).status_code == 200

    assert command("prune", "--days", "0", "--yes").status == 0
    assert not orphan.exists()
    assert not replaced.exists()
    assert not (temp / "old.pdf").exists()
    assert (temp / "new.pdf").exists()
    assert call_server("GET", run_url).status_code == 404
    assert call_server("GET", others).status_code == 200
    assert list((data / "results").rglob("*/v1/*")) == []
    assert all(path.exists() for path in kept)
    again = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    assert again.line["review_id"] == first.line["review_id"]
    assert again.line["documents"]["downloaded"] == 0


def test_prune_leaves_runs_and_results_while_one_goes_on(
    command: Command, register: RegisterServer, prefect_url: str
) -> None:
    first = command("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    flow_id = call_server("GET", f"{prefect_url}/flow_runs/{first.line['flow_run_id']}").json()["flow_id"]
    going = {"flow_id": flow_id, "name": "goes-on", "state": {"type": "RUNNING", "name": "Running"}}
    run = call_server("POST", f"{prefect_url}/flow_runs/", going).json()
    try:
        listed = command("prune", "--days", "0")
        assert "goes-on" in listed.stdout
        assert "runs that ended" not in listed.stdout
        assert "results of tasks" not in listed.stdout
        assert "Running: goes-on" in command("status").stdout
    finally:
        call_server("DELETE", f"{prefect_url}/flow_runs/{run['id']}")


def make_run_of_others(prefect_url: str) -> str:
    """Return the address of an ended run of a flow that is not ours."""
    flow = call_server("POST", f"{prefect_url}/flows/", {"name": "somebody-elses"}).json()
    state = {"type": "COMPLETED", "name": "Completed"}
    run = call_server("POST", f"{prefect_url}/flow_runs/", {"flow_id": flow["id"], "state": state}).json()
    return f"{prefect_url}/flow_runs/{run['id']}"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 KB"), (12_345, "12 KB"), (3_400_000, "3.4 MB")],
)
def test_sizes_are_written_as_people_read_them(size: int, text: str) -> None:
    assert format_bytes(size) == text


def test_sizes_add_up(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"x" * 10)
    (tmp_path / "b").write_bytes(b"x" * 5)
    assert measure_bytes(tmp_path) == 15
    assert measure_bytes(tmp_path / "b") == 5
    assert measure_bytes(tmp_path / "gone") == 0
