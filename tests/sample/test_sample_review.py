"""The bundled sample, from the command to the review: what was planted in it is found, and only that."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from planning_review.sample.planted_facts import load_planted
from tests.support.commands import run_command

REFERENCE = "26/00417/OUT"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def sample_review(prefect_url: str, folder: Path) -> Any:
    result = run_command(("review", "--sample", "--json"), prefect_url, folder, {})
    try:
        assert result.status == 0, result.stderr
        yield json.loads(Path(result.line["review_json"]).read_text())
    finally:
        assert run_command(("down",), prefect_url, folder, {}).status == 0


def lines_by_requirement(review: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["requirement_id"]: line for line in review["review"]["policy_compliance"]}


def test_every_planted_breach_is_named_with_its_document_and_page(sample_review: dict[str, Any]) -> None:
    lines = lines_by_requirement(sample_review)
    missed = []
    for fact in load_planted():
        if not fact.breach:
            continue
        line = lines[fact.requirement_id]
        cited = {(citation["document_id"], citation["page"]) for citation in line["citations"]}
        if line["compliant"] is not False or (fact.document_id, fact.page) not in cited:
            missed.append((fact.requirement_id, fact.sentence, line["compliant"], cited))
    assert missed == []


def test_no_planted_compliance_and_nothing_else_is_called_a_breach(sample_review: dict[str, Any]) -> None:
    planted = defaultdict(set)
    for fact in load_planted():
        planted[fact.breach].add(fact.requirement_id)
    called = {
        name for name, line in lines_by_requirement(sample_review).items() if line["compliant"] is False
    }
    # Not planted, and right all the same: the shared footway/cycleway of the frontage stands beside a
    # street, and the documents give none of the listed reasons for sharing it.
    assert called == planted[True] | {"shared-use-avoided"}


def test_every_citation_is_verified_and_every_document_has_its_state(sample_review: dict[str, Any]) -> None:
    citations = [
        citation
        for part in (sample_review["review"]["policy_compliance"], sample_review["review"]["aspects"])
        for line in part
        for citation in line["citations"]
    ]
    assert len(citations) > 20
    assert all(citation["verified"] for citation in citations)
    states = {row["title"]: row["state"] for row in sample_review["documents"]}
    assert states["Viability Assessment"] == "locked"
    assert states["Ecological Appraisal"] == "damaged"
    assert states["Comment from the public"] == "left_out"
    assert "Rose Cottage" not in json.dumps(sample_review)
    assert states["Transport Assessment"] == "indexed"
    reasons = [row["reason"] for row in sample_review["documents"] if row["state"] != "indexed"]
    assert all(reasons)
    assert sample_review["review"]["overall_rating"] == "red"


def test_letter_is_written_from_the_review(
    sample_review: dict[str, Any], prefect_url: str, folder: Path
) -> None:
    arguments = ("letter", REFERENCE, "--council", "sample", "--stance", "object", "--json")
    result = run_command(arguments, prefect_url, folder, {})
    assert result.status == 0, result.stderr
    letter = json.loads(Path(result.line["letter_json"]).read_text())
    assert letter["review_id"] == sample_review["review_id"]
    assert len(letter["points"]) >= 3
    text = Path(result.line["letter_md"]).read_text()
    assert "Priya Lockwood" in text
    assert "DRAFT" in text
    for point in letter["points"]:
        for citation in point["citations"]:
            assert citation["url"].startswith("http://127.0.0.1")
    assert Path(result.line["letter_docx"]).read_bytes()[:2] == b"PK"
