"""The titles on a document's first pages: what stands on a line of its own, as a title does."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from planning_review.documents.classes.page_rules import PageRules, find_pattern, load_page_rules
from planning_review.text.folding import fold_for_phrases
from planning_review.text.phrases import find_phrase, says_any

COVER_WORDS = 150
"""A page of no more words is a cover; on a fuller one only the first lines can be its title."""

_HEAD_LINES = 12
_MOST_TITLE_WORDS = 16
_MOST_SPLIT_WORDS = 6
_LINES_IN_A_TITLE = 3
_CLASSES_IN_A_LIST = 3
_MOST_SELF_DESCRIPTIONS = 40
_NUMBERED = re.compile(r"(?:\d{1,3}\.\d[\d.]*|\d{1,2}\.)\s+\D")
_LEADERS = re.compile(r"\.{3,}|…|(?:\. ){3,}")
_CONTENTS = ("contents", "table of contents", "list of contents")


class Title(NamedTuple):
    """A title that names a class: its words, folded. verb is what a document says of itself with it."""

    document_type: str
    words: str
    verb: str = ""


def is_cover(text: str) -> bool:
    """Tell whether a page has so few words that any line of it may be the title."""
    return len(text.split()) <= COVER_WORDS


def list_title_lines(text: str) -> list[str]:
    """Return the lines of a page that can be part of a title, down to its contents."""
    lines = [piece.strip() for line in text.splitlines() for piece in line.split(" | ") if piece.strip()]
    end = next((n for n, line in enumerate(lines) if fold_for_phrases(line) in _CONTENTS), len(lines))
    return lines[: end if is_cover(text) else min(end, _HEAD_LINES)]


def find_titles(text: str) -> list[Title]:
    """Return the titles on a page in reading order; none where it is a list of several documents."""
    rules = load_page_rules()
    found = list(_read_titles(list_title_lines(text), rules))
    kinds = {title.document_type for title in found} - rules.containers
    return [] if len(kinds) >= _CLASSES_IN_A_LIST else found


def find_self_description(text: str) -> Title | None:
    """Return what a page says that the document is: "This Travel Plan has been prepared by"."""
    rules = load_page_rules()
    folded = fold_for_phrases(text)
    for match in islice(re.finditer(r"\bthis ", folded), _MOST_SELF_DESCRIPTIONS):
        after = folded[match.end() : match.end() + 120]
        for document_type, phrases in rules.titles.items():
            words = find_phrase(after[:60], phrases)
            start = after.find(words) if words else -1
            if words is None or any(w not in rules.qualifiers for w in after[:start].split()):
                continue
            said = find_pattern(rf"\A{rules.describes_itself}", after[start + len(words) :])
            if said:
                return Title(document_type, after[: start + len(words)], said["verb"])
    return None


def _read_titles(lines: list[str], rules: PageRules) -> Iterator[Title]:
    position = 0
    while position < len(lines):
        step = 1
        for count in range(1, _LINES_IN_A_TITLE + 1):
            window = lines[position : position + count]
            if len(window) < count or (
                count > 1 and any(len(line.split()) > _MOST_SPLIT_WORDS for line in window)
            ):
                break
            if title := _read_title(lines, position, count, rules):
                yield title
                step = count
                break
        position += step


def _read_title(lines: list[str], position: int, count: int, rules: PageRules) -> Title | None:
    window = lines[position : position + count]
    if not all(could_be_title(line, rules) for line in window):
        return None
    folded = fold_for_phrases(" ".join(window))
    if len(folded.split()) > _MOST_TITLE_WORDS or says_any(folded, rules.about_another):
        return None
    for document_type, phrases in rules.titles.items():
        words = find_phrase(folded, phrases)
        if words is None:
            continue
        # What a part of the lines says by itself belongs to that part.
        if count > 1 and any(says_any(" ".join(part), (words,)) for part in (window[1:], window[:-1])):
            return None
        before = fold_for_phrases(lines[position - 1]).split() if position else []
        after = fold_for_phrases(lines[position + count]) if position + count < len(lines) else ""
        if before[-1:] and before[-1] in rules.ends_unfinished:
            return None
        if (
            after
            and len(after.split()) <= _LINES_IN_A_TITLE
            and says_any(after.split()[0], rules.title_followed_by)
        ):
            return None
        title = _with_qualifiers(folded, words, rules)
        # "7 Travel Plan" is a section, "7 Elm Row: Travel Plan" a title.
        return None if re.match(rf"\d{{1,2}} {title}", folded) else Title(document_type, title)
    return None


def could_be_title(line: str, rules: PageRules) -> bool:
    """Tell whether a line may be a title's: no sentence, no entry of a list of contents, no section."""
    if line.endswith((".", ",", ";")) or _LEADERS.search(line) or _NUMBERED.match(line):
        return False
    return not rules.sentence_words.intersection(fold_for_phrases(line).split())


def _with_qualifiers(folded: str, words: str, rules: PageRules) -> str:
    before = folded[: folded.index(words)].split()
    kept: list[str] = []
    while before and before[-1] in rules.qualifiers:
        kept.insert(0, before.pop())
    if kept and kept[0].isdigit():
        del kept[0]  # a section's number, where no "Stage" stands before it
    return " ".join([*kept, words])
