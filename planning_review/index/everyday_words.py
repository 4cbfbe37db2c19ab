"""The words of planning for those of everyday speech: "bike" and "cycle", "pavement" and "footway"."""

import re
from functools import cache
from pathlib import Path

from planning_review.yaml_files import read_yaml

_FILE = Path(__file__).with_name("everyday_words.yaml")


@cache
def field_words() -> dict[str, str]:
    """Return what planning says for each everyday word or phrase, in small letters."""
    rows: dict[str, list[str]] = read_yaml(_FILE)
    return {everyday.lower(): field for field, words in rows.items() for everyday in words}


@cache
def everyday_pattern() -> re.Pattern[str]:
    """Return what matches any everyday word or phrase, the longest first: a bin lorry is no lorry."""
    longest_first = sorted(field_words(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def add_field_words(query: str) -> str:
    """Return a query with planning's own words for those of everyday speech in brackets behind it."""
    found = {field_words()[match.lower()]: None for match in everyday_pattern().findall(query)}
    return f"{query} ({', '.join(found)})" if found else query
