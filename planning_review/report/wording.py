"""The words of a judgement, put together from its lines and from nothing else."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from planning_review.rules.judgement import Aspect, Citation, ComplianceLine, Rating
from planning_review.rules.line_groups import Requirements, is_dismissed, sort_lines
from planning_review.rules.rating import has_enough_evidence
from planning_review.rules.reviewer import ReadDocument
from planning_review.text.shortening import first_sentence, shorten_text

_MOST_NAMED = 4
_MOST_DESCRIBED = 3
_MOST_ASKED = 8
_MOST_BREACH_WORDS = 30
_MOST_QUOTES = 2
_MOST_KEY_DOCUMENTS = 6
_ALWAYS_KEY = {
    "transport_assessment": "the transport assessment",
    "travel_plan": "the travel plan",
    "design_and_access": "the design and access statement",
}

_READING = re.compile(r"\d+ documents? (?:was|were) read, [^.]*\.$")
_ADVERBS = {1: "once", 2: "twice"}


def describe_aspect(
    name: str, rating: Rating | None, lines: Sequence[ComplianceLine], requirements: Requirements
) -> Aspect:
    """Return an aspect whose texts say only what its lines do: the worst first, the rest by number.

    The compliance table says the whole, so at most two quotes stand here too.
    """
    breaches, met, noted, silent, dismissed = sort_lines(lines, requirements)
    if breaches:
        key_issue = _sentence(requirements[breaches[0].requirement_id].breach_note)
    elif met:
        key_issue = "No breach found in what is stated."
    elif noted:
        key_issue = "What is stated settles nothing."
    elif dismissed:
        key_issue = "Nothing else was found than what a person dismissed."
    else:
        key_issue = "No evidence found."
    parts = [_describe_breach(line, requirements) for line in breaches[:_MOST_DESCRIBED]]
    for label, members in (
        ("Also not met", breaches[_MOST_DESCRIBED:]),
        ("Met", met),
        ("Stated without settling it", noted),
        ("Dismissed by a person", dismissed),
    ):
        parts += [f"{label}: {_name_some(members, requirements)}."] if members else []
    if silent:
        parts.append(f"No evidence on {_count(len(silent), 'requirement')}, which is not a breach.")
    return Aspect(
        name=name,
        rating=rating,
        key_issue=key_issue,
        analysis=" ".join(parts),
        citations=_pick_quotes([*breaches, *met, *noted]),
    )


def summarise(
    overall: Rating,
    lines: Sequence[ComplianceLine],
    requirements: Requirements,
    documents: Sequence[ReadDocument] = (),
) -> str:
    """Return the summary, under 120 words; the documents read are counted where they are given."""
    breaches, met, noted, silent, dismissed = sort_lines(lines, requirements)
    parts = []
    if breaches:
        verb = "is" if len(breaches) == 1 else "are"
        parts.append(
            f"{_count(len(breaches), 'requirement')} {verb} not met by what the documents state: "
            f"{_name_some(breaches, requirements)}."
        )
    else:
        parts.append("No statement was found that breaches a requirement.")
    if overall == "amber" and not breaches and not has_enough_evidence(lines, requirements):
        parts.append("There is not enough evidence for a better rating.")
    parts.append(f"{len(met) or 'None'} {'is' if len(met) == 1 else 'are'} met.")
    if noted:
        parts.append(f"On {len(noted)} there are statements, but none that settles the matter.")
    if silent:
        parts.append(f"For {len(silent)} of the {len(lines)} no evidence was found, which is not a breach.")
    if dismissed:
        parts.append(f"{_count(len(dismissed), 'finding')} {_were(len(dismissed))} dismissed by a person.")
    if not documents:
        return " ".join(parts)
    pages = sum(len(d.text.pages) for d in documents)
    ocr_pages = sum(d.text.ocr_pages for d in documents)
    read = (
        f"{_count(len(documents), 'document')} {_were(len(documents))} read, {_count(pages, 'page')} in all"
    )
    parts.append(f"{read}, {ocr_pages} of them by OCR." if ocr_pages else f"{read}.")
    return " ".join(parts)


def keep_reading(summary: str) -> str:
    """Return the last sentence of a summary where it counts what was read, else ""."""
    match = _READING.search(summary)
    return match[0] if match else ""


def recommend(lines: Sequence[ComplianceLine], requirements: Requirements) -> tuple[str, ...]:
    """Return what to ask for: one recommendation a breach, then one request for what is not stated."""
    asked = [requirements[line.requirement_id].recommendation for line in lines if line.compliant is False]
    open_core = [
        line
        for line in lines
        if line.compliant is None and not is_dismissed(line) and requirements[line.requirement_id].core
    ]
    if open_core:
        named = _name_some(open_core, requirements, _MOST_ASKED)
        asked.append(f"Ask the applicant to state, with a drawing or a figure: {named}.")
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
    quoted = _count_quotes(lines)
    order = sorted(documents, key=lambda d: (-quoted[d.document_id], d.document_id))
    roles = {d.document_id: _ALWAYS_KEY.get(d.document_type) for d in order}
    chosen = [d.document_id for d in order if quoted[d.document_id] or roles[d.document_id]]
    return {
        document_id: _describe_key_document(document_id, lines, roles[document_id])
        for document_id in chosen[:_MOST_KEY_DOCUMENTS]
    }


def count_quotes_again(key_documents: Mapping[str, str], lines: Sequence[ComplianceLine]) -> dict[str, str]:
    """Return the same key documents, with why for lines that have changed since."""
    roles = {
        document_id: next((r for r in _ALWAYS_KEY.values() if why.endswith(f"it is {r}.")), None)
        for document_id, why in key_documents.items()
    }
    return {d: _describe_key_document(d, lines, role) for d, role in roles.items()}


def _describe_key_document(document_id: str, lines: Sequence[ComplianceLine], role: str | None) -> str:
    count = _count_quotes(lines)[document_id]
    why = f"Quoted {_ADVERBS.get(count, f'{count} times')}" if count else "Not quoted"
    if against := _count_quotes([line for line in lines if line.compliant is False])[document_id]:
        which = "" if against == count else f"{against} of them "
        what = "a requirement that is" if against == 1 else "requirements that are"
        why += f", {which}on {what} not met"
    return f"{why}; it is {role}." if role else f"{why}."


def _count_quotes(lines: Sequence[ComplianceLine]) -> Counter[str]:
    return Counter(citation.document_id for line in lines for citation in line.citations)


def _describe_breach(line: ComplianceLine, requirements: Requirements) -> str:
    found = first_sentence(line.notes).removeprefix("Not met: ")
    title = _capitalise(requirements[line.requirement_id].title)
    return f"{title}: not met; {shorten_text(found, _MOST_BREACH_WORDS)}"


def _pick_quotes(lines: Sequence[ComplianceLine]) -> tuple[Citation, ...]:
    """Return the first quotes of the first lines, no quote twice."""
    quotes: dict[tuple[str, int, str], Citation] = {}
    for line in lines:
        for citation in line.citations[:1]:
            quotes.setdefault((citation.document_id, citation.page, citation.quote), citation)
    return tuple(quotes.values())[:_MOST_QUOTES]


def _name_some(lines: Sequence[ComplianceLine], requirements: Requirements, most: int = _MOST_NAMED) -> str:
    more = f"; and {len(lines) - most} more" if len(lines) > most else ""
    return "; ".join(requirements[line.requirement_id].title for line in lines[:most]) + more


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return _capitalise(text) + "."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
