"""What an application of a kind and size should say of walking and cycling: data (`expectations.yaml`)."""

import hashlib
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from planning_review.models import Frozen
from planning_review.policy.editions import Edition, Mark, edition_in_force
from planning_review.policy.requirements import PolicyText, requirements_by_id
from planning_review.yaml_files import read_yaml

ApplicationKind = Literal["full", "outline", "hybrid", "reserved matters"]

_FILE = Path(__file__).with_name("expectations.yaml")


class Size(Frozen):
    """From which size on; m2 is by use, or of all floor space together where it is `any`."""

    homes: int
    m2: dict[str, float] = Field(default_factory=dict)
    hectares: float | None = None


class Instead(Frozen):
    """What an application speaks of in a matter's place: phrases of such a sentence, and what leads it."""

    said: str
    lead: str


class Expectation(Frozen):
    """A document, or a matter, that an application of a size should have; the file explains the fields.

    expected_in and might_be_in are types of documents: where it stands as a rule, and where else it could.
    instead is what such an application speaks of in its place: a sentence of that is quoted.
    harm and ask are for a letter: who is worse off without it, and what to ask the council for.
    """

    id: str
    title: str
    kind: Literal["document", "content"]
    requirement_id: str
    cited_as: tuple[PolicyText, ...]
    asks_for: str
    size: Size
    size_source: str
    size_mark: Mark
    kinds: tuple[ApplicationKind, ...] = ("full", "outline", "hybrid")
    not_for_change_of_use: bool = False
    expected_in: tuple[str, ...]
    might_be_in: tuple[str, ...] = ()
    decided_in: Literal["principle", "access", "layout"]
    core: bool = True
    said: str
    instead: Instead | None = None
    text: str
    harm: str
    ask: str

    def citation_on(self, on: date, sources: Collection[str]) -> tuple[PolicyText, Edition, str] | None:
        """Return the text, edition and paragraph that ask for it on a day; None where none is verified."""
        for text in self.cited_as:
            edition = edition_in_force(text.source, on) if text.source in sources else None
            if edition and edition.edition in text.paragraphs:
                return text, edition, text.paragraphs[edition.edition]
        return None


@cache
def load_expectations() -> tuple[Expectation, ...]:
    """Read every expectation, in the order of the file."""
    return tuple(Expectation(**row) for row in read_yaml(_FILE))


@cache
def expectations_by_id() -> dict[str, Expectation]:
    """Return every expectation by its id."""
    return {expectation.id: expectation for expectation in load_expectations()}


@cache
def list_places_of(aspect: str) -> frozenset[str]:
    """Return the types of documents in which the matters of an aspect stand.

    Where nothing is expected of the aspect's own requirements: those of all.
    """
    requirements = requirements_by_id()
    own = [e for e in load_expectations() if requirements[e.requirement_id].aspect == aspect]
    return frozenset(t for e in own or load_expectations() for t in (*e.expected_in, *e.might_be_in))


@cache
def expectations_version() -> str:
    """Return a short hash of the expectations as they are written."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()[:8]
