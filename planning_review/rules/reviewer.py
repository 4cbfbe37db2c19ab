"""What every reviewer is: something that judges an application by its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from planning_review.models import Application, DocumentText, Passage
from planning_review.policy.passages import SearchPolicies, find_no_policies
from planning_review.rules.judgement import Judgement


@dataclass(frozen=True)
class ReadDocument:
    """A document that was read: what the register says of it, and its text."""

    document_id: str
    title: str
    category: str | None
    document_type: str
    text: DocumentText


class SearchPassages(Protocol):
    """Search the application's passages: a list for each query, best first."""

    def __call__(self, queries: Sequence[str], limit: int) -> Sequence[Sequence[Passage]]: ...


class Reviewer(Protocol):
    """Judges an application; the same input gives the same judgement.

    version changes whenever the judgement of an unchanged application could.
    """

    name: str
    version: str

    def judge(
        self,
        application: Application,
        documents: Sequence[ReadDocument],
        search: SearchPassages,
        on_date: date,
        search_policies: SearchPolicies = find_no_policies,
    ) -> Judgement:
        """Return the judgement as of a day (Europe/London)."""
        ...
