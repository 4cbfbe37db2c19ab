"""Which applications get a short review: those that have little to do with cycling."""

from collections.abc import Sequence

from planning_review.rules.judgement import Judgement
from planning_review.rules.reviewer import ReadDocument

_TRANSPORT = frozenset(
    {"transport_assessment", "travel_plan", "cycle_parking", "road_safety_audit", "construction_management"}
)
_FEW_ASPECTS = 2


def is_quiet(floor: Judgement, documents: Sequence[ReadDocument]) -> bool:
    """Return whether an application has no transport content.

    Nothing was found to be breached, at most two aspects have any evidence, and none of the documents is
    about transport. Its rating may be green, or amber for want of evidence.
    """
    has_breach = any(line.compliant is False for line in floor.policy_compliance)
    with_evidence = sum(bool(aspect.citations) for aspect in floor.aspects)
    about_transport = any(document.document_type in _TRANSPORT for document in documents)
    return not (has_breach or about_transport) and with_evidence <= _FEW_ASPECTS
