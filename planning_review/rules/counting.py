"""Counted words turned into figures."""

import re

from planning_review.rules.patterns import read_pattern
from planning_review.text.numbers import NUMBER_WORDS

# The rules were tried on documents with these: a thirteen or an eighty stays a word.
_READ = {*range(13), 15, *range(20, 80, 10)}
_WORD_NUMBERS = {word: str(n) for word, n in NUMBER_WORDS.items() if n in _READ} | {"a single": "1"}
_PLAIN_COUNT = re.compile(rf"\b({'|'.join(list(_WORD_NUMBERS)[2:13])})\s+(?!way\b|tier\b|storey)(?=[a-z])")
_MAY_COUNT = read_pattern("may_count")
_WORD = re.compile(rf"\b({'|'.join(_WORD_NUMBERS)}){read_pattern('counted').pattern}")


def count_in_figures(text: str) -> str:
    """Turn counted words into figures: "two metres", "one in twenty", "2 and a half metres"."""
    if not _MAY_COUNT.search(text):
        return text
    text = re.sub(r"\b(?:a|one) (kilometre|mile)\b", r"1 \1", text)
    text = re.sub(r"\bhalf a metre\b", "0.5 m", text)
    text = re.sub(r"\b(?:a|one) metre and a half\b", "1.5 m", text)
    text = re.sub(
        r"\b1 in ([a-z]+)\b|\bone in ([a-z]+)\b",
        lambda m: f"1 in {_WORD_NUMBERS.get(m[1] or m[2], m[1] or m[2])}",
        text,
    )
    text = _WORD.sub(lambda m: _WORD_NUMBERS[m[1]], text)
    text = _PLAIN_COUNT.sub(lambda m: f"{_WORD_NUMBERS[m[1]]} ", text)
    text = re.sub(r"\b(\d) and a half(?= metres?| m\b)", r"\1.5", text)
    text = re.sub(
        r"\b(\d) point (\w+)(?= metres?)", lambda m: f"{m[1]}.{_WORD_NUMBERS.get(m[2], m[2])}", text
    )
    return re.sub(r"\b(\d+)-(?=metre|mile)", r"\1 ", text)
