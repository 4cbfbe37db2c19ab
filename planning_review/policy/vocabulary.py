"""The words that requirements and readings share: terms of patterns, and the nouns that values belong to."""

import re
from functools import cache
from pathlib import Path

import yaml

from planning_review.models import Frozen

_FILE = Path(__file__).with_name("vocabulary.yaml")
_TERM = re.compile(r"\{([a-z_]+)\}")


class Vocabulary(Frozen):
    """Pieces of patterns (terms), and by unit the nouns that values belong to, the more specific first."""

    terms: dict[str, str]
    owners: dict[str, dict[str, str]]


@cache
def load_vocabulary() -> Vocabulary:
    """Read the vocabulary, its terms and owners spelt out."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    terms: dict[str, str] = {}
    for name, pattern in raw["terms"].items():
        terms[name] = spell_out(pattern, terms)
    owners = {
        unit: {name: spell_out(pattern, terms) for name, pattern in nouns.items()}
        for unit, nouns in raw["owners"].items()
    }
    return Vocabulary(terms=terms, owners=owners)


def spell_out(pattern: str, terms: dict[str, str]) -> str:
    """Put the terms that a pattern names into it, or raise KeyError or re.error."""
    spelt = _TERM.sub(lambda match: terms[match[1]], pattern)
    re.compile(spelt)
    return spelt
