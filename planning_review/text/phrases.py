"""Phrases of words: found whole in the register's words, whatever case, spacing or plural."""

import re
from functools import cache

from planning_review.text.folding import fold_for_phrases


def says_any(text: str | None, phrases: tuple[str, ...]) -> bool:
    """Return whether a text holds one of the phrases.

    A phrase is words, each of which may stand in the plural; `consult*` is any word that begins so,
    and `=` before the phrase asks for the whole text.
    """
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


@cache
def _compile(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_phrase_pattern(phrase) for phrase in phrases))


def _phrase_pattern(phrase: str) -> str:
    words = " ".join(_word_pattern(word) for word in phrase.removeprefix("=").split())
    return rf"\A{words}\Z" if phrase.startswith("=") else rf"\b{words}\b"


def _word_pattern(word: str) -> str:
    if word.endswith("*"):
        return re.escape(word[:-1]) + r"\w*"
    if word.endswith("y"):
        return re.escape(word[:-1]) + "(?:ys?|ies)"
    return re.escape(word) + "(?:s|es)?"
