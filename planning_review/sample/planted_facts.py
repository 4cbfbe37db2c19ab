"""The facts planted in the sample application: what a review of it must find, and must not."""

from functools import cache
from pathlib import Path

from planning_review.models import Frozen
from planning_review.yaml_files import read_yaml

_PLANTED_FILE = Path(__file__).with_name("planted.yaml")


class PlantedFact(Frozen):
    """A sentence that stands on one page of the sample (1-based; 1 for the Word file).

    breach says whether the sentence fails the requirement or meets it.
    """

    key: str
    requirement_id: str
    document_id: str
    title: str
    page: int
    sentence: str
    breach: bool


@cache
def load_planted() -> tuple[PlantedFact, ...]:
    """Return every planted fact, in the order of `planted.yaml`."""
    rows = read_yaml(_PLANTED_FILE)
    return tuple(PlantedFact.model_validate(row) for row in rows)
