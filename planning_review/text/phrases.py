"""Phrases, the one language of rules: words in any plural, beginnings, named lists, and gaps between them.

A phrase is words with a space between them. Each word may stand in the plural. `consult*` is any word that
begins so, `=close` that word alone, `a|an` either word, `new?` a word that may be missing, `N` a figure
(`NNN` of three or more),
`comma` (or `bar`, `semicolon`, `bracket`, `pounds`) that mark,
`...` up to four words of any kind and `...8` up to eight, `<path>` any phrase of the list of that name. For
titles and categories, `=` before a whole phrase asks for the whole text.
"""

import re
from collections.abc import Mapping
from functools import cache

from planning_review.text.folding import fold_for_phrases

_GAP = re.compile(r"\.\.\.(\d*)")
_LIST = re.compile(r"<([a-z_ ]+)>")
_USUAL_GAP = 4
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


class PhraseLists:
    """Named lists of phrases, in which a list may name those above it."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._patterns: dict[str, str] = {}
        for name, phrases in lists.items():
            self._patterns[name] = self._spell_out(phrases)

    def compile(self, phrases: str) -> re.Pattern[str]:
        """Return a pattern over text with a space before and after each word; KeyError names a missing list.

        phrases stand between commas, or between lines.
        """
        return re.compile(f"(?<= ){self._spell_out(phrases)}")

    def _spell_out(self, phrases: str) -> str:
        found = [p for p in re.split(r"[,\n]", phrases) if p.strip()]
        return "(?:" + "|".join(self._spell_phrase(p) for p in found) + ")"

    def _spell_phrase(self, phrase: str) -> str:
        return "".join(self._spell_part(part) for part in re.findall(r"<[^>]+>\??|[^\s<]+", phrase))

    def _spell_part(self, part: str) -> str:
        if gap := _GAP.fullmatch(part):
            return rf"(?:[^ ;|]+ ){{0,{gap[1] or _USUAL_GAP}}}?"
        if part.endswith("?"):
            return f"(?:{self._spell_part(part[:-1])})?"
        if named := _LIST.fullmatch(part):
            return self._patterns[named[1]]
        words = [_word_pattern(word) for word in part.split("|")]
        return (words[0] if len(words) == 1 else f"(?:{'|'.join(words)})") + " "


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
