"""Sentences in many wordings: what each shows, by the table in tests/data/evidence_cases.yaml."""

from pathlib import Path

import pytest
import yaml

from tests.support.evidence_helpers import judge_pages, line_of

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "evidence_cases.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("requirement_id", "sentence", "compliant"), CASES)
def test_a_sentence_shows_what_the_table_says(requirement_id, sentence, compliant):
    judgement = judge_pages([sentence])
    breaches = [line.requirement_id for line in judgement.policy_compliance if line.compliant is False]
    if requirement_id == "any":
        assert breaches == []
        return
    line = line_of(judgement, requirement_id)
    assert line.compliant is compliant, line.findings
    if compliant is not None:
        assert line.citations[0].quote == sentence
        assert line.citations[0].page == 1
    if compliant:
        assert breaches == []


def test_every_requirement_has_a_breach_and_where_it_can_a_compliant_sentence():
    judgement = judge_pages(["Nothing."])
    ids = {line.requirement_id for line in judgement.policy_compliance}
    assert {c[0] for c in CASES if c[2] is False} == ids
    assert {c[0] for c in CASES if c[2] is True} == ids - {"cycle-parking-quantity"}
