"""Why a passage is worth reading: the rows of worth_reading.yaml."""

from functools import cache

from planning_review.models import Frozen
from planning_review.rules.words import FOLDER
from planning_review.yaml_files import read_yaml


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
    return Reasons(**read_yaml(FOLDER / "worth_reading.yaml"))
