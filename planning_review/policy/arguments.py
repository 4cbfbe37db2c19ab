"""What a letter says of each requirement beside quote and policy: who is harmed, and what to ask for."""

from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

from planning_review.models import Frozen
from planning_review.policy.editions import edition_in_force
from planning_review.policy.requirements import AspectName
from planning_review.yaml_files import read_yaml

_FILE = Path(__file__).with_name("arguments.yaml")


class Argument(Frozen):
    """The argument for one requirement; `arguments.yaml` explains the fields."""

    asks_for: str
    harm: str
    harm_from: str | None = None
    ask: str
    reason: str


class Backing(Frozen):
    """National policy behind the guidance of an aspect, and what it asks for."""

    source: str
    paragraphs: dict[str, str]
    clause: str


class Backed(Frozen):
    """A backing in the edition of a day."""

    source: str
    edition: str
    paragraph: str
    clause: str


class _Book(Frozen):
    aspects: dict[AspectName, tuple[Backing, ...]]
    requirements: dict[str, Argument]


@cache
def _load_book() -> _Book:
    return _Book(**read_yaml(_FILE))


def load_arguments() -> dict[str, Argument]:
    """Return every argument, by requirement."""
    return _load_book().requirements


def find_backing(aspect: AspectName, on: date, sources: Collection[str]) -> Backed | None:
    """Return the national policy that stands behind an aspect on a day; None where none is verified."""
    for backing in _load_book().aspects.get(aspect, ()):
        edition = edition_in_force(backing.source, on) if backing.source in sources else None
        if edition and edition.edition in backing.paragraphs:
            return Backed(
                source=backing.source,
                edition=edition.edition,
                paragraph=backing.paragraphs[edition.edition],
                clause=backing.clause,
            )
    return None
