"""What turns a statement into something else than a firm one of what is proposed: one engine for cues.yaml.

The data model is that of ConText (Harkema and others, 2009): a cue has words, a meaning, a reach and what
ends its reach; the cue that decided is kept with what it decided.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from planning_review.models import Frozen
from planning_review.rules.words import FOLDER, compile_phrases
from planning_review.yaml_files import read_yaml

Meaning = Literal[
    "rejected", "elsewhere", "by_others", "standard", "general", "reported", "existing",
    "conditional", "possible", "hedged", "denied", "absent", "during works",
]  # fmt: skip
Reach = Literal["before", "after", "clause", "sentence", "heading"]


class CueRow(Frozen):
    """One kind of cue, as cues.yaml has it; within is how many words it reaches at most."""

    say: str
    means: Meaning
    reach: Reach
    until: str | None = None
    unless: str | None = None
    within: int = 40


class CueBook(Frozen):
    """Every cue, in the order in which they decide."""

    clause_ends: str
    rows: tuple[CueRow, ...]


class Cue(NamedTuple):
    """A meaning that holds of a target, and the words that gave it."""

    means: Meaning
    words: str


@dataclass(frozen=True)
class Context:
    """What a sentence is read in: the headings above it, in plain words."""

    headings: tuple[str, ...] = ()


@cache
def load_cues() -> CueBook:
    """Read cues.yaml."""
    return CueBook(**read_yaml(FOLDER / "cues.yaml"))


def find_cues(words: str, start: int, end: int, context: Context) -> list[Cue]:
    """Return the cues that reach [start, end) of a plain sentence, in the order of cues.yaml."""
    rows = load_cues().rows
    found = ((row, _find_cue(row, words, start, end, context)) for row in rows)
    return [Cue(row.means, said) for row, said in found if said]


def find_clause(words: str, start: int, end: int) -> tuple[int, int]:
    """Return where the clause of [start, end) begins and ends."""
    first, last = 0, len(words)
    for stop in compile_phrases(load_cues().clause_ends).finditer(words):
        if stop.end() <= start:
            first = stop.start()
        elif stop.start() >= end:
            last = stop.start()
            break
    return first, last


def _find_cue(row: CueRow, words: str, start: int, end: int, context: Context) -> str:
    """Return the words of the first cue of a row that reaches the target, else ""."""
    pattern = compile_phrases(row.say)
    if row.reach == "heading":
        if row.unless and compile_phrases(row.unless).search(words):
            return ""
        return next((m[0].strip() for h in context.headings if (m := pattern.search(h))), "")
    first = last = -1
    for match in pattern.finditer(words):
        if first < 0:
            first, last = find_clause(words, start, end)
        if _reaches(row, words, match, (start, end), (first, last)):
            return match[0].strip()
    return ""


def _reaches(
    row: CueRow,
    words: str,
    cue: re.Match[str],
    target: tuple[int, int],
    clause: tuple[int, int],
) -> bool:
    if row.unless and compile_phrases(row.unless).search(words, clause[0], clause[1]):
        return False
    if row.reach == "sentence":
        return True
    if row.reach == "clause":
        return clause[0] <= cue.start() < clause[1]
    if row.reach == "before":
        between = (cue.end(), target[0])
        reaches = clause[0] <= cue.start() and cue.end() <= target[0]
    else:
        between = (target[1], cue.start())
        reaches = target[1] <= cue.start() < clause[1]
    if not reaches or words.count(" ", *between) > row.within:
        return False
    # What ends a reach may run into the cue after it: "closed for good, and will not ...".
    ends = (between[0], cue.end()) if row.reach == "after" else between
    return not (row.until and compile_phrases(row.until).search(words, *ends))


def pick(cues: Sequence[Cue], meanings: Sequence[Meaning]) -> Cue | None:
    """Return the first cue with one of the meanings."""
    return next((cue for cue in cues if cue.means in meanings), None)
