"""Cycle parking that standards ask for, by use and unit: data (`standards/`), and a group's own lines.

A line whose figures nobody has verified is listed by `planning-review policies check` and used in no review
until a person has confirmed it. A group's own files, of the same form, lie in `standards/` of the data
folder; a line of theirs takes the place of ours of the same id.
"""

import hashlib
import math
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import Field, ValidationError

from planning_review.errors import UsageError
from planning_review.files import replace_file
from planning_review.models import Frozen
from planning_review.policy.editions import Mark, edition_in_force
from planning_review.policy.sources import list_usable_sources, load_sources
from planning_review.yaml_files import read_yaml

Use = Literal[
    "homes", "student rooms", "care home", "hotel", "office", "industry", "warehouse", "shop",
    "food and drink", "school", "nursery", "health", "leisure",
]  # fmt: skip
Unit = Literal["bedroom", "home", "m2", "pupil", "staff", "room", "seat"]
USES: tuple[Use, ...] = get_args(Use)

_FOLDER = Path(__file__).with_name("standards")
OWN_FOLDER = "standards"
_CONFIRMED = "confirmed.yaml"


class Rate(Frozen):
    """So many spaces for each so many of the unit: {spaces: 1, per: 200} of m2 is one for each 200 m²."""

    spaces: float = Field(gt=0)
    per: float = Field(default=1, gt=0)

    def count(self, amount: float) -> int:
        """Return the spaces asked for; a part of one is a whole one."""
        return math.ceil(round(amount * self.spaces / self.per, 6))


class StandardLine(Frozen):
    """What one standard asks of one use.

    source and edition are those of sources.yaml and editions.yaml, place the table or page. over and up_to
    are the sizes that the line is for: m² of a building; of homes, bedrooms. A line has no rates where they
    are not known. mark tells how they are known (M: nobody verified them); confirmed_by and confirmed_on
    whose eyes saw it.
    """

    id: str
    source: str
    edition: str
    place: str | None = None
    use: Use
    unit: Unit
    over: float = 0
    up_to: float | None = None
    long_stay: Rate | None = None
    short_stay: Rate | None = None
    mark: Mark = "M"
    confirmed_by: str | None = None
    confirmed_on: date | None = None

    @property
    def has_rates(self) -> bool:
        """Whether it says how many spaces are asked for."""
        return self.long_stay is not None or self.short_stay is not None

    @property
    def is_measure(self) -> bool:
        """Whether a review may hold an application against it: it has rates, and they are verified."""
        return self.has_rates and (self.mark in ("A", "B") or self.confirmed_by is not None)

    def fits(self, size: float) -> bool:
        """Return whether it is for a building, or a home, of a size."""
        return size > self.over and (self.up_to is None or size <= self.up_to)


class Confirmation(Frozen):
    """A person's word that a line says what its standard says; it ends when the line changes."""

    line: str
    content: str
    by: str
    on: date


class Standards(Frozen):
    """Every line that is known, ours and the group's."""

    lines: tuple[StandardLine, ...] = ()

    @property
    def version(self) -> str:
        """A short hash of all that is asked."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def of_council(self, council: str, on: date) -> tuple[StandardLine, ...]:
        """Return the lines that apply in a council on a day.

        The county's or the council's own come first; national guidance stands in only for uses that they do
        not speak of at all, as it is for places without an up-to-date standard.
        """
        usable = {source.name: source for source in list_usable_sources(council)}
        in_force = [
            line
            for line in self.lines
            if line.source in usable
            and (edition := edition_in_force(line.source, on)) is not None
            and edition.edition == line.edition
        ]
        local = [line for line in in_force if usable[line.source].local]
        return tuple(local or [line for line in in_force if not usable[line.source].local])


def load_standards(data_dir: Path | None = None) -> Standards:
    """Return our lines, with the group's own and what a person confirmed; UsageError names a bad file."""
    if data_dir is None or not (folder := data_dir / OWN_FOLDER).is_dir():
        return Standards(lines=_load_ours())
    lines = {line.id: line for line in _load_ours()}
    for path in sorted(folder.glob("*.yaml")):
        if path.name != _CONFIRMED:
            lines |= {line.id: line for line in _read_lines(path)}
    for confirmation in _read_confirmations(folder / _CONFIRMED):
        line = lines.get(confirmation.line)
        if line is not None and hash_line(line) == confirmation.content:
            lines[line.id] = line.model_copy(
                update={"confirmed_by": confirmation.by, "confirmed_on": confirmation.on}
            )
    return Standards(lines=tuple(lines.values()))


def confirm_line(data_dir: Path, line_id: str, by: str, on: date) -> StandardLine:
    """Keep a person's word that a line says what its standard says, and return the line."""
    line = next((line for line in load_standards(data_dir).lines if line.id == line_id), None)
    if line is None:
        raise UsageError(
            f"There is no line {line_id!r} among the standards: `planning-review policies check` lists them."
        )
    if not line.has_rates:
        raise UsageError(
            f"{line_id} has no figures yet. Write them, with this id, into a file of your own in "
            f"{data_dir / OWN_FOLDER} (docs/policies.md shows one), and confirm them then."
        )
    folder = data_dir / OWN_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _CONFIRMED
    kept = [c for c in _read_confirmations(path) if c.line != line_id]
    kept.append(Confirmation(line=line_id, content=hash_line(line), by=by, on=on))
    rows = [confirmation.model_dump(mode="json") for confirmation in kept]
    replace_file(path, yaml.safe_dump(rows, sort_keys=False, allow_unicode=True))
    return line.model_copy(update={"confirmed_by": by, "confirmed_on": on})


def hash_line(line: StandardLine) -> str:
    """Return a short hash of what a line says, whoever confirmed it."""
    content = line.model_dump_json(exclude={"confirmed_by", "confirmed_on"})
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def say_rate(line: StandardLine) -> str:
    """Return a line's rates in words: "1 long-stay space for each 200 m²"."""
    parts = [
        f"{rate.spaces:g} {stay} space{'' if rate.spaces == 1 else 's'} for each "
        f"{f'{rate.per:g} ' if rate.per != 1 or line.unit == 'm2' else ''}{name_unit(line.unit, rate.per)}"
        for stay, rate in (("long-stay", line.long_stay), ("short-stay", line.short_stay))
        if rate
    ]
    return " and ".join(parts) or "no figure is known"


def name_unit(unit: Unit, amount: float) -> str:
    """Return a unit's name in the number of an amount."""
    if unit == "m2":
        return "m²"
    if unit == "staff":
        return "member of staff" if amount == 1 else "members of staff"
    return unit if amount == 1 else f"{unit}s"


@cache
def _load_ours() -> tuple[StandardLine, ...]:
    return tuple(line for path in sorted(_FOLDER.glob("*.yaml")) for line in _read_lines(path))


def _read_lines(path: Path) -> list[StandardLine]:
    try:
        rows = read_yaml(path) or []
        lines = [StandardLine(**row) for row in rows]
    except (OSError, yaml.YAMLError, ValidationError, TypeError) as error:
        raise UsageError(f"{path} is no list of standards: {_first_line(error)}") from None
    _check_sources(path, lines)
    return lines


def _check_sources(path: Path, lines: Iterable[StandardLine]) -> None:
    for line in lines:
        if line.source not in load_sources():
            raise UsageError(
                f"{path}: {line.id} is of {line.source!r}, which is none of the policies known: "
                "`planning-review policies list` names them."
            )


def _read_confirmations(path: Path) -> list[Confirmation]:
    if not path.is_file():
        return []
    try:
        return [Confirmation(**row) for row in read_yaml(path) or []]
    except (OSError, yaml.YAMLError, ValidationError, TypeError) as error:
        raise UsageError(f"{path} can't be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
