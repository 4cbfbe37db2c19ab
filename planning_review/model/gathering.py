"""The passages that a model judges an aspect by: a budget that grows with the application."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, zip_longest

from planning_review.models import Application, Passage
from planning_review.policy.passages import PolicyPassage, SearchPolicies
from planning_review.policy.requirements import Requirement
from planning_review.rules.gates import is_evidence
from planning_review.rules.judgement import ComplianceLine
from planning_review.rules.reviewer import ReadDocument, SearchPassages
from planning_review.text.folding import fold_case_and_space

_FEWEST_PASSAGES = 8
_MOST_PASSAGES = 24
_PAGES_A_PASSAGE = 25
_CHARACTERS_A_PASSAGE = 1300
_PASSAGES_A_QUERY = 4
_MOST_POLICIES = 6
_LONGEST_POLICY = 1500


@dataclass(frozen=True)
class PassageBudget:
    """How much of an application's text is put to a model for one aspect."""

    passages: int
    characters: int

    @classmethod
    def of(cls, pages: int) -> "PassageBudget":
        """Return 8 passages and one more for every 25 pages, at most 24; each has 1,300 characters."""
        passages = min(_FEWEST_PASSAGES + pages // _PAGES_A_PASSAGE, _MOST_PASSAGES)
        return cls(passages, passages * _CHARACTERS_A_PASSAGE)


def gather_passages(
    queries: Sequence[str],
    lines: Sequence[ComplianceLine],
    documents: Sequence[ReadDocument],
    search: SearchPassages,
    budget: PassageBudget,
) -> list[Passage]:
    """Return what the rules quoted, then the best passages of each query in turn, within the budget.

    Only of documents that can show what is proposed; a passage stands once.
    """
    titles = {d.document_id: d.title for d in documents if is_evidence(d)}
    found = search(queries, limit=_PASSAGES_A_QUERY) if queries else []
    best_first = (p for rank in zip_longest(*found) for p in rank if p is not None)
    kept: list[Passage] = []
    room = budget.characters
    for passage in _once(chain(_quoted(lines, titles), best_first)):
        if passage.document_id not in titles or len(passage.text) > room:
            continue
        kept.append(passage)
        room -= len(passage.text)
        if len(kept) == budget.passages:
            break
    return kept


def gather_policies(
    requirements: Sequence[Requirement],
    application: Application,
    search_policies: SearchPolicies,
    policy_day: date,
) -> list[PolicyPassage]:
    """Return the policy passages nearest to an aspect's requirements, of editions in force alone."""
    queries = [requirement.requirement for requirement in requirements]
    found = search_policies(queries, limit=2) if queries else []
    kept: dict[tuple[str, str, str], PolicyPassage] = {}
    for passage in (p for rank in zip_longest(*found) for p in rank if p is not None):
        if not is_in_force(passage, application, policy_day):
            continue
        if len(passage.text) <= _LONGEST_POLICY and len(kept) < _MOST_POLICIES:
            kept.setdefault((passage.source, passage.paragraph, passage.text), passage)
    return list(kept.values())


def is_in_force(passage: PolicyPassage, application: Application, policy_day: date) -> bool:
    """Return whether a policy passage is of an edition in force, national or of the application's council."""
    ended = passage.in_force_to is not None and passage.in_force_to < policy_day
    is_its_own = passage.council in (None, application.council)
    return is_its_own and not ended and passage.in_force_from <= policy_day


def _quoted(lines: Sequence[ComplianceLine], titles: Mapping[str, str]) -> list[Passage]:
    return [
        Passage(
            document_id=c.document_id,
            title=titles[c.document_id],
            page_start=c.page,
            page_end=c.page,
            text=c.quote,
            score=1.0,
            part=c.part,
            part_page=c.part_page,
        )
        for line in lines
        for c in line.citations
        if c.document_id in titles
    ]


def _once(passages: Iterable[Passage]) -> Iterable[Passage]:
    seen: list[tuple[str, str]] = []
    for passage in passages:
        text = fold_case_and_space(passage.text)
        if any(document == passage.document_id and text in known for document, known in seen):
            continue
        seen.append((passage.document_id, text))
        yield passage
