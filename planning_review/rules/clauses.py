"""Clauses, and whether a thing is said or denied in them."""

import re
from functools import lru_cache
from itertools import pairwise

from planning_review.rules.patterns import read_pattern

_BOUNDARY = read_pattern("boundary")
_LIST_TAIL = read_pattern("list_tail")
_VERB = read_pattern("verb")
_NEGATORS = read_pattern("negators")
_BEFORE = read_pattern("before")
_GONE = read_pattern("gone")
_AFTER = read_pattern("after")
_FALLS_AWAY = read_pattern("falls_away")
_ANY_PREDICATE = read_pattern("any_predicate")
_PLACE_OF_ANOTHER = read_pattern("place_of_another")
_PURPOSE = read_pattern("purpose")
_NO_HARM = read_pattern("no_harm")
_NOWHERE = read_pattern("nowhere")
_COMPARED = read_pattern("compared")


@lru_cache(maxsize=4096)
def find_clauses(text: str) -> tuple[tuple[int, int], ...]:
    """Return the clauses of a folded sentence as (start, end); commas of a list part no clauses."""
    cuts = [0]
    for boundary in _BOUNDARY.finditer(text):
        if boundary[0] == "," and _is_in_list(text, boundary.start()):
            continue
        if boundary[0] == "and" and not _joins_sentences(text, cuts[-1], boundary):
            continue
        cuts.append(boundary.start())
    cuts.append(len(text))
    return tuple((a, b) for a, b in pairwise(cuts) if b > a)


def find_clause(text: str, position: int) -> tuple[int, int]:
    """Return the clause that a position stands in."""
    for start, end in find_clauses(text):
        if start <= position < end:
            return start, end
    return 0, len(text)


def find_part(text: str, position: int) -> tuple[int, int]:
    """Return the part between semicolons that a position stands in; all, where it has no verb of its own."""
    start = text.rfind(";", 0, position) + 1
    end = text.find(";", position)
    end = len(text) if end < 0 else end
    return (start, end) if _ANY_PREDICATE.search(text[start:end]) else (0, len(text))


def is_place_of_a_denial(text: str, start: int) -> bool:
    """Return whether what is denied is at the thing, or of it: "no improvements to cycle routes"."""
    before = text[find_clause(text, start)[0] : start][-140:]
    return bool(_PLACE_OF_ANOTHER.search(before) and _NEGATORS.search(before))


def is_denied(text: str, start: int, end: int, *, inside: bool = False) -> bool:
    """Return whether what stands at [start, end) is denied: "no", "will not be", "is avoided"; two cancel.

    With inside, a denial between its own words counts too: "trips have not been forecast". A denial of
    something else counts for nothing: "no lighting along the path" denies no path, and "will not obstruct
    the path" none either.
    """
    before = _PURPOSE.sub("", text[find_clause(text, start)[0] : start][-140:])
    after = text[end : find_clause(text, end - 1)[1]]
    count = sum(1 for _ in _NEGATORS.finditer(text[start:end])) if inside else 0
    if _COMPARED.match(after):
        pass  # "nowhere will the path be under 3 m" denies the bound
    elif _NOWHERE.search(before) and _ANY_PREDICATE.search(text[start:end]):
        count += 1  # "at no point along the route will it give way": the place is in what is denied
    elif not _PLACE_OF_ANOTHER.search(before) and not _NO_HARM.search(before):
        denials = [match[0] for match in _BEFORE.finditer(before)]
        # "Neither gates nor barriers" denies once.
        count += len([d for d in denials if d != "nor"]) or len(denials)
    negative, gone = _AFTER.match(after), _FALLS_AWAY.match(after)
    if negative and not _ANY_PREDICATE.search(after[: negative.start("auxiliary")]):
        count += 2 if _GONE.match(negative["verb"]) else 1
    elif gone:
        count += 1
    return count % 2 == 1


def _joins_sentences(text: str, clause_start: int, boundary: re.Match[str]) -> bool:
    """Tell "no space is given and cyclists will mix" from "no barriers and gates will be put up"."""
    return bool(
        _ANY_PREDICATE.search(text[clause_start : boundary.start()])
        and re.match(
            r"\s*(?:[\w'/-]+\s+){1,5}?(?:will|would|shall|is|are|has|have|must)\b", text[boundary.end() :]
        )
        and not re.match(r"\s*(?:no|nor|any)\b", text[boundary.end() :])
    )


def _is_in_list(text: str, comma: int) -> bool:
    tail = _LIST_TAIL.match(text[comma:])
    if not tail or _VERB.search(tail[0]):
        return False
    rest = text[comma + tail.end() :]
    # A list goes on to its "and" or "or"; a lone phrase after a comma is no list.
    return bool(re.match(r"\s*(?:,|and\b|or\b|nor\b)", rest)) or bool(
        re.match(r",?\s*(?:and|or|nor)\b", text[comma:])
    )
