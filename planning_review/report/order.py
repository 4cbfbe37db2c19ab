"""The order in which a reader is told of findings: the gravest, what is missing, then the rest."""

from collections.abc import Iterable

from planning_review.models import Frozen
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.expectations import expectations_by_id
from planning_review.policy.requirements import Requirement, requirements_by_id
from planning_review.report import remarks
from planning_review.report.contract import Review, SuggestedCondition
from planning_review.report.presentation import group_lines, split_omissions, split_paragraphs
from planning_review.rules.judgement import Aspect, ComplianceLine, Omission
from planning_review.rules.rating import is_settled

_GRAVEST = 3
_RATING_ORDER = {"red": 0, "amber": 1, "green": 2, None: 3}


class Findings(Frozen):
    """A review's findings, each once. gravest are of both kinds; unsure was not found where not all was read.

    groups are the other lines, by the words of GROUP_WORDS.
    """

    gravest: tuple[ComplianceLine | Omission, ...]
    missing: tuple[Omission, ...]
    unsure: tuple[Omission, ...]
    groups: tuple[tuple[str, tuple[ComplianceLine, ...]], ...]


class Wanted(Frozen):
    """What policy asks for where nothing is said: in which place, and what to ask the council for."""

    asks_for: str
    place: str
    ask: str


def order_findings(review: Review) -> Findings:
    """Return a review's findings in the reader's order."""
    gravest = _pick_gravest(review)
    missing, unsure = split_omissions(review.review.omissions)
    rest = [line for line in review.review.policy_compliance if line not in gravest]
    return Findings(
        gravest=tuple(gravest),
        missing=tuple(omission for omission in missing if omission not in gravest),
        unsure=tuple(unsure),
        groups=tuple((word, tuple(lines)) for word, lines in group_lines(rest)),
    )


def split_aspects(review: Review) -> tuple[list[Aspect], list[Aspect]]:
    """Return the aspects that say more than their findings do, and those whose rating is all there is."""
    shown = list_sources(review.review.policy_compliance)
    aspects, _ = remarks.split_aspects(review.review.aspects)

    def says_more(aspect: Aspect) -> bool:
        is_worded = is_by_model(review) or aspect.groups is None or aspect.decision is not None
        return is_worded or any((c.document_id, c.page, c.quote) not in shown for c in aspect.citations)

    return [a for a in aspects if says_more(a)], [a for a in aspects if not says_more(a)]


def list_own_summary(review: Review) -> list[str]:
    """Return the paragraphs of a summary that a model wrote; what the rules' would say, the findings do."""
    return split_paragraphs(review.review.summary) if is_by_model(review) else []


def is_by_model(review: Review) -> bool:
    """Return whether a model took part in a review."""
    return review.metadata.model != EVIDENCE_MODEL


def name_finding(item: ComplianceLine | Omission) -> str:
    """Return what a finding is called: what is wrong where it is not met, else what it is about."""
    if isinstance(item, Omission):
        return _capitalise(item.title)
    requirement = requirements_by_id().get(item.requirement_id)
    if requirement is None:
        return item.requirement
    return _capitalise(requirement.breach_note if item.compliant is False else requirement.title)


def find_anchor(item: ComplianceLine | Omission) -> str:
    """Return the name of a finding's place on the page."""
    return item.omission_id if isinstance(item, Omission) else f"finding-{item.requirement_id}"


def find_advice(review: Review, line: ComplianceLine) -> str:
    """Return what to ask for where a line is not met, as the review recommends it, else ""."""
    requirement = _find_breached(line)
    advice = requirement.recommendation if requirement else ""
    return advice if advice in review.review.recommendations else ""


def find_wanted(review: Review, omission: Omission) -> Wanted | None:
    """Return what policy asks of what is missing, by the review's editions; None where it is not known."""
    row = expectations_by_id().get(omission.omission_id.removeprefix("missing-"))
    editions = {basis.source: basis.edition for basis in review.metadata.policy_basis}
    for text in row.cited_as if row else ():
        edition = editions.get(text.source)
        if row and edition in text.paragraphs:
            place = f"{text.source} ({edition}), {text.paragraphs[edition]}"
            return Wanted(asks_for=row.asks_for, place=place, ask=_capitalise(row.ask))
    return None


def find_condition(review: Review, line: ComplianceLine) -> SuggestedCondition | None:
    """Return the condition that the review suggests where a line is not met."""
    requirement = _find_breached(line)
    conditions = review.review.suggested_conditions
    return next((c for c in conditions if requirement and c.text == requirement.suggested_condition), None)


def list_other_advice(review: Review) -> list[str]:
    """Return the recommendations that stand beside no finding."""
    beside = {find_advice(review, line) for line in review.review.policy_compliance}
    return [text for text in review.review.recommendations if text not in beside]


def list_other_conditions(review: Review) -> list[SuggestedCondition]:
    """Return the conditions that stand beside no finding."""
    beside = [find_condition(review, line) for line in review.review.policy_compliance]
    return [condition for condition in review.review.suggested_conditions if condition not in beside]


def list_sources(lines: Iterable[ComplianceLine]) -> set[tuple[str, int, str]]:
    """Return the quotes that stand beside lines: document, page and words."""
    return {(c.document_id, c.page, c.quote) for line in lines for c in line.citations}


def _pick_gravest(review: Review) -> list[ComplianceLine | Omission]:
    """Return the three gravest findings: of the core ones those under the worst rated aspect first."""
    known = requirements_by_id()
    ratings = {aspect.name: aspect.rating for aspect in review.review.aspects}
    missing, _ = split_omissions(review.review.omissions)

    def weigh(item: ComplianceLine | Omission) -> tuple[bool, int]:
        if isinstance(item, Omission):
            return not item.is_core, 0 if item.is_core else len(_RATING_ORDER)
        requirement = known.get(item.requirement_id)
        if requirement is None:
            return True, _RATING_ORDER[None]
        return not requirement.core, _RATING_ORDER[ratings.get(requirement.aspect)]

    breaches = [line for line in review.review.policy_compliance if line.compliant is False]
    settled = [line for line in breaches if is_settled(line) and not line.is_dismissed]
    open_points: list[ComplianceLine | Omission] = [*settled, *missing]
    return sorted(open_points, key=weigh)[:_GRAVEST]


def _find_breached(line: ComplianceLine) -> Requirement | None:
    return requirements_by_id().get(line.requirement_id) if line.compliant is False else None


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
