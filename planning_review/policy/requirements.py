"""The policy requirements: what is asked, where it is asked, and which facts answer it.

All of it is data (`requirements/`, a file for each aspect); this module gives it types and refuses what
contradicts itself. How facts are read from sentences is told in `planning_review/rules/facts/`.
"""

import hashlib
from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from planning_review.models import Frozen
from planning_review.policy.editions import Edition, Mark, edition_in_force
from planning_review.yaml_files import read_yaml

Verdict = Literal["breach", "met", "noted"]
AspectName = Literal[
    "Cycle routes",
    "Traffic and protection",
    "Junctions and crossings",
    "Access and permeability",
    "Walking and inclusion",
    "Cycle parking",
    "Travel demand and public transport",
    "Delivery",
]
ASPECTS: tuple[AspectName, ...] = get_args(AspectName)
"""The closed list of aspects, in the order in which a review shows them."""

GOOD_PRACTICE = "Good practice"
"""The source of what no policy paragraph was verified for; it belongs to no country."""

_FOLDER = Path(__file__).parent
_REQUIREMENTS = _FOLDER / "requirements"


class PolicyText(Frozen):
    """Where a requirement stands: the paragraph in each edition in which it was verified.

    requirement replaces the requirement's wording where an edition asks for less. key_words are beginnings of
    words that the cited paragraph holds: key_words.py holds the loaded text against them.
    """

    source: str
    paragraphs: dict[str, str]
    key_words: tuple[str, ...] = ()
    requirement: str | None = None


class Step(Frozen):
    """What a measure becomes over a speed limit (mph) or a cycle flow (cyclists an hour)."""

    over: float
    desirable: float
    absolute: float


class Ask(Frozen):
    """How one kind of fact answers a requirement: by its value, or by its quantity.

    attribute and of name facts (planning_review/rules/facts/); of is their subjects, any where it is empty.
    met, breach and noted are values, between commas. near and unless are phrases that must, or must not,
    stand in the sentence. Of a quantity, at_least and at_most include the limit, below does not, outside
    asks for a value out of the two, rises_by is what a share must rise by; absolute is the limit at a
    stated constraint. only_breach and only_met keep one verdict.

    Speeds are in mph, flows in motor vehicles a day, hour flows in motor vehicles an hour, heavy_over in
    per cent of heavy vehicles: a bound that is given must be read and hold. flow_above is such a bound on
    a measure. existing_counts: what is there today answers too; conditional_counts: so does what hangs on
    something; any_firmness: so does what only may be. check says why a person has to look: what is found is
    shown and carries no rating.
    """

    attribute: str
    of: str = ""
    met: str = ""
    breach: str = ""
    noted: str = ""
    near: str | None = None
    unless: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    below: float | None = None
    outside: tuple[float, float] | None = None
    rises_by: float | None = None
    absolute: float | None = None
    by_speed: tuple[Step, ...] = ()
    by_cycle_flow: tuple[Step, ...] = ()
    needs_speed: bool = False
    only_at_speeds: tuple[float, ...] = ()
    flow_above: float | None = None
    only_breach: bool = False
    only_met: bool = False
    speed_over: float | None = None
    speed_at_most: float | None = None
    flow_over: float | None = None
    flow_at_most: float | None = None
    hour_flow_over: float | None = None
    heavy_over: float | None = None
    existing_counts: bool = False
    conditional_counts: bool = False
    any_firmness: bool = False
    check: str | None = None

    @property
    def is_measure(self) -> bool:
        """Whether it is answered by a quantity."""
        return any(
            bound is not None
            for bound in (self.at_least, self.at_most, self.below, self.outside, self.rises_by)
        )


class Requirement(Frozen):
    """One requirement, in our own words.

    mark tells how its figures are known; what is known from memory only (M) is for a person to check, and
    carries no rating. core: one breach makes its aspect red. during_works: what is so only while the scheme
    is being built counts, and nothing else.
    """

    id: str
    aspect: AspectName
    title: str
    requirement: str
    cited_as: tuple[PolicyText, ...]
    mark: Mark
    core: bool = False
    during_works: bool = False
    asks: tuple[Ask, ...] = Field(min_length=1)
    queries: tuple[str, ...] = Field(min_length=1)
    breach_note: str
    recommendation: str
    suggested_condition: str

    def citation_on(
        self, on: date, sources: Collection[str] | None = None
    ) -> tuple[PolicyText, Edition, str] | None:
        """Return the text, edition and paragraph to cite on a day; None where none is verified.

        sources are those that may be cited for the council, by name; all where it is None.
        """
        for text in self.cited_as:
            if sources is not None and text.source not in sources:
                continue
            edition = edition_in_force(text.source, on)
            if edition and edition.edition in text.paragraphs:
                return text, edition, text.paragraphs[edition.edition]
        return None


@cache
def load_requirements() -> tuple[Requirement, ...]:
    """Read every requirement, in the order of the aspects."""
    rows = [Requirement(aspect=aspect, **row) for aspect in ASPECTS for row in read_yaml(_find_file(aspect))]
    if repeated := [name for name, count in Counter(row.id for row in rows).items() if count > 1]:
        raise ValueError(f"{_REQUIREMENTS}: more than one requirement has the id {', '.join(repeated)}")
    return tuple(rows)


@cache
def requirements_by_id() -> dict[str, Requirement]:
    """Return every requirement by its id."""
    return {requirement.id: requirement for requirement in load_requirements()}


@cache
def requirements_version() -> str:
    """Return a short hash of the requirements and the editions as they are written."""
    digest = hashlib.sha256()
    for path in (*(_find_file(aspect) for aspect in ASPECTS), _FOLDER / "editions.yaml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _find_file(aspect: AspectName) -> Path:
    return _REQUIREMENTS / f"{aspect.lower().replace(' ', '-')}.yaml"
