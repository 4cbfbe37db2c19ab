"""Sentences in many wordings: what each shows, by the table in tests/data/evidence_cases.yaml.

The table was made for an earlier reader of 501 patterns; what the rules of today say nothing of, and what
they
take otherwise on purpose (there is none today, naming without undertaking), is no longer in it.
"""

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
