"""A person's word on the findings, as a user gives it: kept, carried into later reviews and the letter."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.applications import make_application, make_document, make_pdf
from tests.support.buckets import make_bucket
from tests.support.commands import Command
from tests.support.faulty_register import RegisterServer
from tests.support.s3_server import run_s3_server

REFERENCE = "26/05301/F"
TEXTS = [
    "The shared footway and cycleway along Mill Road will be 2.0m wide over its whole length.",
    "The cycle route between the site and the village green will not be lit.",
    "The site access will be formed with kerb radii of 10m.",
]
WORD = """
reference: 26/05301/F
by: A. Volunteer
findings:
  - finding: lighting
    verdict: dismissed
    note: The county asked for a dark corridor.
  - finding: corner-radius
    verdict: corrected
    compliant: true
    note: Revision D shows 6 m.
"""


@pytest.fixture
def register():
    documents = [make_document(n, make_pdf("Statement", text)) for n, text in enumerate(TEXTS, start=1)]
    with RegisterServer([make_application(*documents, reference=REFERENCE)]) as server:
        yield server


def read_lines(path: str) -> dict[str, dict[str, Any]]:
    review = json.loads(Path(path).read_text())
    return {line["requirement_id"]: line for line in review["review"]["policy_compliance"]}


def test_decisions_are_kept_and_reach_the_letter(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text(WORD)
    options = {"PLANNING_REGISTER_URL": register.url}
    first = command("review", REFERENCE, "--json", "--decisions", str(given), **options)
    assert first.status == 0, first.stderr
    lines = read_lines(first.line["review_json"])
    assert (lines["lighting"]["compliant"], lines["lighting"]["decision"]["verdict"]) == (None, "dismissed")
    assert (lines["corner-radius"]["compliant"], lines["shared-path-width"]["compliant"]) == (True, False)
    assert "Dismissed by A. Volunteer" in Path(first.line["review_html"]).read_text()

    later = command("review", REFERENCE, "--json", **options)
    assert later.line["review_id"] == first.line["review_id"]
    letter = command("letter", REFERENCE, "--stance", "object", "--group", "Us", "--group", "Them", "--json")
    text = Path(letter.line["letter_md"]).read_text()
    assert "Us and Them object to this application and ask" in text
    assert "will not be lit" not in text
    assert "kerb radii" not in text
    assert "2.0m wide" in text


def test_wrong_decision_is_refused_before_any_request(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text(WORD.replace("finding: lighting", "finding: lightning"))
    result = command(
        "review", REFERENCE, "--json", "--decisions", str(given), PLANNING_REGISTER_URL=register.url
    )
    assert result.status == 2
    assert f"{given}: there is no finding 'lightning'. Did you mean lighting?" in result.stderr
    assert register.requests == []


@pytest.mark.proof
def test_another_machine_knows_the_decisions(
    command: Command, register: RegisterServer, tmp_path: Path
) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text(WORD)
    with run_s3_server() as s3_url:
        bucket = make_bucket(s3_url)
        options = bucket.variables(register)
        first = command("review", REFERENCE, "--json", "--decisions", str(given), **options)
        assert first.line["state"] == "Completed", first.stderr
        (tmp_path / "data").rename(tmp_path / "first-machine")
        second = command("review", REFERENCE, "--json", **options)
        assert second.line["state"] == "Completed", second.stderr
    assert read_lines(second.line["review_json"])["lighting"]["decision"]["verdict"] == "dismissed"
    assert second.line["review_id"] == first.line["review_id"]
