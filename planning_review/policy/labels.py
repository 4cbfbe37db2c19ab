"""What the beginning of a line can mean in a policy document: a paragraph's number, a policy, a caption."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from planning_review.policy.numbering import Number, find_chain
from planning_review.policy.policy_lines import Line

Style = Literal["paragraph", "section", "letter"]

_STYLES: dict[Style, re.Pattern[str]] = {
    "paragraph": re.compile(r"(?P<label>\d{1,3})\.\s+(?P<text>\S.*)"),
    "section": re.compile(r"(?P<label>\d{1,2}(?:\.\d{1,3}){1,3})\.?\s+(?P<text>[A-Z“‘(\[].*)"),
    "letter": re.compile(r"(?P<label>[A-Z]\.\d{1,3})\.?\s+(?P<text>[A-Z“‘(\[].*)"),
}
_FEWEST = 5
"""As many numbers make a way of numbering; fewer are a list."""

_HIGHEST_FIRST = 4

_POLICY = re.compile(
    r"Policy\s+(?P<code>[A-Z]{1,5}\s?\d{1,3}[A-Za-z]?|[A-Z][a-z]+\s\d{1,2})\s*(?:[:–—-]\s*(?P<title>\S.*)?)?"
)
_CODE = re.compile(r"(?P<code>[A-Z]{1,3}\d{1,2}):\s+(?P<title>[A-Z].*)")
_CAPTION = re.compile(
    r"(?P<label>(?:Table|Figure)\s+[A-Z]?\d{1,3}(?:[-–.]\d{1,3})?[a-z]?)"
    r"(?:\s*[:.–—-]\s*|\s+(?=[A-Z(])|$)(?P<text>.*)"
)
_CHAPTER = re.compile(r"(\d{1,2})\.\s+([A-Z].*)")
_ANNEX = re.compile(r"((?:Annex|Appendix)\s+(?:[A-Z]|\d{1,2}))\b\s*[:.–—-]?\s*(.*)")
_MOST_HEADING_WORDS = 12
_MOST_HEADING_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Label:
    """What a line is cited by; text is the rest of it, title what heads the passages below."""

    label: str
    text: str = ""
    title: str | None = None


def find_numbers(lines: Sequence[Line]) -> dict[int, Label]:
    """Return the lines that begin with one of the document's own paragraph numbers."""
    found = {style: _find_style(lines, pattern) for style, pattern in _STYLES.items()}
    # A list of "1.", "2." stands in every document; sections and lettered paragraphs can stand together.
    if len(found["paragraph"]) >= max(len(found["section"]), len(found["letter"])):
        return found["paragraph"] if len(found["paragraph"]) >= _FEWEST else {}
    return {
        place: label
        for style in ("section", "letter")
        if len(found[style]) >= _FEWEST
        for place, label in found[style].items()
    }


def _find_style(lines: Sequence[Line], pattern: re.Pattern[str]) -> dict[int, Label]:
    matches = _match_lines(lines, pattern)
    places = list(matches)
    numbers = [_read_number(matches[n]["label"]) for n in places]
    chain = find_chain(numbers)
    # Paragraphs that begin far from 1 are quoted from another document.
    if chain and len(numbers[chain[0]]) == 1 and numbers[chain[0]][0] > _HIGHEST_FIRST:
        return {}
    return {places[n]: Label(matches[places[n]]["label"], matches[places[n]]["text"]) for n in chain}


def _match_lines(lines: Sequence[Line], pattern: re.Pattern[str]) -> dict[int, re.Match[str]]:
    return {
        n: match
        for n, line in enumerate(lines)
        if line.footnote is None and (match := pattern.fullmatch(line.text))
    }


def _read_number(label: str) -> Number:
    parts = label.split(".")
    return tuple(int(part) if part.isdigit() else ord(part) - ord("A") + 1 for part in parts)


def find_coded_policies(lines: Sequence[Line]) -> dict[int, Label]:
    """Return the headings of policies with codes (TR4: Street design), of at least three or none.

    A code stands in lists and tables too: its heading is where the most lines follow before the next one.
    """
    matches = _match_lines(lines, _CODE)
    places = [*matches, len(lines)]
    best: dict[str, tuple[int, int]] = {}
    for place, following in pairwise(places):
        code = matches[place]["code"]
        best[code] = max(best.get(code, (0, 0)), (following - place, place))
    headings = {place for size, place in best.values() if size > 1}
    if len(headings) < 3:
        return {}
    return {n: Label(matches[n]["code"], title=matches[n]["title"]) for n in sorted(headings)}


def read_policy_heading(line: Line, before: Line | None) -> Label | None:
    """Return the label of a local plan's policy heading (Policy SLE 4: Improved Transport), or None.

    The code alone is a heading only where no sentence runs on to it.
    """
    match = _POLICY.fullmatch(line.text)
    if not match or line.footnote is not None:
        return None
    title = match["title"]
    if title is None and before and not ends_sentence(before.text) and not reads_as_heading(before):
        return None
    return Label(f"Policy {match['code']}", title=title)


def read_caption(line: Line) -> Label | None:
    """Return the label of a table's or figure's caption (Table 5-2: Widths), or None."""
    match = _CAPTION.fullmatch(line.text)
    if not match or line.footnote is not None or len(line.text) > 2 * _MOST_HEADING_CHARACTERS:
        return None
    return Label(match["label"].replace("–", "-"), match["text"])


def read_annex(line: Line) -> Label | None:
    """Return the label of an annex's heading, or None."""
    match = _ANNEX.fullmatch(line.text)
    if not match or line.footnote is not None or not reads_as_heading(line):
        return None
    return Label(match[1], title=line.text)


def read_chapter(line: Line) -> tuple[int, str] | None:
    """Return the number and title of a chapter's heading (15. Promoting sustainable transport), or None."""
    match = _CHAPTER.fullmatch(line.text)
    if not match or not reads_as_heading(line):
        return None
    return int(match[1]), match[2]


def reads_as_heading(line: Line) -> bool:
    """Tell whether a line could be a heading: short, with a capital first, and no sentence."""
    text = line.text
    return (
        line.footnote is None
        and len(text.split()) <= _MOST_HEADING_WORDS
        and len(text) <= _MOST_HEADING_CHARACTERS
        and (text[0].isupper() or text[0].isdigit())
        and text[-1] not in ".,;:"
        and sum(map(str.isalpha, text)) > 2
    )


def ends_sentence(text: str) -> bool:
    """Tell whether a line ends a sentence or a list's item."""
    return text.rstrip('”’")]').endswith((".", ":", ";", "?", "!", "; and", "; or"))
