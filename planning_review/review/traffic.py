"""Speeds and flows that stand in a sentence, as the conditions of a requirement need them."""

import re
from dataclasses import dataclass

from planning_review.review.measures import Value, read_values
from planning_review.review.patterns import read_pattern

_FLOW = read_pattern("flow")
_CYCLE_FLOW = read_pattern("cycle_flow")
_FEWER = read_pattern("fewer")
_MORE = read_pattern("more")


@dataclass(frozen=True)
class Traffic:
    """What a passage says of the traffic; None where it says nothing. Speeds in mph, flows a day.

    flow_low and flow_high differ where only a bound is given ("fewer than 2,500": 0 to 2,500).
    """

    speed: float | None = None
    flow_low: float | None = None
    flow_high: float | None = None
    cycles_an_hour: float | None = None


def read_traffic(text: str) -> Traffic:
    """Read the highest speed and the largest flow from a folded passage."""
    speeds = [v for v in read_values(text, "mph") if v.high <= 80 and not _is_past(text, v)]
    speed = max((v.high for v in speeds), default=None)
    low = high = None
    for match in _FLOW.finditer(text):
        count = float(next(g for g in match.groups() if g).replace(",", ""))
        number_at = match.start() + match[0].find(next(g for g in match.groups() if g))
        before = text[max(0, number_at - 45) : number_at]
        least = 0.0 if _FEWER.search(before) else count
        most = float("inf") if _MORE.search(before) else count
        if high is None or most > high:
            low, high = least, most
    cycles = [
        float(m[1].replace(",", ""))
        for m in _CYCLE_FLOW.finditer(text)
        if not _FEWER.search(text[: m.start()])
    ]
    return Traffic(speed, low, high, max(cycles, default=None))


def _is_past(text: str, value: Value) -> bool:
    return bool(
        re.search(
            r"(?:rather than|instead of|not)(?: the| a)?(?: existing| current| present)? $",
            text[: value.start],
        )
    )
