"""Figures in a plain sentence: how much of what unit, how bounded, and what they are a measure of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from planning_review.rules.words import FOLDER, Mention, compile_phrases, find_mentions
from planning_review.text.phrases import PhrasePattern
from planning_review.yaml_files import read_yaml

Unit = Literal["m", "%", "mph"]
Bound = Literal["exact", "at least", "at most", "over", "under"]

_FIGURE = re.compile(
    r"(?<= )(?<!£ )(\d+(?:\.\d+)?) (?:(m|%|mph) )?(?:(?:to|and|or) (\d+(?:\.\d+)?) )?"
    r"(m|%|mph)(?= (?!squared |cubed ))"
)
_PAIR = re.compile(r"(?<= )\d+(?:\.\d+)? (?:m )?(?:x|by) \d+(?:\.\d+)? m (?:x \d+(?:\.\d+)? m )?")
_RATIO = re.compile(r"(?<= )1 (?:in|:) (\d+(?:\.\d+)?)(?= (?!@|scale|year|dwelling|home|people|households))")
_CYCLING = re.compile(r" (?:bi)?cycl")
_DRIVING = re.compile(r" (?:car|cars|driv|vehicle|single|solo)")
_TRAVEL = re.compile(
    rf"{_DRIVING.pattern}| (?:(?:bi)?cycl|bike|walk|foot|active|sustainable|bus|public transport)"
)
_TODAY = re.compile(r"(?:wide )?(?:today|at present|at the moment|currently|as existing|now) ")
_FLATTEST = 200  # "1:500" is the scale of a drawing
_BARE_WIDTH = re.compile(r"(?<= )([1-9]\d{3}) (?=wide|width|clear)")
_CHANGED = re.compile(r" (?:widen|increas|improv|upgrad|enlarg|reduc|lower|narrow|chang|rais)")
_PARTS = (
    (
        re.compile(
            r"(?<= )(\d+) (?:[a-z]+ ){0,3}(?:of|out of) (?:the |these |all |a total of )*(\d+) "
            r"(?!m |%|mph|: )"
        ),
        1,
        2,
    ),
    (re.compile(r"(?<= )(\d+) (?:[a-z]+ ){0,4}spaces? (?:[a-z]+ |, ){0,8}(\d+) of them "), 2, 1),
    (
        re.compile(
            r"(?<= )of (?:the |these )?(\d+) (?:[a-z]+ ){1,8}(?:spaces?|stands?|places?|store) "
            r"(?:[a-z]+ |, ){0,4}(\d+) "
        ),
        2,
        1,
    ),
)
_CHANGES = (
    re.compile(r"(?<= )(?:from|of) (\d+(?:\.\d+)? (?:% )?(?:[a-z]+ ){0,6}to \d+(?:\.\d+)? % )"),
    re.compile(
        r" (?:bicycle|cycling|cycle|pedal cycle|bike) \| (\d+(?:\.\d+)? (?:% )?(?:\| \d+(?:\.\d+)? (?:% )?)+)"
    ),
)
_GOVERNED = re.compile(
    r"(?:along|alongside|beside|to|from|at|between|of|through|into|onto|across|near|behind|within|by|on|in|under"
    r"|over|opposite|against|outside|past|than|for|with|into|cross|crosses) (?:(?!and )[^ ,;]+ ){0,3}$"
)
_MEASURED = re.compile(
    r"(?:, )?(?:(?:that|which) )?(?:(?:is|are|will be|would be|to be) )?"
    r"(?:of|measuring|at|with an? (?:[^ ]+ ){0,2}width of) "
    r"(?:[a-z]+ ){0,3}$"
)
_NO_ADJECTIVE = "and|by|the|an?|is|are|be|to|from|for|at|on|in|with|which|that|where|wide to"
_NEXT_NOUN = re.compile(rf"(?:, )?(?:(?!(?:{_NO_ADJECTIVE}) )[a-z0-9']+ ){{0,6}}$")
_PART_OF = re.compile(
    r"(?:in width |of clear width |in depth )?of (?:the |this |that |its |a )?(?:[^ ]+ ){0,2}$"
)


@dataclass(frozen=True)
class Quantity:
    """A figure in m, per cent or mph; low and high differ for a range. owner is a list of words.yaml.

    change is by how much a share is to rise, where it is told from what to what.
    """

    low: float
    high: float
    unit: Unit
    bound: Bound
    start: int
    end: int
    written: str
    owner: str | None = None
    owner_start: int = -1
    owner_end: int = -1
    is_ratio: bool = False
    change: float | None = None


@cache
def _load_words() -> dict[str, PhrasePattern]:
    raw = read_yaml(FOLDER / "quantities.yaml")
    return {name: compile_phrases(phrases) for name, phrases in raw.items()}


def read_quantities(words: str, unit: Unit, owners: tuple[str, ...]) -> list[Quantity]:
    """Return the figures of a unit, each with the one of the owners whose measure it is."""
    figures = _read_figures(words, unit)
    if not figures:
        return []
    mentions = find_mentions(words, owners)
    return [_give_owner(words, figure, mentions) for figure in figures]


def can_be_a_width(words: str, quantity: Quantity) -> bool:
    """Return whether a length can be a width: not "long", "high", "away from"."""
    after = _load_words()["no width after"].match(words, quantity.end)
    before = _ends_with(_load_words()["no width before"], words, quantity.start)
    return not after and not before


def _read_figures(words: str, unit: Unit) -> list[Quantity]:
    pairs = [m.span() for m in _PAIR.finditer(words)] if unit == "m" else []
    found = []
    for match in _FIGURE.finditer(words):
        if match[4] != unit or any(start <= match.start() < end for start, end in pairs):
            continue
        ends = sorted((float(match[1]), float(match[3] or match[1])))
        if (
            match[3]
            and _ends_with(_load_words()["left behind"], words, match.start())
            and _CHANGED.search(words)
        ):
            ends = [float(match[3])] * 2  # "widened from 1.8 m to 3 m": what it becomes
        found.append((match.start(), match.end() + 1, ends[0], ends[1], match[0], False))
    if unit == "%":
        for match in _RATIO.finditer(words):
            if not 0 < float(match[1]) <= _FLATTEST:
                continue
            share = 100 / float(match[1])
            found.append((match.start(), match.end() + 1, share, share, match[0], True))
        found += _read_parts(words)
    if unit == "m":
        found += [
            (m.start(), m.end(), float(m[1]) / 1000, float(m[1]) / 1000, f"{m[1]} mm", False)
            for m in _BARE_WIDTH.finditer(words)
        ]
    return [
        Quantity(low, high, unit, _read_bound(words, start, end), start, end, written.strip(), is_ratio=ratio)
        for start, end, low, high, written, ratio in sorted(found)
        if not _is_passed_over(words, start, end)
    ]


def _read_parts(words: str) -> list[tuple[int, int, float, float, str, bool]]:
    """Return the shares that are told by counts: "6 of the 98 spaces"."""
    found = []
    for pattern, part, whole in _PARTS:
        for match in pattern.finditer(words):
            few, all_ = float(match[part]), float(match[whole])
            if 0 < few <= all_:
                share = 100 * few / all_
                found.append((match.start(), match.end(), share, share, f"{few:g} of {all_:g}", False))
    return found


def read_change(words: str) -> Quantity | None:
    """Return the share of journeys that a sentence or a row of a table tells, with its change.

    None for the share of those who drive: that it falls says nothing of how the others come.
    """
    for pattern in _CHANGES:
        # "driving down from 64 % to 49 %, cycling up from 4 % to 12 %": the one that is told of cycling.
        found = sorted(pattern.finditer(words), key=lambda m: not _is_of_cycling(words, m))
        for match in [m for m in found if not _is_of_driving(words, m)][:1]:
            shares = [float(figure) for figure in re.findall(r"\d+(?:\.\d+)?", match[1])]
            if len(shares) > 1 and max(shares) <= 100:
                written = f"{shares[0]:g} % to {shares[-1]:g} %"
                return Quantity(
                    shares[0], shares[-1], "%", "exact", match.start(), match.end(), written,
                    change=shares[-1] - shares[0],
                )  # fmt: skip
    return None


def _is_of_cycling(words: str, change: re.Match[str]) -> bool:
    """Return whether the words before a change of shares, up to a comma, are on cycling, or those after."""
    before = words[: change.start()].rpartition(",")[2]
    after = words[change.end() :].partition(",")[0]
    return bool(_CYCLING.search(before) or (_CYCLING.search(after) and not _DRIVING.search(before)))


def _is_of_driving(words: str, change: re.Match[str]) -> bool:
    """Return whether the last way of travel that is named before a change of shares is driving."""
    named = list(_TRAVEL.finditer(words, 0, change.start()))
    return bool(named) and bool(_DRIVING.match(named[-1][0])) and not _is_of_cycling(words, change)


def _is_passed_over(words: str, start: int, end: int) -> bool:
    """Return whether a figure is what something was before, or what a standard asks."""
    if _ends_with(_load_words()["left behind"], words, start) and re.match(
        r"(?:[^ ;,]+ ){0,6}to ", words[end:]
    ):
        return True
    if _TODAY.match(words, end):
        return True
    below = _ends_with(_load_words()["short of a standard of"], words, start)
    return not below and _ends_with(_load_words()["standard of"], words, start)


def _read_bound(words: str, start: int, end: int) -> Bound:
    bounds = _load_words()
    if _ends_with(bounds["short of a standard of"], words, start):
        return "under"
    before = start
    filler = bounds["filler"]
    while match := next(
        (m for m in filler.finditer(words, max(0, before - 16), before) if m.end() == before), None
    ):
        before = match.start()
    names: tuple[Bound, ...] = ("at least", "at most", "under", "over")
    for name in names:
        if _ends_with(bounds[name], words, before) or _ends_with(bounds[name], words, start):
            return name
    if bounds["after least"].match(words, end):
        return "at least"
    return "at most" if bounds["after most"].match(words, end) else "exact"


def _ends_with(pattern: PhrasePattern, words: str, at: int) -> bool:
    return any(m.end() == at for m in pattern.finditer(words, max(0, at - 70), at))


def _give_owner(words: str, figure: Quantity, mentions: Sequence[Mention]) -> Quantity:
    """Return a figure with its owner: the noun that follows it, else the subject that stands before it."""
    before = [m for m in mentions if m.end <= figure.start]
    measured = bool(before) and bool(_MEASURED.fullmatch(words, before[-1].end, figure.start))
    for mention in mentions:
        if mention.start < figure.end:
            continue
        between = words[figure.end : mention.start]
        if measured and (not between.strip() or "," in between):
            break  # "a track of 2 m, set back": it is the track's
        if _NEXT_NOUN.fullmatch(between) or _PART_OF.fullmatch(between):
            return _with(figure, mention)
        break
    if measured:
        return _with(figure, before[-1])
    clause = max(words.rfind("; ", 0, figure.start), words.rfind(" | ", 0, figure.start))
    subjects = [m for m in before if m.name != "vehicle"]
    here = [m for m in subjects if m.start > clause] or subjects
    subjects = [m for m in here if not _GOVERNED.search(words[max(0, m.start - 60) : m.start])]
    if subjects or here:
        return _with(figure, (subjects or here)[-1])
    after = [m for m in mentions if m.start >= figure.end and ";" not in words[figure.end : m.start]]
    return _with(figure, after[0]) if after and after[0].start - figure.end < 60 else figure


def _with(figure: Quantity, mention: Mention) -> Quantity:
    return replace(figure, owner=mention.name, owner_start=mention.start, owner_end=mention.end)
