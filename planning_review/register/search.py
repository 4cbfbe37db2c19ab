"""What a search of a register finds, and what it was asked."""

from datetime import date, timedelta
from typing import Literal, Self

from pydantic import model_validator

from planning_review.models import Frozen

DateField = Literal["received", "valid"]


class SearchWindow(Frozen):
    """The days that are searched, both ends included, by the date received or the date valid."""

    date_from: date
    date_to: date
    by: DateField = "received"

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.date_from > self.date_to:
            raise ValueError(f"the window ends ({self.date_to}) before it begins ({self.date_from})")
        return self

    @property
    def days(self) -> int:
        """How many days it has, one at least."""
        return (self.date_to - self.date_from).days + 1

    def describe(self) -> str:
        """Return it in words, for messages."""
        return f"applications {self.by} from {self.date_from:%d/%m/%Y} to {self.date_to:%d/%m/%Y}"

    def halve(self) -> tuple["SearchWindow", "SearchWindow"]:
        """Return the window's two halves; it must have two days or more."""
        middle = self.date_from + timedelta(days=self.days // 2 - 1)
        return (
            self.model_copy(update={"date_to": middle}),
            self.model_copy(update={"date_from": middle + timedelta(days=1)}),
        )


class FoundApplication(Frozen):
    """A line of a results list, as printed; what the list does not show is None.

    status is a workflow stage, not a decision.
    """

    reference: str
    proposal: str | None = None
    address: str | None = None
    application_type: str | None = None
    status: str | None = None
    parish: str | None = None
    received_date: date | None = None
    valid_date: date | None = None
    register_url: str


class FoundList(Frozen):
    """A list that was proven whole: as many applications as the register says that it found.

    total_printed is None where it says no number, and the list was proven by counting it in parts.
    """

    window: SearchWindow
    applications: tuple[FoundApplication, ...]
    total_printed: int | None
