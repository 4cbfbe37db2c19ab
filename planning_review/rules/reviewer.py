"""What every reviewer is: something that judges an application by its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

from planning_review.models import Application, DocumentText, Frozen, Passage
from planning_review.policy.passages import SearchPolicies, find_no_policies
from planning_review.rules.citations import find_quote
from planning_review.rules.judgement import Citation, Judgement
from planning_review.rules.sentences import Sentence, split_pages


@dataclass(frozen=True)
class ReadDocument:
    """A document that was read: what the register says of it, and its text."""

    document_id: str
    title: str
    category: str | None
    document_type: str
    text: DocumentText

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of its pages, in order; several readers go through them."""
        return tuple(split_pages(self.text.pages))

    def cite(self, sentence: Sentence) -> Citation | None:
        """Return the citation of one of its sentences; None where that is not found on its page."""
        match = find_quote(sentence.quote, self.text.pages, sentence.page)
        if not match.verified or match.page is None:
            return None
        return Citation(
            document_id=self.document_id,
            page=match.page,
            quote=sentence.quote,
            verified=True,
            part=match.part,
            part_page=match.part_page,
        )


class UnreadDocument(Frozen):
    """A listed document of which nothing, or not all, was read, and why."""

    title: str
    document_type: str
    reason: str


class ReadingAccount(Frozen):
    """Whether the list of documents is known to be whole, and what on it was not read.

    list_doubt says why the list may not be whole, "" where it is. check says what a person should look at
    before they rely on it all the same: a folder holds what somebody saved.
    """

    list_doubt: str = "the list of the application’s documents is not known"
    check: str = ""
    unread: tuple[UnreadDocument, ...] = ()


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
        account: ReadingAccount | None = None,
    ) -> Judgement:
        """Return the judgement as of a day (Europe/London); without an account no silence is claimed."""
        ...
