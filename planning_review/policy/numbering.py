"""Which of a document's numbers at the start of lines are its own paragraph numbers.

A line may begin with a number for many reasons: the contents, a list, a measure that a line break
put there. A document's own numbers go up in small steps from its beginning to its end, so the longest
such chain is theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Number = tuple[int, ...]
"""117 is (117,), 6.5.6 is (6, 5, 6), B.45 is (2, 45)."""

_MOST_SKIPPED = 3
"""Numbers that may be missing in a row: pages are lost, and policies are deleted without renumbering."""


@dataclass(frozen=True, slots=True)
class _Link:
    length: int
    place: int
    before: "_Link | None"


def find_chain(numbers: Sequence[Number]) -> list[int]:
    """Return the places (indices, rising) of the longest chain that rises in small steps.

    Of chains of one length the one that begins last is taken: contents stand before what they list.
    """
    within: dict[Number, _Link] = {}  # by each beginning of a number: the longest chain that ends there
    ending: dict[Number, _Link] = {}  # by the whole number
    longest: _Link | None = None
    for place, number in enumerate(numbers):
        links = [within[key] for key in _list_predecessors(number) if key in within]
        if number[-1] <= _MOST_SKIPPED and number[:-1] in ending:
            links.append(ending[number[:-1]])
        before = max(links, key=lambda link: (link.length, link.place), default=None)
        link = _Link(before.length + 1 if before else 1, place, before)
        for size in range(1, len(number) + 1):
            _keep_longest(within, number[:size], link)
        _keep_longest(ending, number, link)
        if longest is None or link.length >= longest.length:
            longest = link
    places: list[int] = []
    while longest:
        places.append(longest.place)
        longest = longest.before
    return places[::-1]


def _keep_longest(links: dict[Number, _Link], key: Number, link: _Link) -> None:
    known = links.get(key)
    if known is None or known.length <= link.length:
        links[key] = link


def _list_predecessors(number: Number) -> list[Number]:
    """Return the beginnings of what may stand before a number: one of its levels goes up by a little.

    What is deeper than that level begins again near 1: before 6.5.1 stands any 6.4, not any 6.5.
    """
    return [
        (*number[:level], number[level] - step)
        for level in range(len(number))
        if all(part <= _MOST_SKIPPED for part in number[level + 1 :])
        for step in range(1, _MOST_SKIPPED + 1)
    ]
