"""The automations on a real server: put there by their files, and seen acting on real runs."""

import json
import re
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.runs import FLOWS
from cli.server.automations import FOLDER, TAG, apply_automations, load_automation_file
from planning_review.errors import UsageError
from tests.support.applications import FACTS, REFERENCE, make_application, make_document, make_pdf
from tests.support.commands import Command, start_command
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.server_api import find_auth, use_server

pytestmark = pytest.mark.proof

BLOCK = "planning-notifications"
NOTIFYING = {"planning-review-ready", "planning-run-failed", "planning-run-vanished"}
SETTLING = {
    "planning-settle-cancelling-runs",
    "planning-settle-unbegun-runs",
    "planning-settle-vanished-runs",
}
RUN_NAME = f"{REFERENCE} review (cherwell)"


class Receiver:
    """A webhook's other end on 127.0.0.1: keeps the JSON that it is sent, in order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing: stderr belongs to the tests."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/T0PSECRET"

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.messages) >= count)
        return self.messages


class Server:
    """What a person does on the server, and what can be read there."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api

    def list_automations(self) -> dict[str, dict[str, Any]]:
        found = self.api.post("/automations/filter", json={}).json()
        return {automation["name"]: automation for automation in found if TAG in automation["tags"]}

    def save_block(self, slug: str, **data: object) -> None:
        block_type = self.api.get(f"/block_types/slug/{slug}").json()["id"]
        asked = {"block_schemas": {"block_type_id": {"any_": [block_type]}}}
        schema = self.api.post("/block_schemas/filter", json=asked).json()[0]["id"]
        document = {"name": BLOCK, "data": data, "block_type_id": block_type, "block_schema_id": schema}
        self.api.post("/block_documents/", json=document).raise_for_status()

    def start_run(self, *states: str) -> str:
        """Make a run of the review's flow and give it these states, as a process of its would."""
        flow = self.api.post("/flows/", json={"name": "review-application"}).json()["id"]
        asked = {"flow_id": flow, "state": {"type": "PENDING"}}
        run_id = str(self.api.post("/flow_runs/", json=asked).json()["id"])
        for state in states:
            answer = self.api.post(f"/flow_runs/{run_id}/set_state", json={"state": {"type": state}}).json()
            assert answer["status"] == "ACCEPT", answer
        return run_id

    def find_running(self, name: str) -> str | None:
        asked = {"flow_runs": {"name": {"any_": [name]}, "state": {"name": {"any_": ["Running"]}}}}
        return next((str(run["id"]) for run in self.api.post("/flow_runs/filter", json=asked).json()), None)

    def read_run(self, run_id: str) -> dict[str, Any]:
        run: dict[str, Any] = self.api.get(f"/flow_runs/{run_id}").json()
        return run

    def find_events(self, name: str, *resource_ids: str) -> list[dict[str, Any]]:
        asked = {"event": {"name": [name]}, "resource": {"id": resource_ids}}
        return list(self.api.post("/events/filter", json={"filter": asked}).json()["events"])

    def find_actions(self, outcome: str) -> list[dict[str, Any]]:
        """Return the events of actions that these automations executed, or failed to."""
        ids = [f"prefect.automation.{each['id']}" for each in self.list_automations().values()]
        return self.find_events(f"prefect.automation.action.{outcome}", *ids)

    def find_refusals(self) -> dict[str, str]:
        """Return why a run's state was not changed, by the run."""
        return {
            related["prefect.resource.id"].removeprefix("prefect.flow-run."): event["payload"]["reason"]
            for event in self.find_actions("failed")
            for related in event["related"]
            if related["prefect.resource.role"] == "target"
        }

    def clear(self) -> None:
        for automation in self.list_automations().values():
            self.api.delete(f"/automations/{automation['id']}")
        asked = {"block_documents": {"name": {"any_": [BLOCK]}}}
        for block in self.api.post("/block_documents/filter", json=asked).json():
            self.api.delete(f"/block_documents/{block['id']}")


def wait_until(is_so: Callable[[], object]) -> None:
    """Ask again until the answer is yes; pytest's own time limit ends the wait."""
    pause = threading.Event()
    while not is_so():
        pause.wait(0.2)


@pytest.fixture
def server(prefect_url: str) -> Iterator[Server]:
    """The tests' server, with none of the automations before and after."""
    with (
        httpx.Client(base_url=prefect_url, timeout=30, auth=find_auth(prefect_url)) as api,
        use_server(prefect_url),
    ):
        server = Server(api)
        server.clear()
        yield server
        server.clear()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    documents = [
        make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS[:2], start=1)
    ]
    with RegisterServer([make_application(*documents)]) as register:
        yield register


def apply(prefect_url: str, folder: Path = FOLDER) -> None:
    assert apply_automations(prefect_url.removesuffix("/api"), folder) == 0


def test_every_file_is_read_and_every_flow_is_watched() -> None:
    files = {path.stem: load_automation_file(path) for path in FOLDER.glob("*.yaml")}
    assert {f"planning-{stem}" for stem in files} == NOTIFYING | SETTLING
    sources = [path.read_text() for path in (FOLDER.parent / "flows").glob("*.py")]
    flows = {name for source in sources for name in re.findall(r'@flow\(\s*name="([^"]+)"', source)}
    for stem, file in files.items():
        # A misspelt flow would be watched by nobody.
        assert set(file.trigger.flows) <= flows
        # Their words name `planning-review retry`, which takes these flows.
        assert stem == "review-ready" or set(file.trigger.flows) >= set(FLOWS), f"{stem} misses a flow"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("notify:", "notfy:", "notfy"),
        ("  expect:", "  expects:", "trigger.expects"),
        (
            "prefect.flow-run.TimedOut",
            "prefect.flow-run.TimeOut",
            "trigger.expect.1: .*prefect.flow-run.TimedOut is",
        ),
        ("{{ link }}", "{{ link }", "notify.body"),
        ("  block:", "  blok:", "notify.blok"),
        ("  flows:", "  after: [prefect.flow-run.heartbeat]\n  flows:", "trigger: .*within_seconds"),
    ],
)
def test_wrong_file_is_refused_by_file_and_key(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = (FOLDER / "run-failed.yaml").read_text()
    assert was in text
    path = tmp_path / "wrong.yaml"
    path.write_text(text.replace(was, becomes))
    with pytest.raises(UsageError, match=f"{re.escape(str(path))}: .*{said}"):
        load_automation_file(path)


def test_wrong_file_leaves_the_server_as_it_was(server: Server, prefect_url: str, tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "settle-vanished-runs.yaml").write_text("description: nothing else")
    with pytest.raises(UsageError, match=r"settle-vanished-runs\.yaml: trigger"):
        apply(prefect_url, tmp_path)
    assert server.list_automations() == {}


def test_notices_are_off_until_their_block_exists(
    server: Server, prefect_url: str, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(prefect_url)
    before = server.list_automations()
    assert {name for name, each in before.items() if each["enabled"]} == SETTLING
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(NOTIFYING | SETTLING)
    for name in NOTIFYING:
        assert [action["type"] for action in before[name]["actions"]] == ["do-nothing"]
        (line,) = [line for line in lines if f" {name}:" in line]
        assert ": off, " in line
        assert BLOCK in line
        assert "make deploy" in line

    apply(prefect_url)
    assert server.list_automations() == before

    server.save_block("webhook", url=receiver.url)
    apply(prefect_url)
    made = server.list_automations()
    assert all(each["enabled"] for each in made.values())
    assert {name: each["id"] for name, each in made.items()} == {n: each["id"] for n, each in before.items()}
    assert {made[name]["actions"][0]["type"] for name in NOTIFYING} == {"call-webhook"}
    assert {name: made[name] for name in SETTLING} == {name: before[name] for name in SETTLING}

    paused = made["planning-run-failed"]
    server.api.patch(f"/automations/{paused['id']}", json={"enabled": False}).raise_for_status()
    capsys.readouterr()
    apply(prefect_url)
    assert not server.list_automations()["planning-run-failed"]["enabled"]
    output = capsys.readouterr()
    assert "planning-run-failed: off, paused in Prefect" in output.out
    assert "T0PSECRET" not in output.out + output.err
    assert "T0PSECRET" not in json.dumps(server.list_automations())


def test_block_that_can_not_notify_and_two_of_a_name_are_said(
    server: Server, prefect_url: str, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    server.save_block("secret", value="x")
    apply(prefect_url)
    assert f"secret/{BLOCK} can't notify" in capsys.readouterr().out
    server.save_block("webhook", url=receiver.url)
    apply(prefect_url)
    assert "(secret, webhook)" in capsys.readouterr().out
    assert {name for name, each in server.list_automations().items() if each["enabled"]} == SETTLING


def test_each_end_of_a_review_is_told_once_by_webhook(
    server: Server, prefect_url: str, receiver: Receiver, command: Command, register: RegisterServer
) -> None:
    server.save_block("webhook", url=receiver.url)
    apply(prefect_url)
    runs = []

    def review(reference: str, state: str) -> None:
        line = command("review", reference, "--json", PLANNING_REGISTER_URL=register.url).line
        assert line["state"] == state
        runs.append(server.read_run(line["flow_run_id"]))

    review("26/99999/F", "Failed")
    register.set_fault("5000-2-2", Fault(kind="status", status=404))
    review(REFERENCE, "CompletedWithWarnings")
    register.set_fault("5000-2-2")
    review(REFERENCE, "Completed")

    messages = receiver.wait_for(3)
    assert [message["state"] for message in messages] == ["Failed", "CompletedWithWarnings", "Completed"]
    for message, run in zip(messages, runs, strict=True):
        assert message["flow_run_id"] == run["id"]
        assert run["name"] in message["subject"]
        assert message["message"] == run["state"]["message"]
        assert run["state"]["message"] in message["body"]
        assert message["link"] == f"{prefect_url.removesuffix('/api')}/runs/flow-run/{run['id']}"
        assert message["link"] in message["body"]
    assert f"planning-review retry {runs[0]['id']}" in messages[0]["body"]
    wait_until(lambda: len(server.find_actions("executed")) >= 3)
    assert len(messages) == len(server.find_actions("executed")) == 3


def test_failed_run_is_told_through_a_notification_block(
    server: Server, prefect_url: str, receiver: Receiver, command: Command, register: RegisterServer
) -> None:
    server.save_block(
        "custom-webhook", name="x", url=receiver.url, json_data={"title": "{{subject}}", "text": "{{body}}"}
    )
    apply(prefect_url)
    run = command("review", "26/99999/F", "--json", PLANNING_REGISTER_URL=register.url).line
    (message,) = receiver.wait_for(1)
    assert message["title"] == "Failed: 26/99999/F review (cherwell)"
    assert f"planning-review retry {run['flow_run_id']}" in message["text"]


def test_killed_run_is_settled_and_told_once_and_an_ended_one_stays(
    server: Server, prefect_url: str, receiver: Receiver, register: RegisterServer, tmp_path: Path
) -> None:
    folder = tmp_path / "automations"
    folder.mkdir()
    for path in FOLDER.glob("*.yaml"):
        # Prefect's minimum; nothing else may run here that lives longer than this between heartbeats.
        (folder / path.name).write_text(path.read_text().replace("within_seconds: 90", "within_seconds: 10"))
    server.save_block("webhook", url=receiver.url)
    apply(prefect_url, folder)

    register.set_fault(f"/Planning/Display/{REFERENCE}", Fault(kind="slow", seconds=300))
    variables = {"PLANNING_REGISTER_URL": register.url}
    with start_command(("review", REFERENCE), prefect_url, tmp_path, variables) as process:
        wait_until(lambda: server.find_running(RUN_NAME))
        killed = str(server.find_running(RUN_NAME))
        process.send_signal(signal.SIGKILL)
    stopping = server.start_run("RUNNING", "CANCELLING")
    ended = server.start_run("RUNNING", "COMPLETED")
    assert server.read_run(killed)["state_type"] == "RUNNING"

    # The two changes of state, and the notices of the killed and of the completed run.
    wait_until(lambda: ended in server.find_refusals() and len(server.find_actions("executed")) >= 4)
    run = server.read_run(killed)
    assert run["state_name"] == "Crashed"
    assert "ended without a word" in run["state"]["message"]
    assert "planning-review retry" in run["state"]["message"]
    assert server.read_run(stopping)["state_name"] == "Cancelled"
    assert server.read_run(ended)["state_name"] == "Completed"
    assert "already in terminal state COMPLETED" in server.find_refusals()[ended]

    assert sorted(message["flow_run_id"] for message in receiver.messages) == sorted([killed, ended])
    (told,) = [message for message in receiver.messages if message["flow_run_id"] == killed]
    assert told["subject"] == f"Vanished: {RUN_NAME}"
    assert f"planning-review retry {killed}" in told["body"]


def test_our_server_remembers_what_it_watches_while_it_is_away(server: Server) -> None:
    events = server.api.get("/admin/settings").json()["server"]["events"]
    assert events["expired_bucket_buffer"] == "P30D"
