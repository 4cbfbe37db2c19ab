"""The scan as a user runs it: a register over HTTP that is searched, and reviews made from it."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from planning_review.dates import london_today
from planning_review.errors import UsageError
from planning_review.scan.contract import ScanParameters
from planning_review.scan.window import ScanMemory, choose_window
from tests.support.applications import FACTS, downloads
from tests.support.commands import Command, CommandResult
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.scans import VARIABLE, make_statement, serve, serve_trees
from tests.support.server_api import call_server
from tests.support.skins import get_skin


@pytest.fixture(autouse=True)
def _fresh_server(prefect_url: str, no_deployments: None) -> None:
    """Leave no watermark of other tests on their common server."""
    call_server("DELETE", f"{prefect_url}{VARIABLE}")


@pytest.fixture
def memory(prefect_url: str) -> Any:
    """Return what reads the council's watermark."""

    def read() -> dict[str, Any] | None:
        answer = call_server("GET", f"{prefect_url}{VARIABLE}")
        return answer.json()["value"] if answer.is_success else None

    return read


def scan(command: Command, register: RegisterServer, *options: str) -> CommandResult:
    return command("scan", "--json", *options, PLANNING_REGISTER_URL=register.url)


def interesting(result: CommandResult) -> list[str]:
    return sorted(row["reference"] for row in result.line["found"] if row["interesting"])


def list_reviews(folder: Path) -> dict[str, int]:
    """Return how many reviews each application has, by its folder's name."""
    paths: Sequence[Path] = sorted((folder / "data" / "output").glob("*/rev_*_review.json"))
    return {path.parent.name: sum(p.parent == path.parent for p in paths) for path in paths}


def test_all_are_found_and_only_what_is_new_is_reviewed(
    command: Command, tmp_path: Path, memory: Any
) -> None:
    homes = [serve(1, make_statement(1), make_statement(2)), serve(2, make_statement(3))]
    with RegisterServer(
        [*homes, serve(3), *serve_trees(10, 61)],
        skin=get_skin("cherwell").model_copy(update={"has_disclaimer": True}),
    ) as register:
        first = scan(command, register)
        assert first.status == 0, first.stderr
        assert list(first.line) == ["window", "found", "total_printed", "complete"]
        assert first.line["complete"] is True
        assert first.line["total_printed"] == len(first.line["found"]) == 64
        today = london_today()
        assert first.line["window"] == {"from": str(today - timedelta(days=13)), "to": str(today)}
        assert interesting(first) == ["26/00001/F", "26/00002/F", "26/00003/F"]
        assert all(row["reason"] for row in first.line["found"])
        assert list_reviews(tmp_path) == {"26_00001_F": 1, "26_00002_F": 1}
        assert len(downloads(register)) == 3
        assert memory() == {"scanned_to": str(today), "waiting": {"26/00003/F": str(today)}}

        second = scan(command, register)
        assert second.status == 0, second.stderr
        assert "2 reviewed with these documents, 1 waits for documents" in second.stderr.replace(
            "1 waits for documents, 2 reviewed with these documents",
            "2 reviewed with these documents, 1 waits for documents",
        )
        assert len(downloads(register)) == 3
        assert list_reviews(tmp_path) == {"26_00001_F": 1, "26_00002_F": 1}

        register.add_document("26/00002/F", make_statement(4, FACTS[1]))
        register.add_document("26/00003/F", make_statement(5, FACTS[2]))
        third = scan(command, register)
        assert third.status == 0, third.stderr
        assert len(downloads(register)) == 5
        assert list_reviews(tmp_path) == {"26_00001_F": 1, "26_00002_F": 2, "26_00003_F": 1}
        assert memory()["waiting"] == {}


def test_broken_page_is_gone_round_and_the_list_still_proven(command: Command) -> None:
    with RegisterServer(serve_trees(100, 64)) as register:
        register.set_fault("/Search/ResultsPage/3", Fault(kind="status", status=500))
        result = scan(command, register, "--dry-run")
    assert result.status == 0, result.stderr
    assert result.line["complete"] is True
    assert len(result.line["found"]) == 64


def test_list_that_cannot_be_proven_fails_and_keeps_the_watermark(
    command: Command, tmp_path: Path, prefect_url: str, memory: Any
) -> None:
    before = {"scanned_to": str(london_today() - timedelta(days=5)), "waiting": {}}
    call_server("POST", f"{prefect_url}/variables/", {"name": "scan_cherwell", "value": before})
    with RegisterServer([serve(200, make_statement(20)), *serve_trees(201, 20)]) as register:
        register.set_fault("/Search/Results", Fault(kind="wrong-total"))
        result = scan(command, register)
        assert downloads(register) == []
    assert result.status == 1
    assert result.line["complete"] is False
    assert result.line["found"] == []
    assert memory() == before
    assert "Traceback" not in result.stderr
    assert "planning-review scan" in result.stderr
    assert list((tmp_path / "data").rglob("search-cherwell-*/*.html"))


def test_application_that_was_made_valid_late_is_found_by_that_date(command: Command) -> None:
    late = serve(300, make_statement(30), received=60, valid=2)
    with RegisterServer([late, *serve_trees(301, 3)]) as register:
        result = scan(command, register, "--dry-run")
    assert result.line["total_printed"] == 3
    assert interesting(result) == ["26/00300/F"]


def test_dry_run_looks_at_the_list_only(command: Command, tmp_path: Path, memory: Any) -> None:
    with RegisterServer([serve(400, make_statement(40)), *serve_trees(401, 3)]) as register:
        result = scan(command, register, "--dry-run")
        assert not any("/Planning/Display" in request.path for request in register.requests)
    assert interesting(result) == ["26/00400/F"]
    assert memory() is None
    assert list_reviews(tmp_path) == {}


@pytest.mark.proof
def test_application_that_cannot_be_looked_at_fails_the_scan_and_not_the_others(
    command: Command, tmp_path: Path, memory: Any
) -> None:
    with RegisterServer([serve(500, make_statement(50)), serve(501, make_statement(51))]) as register:
        register.set_fault("/Planning/Display/26/00500/F", Fault(kind="status", status=503))
        result = scan(command, register)
        assert result.status == 1
        assert result.line["complete"] is False
        assert "26/00500/F" in result.stderr
        assert list_reviews(tmp_path) == {"26_00501_F": 1}
        assert memory()["scanned_to"] is None

        register.set_fault("/Planning/Display/26/00500/F")
        again = command("retry", PLANNING_REGISTER_URL=register.url)
        assert again.status == 0, again.stderr
        assert list_reviews(tmp_path) == {"26_00500_F": 1, "26_00501_F": 1}


@pytest.mark.proof
def test_backfill_of_days_and_of_a_file_leave_the_watermark_alone(
    command: Command, tmp_path: Path, memory: Any
) -> None:
    old = serve(600, make_statement(60), received=100)
    day = london_today() - timedelta(days=100)
    with RegisterServer([old, *serve_trees(601, 3)]) as register:
        days = scan(command, register, "--from", str(day), "--to", str(day), "--dry-run")
        assert interesting(days) == ["26/00600/F"]
        assert days.line["total_printed"] == 1
        file = tmp_path / "references.txt"
        file.write_text("# from the minutes of the parish council\n26/00600/F\n\n")
        named = scan(command, register, "--references", str(file))
        assert named.status == 0, named.stderr
        assert named.line["window"] is None
        assert list_reviews(tmp_path) == {"26_00600_F": 1}
    assert memory() == {"scanned_to": None, "waiting": {}}


@pytest.mark.proof
def test_look_back_reviews_again_what_grew_outside_of_the_window(command: Command, tmp_path: Path) -> None:
    ends = {"Consultation Expiry Date": f"{london_today() + timedelta(days=5):%d/%m/%Y}"}
    old = serve(700, make_statement(70), received=100)
    with RegisterServer([old.model_copy(update={"fields": old.fields | ends})]) as register:
        reviewed = command("review", "26/00700/F", "--json", PLANNING_REGISTER_URL=register.url)
        assert reviewed.status == 0, reviewed.stderr
        register.add_document("26/00700/F", make_statement(71, FACTS[1]))
        assert scan(command, register).status == 0
        assert list_reviews(tmp_path) == {"26_00700_F": 1}
        back = scan(command, register, "--look-back")
        assert back.status == 0, back.stderr
        assert list_reviews(tmp_path) == {"26_00700_F": 2}
        assert len(downloads(register)) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2026-11-20", "--to", "2026-11-01"), "before"),
        (("--to", "2026-11-01"), "--from"),
        (("--references", "nowhere.txt"), "nowhere.txt"),
        (("--council", "atlantis"), "planning-review councils"),
    ],
)
def test_bad_usage_is_refused_before_any_request(
    command: Command, options: tuple[str, ...], said: str
) -> None:
    with RegisterServer([]) as register:
        result = scan(command, register, *options)
        assert register.requests == []
    assert result.status == 2
    assert said in result.stderr


def test_watermark_is_json_that_a_person_can_read_and_mend() -> None:
    memory = ScanMemory.model_validate(json.loads('{"scanned_to": "2026-11-10"}'))
    window = choose_window(ScanParameters(), memory, date(2026, 11, 24))
    assert (window.date_from, window.date_to) == (date(2026, 10, 27), date(2026, 11, 24))


def test_a_backfill_of_days_to_come_is_refused_with_what_to_give() -> None:
    with pytest.raises(
        UsageError, match=r"from 2099-01-01 on, as today is 2026-11-24\. Give an earlier --from"
    ):
        choose_window(ScanParameters(date_from=date(2099, 1, 1)), ScanMemory(), date(2026, 11, 24))
