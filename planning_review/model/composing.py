"""The judgement that comes of the evidence reviewer's, a model's findings and the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planning_review.model.checking import CheckedAspect
from planning_review.model.merging import MergedLine, merge_line, merge_rating, name_rating, worst
from planning_review.policy.requirements import requirements_by_id
from planning_review.rules.conclusions import (
    Requirements,
    choose_key_documents,
    conclude_aspect,
    count_reading,
    group_lines,
    lines_of_aspect,
    list_not_stated,
    list_recommendations,
    suggest_conditions,
)
from planning_review.rules.judgement import (
    Aspect,
    ComplianceLine,
    Difference,
    Judgement,
    OverallRating,
    Rating,
)
from planning_review.rules.rating import rate_application, rate_aspect, rate_silence
from planning_review.rules.reviewer import ReadDocument

_MOST_QUOTES = 12
_MOST_RECOMMENDATIONS = 3


@dataclass(frozen=True)
class _MergedAspect:
    aspect: Aspect
    lines: tuple[MergedLine, ...]
    differences: tuple[Difference, ...]


def compose_judgement(
    floor: Judgement, checked: Mapping[str, CheckedAspect], documents: Sequence[ReadDocument]
) -> Judgement:
    """Return the evidence reviewer's judgement with a model's aspects laid over it."""
    by_id = requirements_by_id()
    titles = {d.document_id: d.title for d in documents}
    merged = [
        _merge_aspect(aspect, floor, checked.get(aspect.name), by_id, titles) for aspect in floor.aspects
    ]
    shown = {line.shown.requirement_id: line for part in merged for line in part.lines}
    lines = [shown[line.requirement_id].shown for line in floor.policy_compliance]
    rated = [shown[line.requirement_id].rated for line in floor.policy_compliance]
    aspects = [part.aspect for part in merged]
    overall = _rate_all(floor, [aspect.rating for aspect in aspects], rated, by_id)
    own = [
        text
        for name, part in checked.items()
        if part.is_proven and _rating_of(name, aspects) != "green"
        for text in part.recommendations
    ]
    return floor.model_copy(
        update={
            "overall_rating": overall,
            "aspects": tuple(aspects),
            "policy_compliance": tuple(lines),
            "groups": group_lines(rated, by_id),
            "reading": count_reading(documents),
            "recommendations": list_recommendations(rated, by_id),
            "not_stated": list_not_stated(rated, by_id),
            "own_recommendations": tuple(own[:_MOST_RECOMMENDATIONS]),
            "suggested_conditions": suggest_conditions(rated, by_id),
            "key_documents": choose_key_documents(rated, documents),
            "differences": (*floor.differences, *(d for part in merged for d in part.differences)),
        }
    )


def _rate_all(
    floor: Judgement,
    aspects: Sequence[Rating | None],
    lines: Sequence[ComplianceLine],
    requirements: Requirements,
) -> OverallRating:
    """Return the worse of the rules' rating and the merged one; none where a dispute would make it better."""
    silence = rate_silence(floor.omissions, floor.core_expected)
    merged = rate_application(aspects, lines, requirements, silence)
    stands = worst([floor.overall_rating, merged]) or floor.overall_rating
    has_dispute = any(line.disputed for line in lines)
    return "none" if has_dispute and stands != merged else stands


def _merge_aspect(
    aspect: Aspect,
    floor: Judgement,
    checked: CheckedAspect | None,
    by_id: Requirements,
    titles: Mapping[str, str],
) -> _MergedAspect:
    own = lines_of_aspect(aspect.name, floor.policy_compliance, by_id)
    findings = checked.findings if checked else {}
    lines = tuple(merge_line(line, findings.get(line.requirement_id), titles) for line in own)
    if checked is None:
        return _MergedAspect(aspect, lines, ())
    rating = merge_rating(
        aspect.rating,
        rate_aspect([line.rated for line in lines], by_id),
        checked,
        has_dispute=any(line.rated.disputed for line in lines),
    )
    differences = [d for line in lines for d in line.differences]
    if checked.rating and checked.rating != aspect.rating:
        differences.insert(
            0,
            Difference(
                subject=aspect.name,
                evidence=name_rating(aspect.rating),
                model=checked.rating,
                stands=name_rating(rating),
            ),
        )
    rated = [line.rated for line in lines]
    concluded = conclude_aspect(aspect.name, rating, rated, by_id)
    return _MergedAspect(_add_own_words(concluded, checked, rated), lines, tuple(differences))


def _add_own_words(concluded: Aspect, checked: CheckedAspect, lines: Sequence[ComplianceLine]) -> Aspect:
    """Return the aspect in the model's words where they rest on quotes and claim no more than its rating."""
    update: dict[str, object] = {"dropped_quotes": checked.dropped}
    if checked.is_proven and checked.rating == concluded.rating:
        known = {(c.document_id, c.page, c.quote): c for c in (*checked.citations, *concluded.citations)}
        update["citations"] = tuple(known.values())[:_MOST_QUOTES]
        if checked.analysis:
            update["key_issue"] = checked.key_issue
            update["analysis"] = checked.analysis
            update["also_not_met"] = tuple(
                line.requirement_id
                for line in lines
                if line.compliant is False and not _reports(checked, line.requirement_id)
            )
    elif checked.rating and not checked.is_proven:
        update["is_unproven"] = True
    return concluded.model_copy(update=update)


def _reports(checked: CheckedAspect, requirement_id: str) -> bool:
    finding = checked.findings.get(requirement_id)
    return finding is not None and finding.verdict == "not met"


def _rating_of(name: str, aspects: Sequence[Aspect]) -> Rating | None:
    return next((aspect.rating for aspect in aspects if aspect.name == name), None)
