"""Which edition of a policy source is in force on a day."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from planning_review.models import Frozen

Mark = Literal["A", "B", "C", "M"]
"""How a fact is known: read at the source, two public sources, one, or memory only."""

_FILE = Path(__file__).with_name("editions.yaml")


class Edition(Frozen):
    """One edition of a policy source.

    in_force_from is the latest day that it can be; from uncertain_from on, where that is given,
    this edition or the one before may be in force. mark tells how the date is known.
    """

    source: str
    edition: str
    publisher: str
    in_force_from: date
    uncertain_from: date | None = None
    mark: Mark
    note: str = ""


@cache
def load_editions() -> tuple[Edition, ...]:
    """Read every edition, by source and then by date."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(sorted((Edition(**row) for row in rows), key=lambda e: (e.source, e.in_force_from)))


def edition_in_force(source: str, on: date) -> Edition | None:
    """Return the edition of a source in force on a day, or None where none was yet."""
    begun = [e for e in load_editions() if e.source == source and e.in_force_from <= on]
    return begun[-1] if begun else None


def uncertain_successor(source: str, on: date) -> Edition | None:
    """Return the edition that may already be in force on a day, its exact first day not confirmed."""
    for edition in load_editions():
        first = edition.uncertain_from
        if edition.source == source and first is not None and first <= on < edition.in_force_from:
            return edition
    return None


def editions_in_force(on: date) -> dict[str, str]:
    """Return the name of every source's edition in force on a day, by source."""
    sources = dict.fromkeys(edition.source for edition in load_editions())
    in_force = {source: edition_in_force(source, on) for source in sources}
    return {source: edition.edition for source, edition in in_force.items() if edition}
