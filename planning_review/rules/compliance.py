"""What was found of one requirement, as one line of the compliance table."""

from collections.abc import Sequence
from datetime import date

from planning_review.policy.editions import Edition, uncertain_successor
from planning_review.policy.requirements import PolicyText, Requirement, Verdict
from planning_review.rules.judgement import ComplianceLine, LaterEdition, LineFinding, Place
from planning_review.text.folding import fold_case_and_space

_MOST_QUOTES = 3


def make_line(
    requirement: Requirement,
    cited: tuple[PolicyText, Edition, str],
    found: Sequence[LineFinding],
    nearest: Sequence[Place],
    policy_day: date,
    contradicted_by: LineFinding | None = None,
) -> ComplianceLine:
    """Return the line: the gravest breach decides, and what contradicts it in its place is quoted too."""
    text, edition, paragraph = cited
    breaches = sorted(_pick_distinct(found, "breach"), key=lambda f: (f.check is not None, -f.severity))
    met = _pick_distinct(found, "met")
    settling = breaches or met or _pick_distinct(found, "noted")
    findings = settling[:_MOST_QUOTES]
    shown = [*findings, *([contradicted_by] if contradicted_by else [])]
    successor = uncertain_successor(text.source, policy_day)
    return ComplianceLine(
        requirement_id=requirement.id,
        requirement=text.requirement or requirement.requirement,
        policy_source=text.source,
        edition=edition.edition,
        paragraph=paragraph,
        mark=requirement.mark,
        compliant=False if breaches else True if met else None,
        citations=tuple(finding.citation for finding in shown),
        findings=tuple(findings),
        unquoted=len(settling) - len(findings),
        contradicted_by=contradicted_by,
        nearest=() if findings else tuple(nearest),
        also_met=tuple(met[:_MOST_QUOTES]) if breaches else (),
        place=_find_common({finding.where for finding in findings}),
        needs_check=bool(breaches) and all(finding.check for finding in breaches),
        later_edition=LaterEdition(edition=successor.edition, note=successor.note) if successor else None,
    )


def _find_common(places: set[str | None]) -> str | None:
    return next(iter(places)) if len(places) == 1 else None


def _pick_distinct(found: Sequence[LineFinding], verdict: Verdict) -> list[LineFinding]:
    """Return what was found of a verdict: of equal quotes the gravest, and the first that says so."""
    kept: dict[str, LineFinding] = {}
    for finding in found:
        if finding.verdict != verdict:
            continue
        key = fold_case_and_space(finding.citation.quote)
        if key not in kept or finding.severity > kept[key].severity:
            kept[key] = finding
    return list(kept.values())
