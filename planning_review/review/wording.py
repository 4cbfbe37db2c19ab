"""The words of a judgement, put together from its lines and from nothing else."""

from collections import Counter
from collections.abc import Sequence

from planning_review.policy.requirements import Requirement
from planning_review.review.contract import Aspect, Citation, ComplianceLine, Rating
from planning_review.review.rating import has_enough_evidence
from planning_review.review.reviewer import ReadDocument

_MOST_NAMED = 4
_MOST_KEY_DOCUMENTS = 6
_ALWAYS_KEY = {
    "transport_assessment": "the transport assessment",
    "travel_plan": "the travel plan",
    "design_and_access": "the design and access statement",
}

_ADVERBS = {1: "once", 2: "twice"}

Requirements = dict[str, Requirement]


def describe_aspect(
    name: str, rating: Rating | None, lines: Sequence[ComplianceLine], requirements: Requirements
) -> Aspect:
    """Return an aspect whose texts say only what its lines do."""
    breaches = [line for line in lines if line.compliant is False]
    met = [line for line in lines if line.compliant]
    noted = [line for line in lines if line.compliant is None and line.citations]
    silent = [line for line in lines if line.compliant is None and not line.citations]
    if breaches:
        worst = next((b for b in breaches if requirements[b.requirement_id].core), breaches[0])
        key_issue = _sentence(requirements[worst.requirement_id].breach_note)
    elif met:
        key_issue = "No breach found in what is stated."
    elif noted:
        key_issue = "What is stated settles nothing."
    else:
        key_issue = "No evidence found."
    parts = [
        f"{_capitalise(_name(line, requirements))}: {line.notes.replace('Not met: ', 'not met; ', 1)}"
        for line in breaches
    ]
    parts += [f"Met: {_names(met, requirements)}."] if met else []
    parts += [f"Stated without settling it: {_names(noted, requirements)}."] if noted else []
    parts += [f"No evidence found, which is not a breach: {_names(silent, requirements)}."] if silent else []
    quotes: dict[tuple[str, int, str], Citation] = {}
    for line in [*breaches, *met, *noted]:
        for citation in line.citations:
            quotes.setdefault((citation.document_id, citation.page, citation.quote), citation)
    return Aspect(
        name=name,
        rating=rating,
        key_issue=key_issue,
        analysis=" ".join(parts),
        citations=tuple(quotes.values()),
    )


def summarise(
    overall: Rating,
    lines: Sequence[ComplianceLine],
    requirements: Requirements,
    documents: Sequence[ReadDocument],
) -> str:
    """Return the summary, under 120 words."""
    breaches = [line for line in lines if line.compliant is False]
    breaches.sort(key=lambda line: not requirements[line.requirement_id].core)
    met = sum(line.compliant is True for line in lines)
    silent = sum(line.compliant is None and not line.citations for line in lines)
    unsettled = sum(line.compliant is None and bool(line.citations) for line in lines)
    parts = []
    if breaches:
        named = "; ".join(_name(line, requirements) for line in breaches[:_MOST_NAMED])
        more = f"; and {len(breaches) - _MOST_NAMED} more" if len(breaches) > _MOST_NAMED else ""
        verb = "is" if len(breaches) == 1 else "are"
        parts.append(
            f"{_count(len(breaches), 'requirement')} {verb} not met by what the documents state: "
            f"{named}{more}."
        )
    else:
        parts.append("No statement was found that breaches a requirement.")
    if overall == "amber" and not breaches and not has_enough_evidence(lines, requirements):
        parts.append("There is not enough evidence for a better rating.")
    parts.append(f"{met or 'None'} {'is' if met == 1 else 'are'} met.")
    if unsettled:
        parts.append(f"On {unsettled} there are statements, but none that settles the matter.")
    if silent:
        parts.append(f"For {silent} of the {len(lines)} no evidence was found, which is not a breach.")
    pages = sum(len(d.text.pages) for d in documents)
    ocr_pages = sum(d.text.ocr_pages for d in documents)
    read = (
        f"{_count(len(documents), 'document')} {_were(len(documents))} read, {_count(pages, 'page')} in all"
    )
    parts.append(f"{read}, {ocr_pages} of them by OCR." if ocr_pages else f"{read}.")
    return " ".join(parts)


def recommend(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return what to ask for: one recommendation a breach, then one request for what is not stated."""
    asked = [requirements[line.requirement_id].recommendation for line in lines if line.compliant is False]
    open_core = [line for line in lines if line.compliant is None and requirements[line.requirement_id].core]
    if open_core:
        asked.append(
            f"Ask the applicant to state, with a drawing or a figure: {_names(open_core, requirements)}."
        )
    return tuple(asked)


def suggest_conditions(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return a condition for each breach, should permission be granted all the same."""
    return tuple(
        requirements[line.requirement_id].suggested_condition for line in lines if line.compliant is False
    )


def choose_key_documents(
    lines: Sequence[ComplianceLine], documents: Sequence[ReadDocument]
) -> dict[str, str]:
    """Return the documents to open first, each with why: the most quoted, and the transport papers."""
    quoted = Counter(citation.document_id for line in lines for citation in line.citations)
    breached = Counter(c.document_id for line in lines if line.compliant is False for c in line.citations)
    order = sorted(documents, key=lambda d: (-quoted[d.document_id], d.document_id))
    chosen: dict[str, str] = {}
    for document in order:
        count = quoted[document.document_id]
        role = _ALWAYS_KEY.get(document.document_type)
        if len(chosen) == _MOST_KEY_DOCUMENTS or not (count or role):
            continue
        why = f"Quoted {_ADVERBS.get(count, f'{count} times')}" if count else "Not quoted"
        if against := breached[document.document_id]:
            which = "" if against == count else f"{against} of them "
            what = "a requirement that is" if against == 1 else "requirements that are"
            why += f", {which}on {what} not met"
        chosen[document.document_id] = f"{why}; it is {role}." if role else f"{why}."
    return chosen


def _names(lines: Sequence[ComplianceLine], requirements: Requirements) -> str:
    return "; ".join(requirements[line.requirement_id].title for line in lines)


def _name(line: ComplianceLine, requirements: Requirements) -> str:
    return requirements[line.requirement_id].title


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return _capitalise(text) + "."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
