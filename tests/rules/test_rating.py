"""The rule from compliance lines to ratings."""

import pytest

from planning_review.policy.requirements import load_requirements
from planning_review.rules.judgement import Citation, ComplianceLine
from planning_review.rules.rating import rate_application, rate_aspect

BY_ID = {r.id: r for r in load_requirements()}
CORE = [r.id for r in BY_ID.values() if r.core]


def line(requirement_id, compliant, quotes=1, verified=True, needs_check=False):
    citation = Citation(document_id="1", page=1, quote="The path will be lit.", verified=verified)
    return ComplianceLine(
        requirement_id=requirement_id,
        requirement="",
        policy_source="",
        edition="",
        paragraph="",
        compliant=compliant,
        citations=(citation,) * quotes,
        needs_check=needs_check,
    )


@pytest.mark.parametrize(
    ("lines", "rating"),
    [
        ([line("gradient", None, 0), line("surface", None, 0)], None),
        ([line("gradient", None, 1)], None),
        ([line("gradient", True)], "green"),
        ([line("gradient", True), line("surface", None, 1)], "green"),
        ([line("gradient", False), line("surface", True)], "amber"),
        ([line("gradient", False), line("surface", False)], "red"),
        ([line("access-controls", False), line("permeability", True)], "red"),
        ([line("access-controls", False, verified=False)], None),
        ([line("gradient", True, verified=False)], None),
        ([line("gradient", True, 0)], None),
        ([line("gradient", False, needs_check=True)], None),
        ([line("access-controls", False, needs_check=True), line("surface", False)], "amber"),
    ],
)
def test_an_aspect(lines, rating):
    assert rate_aspect(lines, BY_ID) == rating


def test_an_application_is_its_worst_aspect_and_green_only_with_enough_evidence():
    met = [line(r, True) for r in CORE]
    silent = [line(r, None, 0) for r in CORE]
    assert rate_application(["green", "red", None], met, BY_ID) == "red"
    assert rate_application(["green", "amber", None], met, BY_ID) == "amber"
    assert rate_application(["green", "green", None], met, BY_ID) == "green"
    assert rate_application(["green", None, None], [met[0], *silent[1:]], BY_ID) == "none"
    assert rate_application([None, None], silent, BY_ID) == "none"
    unproven = [line(r, True, verified=False) for r in CORE]
    assert rate_application(["green", None, None], unproven, BY_ID) == "none"


def test_an_application_is_green_from_half_of_the_core_requirements_on():
    half = (len(CORE) + 1) // 2

    def rate(count):
        lines = [line(r, True) for r in CORE[:count]] + [line(r, None, 0) for r in CORE[count:]]
        return rate_application(["green", None, None], lines, BY_ID)

    assert [rate(half - 1), rate(half)] == ["none", "green"]
    assert rate_application(["green"], [line(r, True) for r in BY_ID if r not in CORE], BY_ID) == "none"
