"""The seam between platforms and all else: a second platform, known by its line of the table alone."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from planning_review.register.councils import get_council, list_councils
from planning_review.register.platform import PLATFORMS, Council, get_platform
from tests.support.applications import FACTS, make_pdf
from tests.support.commands import CommandResult, run_module
from tests.support.pinboard_platform import BOARD_VARIABLE

ROOT = Path(__file__).parents[2]
REFERENCE = "26/00007/F"


@pytest.fixture
def pinboard(prefect_url: str, no_deployments: None, tmp_path: Path):
    """Run `planning-review` where the sample's council has a pinboard with one application on it."""
    pinned = tmp_path / "board" / REFERENCE.replace("/", "-")
    pinned.mkdir(parents=True)
    (pinned / "notice.txt").write_text("Erection of 24 dwellings with access from Mill Road")
    (pinned / "Transport Statement.pdf").write_bytes(make_pdf("Introduction", FACTS[0]))
    variables = {
        BOARD_VARIABLE: str(tmp_path / "board"),
        "PLANNING_COUNCIL": "sample",
        "PLANNING_REGISTER_URL": "http://127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
    }

    def run_command(*arguments: str) -> CommandResult:
        return run_module("tests.support.pinboard_platform", arguments, prefect_url, tmp_path, variables)

    return run_command


def test_a_second_platform_is_scanned_reviewed_and_checked(pinboard, tmp_path: Path) -> None:
    scanned = pinboard("scan", "--json")
    assert scanned.status == 0, scanned.stderr
    assert [row["reference"] for row in scanned.line["found"]] == [REFERENCE]
    [path] = (tmp_path / "data" / "output").rglob("*_review.json")
    review = json.loads(path.read_text())
    assert review["application"]["register_url"] == "http://127.0.0.1:9/pinned/26-00007-F"
    assert [row["state"] for row in review["documents"]] == ["indexed"]
    lines = [line for line in review["review"]["policy_compliance"] if "2.0m wide" in str(line["citations"])]
    assert lines
    assert all(line["compliant"] is False for line in lines)

    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "application.html").write_text("Twelve dwellings, as the saved notice says")
    (saved / "Travel Plan.pdf").write_bytes(make_pdf("Introduction", FACTS[1]))
    reviewed = pinboard("review", REFERENCE, "--documents", str(saved), "--json")
    assert reviewed.status == 0, reviewed.stderr
    review = json.loads(Path(reviewed.line["review_json"]).read_text())
    assert review["application"]["proposal"] == "Twelve dwellings, as the saved notice says"

    checked = pinboard("check", "register")
    assert checked.stdout.splitlines()[1:] == ["register: board: 1 pinned up"]


def test_every_council_has_a_platform_that_takes_its_options() -> None:
    for code in list_councils():
        platform = get_platform(get_council(code, "http://127.0.0.1:8080"))
        assert platform.application_url("26/00001/F").startswith("http://127.0.0.1:8080")


def test_a_platform_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValidationError, match=f"'idocks' is no platform .*{', '.join(PLATFORMS)}"):
        Council(code="x", name="X", platform="idocks", register_url="http://x.test")


@pytest.mark.parametrize(
    "options", [{}, {"display_route": "sideways"}, {"display_route": "path", "display_rout": "path"}]
)
def test_options_that_are_not_the_platforms_are_refused(options: dict[str, str]) -> None:
    council = Council(code="x", name="X", platform="atrium", register_url="http://x.test", options=options)
    with pytest.raises(ValidationError, match="display_rout"):
        get_platform(council)
