"""What was told already, kept on this disk: nothing is told twice."""

from datetime import date, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from planning_review.files import replace_file
from planning_review.models import Frozen

_FILE_NAME = "told.json"


class Told(Frozen):
    """reviews has the newest review told of each application, near the last day that was told to be near.

    until is the end of the runs told of, sent_on the day of the last digest.
    """

    reviews: dict[str, str] = Field(default_factory=dict)
    near: dict[str, date] = Field(default_factory=dict)
    until: datetime | None = None
    sent_on: date | None = None


def load_told(folder: Path) -> Told:
    """Return what was told; nothing where that is not known."""
    try:
        return Told.model_validate_json((folder / _FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return Told()


def keep_told(folder: Path, told: Told) -> None:
    """Keep what was told."""
    replace_file(folder / _FILE_NAME, told.model_dump_json(indent=1))
