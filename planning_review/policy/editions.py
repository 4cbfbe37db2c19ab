"""Which edition of a policy source is in force on a day."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from planning_review.dates import format_date
from planning_review.models import Frozen
from planning_review.yaml_files import read_yaml

Mark = Literal["A", "B", "C", "M"]
"""How a fact is known: read at the source, two public sources, one, or memory only."""

_FILE = Path(__file__).with_name("editions.yaml")


class Edition(Frozen):
    """One edition of a policy source. `editions.yaml` explains the fields.

    in_force_from is the latest day that it can be, None for what is not in force; from uncertain_from
    on, where that is given, this edition or the one before may be in force. mark tells how the date is
    known, known_to how much of it may be shown. found is where file_url stood.
    """

    source: str
    edition: str
    in_force_from: date | None
    uncertain_from: date | None = None
    known_to: Literal["day", "month", "year", "nothing"] = "day"
    perhaps_replaced_from: date | None = None
    mark: Mark
    note: str = ""
    check: str = ""
    file_url: str | None = None
    found: str | None = None

    def say_first_day(self) -> str | None:
        """Return when it came into force ("on 12 December 2024", "in July 2022"), None if not certain.

        A date known from memory only is never certain.
        """
        first = self.in_force_from
        if first is None or self.mark == "M":
            return None
        return {
            "day": f"on {format_date(first)}",
            "month": f"in {first:%B %Y}",
            "year": f"in {first:%Y}",
            "nothing": None,
        }[self.known_to]


@cache
def load_editions() -> tuple[Edition, ...]:
    """Read every edition, by source and then by date; what has no date comes last."""
    rows = read_yaml(_FILE)
    editions = (Edition(**row) for row in rows)
    return tuple(sorted(editions, key=lambda e: (e.source, e.in_force_from or date.max)))


def list_editions(source: str) -> list[Edition]:
    """Return the editions of a source, the first one first."""
    return [edition for edition in load_editions() if edition.source == source]


def find_edition(source: str, name: str) -> Edition | None:
    """Return an edition by its name, or None."""
    return next((edition for edition in list_editions(source) if edition.edition == name), None)


def edition_in_force(source: str, on: date) -> Edition | None:
    """Return the edition of a source in force on a day, or None where none was yet."""
    begun = [e for e in list_editions(source) if e.in_force_from and e.in_force_from <= on]
    return begun[-1] if begun else None


def uncertain_successor(source: str, on: date) -> Edition | None:
    """Return the edition that may already be in force on a day, its exact first day not confirmed."""
    for edition in list_editions(source):
        first, latest = edition.uncertain_from, edition.in_force_from
        if first is not None and latest is not None and first <= on < latest:
            return edition
    return None


def last_day_of(edition: Edition) -> date | None:
    """Return the day before the next edition's first, None while there is no next one."""
    firsts = [e.in_force_from for e in list_editions(edition.source) if e.in_force_from]
    later = [day for day in firsts if edition.in_force_from and day > edition.in_force_from]
    return later[0] - timedelta(days=1) if later else None
