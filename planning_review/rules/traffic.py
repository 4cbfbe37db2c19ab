"""Speeds and flows that stand in a sentence, as the conditions of a requirement need them."""

import re
from dataclasses import dataclass

from planning_review.policy.requirements import Statement
from planning_review.rules.measures import Value, read_values
from planning_review.rules.patterns import read_pattern

_FLOW = read_pattern("flow")
_CYCLE_FLOW = read_pattern("cycle_flow")
_HOUR_FLOW = read_pattern("hour_flow")
_HEAVY = read_pattern("heavy_share")
_FEWER = read_pattern("fewer")
_MORE = read_pattern("more")


@dataclass(frozen=True)
class Traffic:
    """What a passage says of the traffic; None where it says nothing. Speeds in mph, flows a day.

    flow_low and flow_high differ where only a bound is given ("fewer than 2,500": 0 to 2,500).
    vehicles_an_hour is the least that can pass in the busiest hour, heavy_share the per cent of heavy
    vehicles.
    """

    speed: float | None = None
    flow_low: float | None = None
    flow_high: float | None = None
    cycles_an_hour: float | None = None
    vehicles_an_hour: float | None = None
    heavy_share: float | None = None


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
    return Traffic(
        speed,
        low,
        high,
        max(cycles, default=None),
        _read_largest(_HOUR_FLOW, text),
        _read_largest(_HEAVY, text),
    )


def needs_traffic(statement: Statement) -> bool:
    """Return whether a statement counts only with a speed or a flow."""
    bounds = (
        statement.speed_over,
        statement.speed_at_most,
        statement.flow_over,
        statement.flow_at_most,
        statement.hour_flow_over,
        statement.heavy_over,
    )
    return any(bound is not None for bound in bounds)


def fits_traffic(statement: Statement, traffic: Traffic) -> bool:
    """Return whether the traffic that was read keeps every bound of a statement."""
    speed, low, high = traffic.speed, traffic.flow_low, traffic.flow_high
    return (
        (statement.speed_over is None or (speed is not None and speed > statement.speed_over + 0.5))
        and (
            statement.speed_at_most is None or (speed is not None and speed <= statement.speed_at_most + 0.5)
        )
        and (
            _is_over(low, statement.flow_over)
            or (high == float("inf") and low is not None and low >= (statement.flow_over or 0.0))
        )
        and (statement.flow_at_most is None or (high is not None and high <= statement.flow_at_most))
        and _is_over(traffic.vehicles_an_hour, statement.hour_flow_over)
        and _is_over(traffic.heavy_share, statement.heavy_over)
    )


def _is_over(read: float | None, bound: float | None) -> bool:
    return bound is None or (read is not None and read > bound)


def _read_largest(pattern: re.Pattern[str], text: str) -> float | None:
    """Return the largest count that is stated, not one that it stays under."""
    found = []
    for match in pattern.finditer(text):
        number = next(g for g in match.groups() if g)
        if not _FEWER.search(text[: match.start() + match[0].find(number)]):
            found.append(float(number.replace(",", "")))
    return max(found, default=None)


def _is_past(text: str, value: Value) -> bool:
    return bool(
        re.search(
            r"(?:rather than|instead of|not)(?: the| a)?(?: existing| current| present)? $",
            text[: value.start],
        )
    )
