"""The words of letters around a review's own findings."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_wording() -> dict[str, Any]:
    """Return the wording of the letters, from templates/wording.yaml."""
    text = files("planning_review.letter").joinpath("templates/wording.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def join_names(names: Sequence[str]) -> str:
    """Return names as a sentence has them: `A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def open_letter(tone: str, stance: str, groups: Sequence[str]) -> str:
    """Return the first paragraph, its verbs in the number of the groups that write."""
    verbs = load_wording()["verbs"]["one" if len(groups) == 1 else "many"]
    text: str = load_wording()[tone]["opening"][stance]
    return text.format(group=join_names(groups), **verbs)
