"""Ratings by rule: docs/review-rules.md says the same in words."""

from collections.abc import Iterable, Sequence

from planning_review.policy.requirements import Requirement
from planning_review.rules.judgement import ComplianceLine, Omission, OverallRating, Rating

RULE_VERSION = "12"
"""Raise it whenever a reading or a rule changes what comes out for unchanged documents."""

_FEWEST_FOR_RED = 2

SHARE_OF_CORE_MET = 0.5
"""What part of the core requirements must be met before an application can be green."""


def rate_aspect(lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]) -> Rating | None:
    """Rate an aspect from its compliance lines; None where no line settles anything.

    Red: a core requirement is not met, or two requirements are not. Amber: one that is not core is not
    met. Green: every settled line is met. A line without proof, or one that a person has to check,
    settles nothing. Where the rating hangs on a disputed line there is none: no dispute makes one better.
    """
    settled = [line for line in lines if is_settled(line)]
    rating = _rate(settled, requirements)
    return rating if rating == _rate([*settled, *_disputed(lines)], requirements) else None


def _rate(lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]) -> Rating | None:
    breaches = [line for line in lines if line.compliant is False]
    if len(breaches) >= 2 or any(requirements[line.requirement_id].core for line in breaches):
        return "red"
    if breaches:
        return "amber"
    return "green" if any(line.compliant for line in lines) else None


def _disputed(lines: Sequence[ComplianceLine]) -> list[ComplianceLine]:
    return [line for line in lines if is_disputed(line) and has_proof(line) and not line.needs_check]


def rate_application(
    aspects: Sequence[Rating | None],
    lines: Sequence[ComplianceLine],
    requirements: dict[str, Requirement],
    silence: Rating | None = None,
) -> OverallRating:
    """Rate an application: its worst aspect or its silence, and green only where enough core ones are met.

    Without a breach, a claimed silence or that much it has no rating, nor where it hangs on disputed lines.
    """
    found = [*filter(is_settled, lines), *_disputed(lines)]
    by_aspect: dict[str, list[ComplianceLine]] = {}
    for line in found:
        by_aspect.setdefault(requirements[line.requirement_id].aspect, []).append(line)
    as_found = [
        _rate(own, requirements) for own in by_aspect.values() if any(is_disputed(line) for line in own)
    ]
    rating = _worst_of((*aspects, silence))
    if rating != _worst_of((*aspects, *as_found, silence)):
        return "none"
    return rating or ("green" if has_enough_evidence(lines, requirements) else "none")


def _worst_of(ratings: Iterable[Rating | None]) -> Rating | None:
    """Return red or amber, None where there is neither."""
    given = set(ratings)
    return "red" if "red" in given else "amber" if "amber" in given else None


def rate_silence(omissions: Sequence[Omission], core_expected: int) -> Rating | None:
    """Rate what is not said: amber for one core matter, red for all of them, where there are several."""
    silent = sum(omission.is_claimed and omission.is_core for omission in omissions)
    if not silent:
        return None
    return "red" if silent >= max(core_expected, _FEWEST_FOR_RED) else "amber"


def has_enough_evidence(lines: Sequence[ComplianceLine], requirements: dict[str, Requirement]) -> bool:
    """Return whether enough of the core requirements are shown to be met for a green."""
    core = [line for line in lines if requirements[line.requirement_id].core]
    return (
        sum(line.compliant is True and is_settled(line) for line in core) >= SHARE_OF_CORE_MET * len(core) > 0
    )


def has_proof(line: ComplianceLine) -> bool:
    """Return whether a line rests on a quote that stands on its page, or on a person's word."""
    return _is_checked(line) or any(citation.verified for citation in line.citations)


def is_settled(line: ComplianceLine) -> bool:
    """Return whether a line counts for a rating: it has proof, and nobody has to check it first."""
    return has_proof(line) and (_is_checked(line) or not (line.needs_check or line.disputed))


def is_disputed(line: ComplianceLine) -> bool:
    """Return whether a model disputes a line and no person has decided."""
    return line.disputed and line.decision is None


def _is_checked(line: ComplianceLine) -> bool:
    return line.decision is not None and line.decision.verdict in ("confirmed", "corrected")
