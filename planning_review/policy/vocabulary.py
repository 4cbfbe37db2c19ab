"""The words that requirements and readings share: terms of patterns, and the nouns that values belong to."""

from functools import cache
from pathlib import Path

import yaml

from planning_review.models import Frozen
from planning_review.text.patterns import spell_out, spell_out_all

_FILE = Path(__file__).with_name("vocabulary.yaml")


class Vocabulary(Frozen):
    """Pieces of patterns (terms), and by unit the nouns that values belong to, the more specific first."""

    terms: dict[str, str]
    owners: dict[str, dict[str, str]]


@cache
def load_vocabulary() -> Vocabulary:
    """Read the vocabulary, its terms and owners spelt out."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    terms = spell_out_all(raw["terms"])
    owners = {
        unit: {name: spell_out(pattern, terms) for name, pattern in nouns.items()}
        for unit, nouns in raw["owners"].items()
    }
    return Vocabulary(terms=terms, owners=owners)
