"""The data folder's own Prefect server: private by default, and the same one however busy it is."""

import json
import os
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cli.server.background import Background
from tests.support.applications import make_application, make_document, make_pdf
from tests.support.commands import CommandResult, run_command, start_command
from tests.support.faulty_register import RegisterServer

pytestmark = pytest.mark.slow

REFERENCE = "26/07301/F"
STOPPED_SECONDS = 10
NOBODY = 65534


@dataclass
class Place:
    """A data folder with a server of its own, and how that was started."""

    folder: Path
    started: CommandResult

    @property
    def prefect(self) -> Path:
        return self.folder / "data" / "prefect"

    @property
    def server(self) -> Background:
        return Background.model_validate_json((self.prefect / "server.json").read_text())

    @property
    def auth(self) -> tuple[str, str]:
        name, _, word = (self.prefect / "password").read_text().partition(":")
        return name, word

    def run(self, *arguments: str, **variables: str) -> CommandResult:
        return run_command(arguments, "", self.folder, variables)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not below pytest's own folder, which keeps other users out by itself.
    with tempfile.TemporaryDirectory(prefix="own-server-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        place = Place(folder, run_command(("up",), "", folder, {}))
        yield place
        assert place.run("down").stdout == "Stopped.\n"


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [make_document(n, make_pdf("The cycle route will not be lit.", f"Page {n}")) for n in (1, 2)]
    with RegisterServer([make_application(*documents, reference=REFERENCE)]) as server:
        yield server


def test_first_start_says_what_it_does_and_how_a_person_signs_in(place: Place) -> None:
    assert place.started.status == 0, place.started.stderr
    *_, sign_in, address = place.started.stdout.splitlines()
    assert address == place.server.url
    assert f"{place.prefect / 'password'}" in sign_in
    assert "the first time it makes its database" in place.started.stderr
    assert place.auth[1] not in place.started.stdout + place.started.stderr
    assert len(place.auth[1]) >= 32


def test_no_password_is_refused(place: Place) -> None:
    asked = {"include_secrets": True}
    where = f"{place.server.url}/api/block_documents/filter"
    assert httpx.post(where, json=asked, timeout=60).status_code == 401
    assert httpx.post(where, json=asked, timeout=60, auth=("planning", "wrong")).status_code == 401
    assert httpx.post(where, json=asked, timeout=60, auth=place.auth).status_code == 200


def test_page_of_another_origin_is_told_nothing(place: Place) -> None:
    asked = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}
    where = f"{place.server.url}/api/block_documents/filter"
    preflight = httpx.options(where, headers=asked, timeout=60)
    answer = httpx.post(where, headers={"Origin": asked["Origin"]}, json={}, auth=place.auth, timeout=60)
    assert preflight.status_code == 400
    for answered in (preflight, answer):
        assert "access-control-allow-origin" not in answered.headers
    own = httpx.options(where, headers=asked | {"Origin": place.server.url}, timeout=60)
    assert own.headers["access-control-allow-origin"] == place.server.url


def test_only_its_own_names_are_answered(place: Place) -> None:
    where = f"{place.server.url}/api/health"
    for host, status in (("elsewhere.example", 400), ("localhost:8888", 200), ("[::1]:4200", 200)):
        assert httpx.get(where, headers={"Host": host}, timeout=60).status_code == status


def test_page_asks_the_address_that_it_came_from(place: Place) -> None:
    told = httpx.get(f"{place.server.url}/ui-settings", timeout=60).json()
    assert (told["api_url"], told["auth"]) == ("/api", "BASIC")


def test_another_user_of_the_machine_reads_nothing(place: Place) -> None:
    assert stat.S_IMODE((place.folder / "data").stat().st_mode) == 0o700
    for name in ("password", "prefect.db", "server.log", "server.json"):
        assert stat.S_IMODE((place.prefect / name).stat().st_mode) == 0o600, name
    if os.geteuid() == 0:
        (place.folder / "open").write_text("for everybody")
        (place.folder / "open").chmod(0o644)
        assert read_as_nobody(place.folder / "open").stdout == "for everybody"
        for name in ("password", "prefect.db"):
            assert "Permission denied" in read_as_nobody(place.prefect / name).stderr


def read_as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    """Read a file as a user without rights of its own."""
    return subprocess.run(
        ["/bin/cat", str(path)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_check_finds_nothing_open_and_says_what_is(place: Place) -> None:
    shown = place.run("check", "all").stdout
    assert f"prefect: server: {place.server.url} answers" in shown
    assert "warning: asks for no password" not in shown
    assert "warning: lets a page" not in shown
    assert "warning: answers under any" not in shown


def stop_for_a_while(pid: int) -> threading.Timer:
    """Stop a process, and let it go on by itself later."""
    os.kill(pid, signal.SIGSTOP)
    going_on = threading.Timer(STOPPED_SECONDS, os.kill, (pid, signal.SIGCONT))
    going_on.start()
    return going_on


def test_server_stopped_at_the_start_of_a_command_stays_the_server(
    place: Place, register: RegisterServer
) -> None:
    before = place.server
    going_on = stop_for_a_while(before.pid)
    result = place.run("review", REFERENCE, "--json", PLANNING_REGISTER_URL=register.url)
    going_on.join()
    assert result.status == 0, result.stderr
    assert result.line["state"] == "Completed"
    assert place.server == before
    assert f"Waiting for the Prefect server at {before.url}" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_server_stopped_in_the_middle_of_a_run_stays_and_the_run_completes(
    place: Place, register: RegisterServer
) -> None:
    before = place.server
    variables = {"PLANNING_REGISTER_URL": register.url, "PLANNING_DATA_DIR": str(place.folder / "data")}
    arguments = ("review", REFERENCE, "--json", "--refresh", "download,extract,review")
    with start_command(arguments, "", place.folder, variables) as process:
        assert process.stderr is not None
        assert any("chosen" in line for line in process.stderr)
        going_on = stop_for_a_while(before.pid)
        stdout, stderr = process.communicate()
    going_on.join()
    assert process.returncode == 0, stderr
    assert json.loads(stdout)["state"] == "Completed"
    assert place.server == before
