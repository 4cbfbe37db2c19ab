"""The matters that a letter can speak of: a review's lines and omissions, those of one cause together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planning_review.errors import UsageError
from planning_review.letter.contract import Stance
from planning_review.letter.wording import load_matters
from planning_review.policy.requirements import requirements_by_id
from planning_review.report.contract import Review
from planning_review.report.finding_words import has_dropped_citation
from planning_review.rules.judgement import (
    Aspect,
    Citation,
    ComplianceLine,
    Contradiction,
    Omission,
    OtherMatter,
)
from planning_review.rules.parking_sums import TOO_FEW
from planning_review.rules.rating import is_settled

_RATING_ORDER = {"red": 0, "amber": 1, "green": 2, None: 3}
_MOST_LINES = 2
_FEW_POINTS = 2


@dataclass(frozen=True)
class Matter:
    """What becomes one point: lines of one cause, the strongest first, or what is not said.

    Or other: what a model raised beyond the requirements, with quotes that stand. Or differing: where
    documents do not agree.
    """

    lines: tuple[ComplianceLine, ...] = ()
    omissions: tuple[Omission, ...] = ()
    other: OtherMatter | None = None
    differing: tuple[Contradiction, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it speaks for the application."""
        return bool(self.lines) and self.lines[0].compliant is True

    @property
    def is_core(self) -> bool:
        """Whether it is of a core requirement or core matter."""
        known = requirements_by_id()
        return any(o.is_core for o in self.omissions) or any(
            known[line.requirement_id].core for line in self.lines if line.requirement_id in known
        )


def pick_matters(review: Review, stance: Stance) -> list[Matter]:
    """Return the matters that bear on a stance, by weight; UsageError where a letter would have no ground.

    Only lines with a verified quote are used, and none that a person has to check first: what a person
    confirmed, then core requirements, then those of the worst rated aspects. Claimed omissions count with
    core requirements.
    """
    wanted = {"support": (True,)}.get(stance, (False,))
    lines = [line for line in _list_usable(review) if line.compliant in wanted]
    matters = [Matter(lines=tuple(some)) for some in _join_lines(lines)]
    if stance != "support":
        matters += _join_omissions(review.review.omissions, has_others=len(matters) > _FEW_POINTS)
        matters += [Matter(other=matter) for matter in review.review.other_matters if _is_usable(matter)]
        if differing := _list_differing(review):
            matters.append(Matter(differing=differing))
    matters = _spread(review, sorted(matters, key=lambda matter: _weigh(review, matter)))
    if stance == "neutral" and not matters:
        good = [line for line in _list_usable(review) if line.compliant]
        matters = [Matter(lines=tuple(some)) for some in _join_lines(good)]
    _check_stance(review, stance, matters)
    return matters


def list_good(review: Review) -> list[ComplianceLine]:
    """Return the lines that speak for the application, the strongest first."""
    good = [line for line in _list_usable(review) if line.compliant]
    return sorted(good, key=lambda line: _weigh_line(review, line))


def quote_of(line: ComplianceLine) -> Citation:
    """Return the quote that a point of a line stands on: its first that was found on its page."""
    return next(citation for citation in line.citations if citation.verified)


def _list_usable(review: Review) -> list[ComplianceLine]:
    return [
        line
        for line in review.review.policy_compliance
        if line.compliant is not None
        and is_settled(line)
        and any(citation.verified for citation in line.citations)
        and not has_dropped_citation(line)
    ]


def _is_usable(matter: OtherMatter) -> bool:
    """Return whether a letter can quote what a model raised; a person may have dismissed it."""
    is_dismissed = matter.decision is not None and matter.decision.verdict == "dismissed"
    return bool(matter.citations) and not is_dismissed


def _list_differing(review: Review) -> tuple[Contradiction, ...]:
    """Return where documents differ, but for what a line that is not met quotes already."""
    told = {
        line.contradicted_by.citation.quote
        for line in review.review.policy_compliance
        if line.contradicted_by and line.compliant is False and not line.is_dismissed
    }
    return tuple(
        found
        for found in review.review.contradictions
        if found.contradiction_id
        and not (found.decision and found.decision.verdict == "dismissed")
        and not any(citation.quote in told for citation in found.citations)
    )


def _join_lines(lines: Iterable[ComplianceLine]) -> list[list[ComplianceLine]]:
    """Return the lines in groups: those of one matter, and those that rest on one quote."""
    groups: list[list[ComplianceLine]] = []
    known, named = requirements_by_id(), load_matters()

    def belongs(line: ComplianceLine, group: Sequence[ComplianceLine]) -> bool:
        name = named.get(line.requirement_id)
        return any(
            (name is not None and named.get(other.requirement_id) == name)
            or quote_of(other).quote == quote_of(line).quote
            for other in group
        )

    def is_lesser(line: ComplianceLine) -> bool:
        requirement = known.get(line.requirement_id)
        return (requirement is None or not requirement.core) and not find_sum(line)

    for line in sorted(lines, key=is_lesser):
        home = next((group for group in groups if belongs(line, group)), None)
        if home is None:
            groups.append([line])
        elif len(home) < _MOST_LINES:
            home.append(line)
    return groups


def _join_omissions(omissions: Sequence[Omission], *, has_others: bool) -> list[Matter]:
    """Return claimed omissions, those of one cause together, or all where there is much else to say."""
    named = load_matters()
    groups: dict[str, list[Omission]] = {}
    for omission in (o for o in omissions if o.is_claimed):
        cause = "all" if has_others else named.get(omission.omission_id, omission.omission_id)
        groups.setdefault(cause, []).append(omission)
    return [Matter(omissions=tuple(some)) for some in groups.values()]


def _spread(review: Review, matters: Sequence[Matter]) -> list[Matter]:
    """Return matters of one weight with each aspect's gravest first, so that one does not hide the rest."""
    seen: Counter[tuple[object, object]] = Counter()
    ranked: list[tuple[tuple[bool, bool], int, int, Matter]] = []
    for matter in matters:
        weight = _weigh(review, matter)[:2]
        requirement = requirements_by_id().get(matter.lines[0].requirement_id) if matter.lines else None
        aspect = requirement.aspect if requirement else id(matter)
        ranked.append((weight, seen[weight, aspect], len(ranked), matter))
        seen[weight, aspect] += 1
    return [matter for *_, matter in sorted(ranked, key=lambda row: row[:3])]


def _weigh(review: Review, matter: Matter) -> tuple[bool, bool, int]:
    if matter.other:
        return matter.other.decision is None, True, len(_RATING_ORDER)
    if matter.omissions:
        return True, not matter.is_core, 0 if matter.is_core else len(_RATING_ORDER)
    if matter.differing:
        return True, True, 0
    return _weigh_line(review, matter.lines[0])


def _weigh_line(review: Review, line: ComplianceLine) -> tuple[bool, bool, int]:
    requirement = requirements_by_id().get(line.requirement_id)
    is_core = (requirement is not None and requirement.core) or bool(find_sum(line))
    aspect = find_aspect(line, review.review.aspects)
    return line.decision is None, not is_core, _RATING_ORDER[aspect.rating if aspect else None]


def find_sum(line: ComplianceLine) -> str:
    """Return the sum of cycle spaces by which a line falls short, "" where it rests on none."""
    details = (finding.detail for finding in line.findings or ())
    return next((detail for detail in details if TOO_FEW in detail), "")


def find_aspect(line: ComplianceLine, aspects: tuple[Aspect, ...]) -> Aspect | None:
    """Return the aspect of a line's requirement."""
    requirement = requirements_by_id().get(line.requirement_id)
    name = requirement.aspect if requirement else None
    return next((aspect for aspect in aspects if aspect.name == name), None)


def _check_stance(review: Review, stance: Stance, matters: Sequence[Matter]) -> None:
    reference = review.application.reference
    if review.review.overall_rating == "none":
        raise UsageError(
            f"The review of {reference} has no rating: there is nothing, or too little, on walking and "
            "cycling that policy could judge, and so no ground for a letter. Read what it lists as worth "
            "reading; a finding that a person confirms or corrects is a ground."
        )
    if stance == "conditional" and not (review.review.suggested_conditions or matters):
        raise UsageError(
            f"The review of {reference} suggests no condition: choose --stance object, support or neutral."
        )
    if matters or stance == "conditional":
        return
    if stance == "neutral":
        raise UsageError(
            f"The review of {reference} has no finding with a verified quote: there is nothing to put in a "
            "letter. See in the review what could not be read, and run it again when that is mended."
        )
    missing = "requirement that is not met" if stance == "object" else "requirement that is met"
    raise UsageError(
        f"The review of {reference} has no {missing} and a verified quote for it: "
        f"a letter to {stance} would have no ground. Choose --stance neutral, or read the review first."
    )
