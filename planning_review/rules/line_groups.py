"""Compliance lines by what they say: the groups that texts and tables are made of."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planning_review.policy.requirements import Requirement
from planning_review.rules.judgement import ComplianceLine

Requirements = dict[str, Requirement]


class LineGroups(NamedTuple):
    """Every line once. breaches has the core requirements first; noted are stated but unsettled."""

    breaches: list[ComplianceLine]
    met: list[ComplianceLine]
    noted: list[ComplianceLine]
    silent: list[ComplianceLine]
    dismissed: list[ComplianceLine]


def lines_of_aspect(
    aspect: str, lines: Iterable[ComplianceLine], requirements: Requirements
) -> list[ComplianceLine]:
    """Return the lines of an aspect's requirements."""
    return [line for line in lines if requirements[line.requirement_id].aspect == aspect]


def sort_lines(lines: Sequence[ComplianceLine], requirements: Requirements) -> LineGroups:
    """Return the lines in their groups, each otherwise in the order given."""
    counted = [line for line in lines if not is_dismissed(line)]
    breaches = [line for line in counted if line.compliant is False]
    return LineGroups(
        breaches=sorted(breaches, key=lambda line: not requirements[line.requirement_id].core),
        met=[line for line in counted if line.compliant],
        noted=[line for line in counted if line.compliant is None and line.citations],
        silent=[line for line in counted if line.compliant is None and not line.citations],
        dismissed=[line for line in lines if is_dismissed(line)],
    )


def say_compliance(compliant: bool | None) -> str:
    """Return the word for a line's compliance."""
    return "no evidence" if compliant is None else "met" if compliant else "not met"


def is_dismissed(line: ComplianceLine) -> bool:
    """Tell whether a person dismissed the finding."""
    return line.decision is not None and line.decision.verdict == "dismissed"
