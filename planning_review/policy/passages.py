"""A passage of a policy document, with the label it is cited by."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from planning_review.models import Frozen


class PolicyPassage(Frozen):
    """One paragraph or section of one edition of a policy source.

    paragraph is as the document numbers it: `117`, `TR4`, `6.5.6`, `Table 5-2`. in_force_to is the day
    before the next edition's first, None while the edition is in force. council is None for national
    sources. A higher score is better.
    """

    source: str
    edition: str
    paragraph: str
    heading: str | None
    text: str
    in_force_from: date
    in_force_to: date | None
    council: str | None
    score: float

    @property
    def label(self) -> str:
        """Return what stands before the text wherever it is shown: `NPPF (August 2026), TR4`."""
        return f"{self.source} ({self.edition}), {self.paragraph}"


class SearchPolicies(Protocol):
    """Search the policy passages that an application is judged by: a list for each query, best first.

    Only editions in force on the application's day, and only national sources and its council's own.
    """

    def __call__(self, queries: Sequence[str], limit: int) -> list[list[PolicyPassage]]: ...


def find_no_policies(queries: Sequence[str], limit: int) -> list[list[PolicyPassage]]:
    """Return nothing: no policy documents are loaded."""
    return [[] for _ in queries]
