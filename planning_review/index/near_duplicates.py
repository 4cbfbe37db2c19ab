"""Which passages say the same: two revisions of a report differ in little but their page numbers."""

import re
from typing import NamedTuple

_SHINGLE_WORDS = 3
_LEAST_SHARED = 0.9  # of all shingles of both; one word that differs takes three

_WORD = re.compile(r"[^\W_]+(?:[.,/:-][^\W_]+)*")
# "Page 3 of 40", "Rev B", "revision C2", "v1.2", "BRK-020-B": what changes from issue to issue.
_ISSUE_MARK = re.compile(
    r"\b(?:pages?\s+\d+(?:\s*(?:of|/)\s*\d+)?|rev(?:ision)?\.?\s*[a-z]?\d*|v(?:ersion)?\.?\s*\d+(?:\.\d+)*"
    r"|(?:[a-z]+\d*-)+\d+(?:-[a-z]\d*)?)(?!\w)"
)


class Fingerprint(NamedTuple):
    """A passage's words in threes, and its figures: 5.5m is not 5.0m, whatever stands around it."""

    shingles: frozenset[tuple[str, ...]]
    figures: frozenset[str]


def take_fingerprint(text: str) -> Fingerprint:
    """Return what two passages with the same content have in common."""
    words = _WORD.findall(_ISSUE_MARK.sub(" ", text.casefold()))
    starts = range(max(len(words) - _SHINGLE_WORDS + 1, 1))
    return Fingerprint(
        frozenset(tuple(words[start : start + _SHINGLE_WORDS]) for start in starts),
        frozenset(word for word in words if any(map(str.isdigit, word))),
    )


def say_the_same(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two passages are the same but for a few words, with the same figures."""
    if one.figures != other.figures:
        return False
    return len(one.shingles & other.shingles) >= _LEAST_SHARED * len(one.shingles | other.shingles)
