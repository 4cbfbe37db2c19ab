"""Whether letters make words of a language: what a font without a true map, or a bad scanner's layer, gives.

English and Welsh are known; what is written in other letters than Latin ones is never doubted.
"""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from planning_review.yaml_files import read_yaml

_LEAST_PAIRS = 60
_LEAST_PAIR_SHARE = 0.66
_MOST_CHARACTERS = 700  # soup is seen from its beginning

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S*[^\W_]\S*")
_LETTER_RUN = re.compile(r"[a-z]{4,}")  # shorter ones are codes and units as often as words
_LEAST_WORDS = 12
_LEAST_COMMON_SHARE = 0.2
_LEAST_CHARACTERS = 40
_MOST_SIGN_SHARE = 0.4
_FEW_LETTERS_SHARE = 0.3
_LEAST_SOUND_SHARE = 0.8  # of pairs: below it a part of the text may be soup
# A sign or a figure within a word, a capital behind a small letter, a sign before a word: what bad OCR gives.
_SPOILT = re.compile(r"(?:[^\W\d_][|;:!,.\\*~^\d]+[a-z]|[a-z][A-Z]|[a-z]\d|^[|;:,.!][^\W\d_])")
_MOST_SPOILT_SHARE = 0.1
_SIGNS = re.compile(r"[^\w\s.,·•_…–—|£-]")


@cache
def _load(name: str) -> frozenset[str]:
    data = read_yaml(Path(__file__).with_suffix(".yaml"))
    return frozenset(str(data[name]).split())


def is_letter_soup(text: str) -> bool:
    """Return whether a text's letters, or those of a part of it, stand together as in no language.

    Or whether it is signs for the most part.
    """
    if len(text) <= _MOST_CHARACTERS:
        return _is_soup(text)
    # From all over the text first: one font of several may have no true map.
    step = len(text) // 3
    sample = " ".join(text[at : at + _MOST_CHARACTERS // 3] for at in range(0, step * 3, step))
    if _is_soup(sample):
        return True
    if share_of_pairs(set(_LETTER_RUN.findall(sample.casefold()))) >= _LEAST_SOUND_SHARE:
        return False
    return any(
        _is_soup(text[at : at + _MOST_CHARACTERS]) for at in range(0, len(text), _MOST_CHARACTERS // 2)
    )


def _is_soup(text: str) -> bool:
    # Once each: a label that stands on every line of a table says it once.
    runs = set(_LETTER_RUN.findall(text.casefold()))
    if sum(map(len, runs)) < len(text) * _FEW_LETTERS_SHARE:
        letters = "".join(text.split())
        if (
            len(letters) >= _LEAST_CHARACTERS
            and len(_SIGNS.findall(letters)) > len(letters) * _MOST_SIGN_SHARE
        ):
            return True
    return sum(len(run) - 1 for run in runs) >= _LEAST_PAIRS and share_of_pairs(runs) < _LEAST_PAIR_SHARE


def share_of_pairs(runs: Collection[str]) -> float:
    """Return what part of the pairs of neighbouring letters are those of English and Welsh."""
    common = _load("pairs")
    pairs = [run[at : at + 2] for run in runs for at in range(len(run) - 1)]
    return sum(map(common.__contains__, pairs)) / len(pairs) if pairs else 0.0


def has_few_common_words(text: str) -> bool:
    """Return whether a text of many words has far fewer of the commonest than running text has."""
    text = text[:_MOST_CHARACTERS]
    tokens = _TOKEN.findall(text)
    return len(tokens) >= _LEAST_WORDS and share_of_common_words(text) < _LEAST_COMMON_SHARE


def has_spoilt_words(text: str) -> bool:
    """Return whether many of a text's words hold what only a bad reading of a scan puts there."""
    tokens = _TOKEN.findall(text[:_MOST_CHARACTERS])
    spoilt = sum(_SPOILT.search(token) is not None for token in tokens)
    return len(tokens) >= _LEAST_WORDS and spoilt > len(tokens) * _MOST_SPOILT_SHARE


def share_of_common_words(text: str) -> float:
    """Return what part of a text's words are among the commonest of English and Welsh; of prose, 0.4."""
    tokens, known = _TOKEN.findall(text), _load("words")
    common = sum(word.casefold() in known for word in _WORD.findall(text))
    return common / len(tokens) if tokens else 0.0
