"""The policy requirements: what is asked, where it is asked, and how a document's answer is read.

All of it is data (`requirements/`, a file for each aspect, with the words they share in
`vocabulary.yaml`); this module gives it types and refuses what contradicts itself. Patterns are regular
expressions over a sentence in lower case; `{name}` in one stands for a term of the vocabulary.
"""

import hashlib
from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import Field, model_validator

from planning_review.models import Frozen
from planning_review.policy.editions import Edition, Mark, edition_in_force
from planning_review.policy.vocabulary import load_vocabulary
from planning_review.text.patterns import spell_out

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

    requirement replaces the requirement's wording where an edition asks for less.
    """

    source: str
    paragraphs: dict[str, str]
    requirement: str | None = None


class Step(Frozen):
    """What a measure becomes over a speed limit (mph) or a cycle flow (cyclists an hour)."""

    over: float
    desirable: float
    absolute: float


class Measure(Frozen):
    """A value that a document may state, and the value asked.

    unit is m, % or mph. owners are the vocabulary's nouns whose value it is. compare: at_least and
    at_most include the limit, below does not, outside asks for a value out of [desirable, upper).
    absolute is the limit at a stated constraint. smallest and largest bound what can be such a value
    at all. needs_speed, only_at_speeds and flow_over: without such a speed (mph) or flow (vehicles a day)
    in the same place there is no verdict. zero_when: a pattern that states the value 0. With breach_counts
    false a value can only comply.
    """

    kind: str
    compare: Literal["at_least", "at_most", "below", "outside"]
    unit: Literal["m", "%", "mph"]
    owners: tuple[str, ...]
    desirable: float
    absolute: float | None = None
    upper: float | None = None
    by_speed: tuple[Step, ...] = ()
    by_cycle_flow: tuple[Step, ...] = ()
    needs_speed: bool = False
    only_at_speeds: tuple[float, ...] = ()
    flow_over: float | None = None
    zero_when: str | None = None
    smallest: float = 0.0
    largest: float = 1e9
    near: str | None = None
    without: str | None = None
    existing_counts: bool = False
    breach_counts: bool = True


class Statement(Frozen):
    """A thing that a document may state or deny, and what each means.

    near must stand in the same sentence or its heading; without must not stand in the sentence.
    of_routes: it counts only of routes, not of the car parks and yards beside them. needs_commitment:
    what complies is undertaken, as such things may stand there already. Speeds are in mph, flows in motor
    vehicles a day, hour flows in motor vehicles an hour, heavy_over in per cent of heavy vehicles: a bound
    that is given must be read and hold.
    """

    thing: str
    near: str | None = None
    without: str | None = None
    stated: Verdict | None = None
    denied: Verdict | None = None
    speed_over: float | None = None
    speed_at_most: float | None = None
    flow_over: float | None = None
    flow_at_most: float | None = None
    hour_flow_over: float | None = None
    heavy_over: float | None = None
    existing_counts: bool = False
    conditional_counts: bool = False
    of_routes: bool = False
    needs_commitment: bool = False


class Requirement(Frozen):
    """One requirement, in our own words.

    mark tells how the measure is known; with M there is none, and no number decides anything.
    core: one breach makes its aspect red. words: a sentence without any of them is not read further.
    during_works: what is so only while the scheme is being built counts too.
    """

    id: str
    aspect: AspectName
    title: str
    requirement: str
    cited_as: tuple[PolicyText, ...]
    mark: Mark
    core: bool = False
    during_works: bool = False
    measures: tuple[Measure, ...] = ()
    statements: tuple[Statement, ...] = ()
    words: tuple[str, ...] = Field(min_length=1)
    queries: tuple[str, ...] = Field(min_length=1)
    breach_note: str
    recommendation: str
    suggested_condition: str

    @model_validator(mode="after")
    def _memory_is_no_measure(self) -> "Requirement":
        if self.mark == "M" and self.measures:
            raise ValueError(f"{self.id}: a fact known from memory only (mark M) can't be a measure")
        return self

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
    """Read every requirement, its patterns spelt out, in the order of the aspects."""
    terms = load_vocabulary().terms
    rows = [
        Requirement(aspect=aspect, **_spell_out_row(row, terms))
        for aspect in ASPECTS
        for row in yaml.safe_load(_find_file(aspect).read_text(encoding="utf-8"))
    ]
    if repeated := [name for name, count in Counter(row.id for row in rows).items() if count > 1]:
        raise ValueError(f"{_REQUIREMENTS}: more than one requirement has the id {', '.join(repeated)}")
    return tuple(rows)


@cache
def requirements_by_id() -> dict[str, Requirement]:
    """Return every requirement by its id."""
    return {requirement.id: requirement for requirement in load_requirements()}


@cache
def requirements_version() -> str:
    """Return a short hash of the requirements, the vocabulary and the editions as they are written."""
    digest = hashlib.sha256()
    shared = (_FOLDER / "vocabulary.yaml", _FOLDER / "editions.yaml")
    for path in (*(_find_file(aspect) for aspect in ASPECTS), *shared):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _find_file(aspect: AspectName) -> Path:
    return _REQUIREMENTS / f"{aspect.lower().replace(' ', '-')}.yaml"


def _spell_out_row(row: dict[str, Any], terms: dict[str, str]) -> dict[str, Any]:
    patterns = ("thing", "near", "without", "zero_when")
    return row | {
        kind: [
            {k: spell_out(v, terms) if k in patterns else v for k, v in rule.items()}
            for rule in row.get(kind, [])
        ]
        for kind in ("measures", "statements")
    }
