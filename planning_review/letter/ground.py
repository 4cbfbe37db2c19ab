"""The end of a letter: the ground of refusal with the plan, and the conditions."""

from collections.abc import Iterator, Sequence
from datetime import date

from planning_review.letter.citing import name_paragraph, split_coding
from planning_review.letter.contract import LetterCondition, LetterPoint
from planning_review.letter.matters import Matter
from planning_review.letter.points import list_policies
from planning_review.letter.wording import join_names, load_wording
from planning_review.policy.arguments import load_arguments
from planning_review.policy.editions import edition_in_force
from planning_review.policy.expectations import expectations_by_id
from planning_review.policy.requirements import requirements_by_id
from planning_review.policy.sources import list_usable_sources
from planning_review.register.councils import find_country
from planning_review.report.presentation import plain_text

_REFUSES_DESIGN = "DP3(2)"
_MOST_POLICIES = 8


def write_ground(points: Sequence[LetterPoint], matters: Sequence[Matter], council: str, on: date) -> str:
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
        sentences.append(wording["plan"].format(own=_name_own(council, on)))
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
    """Return the policies of points, those of one source together, as the points named them."""
    by_source: dict[str, list[str]] = {}
    for policy in list(list_policies(points))[:_MOST_POLICIES]:
        by_source.setdefault(policy.policy_source, []).append(split_coding(policy.paragraph)[0])
    short = {name: names[0] for name, names in load_wording()["sources"].items()}
    return join_names(
        [f"{name_paragraph(', '.join(some))} of {short.get(name, name)}" for name, some in by_source.items()]
    )


def _name_own(council: str, on: date) -> str:
    """Return which adopted plans are the council's development plan, as far as their dates are verified."""
    plans = []
    for source in list_usable_sources(council):
        edition = edition_in_force(source.name, on) if source.kind == "development plan" else None
        if edition is not None and edition.mark != "M":
            plans.append(f"the {source.name} ({edition.edition})")
    if not plans:
        return ""
    verb = "is" if len(plans) == 1 else "are"
    return str(load_wording()["ground"]["plan_own"].format(names=join_names(plans), verb=verb))
