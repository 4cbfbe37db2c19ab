"""Who says what: what is proposed, what is there today, what guidance says, what others said."""

import re
from enum import Enum

from planning_review.review.clauses import find_clause
from planning_review.review.patterns import read_pattern

_STANDARD = read_pattern("standard")
_RECOMMENDED_BY = read_pattern("recommended_by")
_COMPLIANCE_CLAIM = read_pattern("compliance_claim")
_SHOULD = read_pattern("should")
_COMMITMENT = read_pattern("commitment")
_NOW = read_pattern("now")
_EXISTING = read_pattern("existing")
_NAMED_ROAD = read_pattern("named_road")
_BASELINE_HEADING = read_pattern("baseline_heading")
_REPORTED = read_pattern("reported")
_IN_RESPONSE = read_pattern("in_response")
_ELSEWHERE = read_pattern("elsewhere")
_CONDITIONAL = read_pattern("conditional")
_WEAK = read_pattern("weak")
_HEDGED = read_pattern("hedged")
_FINITE = read_pattern("finite")


class Speech(Enum):
    """What kind of statement a clause makes of the scheme."""

    PROPOSED = "proposed"
    HEDGED = "subject to something: enough for a breach, not for compliance"
    WEAK = "could, may, potential"
    CONDITIONAL = "if"
    EXISTING = "what is there today"
    STANDARD = "what guidance or policy says"
    REPORTED = "what somebody else said"
    ELSEWHERE = "another site"


def states_a_fact(text: str) -> bool:
    """Tell whether a sentence has a verb that states something, as an aim or a label has not."""
    return bool(_FINITE.search(text))


def tell_speech(text: str, start: int, end: int, heading: str) -> Speech:
    """Tell what kind of statement stands at [start, end) of a folded sentence."""
    clause_start, clause_end = find_clause(text, start)
    clause_end = max(clause_end, end)
    clause, before = text[clause_start:clause_end], text[:start]
    commits = bool(_COMMITMENT.search(clause))
    if _ELSEWHERE.search(text[: max(end, 1)]):
        return Speech.ELSEWHERE
    if _REPORTED.search(before) and not _IN_RESPONSE.search(text):
        return Speech.REPORTED
    if (_STANDARD.search(text[:end]) or _RECOMMENDED_BY.search(clause)) and not _COMPLIANCE_CLAIM.search(
        text
    ):
        return Speech.STANDARD
    if _SHOULD.search(text[:clause_end]) and not re.search(r"\b(?:will|shall)\b", text):
        return Speech.CONDITIONAL if _CONDITIONAL.search(before) else Speech.STANDARD
    if not commits and (_NOW.search(clause) or _EXISTING.search(text[max(clause_start, start - 60) : end])):
        return Speech.EXISTING
    if not _COMMITMENT.search(text) and _NAMED_ROAD.match(text):
        return Speech.EXISTING
    if not commits and _BASELINE_HEADING.search(heading) and not _COMMITMENT.search(text):
        return Speech.EXISTING
    if _CONDITIONAL.search(before):
        return Speech.CONDITIONAL
    if _WEAK.search(clause):
        return Speech.WEAK
    if _HEDGED.search(text):
        return Speech.HEDGED
    return Speech.PROPOSED
