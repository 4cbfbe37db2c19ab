"""Why a passage is worth reading: the rows of worth_reading.yaml."""

from functools import cache

import yaml

from planning_review.models import Frozen
from planning_review.rules.words import FOLDER


class ReasonRow(Frozen):
    """Phrases, and the reason that is shown for a passage that says one of them."""

    say: str
    why: str = ""


class Reasons(Frozen):
    """What a passage is about, why to read it, what makes it less so."""

    about: tuple[ReasonRow, ...]
    rows: tuple[ReasonRow, ...]
    less: tuple[ReasonRow, ...]


@cache
def load_reasons() -> Reasons:
    """Read worth_reading.yaml."""
    return Reasons(**yaml.safe_load((FOLDER / "worth_reading.yaml").read_text(encoding="utf-8")))
