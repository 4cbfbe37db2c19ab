"""Which noun a value belongs to: the width of the path, not of the verge beside it."""

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Literal

from planning_review.policy.vocabulary import load_vocabulary
from planning_review.rules.clauses import find_clause
from planning_review.rules.measures import Value, read_values
from planning_review.rules.patterns import read_pattern

_NO_WIDTH_AFTER = read_pattern("no_width_after")
_NO_WIDTH_BEFORE = read_pattern("no_width_before")
_GOVERNED = read_pattern("governed")
_BETWEEN = read_pattern("between")
_MEASURED_BY = read_pattern("measured_by")
_PART_OF = read_pattern("part_of")
_VEHICLE = "vehicle"
"""A length that is named beside other things, and of which nothing is asked."""


@lru_cache(maxsize=256)
def read_owned_values(text: str, unit: Literal["m", "%", "mph"]) -> list[Value]:
    """Return the values of a unit, each with the noun that it belongs to."""
    if not any(character.isdigit() for character in text):
        return []
    owners = [(m.lastgroup or "", m.start(), m.end()) for m in _owner_pattern(unit).finditer(text)]
    return [_give_owner(text, value, owners) for value in read_values(text, unit)]


def is_a_width(text: str, value: Value) -> bool:
    """Return whether a length can be a width: not "long", "high", "away from"."""
    return not _NO_WIDTH_AFTER.match(text[value.end :]) and not _NO_WIDTH_BEFORE.search(text[: value.start])


@cache
def _owner_pattern(unit: str) -> re.Pattern[str]:
    nouns = load_vocabulary().owners[unit]
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in nouns.items()))


def _give_owner(text: str, value: Value, owners: list[tuple[str, int, int]]) -> Value:
    measured = [o for o in owners if o[2] <= value.start and _MEASURED_BY.match(text[o[2] : value.start])]
    following = [
        o for o in owners if o[1] >= value.end - 1 and _reaches(text[value.end : o[1]], bool(measured))
    ]
    if following:
        return _with(value, following[0])
    if measured:
        return _with(value, measured[-1])
    clause_start = find_clause(text, value.start)[0]
    preceding = [o for o in owners if o[2] <= value.start + 1 and o[0] != _VEHICLE]
    in_clause = [o for o in preceding if o[1] >= clause_start] or preceding
    subjects = [o for o in in_clause if not _GOVERNED.search(text[max(0, o[1] - 60) : o[1]])]
    if subjects or in_clause:
        return _with(value, (subjects or in_clause)[-1])
    after = [
        o
        for o in owners
        if o[1] >= value.end - 1 and ";" not in text[value.end : o[1]] and o[1] - value.end < 60
    ]
    return _with(value, after[0]) if after else value


def _reaches(between: str, measured: bool) -> bool:
    """Return whether a value reaches the noun after it: "2 m wide path", "2 m of the verge"."""
    if measured and (not between.strip() or "," in between):
        return False  # "a track of 2 m, set back": the value is the track's
    return bool(_BETWEEN.match(between) or _PART_OF.match(between))


def _with(value: Value, owner: tuple[str, int, int]) -> Value:
    return replace(value, owner=owner[0], owner_start=owner[1])
