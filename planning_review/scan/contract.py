"""What a scan of a register takes and gives: the form in Prefect's UI and the line of `scan --json`."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from planning_review.models import Frozen
from planning_review.parameters import COUNCILS, Reference, find_council


class ScanParameters(Frozen):
    """What one scan is asked to do. With nothing given it goes on from where the last one ended."""

    council: str = Field(
        default_factory=find_council,
        description="The council's short name; PLANNING_COUNCIL where it is empty.",
        json_schema_extra={"position": 0, "enum": COUNCILS},
    )
    date_from: date | None = Field(
        None,
        description="First day of a backfill; leave it empty to go on from the last scan.",
        json_schema_extra={"position": 1},
    )
    date_to: date | None = Field(
        None,
        description="Last day of a backfill; today where it is empty.",
        json_schema_extra={"position": 2},
    )
    references: tuple[Reference, ...] = Field(
        (),
        description="Look at these applications only, whatever they are about, instead of searching.",
        json_schema_extra={"position": 3},
    )
    look_back: bool = Field(
        False,
        description="Also look at every reviewed application that can still be commented on.",
        json_schema_extra={"position": 4},
    )
    dry_run: bool = Field(
        False,
        description="Show what would be reviewed, and start nothing.",
        json_schema_extra={"position": 5},
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.date_to and not self.date_from:
            raise ValueError("a last day needs a first day (--from)")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("the last day is before the first one")
        if self.references and self.date_from:
            raise ValueError("give either days or references")
        return self

    @property
    def is_backfill(self) -> bool:
        """Whether it is about something else than going on from the last scan."""
        return bool(self.references or self.date_from)


class ScannedApplication(Frozen):
    """One application that a scan found, with its verdict. status is the register's stage of it."""

    reference: str
    proposal: str | None
    status: str | None
    interesting: bool
    reason: str


class ScanOutcome(Frozen):
    """The line that `scan --json` prints.

    window is {"from", "to"} in ISO dates, null where references were given. total_printed is what the
    register says that it found by the date received; complete says that the list was proven whole and
    everything interesting in it was looked at.
    """

    window: dict[str, date] | None = None
    found: tuple[ScannedApplication, ...] = ()
    total_printed: int | None = None
    complete: bool = False


class Step(StrEnum):
    """What a scan did about an application."""

    NOTHING = ""
    STARTED = "review started"
    RETRIED = "review tried again"
    UNCHANGED = "reviewed with these documents"
    UNDER_WAY = "review under way or waiting for a worker"
    CANCELLED = "review cancelled by a person"
    WAITING = "waits for documents"
    REVIEWED = "reviewed"
    FAILED = "review failed"
    GONE = "no longer on the register"
    UNSEEN = "could not be looked at"
