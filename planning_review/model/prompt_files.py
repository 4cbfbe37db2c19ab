"""The words that a model is asked with: files beside this module, filled in and hashed into the version."""

import hashlib
from functools import cache
from importlib.resources import files
from string import Template

_NAMES = ("system", "application", "aspects", "aspect", "matters", "texts", "short")


@cache
def read_prompt(name: str) -> str:
    """Return a prompt's text."""
    return files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")


def fill_prompt(name: str, **values: object) -> str:
    """Return a prompt with its places filled; what is put in is never read for places of its own."""
    return Template(read_prompt(name)).substitute(values)


@cache
def prompts_version() -> str:
    """Return a short hash of every prompt."""
    return hashlib.sha256("\0".join(read_prompt(name) for name in _NAMES).encode()).hexdigest()[:12]
