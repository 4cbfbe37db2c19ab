"""The scan as a deployment: started by Prefect's own scheduler, it has new applications reviewed."""

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from planning_review.dates import LONDON
from tests.support.applications import downloads
from tests.support.deployed import Deployed, deploy_on
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.scans import VARIABLE, make_statement, serve, serve_trees
from tests.support.server_api import call_server

SCAN = "scan-register/scan"

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def register() -> Iterator[RegisterServer]:
    homes = [serve(801, make_statement(80)), serve(802, make_statement(81))]
    with RegisterServer([*homes, *serve_trees(810, 12)]) as server:
        yield server


@pytest.fixture(scope="module")
def deployed(
    prefect_url: str, register: RegisterServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    call_server("DELETE", f"{prefect_url}{VARIABLE}")
    folder = tmp_path_factory.mktemp("scheduled")
    with deploy_on(prefect_url, folder, {"PLANNING_REGISTER_URL": register.url}) as deployed:
        yield deployed


def list_runs(deployed: Deployed, deployment: str, *states: str) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {
        "deployments": {"name": {"any_": [deployment]}},
        "flow_runs": {"state": {"type": {"any_": list(states)}}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    runs: list[dict[str, Any]] = deployed.api("POST", "/flow_runs/filter", asked)
    return runs


def wait_until_ended(deployed: Deployed, deployment: str, references: set[str]) -> list[dict[str, Any]]:
    """Return a deployment's runs once each of the applications has one that ended."""
    pause = threading.Event()
    while True:
        runs = list_runs(deployed, deployment, "COMPLETED", "FAILED", "CRASHED")
        mine = [run for run in runs if references & set(run["tags"])]
        if references <= {tag for run in mine for tag in run["tags"]}:
            return mine
        pause.wait(0.5)


def test_schedules_are_at_a_civil_hour_in_london(deployed: Deployed) -> None:
    found = deployed.api("GET", f"/deployments/name/{SCAN}")
    schedules = {schedule["slug"]: schedule for schedule in found["schedules"]}
    assert {slug: each["schedule"]["cron"] for slug, each in schedules.items()} == {
        "nightly": "30 5 * * *",
        "weekly-look-back": "30 6 * * 0",
    }
    assert all(schedule["active"] for schedule in schedules.values())
    assert schedules["weekly-look-back"]["parameters"] == {"parameters": {"look_back": True}}
    pause = threading.Event()
    while not (planned := list_runs(deployed, "scan", "SCHEDULED")):
        pause.wait(0.5)
    hours = {
        datetime.fromisoformat(run["expected_start_time"]).astimezone(LONDON).strftime("%H:%M")
        for run in planned
    }
    assert hours <= {"05:30", "06:30"}


def test_scheduler_starts_a_scan_that_has_each_new_application_reviewed_once(
    deployed: Deployed, register: RegisterServer
) -> None:
    found = deployed.api("GET", f"/deployments/name/{SCAN}")
    soon = [{"active": True, "schedule": {"interval": 25}}]
    (schedule,) = deployed.api("POST", f"/deployments/{found['id']}/schedules", soon)
    wanted = {"26/00801/F", "26/00802/F"}
    reviews = wait_until_ended(deployed, "review", wanted)
    pause = threading.Event()
    while len(scans := list_runs(deployed, "scan", "COMPLETED")) < 2:
        pause.wait(0.5)
    deployed.api("DELETE", f"/deployments/{found['id']}/schedules/{schedule['id']}")
    # A third one may have begun, and would have the next test's first scan cancelled.
    while list_runs(deployed, "scan", "PENDING", "RUNNING"):
        pause.wait(0.5)

    assert all(scan["auto_scheduled"] for scan in scans)
    assert all(scan["start_time"] >= scan["expected_start_time"] for scan in scans)
    assert [run["state_name"] for run in reviews] == ["Completed", "Completed"]
    # The second scan found the same and asked for nothing.
    assert len(wait_until_ended(deployed, "review", wanted)) == 2
    assert len(downloads(register)) == 2


def test_second_scan_at_the_same_time_is_cancelled(deployed: Deployed, register: RegisterServer) -> None:
    pause = threading.Event()
    register.set_fault("/Search/Advanced", Fault(kind="slow", seconds=8, times=1))
    first = deployed.start_run(SCAN)
    while deployed.read_run(first)["state_type"] != "RUNNING":
        pause.wait(0.2)
    second = deployed.start_run(SCAN)
    assert deployed.wait_for_end(second, attempt=0)["state_type"] == "CANCELLED"
    assert deployed.wait_for_end(first)["state_type"] == "COMPLETED"


def test_folder_of_the_scanning_machine_has_the_index_of_what_was_reviewed(deployed: Deployed) -> None:
    page = Path(deployed.folder / "data" / "output" / "index.html").read_text()
    assert "26/00801/F" in page
    assert "26/00802/F" in page
