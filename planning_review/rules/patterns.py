"""The patterns of patterns.yaml, compiled."""

import re
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("patterns.yaml")
_NAME = re.compile(r"\{([a-z_]+)\}")


@cache
def _load_patterns() -> dict[str, str]:
    patterns: dict[str, str] = {}
    for name, pattern in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items():
        patterns[name] = _NAME.sub(lambda match: patterns[match[1]], pattern)
    return patterns


@cache
def read_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern by name, those that it names spelt out."""
    return re.compile(_load_patterns()[name])


def read_pattern_bytes() -> bytes:
    """Return the file as it is written, for a version."""
    return _FILE.read_bytes()
