"""Phrases, the one language of rules: words in any plural, beginnings, named lists, and gaps between them.

A phrase is words with a space between them. Each word may stand in the plural. `consult*` is any word that
begins so, `=close` that word alone, `a|an` either word, `new?` a word that may be missing, `N` a figure
(`NNN` of three or more),
`comma` (or `bar`, `semicolon`, `bracket`, `pounds`) that mark,
`...` up to four words of any kind and `...8` up to eight, `<path>` any phrase of the list of that name. For
titles and categories, `=` before a whole phrase asks for the whole text.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from planning_review.text.folding import fold_for_phrases

_GAP = re.compile(r"\.\.\.(\d*)")
_LIST = re.compile(r"<([a-z_ ]+)>")
_USUAL_GAP = 4
_BEGINNING = 4
_MARKS = {"comma": ",", "bar": "|", "semicolon": ";", "bracket": "(", "pounds": "£"}


def says_any(text: str | None, phrases: tuple[str, ...]) -> bool:
    """Return whether a text holds one of the phrases."""
    return find_phrase(text, phrases) is not None


def find_phrase(text: str | None, phrases: tuple[str, ...], ignoring: tuple[str, ...] = ()) -> str | None:
    """Return the text's own words, folded, that are the first of the phrases in it, or None.

    What the phrases in `ignoring` find is passed over: "motor cycle" can hide a cycle.
    """
    if not text or not phrases:
        return None
    folded = fold_for_phrases(text)
    if ignoring:
        folded = _compile(ignoring).sub("_", folded)
    found = _compile(phrases).search(folded)
    return found[0] if found else None


Needs = frozenset[str] | None
"""How words begin of which a text needs one to say some phrases; None where that can't be told."""


class PhrasePattern:
    """A pattern over plain words, which looks no further where no word begins as its phrases need."""

    def __init__(self, pattern: str, needs: Needs) -> None:
        self._pattern = re.compile(pattern)
        self._needs = needs

    def search(self, words: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first place in [start, end) of which the phrases tell."""
        return self._pattern.search(words, start, end) if self.may_stand_in(words) else None

    def match(self, words: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return what begins at start."""
        return self._pattern.match(words, start, end) if self.may_stand_in(words) else None

    def fullmatch(self, words: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return what is all of [start, end)."""
        return self._pattern.fullmatch(words, start, end) if self.may_stand_in(words) else None

    def finditer(self, words: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Yield every place in [start, end)."""
        return self._pattern.finditer(words, start, end) if self.may_stand_in(words) else iter(())

    def may_stand_in(self, words: str) -> bool:
        """Return whether words begin as the phrases need: no where they surely do not stand there."""
        return self._needs is None or not self._needs.isdisjoint(_begin_words(words))


class PhraseLists:
    """Named lists of phrases, in which a list may name those above it."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._lists: dict[str, tuple[str, Needs]] = {}
        for name, phrases in lists.items():
            self._lists[name] = self._spell_out(phrases)

    def compile(self, phrases: str) -> PhrasePattern:
        """Return the pattern over text with a space around each word; KeyError names a missing list.

        phrases stand between commas, or between lines.
        """
        pattern, needs = self._spell_out(phrases)
        return PhrasePattern(f"(?<= ){pattern}", needs)

    def _spell_out(self, phrases: str) -> tuple[str, Needs]:
        found = [self._spell_phrase(p) for p in re.split(r"[,\n]", phrases) if p.strip()]
        needs = [need for _, need in found]
        together = None if None in needs else frozenset[str]().union(*(n for n in needs if n is not None))
        return "(?:" + "|".join(pattern for pattern, _ in found) + ")", together

    def _spell_phrase(self, phrase: str) -> tuple[str, Needs]:
        parts = [self._spell_part(part) for part in re.findall(r"<[^>]+>\??|[^\s<]+", phrase)]
        # Of what all must be there, the one with the fewest and longest beginnings tells most.
        known = [needs for _, needs in parts if needs is not None]
        return "".join(pattern for pattern, _ in parts), min(known, key=_commonness, default=None)

    def _spell_part(self, part: str) -> tuple[str, Needs]:
        if gap := _GAP.fullmatch(part):
            return rf"(?:[^ ;|]+ ){{0,{gap[1] or _USUAL_GAP}}}?", None
        if part.endswith("?"):
            return f"(?:{self._spell_part(part[:-1])[0]})?", None
        if named := _LIST.fullmatch(part):
            return self._lists[named[1]]
        words = part.split("|")
        patterns = [_word_pattern(word) for word in words]
        needs = [_list_beginnings(word) for word in words]
        together = None if None in needs else frozenset[str]().union(*(n for n in needs if n is not None))
        return (patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})") + " ", together


def _list_beginnings(word: str) -> Needs:
    """Return the first letters that the forms of a phrase's word can have."""
    if word in _MARKS or word in ("N", "NNN"):
        return None
    if word.endswith("*"):
        return frozenset((word[:_BEGINNING],)) if len(word) > _BEGINNING else None
    bare = word.removeprefix("=")
    forms = (bare, f"{bare}s", f"{bare}es", f"{bare[:-1]}ies")
    return frozenset(form[:_BEGINNING] for form in forms)


def _commonness(needs: frozenset[str]) -> tuple[int, int]:
    return -min(map(len, needs), default=0), len(needs)


@lru_cache(maxsize=4096)
def _begin_words(words: str) -> frozenset[str]:
    return frozenset(word[:_BEGINNING] for word in words.split())


@cache
def _compile(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_phrase_pattern(phrase) for phrase in phrases))


def _phrase_pattern(phrase: str) -> str:
    words = " ".join(_word_pattern(word) for word in phrase.removeprefix("=").split())
    return rf"\A{words}\Z" if phrase.startswith("=") else rf"\b{words}\b"


def _word_pattern(word: str) -> str:
    if word in _MARKS:
        return re.escape(_MARKS[word])
    if word == "NNN":
        return r"\d{3,}"
    if word == "N":
        return r"\d[\d.]*"
    if word.startswith("="):
        return re.escape(word[1:])
    if word.endswith("*"):
        return re.escape(word[:-1]) + r"\w*"
    if word.endswith("y"):
        return re.escape(word[:-1]) + "(?:ys?|ies)"
    return re.escape(word) + "(?:s|es)?"
