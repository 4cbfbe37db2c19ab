"""The citation gate: whether a quote stands on the page that it cites.

What folding hides is what extraction and typing change (case, white space, hyphens and dashes,
ligatures, curly quotes). What it never hides is a word or a figure: the quote must be one unbroken
piece of the page, or of two pages that follow each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from planning_review.documents.pages.edges import find_running_lines, trim_edges
from planning_review.models import PageText
from planning_review.rules.judgement import Citation
from planning_review.text.folding import FoldedQuote, fold_quote

SHORTEST_QUOTE = 8
"""Letters and figures that a quote needs: a shorter one stands on any page."""

# A hyphen after a letter or figure ("A4-12", "2020-25") joins, and one before a unit's figure denies.
_SIGNED = re.compile(r"(?:(?<![^\W_])(?<![.,/)\]])(?<!\d )([-−‐‑–]) ?)?((?<![\d.,])\d+)")
_DENIALS = re.compile(r"(?<![^\W_])(?:not|no|non|un)(?![^\W_])", re.IGNORECASE)
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class QuoteMatch:
    """Where a quote was found: page is where it begins, None where it is absent, with that page's part."""

    place: Literal["cited page", "other page", "absent"]
    page: int | None = None
    part: str | None = None
    part_page: int | None = None

    @property
    def verified(self) -> bool:
        """Return whether the quote stands on the page cited for it, at least in part."""
        return self.place == "cited page"


def find_quote(quote: str, pages: Sequence[PageText], page: int) -> QuoteMatch:
    """Look for a quote on the page cited (1-based), then on every other page of the document."""
    match = _find_page(quote, pages, page)
    found = next((p for p in pages if p.number == match.page), None)
    return match if found is None else replace(match, part=found.part, part_page=found.part_page)


def _find_page(quote: str, pages: Sequence[PageText], page: int) -> QuoteMatch:
    wanted = fold_quote(quote.strip().strip("\"'“”‘’ .,;…"))
    if sum(c.isalnum() for c in wanted.squeezed) < SHORTEST_QUOTE:
        return QuoteMatch("absent")
    by_number = {p.number: p for p in pages}
    if page in by_number and _stands_in(wanted, by_number[page].text):
        return QuoteMatch("cited page", page)
    running = find_running_lines(pages)
    for first in (page, page - 1):
        if _crosses(wanted, by_number.get(first), by_number.get(first + 1), running):
            return QuoteMatch("cited page", first)
    for other in pages:
        if _stands_in(wanted, other.text):
            return QuoteMatch("other page", other.number)
    for other in pages:
        if _crosses(wanted, other, by_number.get(other.number + 1), running):
            return QuoteMatch("other page", other.number)
    return QuoteMatch("absent")


class Cited(Protocol):
    """A quote and where it is said to stand; page is 1-based."""

    @property
    def document_id(self) -> str: ...
    @property
    def page(self) -> int: ...
    @property
    def quote(self) -> str: ...


def check_citation(cited: Cited, documents: Mapping[str, Sequence[PageText]]) -> Citation:
    """Return a citation with the gate's word on it; documents are the pages by document_id.

    A quote that begins on another page of its document gets that page, and corrected_from the one that
    was cited. Verified is false where the quote is absent, too short or the document unknown.
    """
    quote = " ".join(cited.quote.split())
    match = find_quote(quote, documents.get(cited.document_id, ()), cited.page)
    page = cited.page if match.page is None else match.page
    return Citation(
        document_id=cited.document_id,
        page=page,
        quote=quote,
        verified=match.page is not None,
        corrected_from=cited.page if page != cited.page else None,
        part=match.part,
        part_page=match.part_page,
    )


def _stands_in(wanted: FoldedQuote, text: str, across: int | None = None) -> bool:
    """Return whether a quote stands in a text; with across, only where it runs over that position."""
    found = fold_quote(text)
    start = found.squeezed.find(wanted.squeezed)
    while start >= 0:
        first = found.positions[start]
        last = found.positions[start + len(wanted.squeezed) - 1]
        spans = across is None or first < across <= last
        if (
            spans
            and _is_whole(found.text, first, last)
            and _same_figures(wanted.text, found.text[first : last + 1])
            and _same_signs(wanted.text, found.text, first, last)
            and _same_words(wanted.text, found.text[first : last + 1])
        ):
            return True
        start = found.squeezed.find(wanted.squeezed, start + 1)
    return False


def _crosses(
    wanted: FoldedQuote, first: PageText | None, second: PageText | None, running: frozenset[str]
) -> bool:
    if first is None or second is None:
        return False
    tail = trim_edges(first.text, running, head=False, foot=True)
    head = trim_edges(second.text, running, head=True, foot=False)
    reach = 4 * len(wanted.text) + 200
    before = f"{tail[-reach:]}\n"
    return _stands_in(wanted, before + head[:reach], across=len(fold_quote(before).text))


def _is_whole(text: str, first: int, last: int) -> bool:
    """Return whether a piece begins and ends where words and figures do: "art" is no part of "heart"."""
    begins = first == 0 or not (text[first - 1].isalnum() and text[first].isalnum())
    ends = last + 1 == len(text) or not (text[last].isalnum() and text[last + 1].isalnum())
    # "5 m" is no quote of "2.5 m", nor "2" of "2.5".
    begins &= not (text[first].isdigit() and re.search(r"\d[.,]$", text[max(0, first - 2) : first]))
    ends &= not (text[last].isdigit() and re.match(r"[.,]\d", text[last + 1 : last + 3]))
    return begins and ends


def _same_signs(quote: str, text: str, first: int, last: int) -> bool:
    """Return whether the figures of both have the same minus signs: "5%" is no quote of "-5%"."""
    quoted = [bool(m[1]) for m in _SIGNED.finditer(quote)]
    found = [bool(m[1]) for m in _SIGNED.finditer(text) if first <= m.start(2) <= last]
    return quoted == found


def _same_words(quote: str, text: str) -> bool:
    """Return whether no word of one is "not" or "no" and the begin of a longer word in the other."""
    return _count_denials(quote) == _count_denials(text)


def _count_denials(text: str) -> list[str]:
    return [word.casefold() for word in _DENIALS.findall(text)]


def _same_figures(one: str, other: str) -> bool:
    return _FIGURES.findall(one) == _FIGURES.findall(other)
