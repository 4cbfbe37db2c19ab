"""The rows of facts/: which attributes are read of which subjects, and how they are stated."""

from functools import cache, cached_property
from typing import Literal

from pydantic import Field

from planning_review.models import Frozen
from planning_review.rules.quantities import Unit
from planning_review.rules.words import FOLDER
from planning_review.yaml_files import read_yaml


class Kind(Frozen):
    """A finer subject: what is one of `of` is this where the words stand in the same sentence."""

    is_a: str
    of: str
    near: str
    unless: str | None = None


class FactRow(Frozen):
    """One attribute and how it is stated, as a file of facts/ has it.

    about: the lists of words.yaml of which one must be mentioned, in the sentence or in what it reads on
    from. values: by value the phrases that state it; denied: by value phrases that state it when they are
    denied, and nothing otherwise. told: each value as a person would say it. opposite: the first value
    denied is the second, and with "both" the second is the first. A measure has a unit instead, owners (else
    about) in the order in which they win a place, and smallest and largest, what can be such a value at all.
    near must stand in the sentence, unless must not. nearby: near may stand in a heading too. reads_on: what
    is mentioned may stand in the sentence before. is_removal: that it goes is what is stated, and rejects
    nothing. first_only: of several values in a sentence the one that stands first in values holds.
    """

    attribute: str
    about: str
    values: dict[str, str] = Field(default_factory=dict)
    told: dict[str, str] = Field(default_factory=dict)
    denied: dict[str, str] = Field(default_factory=dict)
    opposite: Literal["first", "both"] | None = None
    unit: Unit | None = None
    owners: str = ""
    kinds: tuple[Kind, ...] = ()
    smallest: float = 0.0
    largest: float = 1e9
    is_width: bool = False
    near: str | None = None
    nearby: bool = False
    unless: str | None = None
    during_works: bool = False
    reads_on: bool = False
    first_only: bool = False
    is_removal: bool = False

    @cached_property
    def all_values(self) -> str:
        """The phrases of every value, those to be denied too."""
        return ", ".join((*self.values.values(), *self.denied.values()))


@cache
def load_fact_rows() -> tuple[FactRow, ...]:
    """Read every file of facts/, in the order of their names."""
    return tuple(
        FactRow(**row) for path in sorted((FOLDER / "facts").glob("*.yaml")) for row in read_yaml(path)
    )
