"""Try the whole stack: start it by run_stack.py, review and scan the sample through it, and end it.

    sudo python scripts/try_stack.py FOLDER

FOLDER is new. Two reviews of the bundled sample and a scan of its register run as deployments; S3 is
moto. Says each thing it looked at, ends with one line of JSON with the seconds, and with status 1 if
anything was not as it should be.
"""

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

SCRIPTS = Path(__file__).resolve().parent
COUNCIL = "sample"
STARTED_SECONDS = 400
ENDED_SECONDS = 900
PAUSE_SECONDS = 1.0
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass
class Trial:
    """What was seen: which checks did not hold, and how long each step took."""

    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def check(self, what: str, holds: object, seen: object = "") -> None:
        """Note whether something is as it should be, and say so."""
        print(f"{'ok' if holds else 'NOT'}: {what}{f' ({seen})' if seen != '' else ''}", flush=True)
        if not holds:
            self.failed.append(what)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        started = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - started, 1)


def main() -> int:
    """Start everything, try it, end it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        parser.error(f"{folder} is not empty: name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    # So that what was started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    trial, login = Trial(), ("keeper", secrets.token_hex(12))
    with serve_sample() as sample:
        environment = os.environ | {
            "PREFECT_AUTH": ":".join(login),
            "POSTGRES_PASSWORD": secrets.token_hex(12),
            "PLANNING_REGISTER_URL": sample["url"],
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
        }
        command = [sys.executable, str(SCRIPTS / "run_stack.py"), str(folder), "--with-s3"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as stack:
            left: list[psutil.Process] = []
            try:
                with trial.timed("start"):
                    places = json.loads(read_line(stack))
                try_it(trial, folder, places, login, sample["reference"])
            finally:
                left = psutil.Process(stack.pid).children(recursive=True) if stack.poll() is None else []
                with trial.timed("stop"):
                    stack.send_signal(signal.SIGTERM)
                    stack.wait(120)
        alive = [process for process in left if is_alive(process)]
        trial.check(f"none of {len(left)} processes is left", left and not alive, alive or "")
    print(json.dumps({"failed": trial.failed, "seconds": trial.seconds}))
    return 1 if trial.failed else 0


def try_it(
    trial: Trial, folder: Path, places: dict[str, str], login: tuple[str, str], reference: str
) -> None:
    """Review twice, scan, and look at what that left."""
    with httpx.Client(base_url=f"{places['prefect']}/api", auth=login, timeout=60) as api:
        closed = httpx.post(f"{places['prefect']}/api/flow_runs/filter", json={}).status_code
        opened = api.post("/flow_runs/filter", json={}).status_code
        trial.check("Prefect asks for the login", (closed, opened) == (401, 200), f"{closed}, {opened}")

        asked = {"reference": reference, "council": COUNCIL}
        for step in ("first review", "second review"):
            with trial.timed(step):
                run = run_deployment(api, "review-application/review", asked)
            trial.check(f"{step} Completed", run["state_type"] == "COMPLETED", run["state"]["message"])
            states = read_task_states(api, run["id"])
            done_anew = [name for name, state in states.items() if state != "Cached"]
            if step == "second review":
                again = [
                    name
                    for name in done_anew
                    if re.search(r" (?:download |read (?!the register$)|index )", name)
                ]
                trial.check("the second review fetches and reads nothing", states and not again, again)
        with trial.timed("scan"):
            window = {"date_from": "2026-09-28", "date_to": "2026-10-18"}
            run = run_deployment(api, "scan-register/scan", {"council": COUNCIL, **window})
        found = run["state"]["message"]
        trial.check("scan Completed, and found the sample", found and found.startswith("1 found"), found)
        with trial.timed("reviews that the scan asked for"):
            ended = wait_until_quiet(api)
        bad = [run["name"] for run in ended if run["state_type"] != "COMPLETED"]
        trial.check(f"{len(ended)} reviews, all Completed", len(ended) == 3 and not bad, bad or "")
    look_at_links(trial, folder, places["s3"])
    look_at_status(trial, folder, places["prefect"], login, reference)


def run_deployment(api: httpx.Client, name: str, parameters: dict[str, object]) -> dict[str, Any]:
    """Start a run and return it when it has ended."""
    deployment = get(api.get(f"/deployments/name/{name}"))
    asked = {"parameters": {"parameters": parameters}}
    run = get(api.post(f"/deployments/{deployment['id']}/create_flow_run", json=asked))
    deadline = time.monotonic() + ENDED_SECONDS
    while run["state_type"] not in _ENDED and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        run = get(api.get(f"/flow_runs/{run['id']}"))
    return dict(run)


def wait_until_quiet(api: httpx.Client) -> list[dict[str, Any]]:
    """Return all reviews that were asked for, once each has ended."""
    deadline = time.monotonic() + ENDED_SECONDS
    asked = {"deployments": {"name": {"any_": ["review"]}}}
    while True:
        runs: list[dict[str, Any]] = get(api.post("/flow_runs/filter", json=asked))
        if all(run["state_type"] in _ENDED for run in runs) or time.monotonic() > deadline:
            return runs
        time.sleep(PAUSE_SECONDS)


def read_task_states(api: httpx.Client, run_id: str) -> dict[str, str]:
    """Return the state of each task of a run, by the task's name."""
    tasks = get(api.post("/task_runs/filter", json={"flow_runs": {"id": {"any_": [run_id]}}, "limit": 200}))
    return {task["name"]: task["state_name"] for task in tasks}


def look_at_links(trial: Trial, folder: Path, s3_url: str) -> None:
    """Open every public link of the newest review, its documents' and its own, without a key."""
    found = sorted((folder / "data" / "output" / COUNCIL).rglob("*_review.json"))
    trial.check("one review was written, not two", len(found) == 1, [path.name for path in found])
    if not found:
        return
    review = json.loads(found[-1].read_text(encoding="utf-8"))
    links = [document["url"] for document in review["documents"] if document["sha256"]]
    output = f"{s3_url}/planning/planning/{COUNCIL}/{found[-1].parent.name}/{found[-1].stem}"
    links += [f"{output}.html", f"{output}.md", f"{output}.json", f"{s3_url}/planning/planning/index.html"]
    shut = [link for link in links if not link.startswith(s3_url) or not httpx.get(link).content]
    trial.check(f"{len(links)} public links open", len(links) > 10 and not shut, shut or "")


def look_at_status(trial: Trial, folder: Path, url: str, login: tuple[str, str], reference: str) -> None:
    """See that `planning-review status` tells of the worker, the scan and the review."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("planning-review")), "status"],
        env=os.environ
        | {
            "PREFECT_API_URL": f"{url}/api",
            "PREFECT_API_AUTH_STRING": ":".join(login),
            "PLANNING_DATA_DIR": str(folder / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    words = (f"{url} answers", "heard of", f"{COUNCIL}: ", "nothing failed", f"{reference} ({COUNCIL})")
    missing = [word for word in words if word not in done.stdout]
    trial.check("status tells of all this", done.returncode == 0 and not missing, missing or "")


@contextmanager
def serve_sample() -> Iterator[dict[str, str]]:
    """Serve the sample's register; yields its url and the application's reference."""
    with tempfile.TemporaryDirectory(prefix="try-stack-") as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "planning_review.sample.serve", "--ready-file", str(ready)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                while not ready.exists():
                    if server.poll() is not None:
                        raise SystemExit("The sample's register did not start: see above.")
                    time.sleep(PAUSE_SECONDS / 10)
                yield json.loads(ready.read_text(encoding="utf-8"))
            finally:
                server.terminate()


def is_alive(process: psutil.Process) -> bool:
    """Say whether a process still does anything: one that ended may wait to be taken note of."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def read_line(process: subprocess.Popen[str]) -> str:
    """Return the line that run_stack prints when all is healthy; it ends by itself where that never comes."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SystemExit(f"The stack did not start: status {process.wait(STARTED_SECONDS)}, see its logs.")
    return line


def get(answer: httpx.Response) -> Any:
    """Return an answer's JSON, or raise."""
    return answer.raise_for_status().json()


if __name__ == "__main__":
    sys.exit(main())
