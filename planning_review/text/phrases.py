"""Phrases looked for in the register's words: whole words, whatever case, spacing or plural."""

import re
import unicodedata
from functools import cache


def fold_text(text: str) -> str:
    """Return a title, category or file name as plain lower-case words, one space between them.

    `PublicComment_12` and `Public Comment(s) – 12` both come out as words that a phrase can meet.
    """
    text = unicodedata.normalize("NFKC", text).replace("(s)", "s").replace("&", " and ")
    # Invisible characters and apostrophes stand inside words, everything else between them.
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in "'’‘`")
    text = re.sub(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Za-z]{3})(?=\d)", " ", text)
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def says_any(text: str | None, phrases: tuple[str, ...]) -> bool:
    """Tell whether a text holds one of the phrases.

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
    folded = fold_text(text)
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
