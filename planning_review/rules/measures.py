"""Values read from a sentence: what figure, in what unit, and how bounded."""

import re
from dataclasses import dataclass
from typing import Literal

from planning_review.rules.clauses import find_clause
from planning_review.rules.patterns import read_pattern

Bound = Literal["exact", "at least", "over", "at most", "within", "under"]

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNITS = {
    "m": read_pattern("metres").pattern,
    "%": read_pattern("per_cent").pattern,
    "mph": read_pattern("miles_an_hour").pattern,
}
_FACTORS = {
    "mm": 0.001,
    "millimetre": 0.001,
    "millimetres": 0.001,
    "cm": 0.01,
    "centimetre": 0.01,
    "centimetres": 0.01,
}
_FACTORS |= dict.fromkeys(
    ("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0
) | dict.fromkeys(("mile", "miles"), 1609.0)
_FACTORS |= dict.fromkeys(("kph", "kmh", "km/h", "kmph"), 1 / 1.609)
_NUMBERS = {
    unit: re.compile(
        rf"(?<![\d.£$,/])({_DIGITS})\s*(?:-?\s*{form})?(?:\s*(?:-|–|to|and)\s*({_DIGITS}))?[\s-]*({form})"
    )
    for unit, form in _UNITS.items()
}
_RATIO = re.compile(
    r"\b1\s*(?:in|:)\s*(\d+(?:\.\d+)?)\b(?!\s*(?:@|at a\d|scale|year|homes|dwellings|people|bed|\d))"
)
_BARE_WIDTH = re.compile(r"\b([1-9]\d{3})()\s+(wide|width|clear)\b")
_SHORT_UNITS = [
    (re.compile(rf"(\d)[\s-]*(?:{form})(?![a-z])"), unit)
    for form, unit in (
        (r"mm|millimet(?:re|er)s?", "mm"),
        (r"cm|centimet(?:re|er)s?", "cm"),
        (r"km|kilomet(?:re|er)s?", "km"),
        (r"m|met(?:re|er)s?|mtrs?", "m"),
        (r"mph|miles? (?:per|an) hour|-?mile-an-hour", "mph"),
        (r"%|per ?cent", "%"),
    )
]
_SHARE = read_pattern("share")
_UNDER = read_pattern("under")
_NOT_UNDER = read_pattern("not_under")
_NOT_OVER = read_pattern("not_over")
_OVER = read_pattern("over")
_WITHIN = read_pattern("within")
_AFTER_LEAST = read_pattern("after_least")
_AFTER_MOST = read_pattern("after_most")
_OF_A_STANDARD = read_pattern("of_a_standard")
_CHANGE = read_pattern("change")


@dataclass(frozen=True)
class Value:
    """A value in the unit asked for; low and high differ for a range. owner is a vocabulary noun, or None."""

    low: float
    high: float
    bound: Bound
    start: int
    end: int
    written: str
    owner: str | None = None
    owner_start: int = -1


def read_values(text: str, unit: Literal["m", "%", "mph"]) -> list[Value]:
    """Return the values of a unit in a folded sentence; of "from 1.8 m to 3 m" only what it becomes."""
    if not any(character.isdigit() for character in text):
        return []
    matches = list(_NUMBERS[unit].finditer(text))
    values = [_make_value(text, m) for m in matches if m[2] or not _is_left_behind(text, m)]
    if unit == "m":
        values += [_make_value(text, m) for m in _BARE_WIDTH.finditer(text)]
    if unit == "%":
        for match in _RATIO.finditer(text):
            share = 100 / float(match[1]) if float(match[1]) else 0.0
            # A ratio counts the other way: "less than 1 in 20" is said of gentle and of steep alike.
            values.append(Value(share, share, _read_bound(text, match), match.start(), match.end(), match[0]))
        values += [v for m in _SHARE.finditer(text) if (v := _make_share(m))]
    return [v for v in values if not _is_of_a_standard(text, v)]


def write_value(value: Value) -> str:
    """Return a value as it is shown: the figures as stated, the unit short and set off by one space."""
    written = re.sub(r"\s+wide$|\s+(?:width|clear)$", "", value.written)
    for pattern, unit in _SHORT_UNITS:
        written = pattern.sub(rf"\1 {unit}", written)
    return " ".join(re.sub(r"(?<=\d)\s*[-–]\s*(?=\d)", " to ", written).split())


def _is_left_behind(text: str, match: re.Match[str]) -> bool:
    return bool(_CHANGE.search(text[: match.start()]) and re.match(r"[^;.]{0,30}\bto\b", text[match.end() :]))


def _make_value(text: str, match: re.Match[str]) -> Value:
    low = float(match[1].replace(",", ""))
    high = float((match[2] or match[1]).replace(",", ""))
    form = match[3].strip("- ")
    factor = 0.001 if match.re is _BARE_WIDTH else _FACTORS.get(form, 1.0)
    changed = bool(match[2]) and bool(
        _CHANGE.search(text[: match.start()])
        and re.search(r"\b(?:widen|increas|improv|upgrad|enlarg|reduc|lower|narrow|chang)", text)
    )
    values = sorted((low * factor, high * factor))
    if changed:
        values = [high * factor, high * factor]
    if (
        match[2]
        and re.search(r"\d\s*and\s*\d", match[0])
        and not text[: match.start()].rstrip().endswith(("between", "of"))
    ):
        # "2.0 and 3.0 m": two values rather than a range; the smaller and the greater still stand.
        values = sorted((low * factor, high * factor))
    end = match.end() if match.re is not _BARE_WIDTH else match.end(1)
    return Value(values[0], values[1], _read_bound(text, match), match.start(), end, match[0].strip())


def _make_share(match: re.Match[str]) -> Value | None:
    part, whole = (match[1], match[2]) if match[1] else (match[4] or match[6], match[3] or match[5])
    if not float(whole) or float(part) > float(whole):
        return None
    share = 100 * float(part) / float(whole)
    return Value(share, share, "exact", match.start(), match.end(), match[0])


def _read_bound(text: str, match: re.Match[str]) -> Bound:
    before, after = text[max(0, match.start() - 90) : match.start()], text[match.end() : match.end() + 20]
    if _NOT_UNDER.search(before) and not re.search(
        r"\b(?:below|short of|narrower than|under) (?:the|ltn|its)\b[^,;]*$", before
    ):
        return "at least"
    if _NOT_OVER.search(before) or _AFTER_MOST.match(after):
        return "at most"
    clause = text[find_clause(text, match.start())[0] : match.start()]
    nowhere = bool(re.search(r"\b(?:no|none|nowhere|neither|nor|not)\b", clause))
    if _UNDER.search(before):
        return "at least" if nowhere and not re.search(r"\b(?:not|fail)\b[^,;]{0,25}$", clause) else "under"
    if _OVER.search(before):
        return "at most" if nowhere else "over"
    if _WITHIN.search(before):
        return "within"
    return "at least" if _AFTER_LEAST.match(after) else "exact"


def _is_of_a_standard(text: str, value: Value) -> bool:
    before = text[max(0, value.start - 80) : value.start]
    return value.bound in ("exact", "at least") and bool(_OF_A_STANDARD.search(before))
