"""Kinds of fault in many wordings: how many are read as not met, and that what stands near them is not."""

from pathlib import Path

import pytest
import yaml

from tests.support.evidence_helpers import judge_pages

KINDS = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "kinds_of_fault.yaml").read_text(encoding="utf-8")
)
FEWEST_FOUND = 0.66
"""The share that was read when the rules were last worked on; it may only rise."""


def list_breaches(sentence):
    return {
        line.requirement_id for line in judge_pages([sentence]).policy_compliance if line.compliant is False
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_near_a_fault_is_none(kind):
    told = {sentence: list_breaches(sentence) for sentence in KINDS[kind]["quiet"]}
    assert not {sentence: ids for sentence, ids in told.items() if ids}


def test_most_wordings_of_each_kind_are_read():
    found = [bool(list_breaches(sentence)) for kind in KINDS.values() for sentence in kind["raise"][::2]]
    assert found.count(True) >= FEWEST_FOUND * len(found)
