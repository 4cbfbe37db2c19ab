"""The words of letters around a review's own findings."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from planning_review.text.numbers import NUMBER_WORDS
from planning_review.yaml_files import read_yaml


@cache
def load_wording() -> dict[str, Any]:
    """Return the wording of the letters, from templates/wording.yaml."""
    return _load("wording.yaml")


@cache
def load_matters() -> dict[str, str]:
    """Return the matter of each requirement that shares one with others, from templates/matters.yaml."""
    return {name: matter for matter, names in _load("matters.yaml").items() for name in names}


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(files("planning_review.letter").joinpath(f"templates/{name}"))
    return loaded


def join_names(names: Sequence[str]) -> str:
    """Return names as a sentence has them: `A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def lower_first(text: str) -> str:
    """Return a sentence as it goes on after a colon, without its full stop; names and capitals stay."""
    first = text.split(" ", 1)[0]
    is_plain = first[1:].islower() or first in ("A", "I")
    return (text[:1].lower() + text[1:] if is_plain else text).rstrip(".")


def raise_first(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:]


def say_number(number: int) -> str:
    """Return a number as prose has it: in words up to nine."""
    return next((word for word, value in NUMBER_WORDS.items() if value == number < 10), f"{number:,}")


def end_sentence(text: str) -> str:
    """Return a text with a full stop, where it has no end of its own."""
    return text if not text or text.rstrip("”’)").endswith((".", "!", "?", "…")) else f"{text}."
