"""Applies people's decisions to a judgement: its lines, and all that follows from them, anew."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from planning_review.dates import format_date
from planning_review.decisions.model import Decisions, FindingDecision
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.requirements import requirements_by_id
from planning_review.rules.conclusions import (
    Requirements,
    conclude_aspect,
    count_quotes_again,
    group_lines,
    lines_of_aspect,
    list_not_stated,
    list_recommendations,
    suggest_conditions,
)
from planning_review.rules.judgement import (
    Aspect,
    ComplianceLine,
    Contradiction,
    Decision,
    Judgement,
    Omission,
    OtherMatter,
)
from planning_review.rules.rating import has_proof, is_settled, rate_application, rate_aspect, rate_silence


def apply_decisions(judgement: Judgement, decisions: Decisions, on_date: date) -> Judgement:
    """Return a reviewer's judgement with the decisions applied; on_date is the day of those without one.

    A dismissed finding keeps its quotes and counts for nothing; a corrected one counts as the person
    says; a confirmed one is marked. Of a model's judgement, the texts of aspects whose lines did not
    change stay, and so does its summary where no line changed. Decisions that find nothing to decide,
    or that were taken on other quotes than the finding rests on now, are told in the notices.
    """
    requirements = requirements_by_id()
    by_finding = {decision.finding: decision for decision in decisions.findings}
    lines = tuple(
        _decide_line(line, _choose_decision(line, by_finding, requirements), on_date)
        for line in judgement.policy_compliance
    )
    decided = judgement.model_copy(
        update={
            "policy_compliance": lines,
            "omissions": tuple(_decide_omission(o, by_finding, on_date) for o in judgement.omissions),
            "other_matters": tuple(_decide_matter(m, by_finding, on_date) for m in judgement.other_matters),
            "contradictions": tuple(
                _decide_difference(c, by_finding, on_date) for c in judgement.contradictions
            ),
            "aspects": tuple(_mark_aspect(a, by_finding, on_date) for a in judgement.aspects),
            "notices": (*judgement.notices, *_list_notices(judgement, by_finding, requirements, on_date)),
        }
    )
    counted_before = [_count(line) for line in judgement.policy_compliance]
    is_claimed_before = [omission.is_claimed for omission in judgement.omissions]
    is_same_silence = [omission.is_claimed for omission in decided.omissions] == is_claimed_before
    if is_same_silence and [_count(line) for line in lines] == counted_before:
        return decided
    return _judge_again(decided, judgement, requirements)


def _judge_again(decided: Judgement, before: Judgement, requirements: Requirements) -> Judgement:
    """Return the judgement with ratings and groups that follow from its lines."""
    lines = [line for line in decided.policy_compliance if line.requirement_id in requirements]
    # Without its quotes a dismissed line is as silent as one that nothing was found of.
    rated = [line.model_copy(update={"citations": ()}) if line.is_dismissed else line for line in lines]
    old = {line.requirement_id: _count(line) for line in before.policy_compliance}
    is_model = decided.model != EVIDENCE_MODEL
    aspects = []
    for aspect in decided.aspects:
        own = lines_of_aspect(aspect.name, lines, requirements)
        if is_model and all(_count(line) == old[line.requirement_id] for line in own):
            aspects.append(aspect)
            continue
        rating = rate_aspect(lines_of_aspect(aspect.name, rated, requirements), requirements)
        concluded = conclude_aspect(aspect.name, rating, own, requirements)
        aspects.append(concluded.model_copy(update={"decision": aspect.decision, "is_decided": True}))
    silence = rate_silence(decided.omissions, decided.core_expected)
    overall = rate_application([aspect.rating for aspect in aspects], rated, requirements, silence)
    return decided.model_copy(
        update={
            "overall_rating": overall,
            "aspects": tuple(aspects),
            "summary": "",
            "letter_texts": decided.letter_texts.model_copy(update={"opening": "", "of": ()}),
            "groups": group_lines(lines, requirements),
            # A model's own summary does not tell what was read: what takes its place does not, either.
            "reading": None if before.summary else before.reading,
            "recommendations": list_recommendations(lines, requirements),
            "not_stated": list_not_stated(lines, requirements),
            "own_recommendations": (),
            "suggested_conditions": suggest_conditions(lines, requirements),
            "key_documents": decided.key_documents
            if is_model
            else count_quotes_again(decided.key_documents, lines),
        }
    )


def _choose_decision(
    line: ComplianceLine, by_finding: Mapping[str, FindingDecision], requirements: Requirements
) -> FindingDecision | None:
    """Return the decision on a line: its own, else its aspect's where the line is not met."""
    if own := by_finding.get(line.requirement_id):
        return own
    requirement = requirements.get(line.requirement_id)
    return by_finding.get(requirement.aspect) if requirement and line.compliant is False else None


def _decide_line(line: ComplianceLine, decision: FindingDecision | None, on_date: date) -> ComplianceLine:
    if decision is None or not _has_finding(line, decision):
        return line
    word = _word(decision, on_date)
    if decision.verdict == "confirmed":
        return line.model_copy(update={"decision": word})
    # A dismissed finding has no compliant of its own.
    return line.model_copy(update={"compliant": decision.compliant, "decision": word})


def _has_finding(line: ComplianceLine, decision: FindingDecision) -> bool:
    """Return whether there is anything to decide: only a correction can speak where the review is silent."""
    return decision.verdict == "corrected" or line.compliant is not None or bool(line.citations)


def _decide_omission(
    omission: Omission, by_finding: Mapping[str, FindingDecision], on_date: date
) -> Omission:
    decision = by_finding.get(omission.omission_id)
    return omission.model_copy(update={"decision": _word(decision, on_date)}) if decision else omission


def _decide_matter(
    matter: OtherMatter, by_finding: Mapping[str, FindingDecision], on_date: date
) -> OtherMatter:
    decision = by_finding.get(matter.matter_id)
    return matter.model_copy(update={"decision": _word(decision, on_date)}) if decision else matter


def _decide_difference(
    found: Contradiction, by_finding: Mapping[str, FindingDecision], on_date: date
) -> Contradiction:
    decision = by_finding.get(found.contradiction_id)
    return found.model_copy(update={"decision": _word(decision, on_date)}) if decision else found


def _mark_aspect(aspect: Aspect, by_finding: Mapping[str, FindingDecision], on_date: date) -> Aspect:
    decision = by_finding.get(aspect.name)
    return aspect.model_copy(update={"decision": _word(decision, on_date)}) if decision else aspect


def _word(decision: FindingDecision, on_date: date) -> Decision:
    return Decision(
        verdict=decision.verdict,
        decided_on=decision.decided_on or on_date,
        by=decision.by,
        note=decision.note,
    )


def _count(line: ComplianceLine) -> tuple[bool | None, bool, bool, bool]:
    """Return what of a line the ratings and texts follow from."""
    return line.compliant, has_proof(line), is_settled(line), line.is_dismissed


def _list_notices(
    judgement: Judgement,
    by_finding: Mapping[str, FindingDecision],
    requirements: Requirements,
    on_date: date,
) -> Iterator[str]:
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    aspects = {aspect.name for aspect in judgement.aspects} | {o.omission_id for o in judgement.omissions}
    aspects |= {found.contradiction_id for found in judgement.contradictions}
    aspects |= {matter.matter_id for matter in judgement.other_matters}
    for finding, decision in by_finding.items():
        line = lines.get(finding)
        name = requirements[finding].title if finding in requirements else finding
        taken = _say_taken(decision, on_date)
        if line is None and finding not in aspects:
            yield f"The decision on “{name}” ({taken}) is kept, but this review has no such finding."
        elif line is not None and not _has_finding(line, decision):
            yield f"The decision on “{name}” ({taken}) is kept, but nothing was found this time to decide on."
        elif line is not None and decision.quotes and _list_new_quotes(line, decision):
            yield (
                f"The decision on “{name}” ({taken}) still holds here, but the finding now rests on "
                "quotes that were not there when it was taken: look at them again."
            )


def _say_taken(decision: FindingDecision, on_date: date) -> str:
    who = f" by {decision.by}" if decision.by else ""
    return f"{decision.verdict}{who} on {format_date(decision.decided_on or on_date)}"


def _list_new_quotes(line: ComplianceLine, decision: FindingDecision) -> Sequence[str]:
    return [citation.quote for citation in line.citations if citation.quote not in decision.quotes]
