"""What follows from compliance lines: groups, aspects, what to ask for, the documents to open first."""

from collections import Counter
from collections.abc import Iterable, Sequence

from planning_review.policy.requirements import Requirement
from planning_review.rules.judgement import (
    Aspect,
    ChosenDocument,
    Citation,
    ComplianceLine,
    LineGroups,
    Rating,
    ReadingCount,
)
from planning_review.rules.rating import is_disputed
from planning_review.rules.reviewer import ReadDocument

Requirements = dict[str, Requirement]

_MOST_QUOTES = 2
_MOST_KEY_DOCUMENTS = 6
_ALWAYS_KEY = ("transport_assessment", "travel_plan", "design_and_access")


def lines_of_aspect(
    aspect: str, lines: Iterable[ComplianceLine], requirements: Requirements
) -> list[ComplianceLine]:
    """Return the lines of an aspect's requirements."""
    return [line for line in lines if requirements[line.requirement_id].aspect == aspect]


def group_lines(lines: Sequence[ComplianceLine], requirements: Requirements) -> LineGroups:
    """Return the lines' requirements in their groups, each otherwise in the order given."""
    counted = [line for line in lines if not line.is_dismissed]
    disputed = [line for line in counted if is_disputed(line)]
    counted = [line for line in counted if not is_disputed(line)]
    breaches = [line for line in counted if line.compliant is False]
    return LineGroups(
        breaches=_ids(sorted(breaches, key=lambda line: not requirements[line.requirement_id].core)),
        met=_ids(line for line in counted if line.compliant),
        noted=_ids([*disputed, *(line for line in counted if line.compliant is None and line.citations)]),
        silent=_ids(line for line in counted if line.compliant is None and not line.citations),
        dismissed=_ids(line for line in lines if line.is_dismissed),
    )


def conclude_aspect(
    name: str, rating: Rating | None, lines: Sequence[ComplianceLine], requirements: Requirements
) -> Aspect:
    """Return an aspect with its lines in groups and at most two quotes, the worst first.

    The compliance table has all of them.
    """
    groups = group_lines(lines, requirements)
    by_id = {line.requirement_id: line for line in lines}
    quoted = [by_id[name] for name in (*groups.breaches, *groups.met, *groups.noted)]
    return Aspect(name=name, rating=rating, citations=_pick_quotes(quoted), groups=groups)


def list_recommendations(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return what the requirements recommend for each breach."""
    return tuple(
        requirements[line.requirement_id].recommendation
        for line in lines
        if line.compliant is False and not is_disputed(line)
    )


def list_not_stated(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return the core requirements that nothing settles: what to ask the applicant for."""
    return tuple(
        line.requirement_id
        for line in lines
        if line.compliant is None and not line.is_dismissed and requirements[line.requirement_id].core
    )


def suggest_conditions(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return a condition for each breach, should permission be granted all the same."""
    return tuple(
        requirements[line.requirement_id].suggested_condition
        for line in lines
        if line.compliant is False and not is_disputed(line)
    )


def count_reading(documents: Sequence[ReadDocument]) -> ReadingCount | None:
    """Return how much was read, None where nothing was."""
    if not documents:
        return None
    return ReadingCount(
        documents=len(documents),
        pages=sum(len(d.text.pages) for d in documents),
        ocr_pages=sum(d.text.ocr_pages for d in documents),
    )


def choose_key_documents(
    lines: Sequence[ComplianceLine], documents: Sequence[ReadDocument]
) -> tuple[ChosenDocument, ...]:
    """Return the documents to open first: the most quoted, and the transport papers."""
    quoted = _count_quotes(lines)
    order = sorted(documents, key=lambda d: (-quoted[d.document_id], d.document_id))
    chosen = [
        ChosenDocument(document_id=d.document_id, document_type=d.document_type, quotes=0, breach_quotes=0)
        for d in order
        if quoted[d.document_id] or d.document_type in _ALWAYS_KEY
    ]
    return count_quotes_again(chosen[:_MOST_KEY_DOCUMENTS], lines)


def count_quotes_again(
    key_documents: Sequence[ChosenDocument], lines: Sequence[ComplianceLine]
) -> tuple[ChosenDocument, ...]:
    """Return the same documents with the quotes of lines that have changed since."""
    quotes = _count_quotes(lines)
    breach_quotes = _count_quotes(line for line in lines if line.compliant is False)
    return tuple(
        chosen.model_copy(
            update={
                "quotes": quotes[chosen.document_id],
                "breach_quotes": breach_quotes[chosen.document_id],
            }
        )
        for chosen in key_documents
    )


def name_compliance(compliant: bool | None) -> str:
    """Return the word for a line's compliance, as models give it too."""
    return "no evidence" if compliant is None else "met" if compliant else "not met"


def _ids(lines: Iterable[ComplianceLine]) -> tuple[str, ...]:
    return tuple(line.requirement_id for line in lines)


def _count_quotes(lines: Iterable[ComplianceLine]) -> Counter[str]:
    return Counter(citation.document_id for line in lines for citation in line.citations)


def _pick_quotes(lines: Sequence[ComplianceLine]) -> tuple[Citation, ...]:
    """Return the first quotes of the first lines, no quote twice."""
    quotes: dict[tuple[str, int, str], Citation] = {}
    for line in lines:
        for citation in line.citations[:1]:
            quotes.setdefault((citation.document_id, citation.page, citation.quote), citation)
    return tuple(quotes.values())[:_MOST_QUOTES]
