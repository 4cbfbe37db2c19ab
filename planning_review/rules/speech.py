"""Who says what: what is proposed, what is there today, what guidance says, what others said."""

import re
from enum import Enum

from planning_review.rules.clauses import find_clause
from planning_review.rules.patterns import read_pattern

_STANDARD = read_pattern("standard")
_RECOMMENDED_BY = read_pattern("recommended_by")
_COMPLIANCE_CLAIM = read_pattern("compliance_claim")
_SHOULD = read_pattern("should")
_COMMITMENT = read_pattern("commitment")
_NOW = read_pattern("now")
_EXISTING = read_pattern("existing")
_ON_A_NAMED_ROAD = read_pattern("on_a_named_road")
_NAMED_ROAD = read_pattern("named_road")
_BASELINE_HEADING = read_pattern("baseline_heading")
_REPORTED = read_pattern("reported")
_IN_RESPONSE = read_pattern("in_response")
_ELSEWHERE = read_pattern("elsewhere")
_CONDITIONAL = read_pattern("conditional")
_WEAK = read_pattern("weak")
_HEDGED = read_pattern("hedged")
_FINITE = read_pattern("finite")
_REJECTED_OPTION = read_pattern("rejected_option")
_WAS_REJECTED = read_pattern("was_rejected")
_WOULD_HAVE = re.compile(r"\bwould (?:only |then )?have (?:been|had|needed|required|left|meant|run)\b")
_REPLACES = read_pattern("replaces")
_IS_REPLACED = read_pattern("is_replaced")
_IS_IMPROVED = read_pattern("is_improved")
_AS_EXISTING = re.compile(r"[^,;]{0,15}\bas existing\b")
_THAT_MAY = re.compile(r"\b(?:that|which|who|where)\s+(?:\w+\s+){0,2}(?:may|could|might)\s+\w+")
_PREDICATE = read_pattern("any_predicate")
_UNDERTAKES = read_pattern("undertakes")
_GENERAL = read_pattern("general")
_PAST = read_pattern("past")
_FOR_A_WHILE = re.compile(r"\W*(?:and )?(?:while|whilst|until|during)\b")
_DURING_WORKS = read_pattern("during_works")


class Speech(Enum):
    """What kind of statement a clause makes of the scheme."""

    PROPOSED = "proposed"
    HEDGED = "subject to something: enough for a breach, not for compliance"
    WEAK = "could, may, potential"
    CONDITIONAL = "if"
    EXISTING = "what is there today"
    STANDARD = "what guidance or policy says, or what holds of places at large"
    REPORTED = "what somebody else said"
    REJECTED = "an option that was weighed and dropped"
    ELSEWHERE = "another site"


def states_a_fact(text: str) -> bool:
    """Return whether a sentence has a verb that states something, as an aim or a label has not."""
    return bool(_FINITE.search(text))


def commits(text: str, start: int, end: int) -> bool:
    """Return whether the clause of [start, end) undertakes something, more than naming what there is."""
    clause_start, clause_end = find_clause(text, start)
    return bool(
        _UNDERTAKES.search(text[clause_start : max(clause_end, end)]) or _UNDERTAKES.search(text[end:])
    )


def is_during_works(text: str, start: int, end: int, heading: str) -> bool:
    """Return whether what stands at [start, end) is so only while the scheme is being built."""
    if _DURING_WORKS.match(text) or _DURING_WORKS.search(heading):
        return True
    clause_start, clause_end = find_clause(text, start)
    clause_end = max(clause_end, end)
    if _FOR_A_WHILE.match(text[clause_end:]):
        clause_end = find_clause(text, clause_end)[1]
    return bool(_DURING_WORKS.search(text[clause_start:clause_end]))


def tell_speech(text: str, start: int, end: int, heading: str) -> Speech:
    """Tell what kind of statement stands at [start, end) of a folded sentence."""
    clause_start, clause_end = find_clause(text, start)
    clause_end = max(clause_end, end)
    if clause_end < len(text) and not _FINITE.search(text[clause_start:clause_end]):
        # "Such measures, of the kind named, would need to be considered": the verb comes later.
        clause_end = max(clause_end, find_clause(text, clause_end)[1])
    clause, before = text[clause_start:clause_end], text[:start]
    is_committed = bool(_COMMITMENT.search(clause))
    if any(m.start() <= start < m.end() for m in _REJECTED_OPTION.finditer(text)) or _WOULD_HAVE.search(
        clause
    ):
        return Speech.REJECTED
    if _ELSEWHERE.search(text[: max(end, 1)]):
        return Speech.ELSEWHERE
    if _REPORTED.search(before) and not _IN_RESPONSE.search(text):
        return Speech.REPORTED
    if (_STANDARD.search(text[:end]) or _RECOMMENDED_BY.search(clause)) and not _COMPLIANCE_CLAIM.search(
        text
    ):
        return Speech.STANDARD
    if _GENERAL.search(text):
        return Speech.STANDARD
    if _SHOULD.search(text[:clause_end]) and not re.search(r"\b(?:will|shall)\b", text):
        return Speech.CONDITIONAL if _CONDITIONAL.search(before) else Speech.STANDARD
    if _PAST.search(clause) and not re.search(r"\b(?:will|shall|propos\w+)\b", clause):
        return Speech.EXISTING
    if not is_committed and (
        _NOW.search(clause) or _EXISTING.search(text[max(clause_start, start - 60) : end])
    ):
        return Speech.EXISTING
    if not _COMMITMENT.search(text) and (_NAMED_ROAD.match(text) or _ON_A_NAMED_ROAD.match(text)):
        return Speech.EXISTING
    if not is_committed and _BASELINE_HEADING.search(heading) and not _COMMITMENT.search(text):
        return Speech.EXISTING
    if _CONDITIONAL.search(before):
        return Speech.CONDITIONAL
    if _WEAK.search(_THAT_MAY.sub("", clause)):
        return Speech.WEAK
    if _HEDGED.search(text):
        return Speech.HEDGED
    return Speech.PROPOSED


def is_left_behind(text: str, start: int, end: int) -> bool:
    """Return whether [start, end) was dropped, or is replaced: "the existing footway will be widened"."""
    if _REPLACES.search(text[:start]) or _WAS_REJECTED.match(text[end:]):
        return True
    if (replaced := _IS_REPLACED.match(text[end:])) and not _PREDICATE.search(replaced["gap"]):
        return True
    if _AS_EXISTING.match(text[end:]):
        return True
    improved = _IS_IMPROVED.match(text[end:])
    if not improved or _PREDICATE.search(improved["gap"]):
        return False
    return bool(_EXISTING.search(text[max(0, start - 40) : end] + improved["gap"]))
