"""The patterns of patterns.yaml, compiled."""

import re
from functools import cache
from pathlib import Path

import yaml

from planning_review.text.patterns import spell_out_all

_FILE = Path(__file__).with_name("patterns.yaml")


@cache
def _load_patterns() -> dict[str, str]:
    return spell_out_all(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@cache
def read_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern by name, those that it names spelt out."""
    return re.compile(_load_patterns()[name])


def read_pattern_bytes() -> bytes:
    """Return the file as it is written, for a version."""
    return _FILE.read_bytes()
