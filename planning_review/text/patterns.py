"""Patterns that name others: `{name}` in one stands for the piece of that name."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"\{([a-z_]+)\}")


def spell_out(pattern: str, pieces: Mapping[str, str]) -> str:
    """Put the pieces that a pattern names into it, or raise KeyError or re.error."""
    spelt = _NAME.sub(lambda match: pieces[match[1]], pattern)
    re.compile(spelt)
    return spelt


def spell_out_all(patterns: Mapping[str, str]) -> dict[str, str]:
    """Return named patterns spelt out, in their order: each may name those above it."""
    spelt: dict[str, str] = {}
    for name, pattern in patterns.items():
        spelt[name] = spell_out(pattern, spelt)
    return spelt
