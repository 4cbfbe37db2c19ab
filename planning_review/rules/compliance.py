"""What was found of one requirement, as one line of the compliance table."""

from collections.abc import Sequence
from datetime import date

from planning_review.policy.editions import Edition, uncertain_successor
from planning_review.policy.requirements import PolicyText, Requirement
from planning_review.rules.finding_evidence import Evidence
from planning_review.rules.judgement import ComplianceLine
from planning_review.text.folding import fold_case_and_space

_MOST_QUOTES = 3
NO_EVIDENCE = (
    "No evidence found: no document that was read states anything that settles this. That is not a breach."
)


def make_line(
    requirement: Requirement,
    cited: tuple[PolicyText, Edition, str],
    evidence: Sequence[Evidence],
    nearest: Sequence[tuple[str, int]],
    policy_day: date,
) -> ComplianceLine:
    """Return the line: the gravest breach decides, and what contradicts it is quoted too."""
    text, edition, paragraph = cited
    compliant, notes, shown = _settle(evidence)
    if not shown:
        notes.append(NO_EVIDENCE)
        if nearest:
            notes.append(
                "Nearest passages: " + "; ".join(f"{title}, page {page}" for title, page in nearest) + "."
            )
    if any(e.ocr for e in shown):
        notes.append("Read by OCR from a scanned page: compare the quote with the page.")
    if successor := uncertain_successor(text.source, policy_day):
        notes.append(f"The {successor.edition} edition may already have been in force: {successor.note}")
    return ComplianceLine(
        requirement_id=requirement.id,
        requirement=text.requirement or requirement.requirement,
        policy_source=text.source,
        edition=edition.edition,
        paragraph=paragraph,
        mark=requirement.mark,
        compliant=compliant,
        notes=" ".join(notes),
        citations=tuple(e.citation for e in shown),
    )


def _settle(evidence: Sequence[Evidence]) -> tuple[bool | None, list[str], list[Evidence]]:
    """Return what the evidence comes to, what is said of it, and what of it is quoted."""
    by_verdict = {
        verdict: _distinct([e for e in evidence if e.finding.verdict == verdict])
        for verdict in ("breach", "met", "noted")
    }
    breaches = sorted(by_verdict["breach"], key=lambda e: -e.finding.severity)
    met, noted = by_verdict["met"], by_verdict["noted"]
    if breaches:
        shown = breaches[:_MOST_QUOTES]
        notes = [f"Not met: {_say_once(shown)}."]
        if more := len(breaches) - len(shown):
            notes.append(
                f"{more} more such statements are not quoted."
                if more > 1
                else "One more such statement is not quoted."
            )
        if met:
            shown = [*shown, met[0]]
            notes.append(
                f"The documents contradict each other: {_place(met[0])}, complies. "
                "The worse statement decides."
            )
        return False, notes, shown
    if met:
        shown = met[:_MOST_QUOTES]
        return True, [f"Met: {_say_once(shown)}."], shown
    if noted:
        shown = noted[:_MOST_QUOTES]
        return None, [f"Stated, but not enough to judge by: {_say_once(shown)}."], shown
    return None, [], []


def _distinct(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Keep one of equal quotes: the gravest, and the first document that says so."""
    kept: dict[str, Evidence] = {}
    for item in evidence:
        key = fold_case_and_space(item.citation.quote)
        if key not in kept or item.finding.severity > kept[key].finding.severity:
            kept[key] = item
    return list(kept.values())


def _say_once(evidence: Sequence[Evidence]) -> str:
    """Return what is stated and where, each wording once with all its places."""
    places: dict[str, list[str]] = {}
    for item in evidence:
        places.setdefault(item.finding.detail or "as stated", []).append(_place(item))
    return "; ".join(f"{detail} ({'; '.join(dict.fromkeys(where))})" for detail, where in places.items())


def _place(evidence: Evidence) -> str:
    return f"{evidence.title}, page {evidence.citation.page}"
