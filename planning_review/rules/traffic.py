"""Speeds and flows that stand in a sentence or beside it, as the conditions of a requirement need them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planning_review.rules.quantities import read_quantities

_VEHICLES = r"(?:vehicle|vehicles|veh|vehs|pcu|pcus|cars|movements|trips) "
_KIND = r"(?:(?:2 way|motor|motorised|passing|through|all|total|daily|vehicular|moving|heavy|goods) )*"
_DAY = (
    r"(?:movements )?"
    r"(?:(?:passing |forecast |using it )?(?:per|a|each|every|in a) (?:week)?day |day |24 hour|daily )"
)
_HOUR = (
    r"(?:(?:are|is|will be|would) )?(?:pass |use it |forecast |predicted |expected )?"
    r"(?:per|an|each|every|in (?:the|its|a)) (?:\w+ ){0,2}hour "
)
_FLOWS = (
    re.compile(rf"(?<= )(\d+) {_KIND}(?:{_VEHICLES})?(?:{_DAY}|vpd |aadt |aawt )"),
    re.compile(
        r"(?<= )(?:aadt|aawt|daily (?:traffic )?flows?|daily traffic|flows?) "
        r"(?:[a-z(,]+ ){0,7}(\d{3,6})(?= (?!m |%|mph))"
    ),
)
_HOURLY = (
    re.compile(rf"(?<= )(\d+) {_KIND}{_VEHICLES}{_HOUR}"),
    re.compile(rf"(?<= )(\d+) (?:{_KIND}{_VEHICLES}per hour |vph )"),
)
_CYCLES = re.compile(
    r"(?<= )(\d+) (?:cyclists|cycles|bikes|bicycles|cycle movements) "
    r"(?:per|an|each|in the) (?:\w+ ){0,2}hour "
)
_HEAVY = (
    re.compile(r"(?<= )(?:hgvs?|heavy (?:goods )?vehicles|lorries) (?:[a-z]+ ){0,6}(\d+(?:\.\d+)?) % "),
    re.compile(r"(?<= )(\d+(?:\.\d+)?) % (?:[a-z]+ ){0,6}(?:hgvs?|heavy (?:goods )?vehicles|lorries) "),
)
_FEWER = re.compile(
    r"(?<= )(?:fewer than|less than|below|under|up to|no more than|not exceed\w*|at most|maximum of|within) "
    r"(?:[a-z]+ ){0,2}$"
)


@dataclass(frozen=True)
class Traffic:
    """What a passage says of the traffic; None where it says nothing. Speeds in mph, flows a day.

    flow_low is 0 where only an upper bound is given. vehicles_an_hour is the least that can pass in the
    busiest hour, heavy_share the per cent of heavy vehicles. own: the sentence itself says the speed.
    """

    speed: float | None = None
    flow_low: float | None = None
    flow_high: float | None = None
    cycles_an_hour: float | None = None
    vehicles_an_hour: float | None = None
    heavy_share: float | None = None


def read_traffic(words: str, around: Sequence[str] = ()) -> Traffic:
    """Return the highest speed and the largest flow of a plain sentence, else of those beside it."""
    own = _read(words)
    beside = _read(" ; ".join(around)) if around else Traffic()
    return Traffic(
        own.speed if own.speed is not None else beside.speed,
        own.flow_low if own.flow_high is not None else beside.flow_low,
        own.flow_high if own.flow_high is not None else beside.flow_high,
        own.cycles_an_hour if own.cycles_an_hour is not None else beside.cycles_an_hour,
        own.vehicles_an_hour if own.vehicles_an_hour is not None else beside.vehicles_an_hour,
        own.heavy_share if own.heavy_share is not None else beside.heavy_share,
    )


def _read(words: str) -> Traffic:
    if not any(c.isdigit() for c in words):
        return Traffic()
    speeds = [
        q.high for q in read_quantities(words, "mph", ()) if 4 < q.high <= 80 and not _is_past(words, q.start)
    ]
    flows = [
        (0.0 if _is_bound(words, m) else float(m[1]), float(m[1])) for p in _FLOWS for m in p.finditer(words)
    ]
    low, high = max(flows, key=lambda f: f[1], default=(None, None))
    return Traffic(
        max(speeds, default=None),
        low,
        high,
        _largest([_CYCLES], words),
        _largest(_HOURLY, words),
        _largest(_HEAVY, words),
    )


def _largest(patterns: Sequence[re.Pattern[str]], words: str) -> float | None:
    """Return the largest count that is stated, not one that it stays under."""
    found = [float(m[1]) for p in patterns for m in p.finditer(words) if not _is_bound(words, m)]
    return max(found, default=None)


def _is_bound(words: str, match: re.Match[str]) -> bool:
    return bool(_FEWER.search(words[: match.start(1)]))


def _is_past(words: str, at: int) -> bool:
    return bool(
        re.search(r"(?:rather than|instead of|not) (?:(?:the|a|existing|current|present) )*$", words[:at])
    )
