"""The end of a letter: the ground of refusal with the plan, and the conditions."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml

from planning_review.letter.citing import name_paragraph
from planning_review.letter.contract import LetterCondition, LetterPoint
from planning_review.letter.matters import Matter
from planning_review.letter.points import list_policies
from planning_review.letter.wording import join_names, load_wording
from planning_review.models import Frozen
from planning_review.policy.arguments import load_arguments
from planning_review.policy.expectations import expectations_by_id
from planning_review.policy.requirements import requirements_by_id
from planning_review.register.councils import find_country, list_policy_sources
from planning_review.report.presentation import plain_text

_PLAN_POLICIES = Path(__file__).with_name("templates") / "plan_policies.yaml"
_REFUSES_DESIGN = "DP3(2)"
_MOST_POLICIES = 5


class PlanPolicy(Frozen):
    """A policy of a development plan by its number, and what it is about; words are the letter's."""

    source: str
    words: str


@cache
def _load_plan_policies() -> tuple[PlanPolicy, ...]:
    return tuple(PlanPolicy(**row) for row in yaml.safe_load(_PLAN_POLICIES.read_text(encoding="utf-8")))


def write_ground(points: Sequence[LetterPoint], matters: Sequence[Matter], council: str) -> str:
    """Return the ground of refusal that the points make, and how the plan stands to it."""
    wording = load_wording()["ground"]
    breaches = [p for p, m in zip(points, matters, strict=True) if m.lines]
    silences = [p for p, m in zip(points, matters, strict=True) if m.omissions]
    sentences = []
    if breaches:
        sentences.append(wording["conflict"].format(policies=_name_all(breaches)))
    if silences:
        titles = join_names(
            [
                expectations_by_id()[name.removeprefix("missing-")].title
                for point in silences
                for name in point.requirements
            ][:3]
        )
        frame = wording["missing" if breaches else "missing_only"]
        sentences.append(frame.format(matters=titles, policies=_name_all(silences)))
    if any(policy.paragraph.startswith(_REFUSES_DESIGN) for policy in list_policies(breaches)):
        sentences.append(wording["refuse_design"])
    if find_country(council) in ("England", "Wales"):
        sentences.append(wording["plan"].format(own=_name_own(council)))
    return " ".join(sentences)


def list_conditions(matters: Sequence[Matter]) -> Iterator[LetterCondition]:
    """Yield the conditions that the points ask for, each with its reason and place."""
    seen = set()
    for line in (line for matter in matters for line in matter.lines if line.compliant is False):
        requirement = requirements_by_id().get(line.requirement_id)
        argument = load_arguments().get(line.requirement_id)
        if requirement is None or argument is None or requirement.suggested_condition in seen:
            continue
        seen.add(requirement.suggested_condition)
        yield LetterCondition(
            text=requirement.suggested_condition,
            reason=argument.reason,
            place=plain_text(line.place) if line.place else None,
        )


def _name_all(points: Sequence[LetterPoint]) -> str:
    """Return the policies of points, those of one source together, by the names that the points have given."""
    by_source: dict[str, list[str]] = {}
    for policy in list(list_policies(points))[:_MOST_POLICIES]:
        by_source.setdefault(policy.policy_source, []).append(policy.paragraph)
    short = {name: names[0] for name, names in load_wording()["sources"].items()}
    return join_names(
        [f"{name_paragraph(', '.join(some))} of {short.get(name, name)}" for name, some in by_source.items()]
    )


def _name_own(council: str) -> str:
    own = set(list_policy_sources(council))
    named = [policy.words for policy in _load_plan_policies() if policy.source in own]
    if not named:
        return ""
    wording = load_wording()["ground"]["plan_own"]
    return str(wording.format(names=join_names(named).rstrip(",")))
