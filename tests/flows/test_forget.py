"""What `forget` takes off the Prefect server: runs, artifacts, and what scans show and remember."""

import json
from pathlib import Path
from typing import Any

from tests.support.applications import REFERENCE, review
from tests.support.commands import Command
from tests.support.faulty_register import RegisterServer
from tests.support.server_api import call_server

OTHER = "26/00043/F"


def find(url: str, what: str) -> list[dict[str, Any]]:
    """Return all of a kind that the server has."""
    found: list[dict[str, Any]] = []
    while page := call_server("POST", f"{url}/{what}/filter", {"limit": 200, "offset": len(found)}).json():
        found += page
    return found


def find_own(url: str, what: str) -> list[dict[str, Any]]:
    """Return those that name the application."""
    slug = REFERENCE.replace("/", "-").lower()
    return [each for each in find(url, what) if REFERENCE in json.dumps(each) or slug in json.dumps(each)]


def test_an_application_goes_from_the_server(
    command: Command, register: RegisterServer, prefect_url: str, tmp_path: Path
) -> None:
    assert review(command, register).status == 0
    rows = [{"reference": REFERENCE}, {"reference": OTHER}]
    made = {"key": "scan-cherwell-", "type": "table", "data": json.dumps(rows)}
    scan_id = call_server("POST", f"{prefect_url}/artifacts/", made).json()["id"]
    memory = {"scanned_to": "2026-11-01", "waiting": {REFERENCE: "2026-11-01", OTHER: "2026-11-01"}}
    call_server("DELETE", f"{prefect_url}/variables/name/scan_cherwell")
    call_server("POST", f"{prefect_url}/variables/", {"name": "scan_cherwell", "value": memory})
    assert {each["name"] for each in find_own(prefect_url, "flow_runs")} == {f"{REFERENCE} review (cherwell)"}
    done = command("forget", REFERENCE, "--yes")
    assert done.status == 0, done.stderr
    assert "Prefect server: " in done.stdout
    assert [find_own(prefect_url, what) for what in ("flow_runs", "artifacts", "task_runs")] == [[], [], []]
    kept = call_server("GET", f"{prefect_url}/artifacts/{scan_id}").json()
    assert json.loads(kept["data"]) == [{"reference": OTHER}]
    variable = call_server("GET", f"{prefect_url}/variables/name/scan_cherwell").json()
    assert variable["value"] == {"scanned_to": "2026-11-01", "waiting": {OTHER: "2026-11-01"}}
    again = command("forget", REFERENCE, "--yes")
    assert again.stdout.endswith(f"There is nothing left of {REFERENCE} (cherwell).\n")
    call_server("DELETE", f"{prefect_url}/variables/name/scan_cherwell")
    call_server("DELETE", f"{prefect_url}/artifacts/{scan_id}")
