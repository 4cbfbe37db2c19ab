"""The end of a letter: the ground of refusal with the plan, and the conditions."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from planning_review.letter.citing import name_place, name_source, split_coding
from planning_review.letter.contract import LetterCondition, LetterPoint, LetterPolicy
from planning_review.letter.matters import Matter
from planning_review.letter.points import list_policies, name_reason, policy_of
from planning_review.letter.wording import join_names, load_wording
from planning_review.policy.arguments import load_arguments
from planning_review.policy.editions import edition_in_force
from planning_review.policy.expectations import expectations_by_id
from planning_review.policy.requirements import requirements_by_id
from planning_review.policy.sources import Kind, list_usable_sources, load_sources
from planning_review.register.councils import find_country
from planning_review.report.presentation import plain_text
from planning_review.rules.judgement import Omission

_REFUSES_DESIGN = "DP3(2)"
_MOST_POLICIES = 8
_OF_ALL: tuple[Kind, ...] = ("national policy", "guidance", "none")
"""Kinds of policy that the requirements themselves cite."""
_MOST_MATTERS = 3


def write_ground(points: Sequence[LetterPoint], matters: Sequence[Matter], council: str, on: date) -> str:
    """Return the ground of refusal that the points make, and how the plan stands to it."""
    wording = load_wording()["ground"]
    breaches = [p for p, m in zip(points, matters, strict=True) if m.lines]
    silences = [omission for matter in matters for omission in matter.omissions]
    sentences = []
    if breaches:
        named = [policy for policy in list_policies(breaches) if _tell_kind(policy) in _OF_ALL]
        sentences.append(wording["conflict"].format(policies=_name_policies(named)))
    if silences:
        sources = {source.name for source in list_usable_sources(council)}
        sentences += _say_missing(silences, sources, on, has_others=bool(breaches))
    if differing := [name_reason(matter) for matter in matters if matter.differing]:
        sentences.append(wording["differ"].format(differences=join_names(differing)))
    if any(policy.paragraph.startswith(_REFUSES_DESIGN) for policy in list_policies(breaches)):
        sentences.append(wording["refuse_design"])
    if find_country(council) in ("England", "Wales"):
        # Its words are quoted where they bear on a point; whether they are broken is for a planner to say.
        cited = [policy for policy in list_policies(points) if _tell_kind(policy) == "development plan"]
        own = wording["plan_cited"].format(policies=_name_policies(cited)) if cited else ""
        sentences.append(wording["plan"].format(own=_name_own(council, on), cited=own))
    return " ".join(sentences)


def _tell_kind(policy: LetterPolicy) -> Kind:
    source = load_sources().get(policy.policy_source)
    return source.kind if source else "none"


def _say_missing(
    omissions: Sequence[Omission], sources: Collection[str], on: date, *, has_others: bool
) -> list[str]:
    """Return what can't be judged for want of information, and which documents are not there."""
    wording = load_wording()["ground"]
    rows = [expectations_by_id()[o.omission_id.removeprefix("missing-")] for o in omissions]
    sentences: list[str] = []
    for kind, frames in (("content", ("missing_only", "missing")), ("document", ("without_only", "without"))):
        some = [row for row in rows if row.kind == kind]
        if not some:
            continue
        policies = list(dict.fromkeys(policy for row in some if (policy := policy_of(row, on, sources))))
        sentences.append(
            wording[frames[bool(sentences) or has_others]].format(
                matters=join_names([row.title for row in some][:_MOST_MATTERS]),
                policies=_name_policies(policies),
                s="s" if len({(p.policy_source, p.paragraph) for p in policies}) == 1 else "",
            )
        )
    return sentences


def list_conditions(matters: Sequence[Matter]) -> Iterator[LetterCondition]:
    """Yield the conditions that the points ask for, each with its reason and place."""
    seen = set()
    for requirement_id, place in _list_conditioned(matters):
        requirement = requirements_by_id().get(requirement_id)
        argument = load_arguments().get(requirement_id)
        if requirement is None or argument is None or requirement.suggested_condition in seen:
            continue
        seen.add(requirement.suggested_condition)
        yield LetterCondition(
            text=requirement.suggested_condition,
            reason=argument.reason,
            place=plain_text(place) if place else None,
        )


def _list_conditioned(matters: Sequence[Matter]) -> Iterator[tuple[str, str | None]]:
    """Yield the requirements that a condition could meet, with their place.

    What is missing can be left to a condition where it is a matter of layout or of ways in; a forecast, or a
    whole document, has to be there for the decision.
    """
    for matter in matters:
        for line in matter.lines:
            if line.compliant is False:
                yield line.requirement_id, line.place
        for omission in matter.omissions:
            row = expectations_by_id()[omission.omission_id.removeprefix("missing-")]
            if row.kind == "content" and row.decided_in != "principle":
                yield omission.requirement_id, None


def _name_policies(policies: Sequence[LetterPolicy]) -> str:
    """Return policies, those of one source together, as the points named them."""
    by_source: dict[str, list[str]] = {}
    for policy in policies[:_MOST_POLICIES]:
        by_source.setdefault(policy.policy_source, []).append(split_coding(policy.paragraph)[0])
    return join_names([name_place(", ".join(some), name_source(name)[0]) for name, some in by_source.items()])


def _name_own(council: str, on: date) -> str:
    """Return which adopted plans are the council's development plan, as far as their dates are verified."""
    plans = []
    for source in list_usable_sources(council):
        edition = edition_in_force(source.name, on) if source.kind == "development plan" else None
        if edition is not None and edition.mark != "M":
            plans.append(f"the {source.name}")
    if not plans:
        return ""
    return str(load_wording()["ground"]["plan_own"].format(names=join_names(plans)))
