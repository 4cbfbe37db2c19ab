"""Ratings by rule: docs/review-rules.md says the same in words."""

from collections.abc import Sequence

from planning_review.policy.requirements import Requirement
from planning_review.rules.judgement import ComplianceLine, OverallRating, Rating

RULE_VERSION = "7"
"""Raise it whenever a reading or a rule changes what comes out for unchanged documents."""

SHARE_OF_CORE_MET = 0.5
"""What part of the core requirements must be met before an application can be green."""


def rate_aspect(lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]) -> Rating | None:
    """Rate an aspect from its compliance lines; None where no line settles anything.

    Red: a core requirement is not met, or two requirements are not. Amber: one that is not core is not
    met. Green: every settled line is met. A line without proof, or one that a person has to check,
    settles nothing.
    """
    breaches = [line for line in lines if line.compliant is False and is_settled(line)]
    if len(breaches) >= 2 or any(requirements[line.requirement_id].core for line in breaches):
        return "red"
    if breaches:
        return "amber"
    return "green" if any(line.compliant and is_settled(line) for line in lines) else None


def rate_application(
    aspects: Sequence[Rating | None], lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]
) -> OverallRating:
    """Rate an application: its worst aspect, and green only where enough core requirements are met.

    Without a breach and without that much it has no rating: what is not said is no fact.
    """
    if "red" in aspects:
        return "red"
    if "amber" in aspects:
        return "amber"
    return "green" if has_enough_evidence(lines, requirements) else "none"


def has_enough_evidence(lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]) -> bool:
    """Return whether enough of the core requirements are shown to be met for a green."""
    core = [line for line in lines if requirements[line.requirement_id].core]
    return (
        sum(line.compliant is True and is_settled(line) for line in core) >= SHARE_OF_CORE_MET * len(core) > 0
    )


def has_proof(line: ComplianceLine) -> bool:
    """Return whether a line rests on a quote that stands on its page, or on a person's word."""
    if line.decision is not None and line.decision.verdict in ("confirmed", "corrected"):
        return True
    return any(citation.verified for citation in line.citations)


def is_settled(line: ComplianceLine) -> bool:
    """Return whether a line counts for a rating: it has proof, and nobody has to check it first."""
    is_checked = line.decision is not None and line.decision.verdict in ("confirmed", "corrected")
    return has_proof(line) and (is_checked or not line.needs_check)
