"""A stated value held against what is asked."""

import re

from planning_review.policy.requirements import Measure, Verdict
from planning_review.rules.clauses import find_clause
from planning_review.rules.measures import Value, write_value
from planning_review.rules.patterns import read_pattern
from planning_review.rules.traffic import Traffic

Judged = tuple[Verdict, str, int]
"""A verdict, the words for it, and how grave a breach it is."""

_ROUNDING = 1e-6
_CYCLING = re.compile(r"\b(?:cycl|bicycl|bike)\w*|\briders?\b")
_WALKING = re.compile(r"\b(?:pedestrian|walk|foot|shared)\w*")
_AT_A_CONSTRAINT = read_pattern("at_a_constraint")
_TWO_WAY = read_pattern("two_way")
_ONE_WAY = read_pattern("one_way")


def resolve_owner(text: str, value: Value) -> str | None:
    """Return the noun's name, a cycle track told by its direction; None where nothing tells it."""
    cycles_only = value.owner == "path" and _CYCLING.search(text) and not _WALKING.search(text)
    if value.owner != "cycle_track" and not cycles_only:
        return value.owner
    start, end = find_clause(text, value.owner_start)
    start, end = min(start, value.start, max(0, value.owner_start - 45)), max(end, value.end)
    piece = text[start:end]
    if cycles_only:
        piece = text
    if _TWO_WAY.search(piece):
        return "two_way_track"
    return "one_way_track" if _ONE_WAY.search(piece) else "cycle_track"


def judge_value(measure: Measure, value: Value, text: str, traffic: Traffic) -> Judged | None:
    """Return what a value shows of a measure; None where it settles nothing, or a condition is not read."""
    if measure.needs_speed and traffic.speed is None:
        return None
    if measure.only_at_speeds and traffic.speed not in measure.only_at_speeds:
        return None
    if measure.flow_over is not None and not (traffic.flow_low or 0) > measure.flow_over:
        return None
    if measure.compare == "outside":
        return _judge_against_band(measure, value)
    if measure.compare in ("at_most", "below"):
        return _judge_against_maximum(measure, value)
    return _judge_against_minimum(measure, value, text, traffic)


def _judge_against_band(measure: Measure, value: Value) -> Judged:
    upper, stated = measure.upper or 0.0, f"{write_value(value)} stated"
    if measure.desirable - _ROUNDING <= value.low and value.high < upper - _ROUNDING:
        band = f"{measure.desirable:g} to {upper:g} {measure.unit}"
        return "breach", f"{stated}, {band} is to be avoided", 1
    return "met", stated, 0


def _judge_against_maximum(measure: Measure, value: Value) -> Judged | None:
    limit, asked = measure.desirable, f"{measure.desirable:g} {measure.unit}"
    written = write_value(value)
    stated = f"{written} stated"
    word = "at most" if measure.compare == "at_most" else "less than"
    if value.bound in ("over", "at least"):
        reaches = value.low >= limit - _ROUNDING if value.bound == "over" else value.low > limit + _ROUNDING
        return ("breach", f"{written} or more stated, {word} {asked} is asked", 2) if reaches else None
    inclusive = measure.compare == "at_most" or value.bound == "under"
    if value.high <= limit + _ROUNDING if inclusive else value.high < limit - _ROUNDING:
        return "met", stated, 0
    # "Within 2 km" promises no more than 2 km, and may be 200 m.
    if value.bound in ("under", "within"):
        return None
    return "breach", f"{stated}, {word} {asked} is asked", 2


def _judge_against_minimum(measure: Measure, value: Value, text: str, traffic: Traffic) -> Judged | None:
    desirable, absolute = _limits_in(measure, traffic)
    asked, written = f"{desirable:g} {measure.unit}", write_value(value)
    stated = f"{written} stated"
    if value.bound == "under":
        if value.low > desirable + _ROUNDING:
            return None
        return "breach", f"less than {stated}, at least {asked} is asked", 2
    if value.low >= desirable - _ROUNDING:
        return ("met", stated, 0) if value.bound not in ("at most", "within") else None
    if value.bound == "over":
        return None
    if absolute is None or absolute >= desirable:
        return "breach", f"{stated}, at least {asked} is asked", 2
    least = f"{absolute:g} {measure.unit}"
    if value.low < absolute - _ROUNDING:
        return "breach", f"{stated}, at least {asked} is asked, never under {least}", 2
    if _AT_A_CONSTRAINT.search(text):
        return "noted", f"{stated} at a constraint: under the desirable {asked}, not the absolute {least}", 0
    reason = "acceptable only at a constraint, and none is stated"
    return "breach", f"{stated}, below the desirable minimum of {asked}, {reason}", 1


def _limits_in(measure: Measure, traffic: Traffic) -> tuple[float, float | None]:
    """Return the desirable and the absolute minimum for the speed and the cycle flow that were read."""
    desirable, absolute = measure.desirable, measure.absolute
    for read, steps in ((traffic.speed, measure.by_speed), (traffic.cycles_an_hour, measure.by_cycle_flow)):
        for step in steps:
            if read is not None and read > step.over:
                desirable, absolute = step.desirable, step.absolute
    return desirable, absolute
