"""Finds words in documents that speak to whoever judges them by machine. They change nothing."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from planning_review.models import PageText
from planning_review.rules.judgement import SuspiciousPassage
from planning_review.rules.reviewer import ReadDocument
from planning_review.text.folding import drop_invisible, fold_visible
from planning_review.text.patterns import spell_out
from planning_review.yaml_files import read_yaml

MOST_PASSAGES = 20
MOST_PER_DOCUMENT = 5
MOST_CHARACTERS = 200
"""Of a quote; what is longer is cut around the words that were found."""

_FILE = Path(__file__).with_name("suspicious.yaml")
_OVER_THE_EDGE = 200
# A word processor leaves single zero-width spaces and soft hyphens; flags of emoji are made of tags.
_HIDDEN_TEXT = re.compile(
    "(?<!\U0001f3f4)(?<![\U000e0000-\U000e007f])[\U000e0020-\U000e007f]{2,}"
    "|[\u200b\u200c\u200d\u2060\ufeff]{8,}"
    "|(?:[^\\W\\d_][\u200b\u200c\u200d\u2060\ufeff]){3,}[^\\W\\d_]"
    "|[\u202d\u202e][^\u202c\\n]{0,60}[^\\W\\d_]"
)
_HIDDEN_REASON = "holds text that a reader does not see"


class _Found(NamedTuple):
    start: int
    end: int
    reason: str


def find_suspicious(documents: Sequence[ReadDocument]) -> tuple[SuspiciousPassage, ...]:
    """Return the passages, in the order of the documents and pages, equal ones of a document once.

    Every kind of document counts, comments too. At most MOST_PER_DOCUMENT of a document and
    MOST_PASSAGES in all, a quote at most MOST_CHARACTERS long. Quotes are what a reader would see:
    invisible characters are taken out first, so words that are split by them are found as well.
    """
    found = (
        passage for document in documents for passage in islice(_search_document(document), MOST_PER_DOCUMENT)
    )
    return tuple(islice(found, MOST_PASSAGES))


def read_suspicious_bytes() -> bytes:
    """Return what is looked for, as it is written: part of a judgement's identity."""
    return _FILE.read_bytes()


def _search_document(document: ReadDocument) -> Iterator[SuspiciousPassage]:
    seen: set[str] = set()
    following = (*document.text.pages, None)[1:]
    for page, after in zip(document.text.pages, following, strict=True):
        for quote, reason in _search_page(page, after):
            key = quote.casefold()
            if key not in seen:
                seen.add(key)
                yield SuspiciousPassage(
                    document_id=document.document_id,
                    page=page.number,
                    quote=quote,
                    reason=reason,
                    part=page.part,
                    part_page=page.part_page,
                )


def _search_page(page: PageText, after: PageText | None) -> Iterator[tuple[str, str]]:
    if hidden := _HIDDEN_TEXT.search(page.text):
        around = page.text[max(0, hidden.start() - 60) : hidden.end() + 60]
        yield _cut(_reveal(around), 0, MOST_CHARACTERS), _HIDDEN_REASON
    own = fold_visible(page.text)
    # An order may run over the end of a page; it belongs to the page where it begins.
    text = f"{own} {fold_visible(after.text)[:_OVER_THE_EDGE]}" if after else own
    found = sorted(
        found
        for pattern, reason in _load_patterns()
        for match in pattern.finditer(text)
        if (found := _Found(_start(match), match.end(), reason)).start < len(own)
    )
    # Where two overlap, as parts of one order do, the quote of the first shows both.
    shown_to = -1
    for item in found:
        if item.start >= shown_to:
            start, end = _widen(text, item)
            shown_to = end
            yield _cut(text, start, end), item.reason


def _start(match: re.Match[str]) -> int:
    """Return where the words begin, after what leads up to them."""
    return match.end("lead") if "lead" in match.re.groupindex else match.start()


def _widen(text: str, found: _Found) -> tuple[int, int]:
    """Return the bounds of the sentence around what was found, as far as a quote may be long."""
    room = max(0, MOST_CHARACTERS - (found.end - found.start)) // 2
    before = text[max(0, found.start - room) : found.start + 1]
    starts = [m.end() for m in re.finditer(r"[.!?]\s", before)]
    start = found.start + 1 - len(before) + (starts[-1] if starts else 0)
    end = re.search(r"[.!?](?=\s|$)", text[found.end : found.end + room])
    return min(start, found.start), found.end + (end.end() if end else min(room, len(text) - found.end))


def _cut(text: str, start: int, end: int) -> str:
    return text[start : min(end, start + MOST_CHARACTERS)].strip()


def _reveal(text: str) -> str:
    """Return a text with what tag characters spell written out, as they are invisible themselves."""
    spelt = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else c for c in text)
    return " ".join(drop_invisible(spelt).split())


@cache
def _load_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = read_yaml(_FILE)
    pieces = {"lead": data["lead"]}
    return tuple(
        (
            re.compile(spell_out("".join(row["pattern"].splitlines()), pieces), re.IGNORECASE),
            row["reason"],
        )
        for row in data["patterns"]
    )
