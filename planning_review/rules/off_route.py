"""Places beside the routes: what is said of a car park or a yard is not said of the path."""

import re

from planning_review.policy.vocabulary import load_vocabulary
from planning_review.rules.clauses import find_clause
from planning_review.rules.patterns import read_pattern

_GOVERNED = read_pattern("governed")
_OFF_THE_ROUTES = re.compile(load_vocabulary().terms["off_route"])
_ROUTE = re.compile(load_vocabulary().terms["path"])
_PLACED = re.compile(
    r"^(?:[\s,]+[\w-]+){0,6}?\s+(?:in|on|to|within|for|at|around|across|over) "
    r"(?:(?:the|a|an|its|their|each|every)\s+)?(?:[\w'-]+\s+){0,2}$"
)


def is_off_the_routes(text: str, start: int, end: int) -> bool:
    """Return whether what stands at [start, end) is said of a place beside the routes.

    "Gravel confined to the car park" and "the yard will be unlit" are; "the path beside the yard" is not.
    """
    clause_start, clause_end = find_clause(text, start)
    clause_end = max(clause_end, end)
    for place in _OFF_THE_ROUTES.finditer(text[:clause_end], end):
        between = text[end : place.start()]
        if _PLACED.match(between) and not _ROUTE.search(between):
            return True
    subjects = [
        m
        for m in _OFF_THE_ROUTES.finditer(text[:start])
        if not _GOVERNED.search(text[max(0, m.start() - 60) : m.start()])
    ]
    if not subjects:
        return False
    return not _ROUTE.search(text[subjects[-1].end() : start]) and not _ROUTE.search(
        text[clause_start : subjects[-1].start()]
    )
