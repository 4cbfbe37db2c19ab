"""What a reader must know of a model's part in a review."""

from collections import Counter
from collections.abc import Iterator, Sequence

from planning_review.model.connect import Abilities
from planning_review.model.ledger import Ledger
from planning_review.model.outcome import Outcome
from planning_review.policy.requirements import requirements_by_id
from planning_review.rules.judgement import Judgement, OverallRating

_RAISE = "Raise PLANNING_MODEL_BUDGET_USD or PLANNING_MODEL_BUDGET_TOKENS to have the whole judged."


def describe_use(
    name: str, outcome: Outcome, left_out: Sequence[str], ledger: Ledger, abilities: Abilities
) -> tuple[str, ...]:
    """Return the notices of a review that a model had a part in."""
    what = "This application was judged" if outcome.aspects else "The summary was written"
    notices = [
        f"{what} with the help of a language model ({name}). Every quote was checked against its page, "
        "and no rating is better than the rules give."
    ]
    notices += _say_what_it_lacks(abilities)
    for reason in dict.fromkeys(outcome.unanswered.values()):
        stages = [stage for stage, why in outcome.unanswered.items() if why == reason]
        notices.append(f"The model {reason} on {_list(stages)}: there the rules alone judged.")
    if outcome.unasked:
        notices.append(
            f"A budget was reached: {outcome.why_unasked} Not put to the model, so that the rules alone "
            f"judged: {_list(outcome.unasked)}. {_RAISE}"
        )
    if not ledger.is_priced:
        notices.append(
            f"The price of {name} is not known: no cost is given, and only its tokens are bounded."
        )
    if left_out:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in Counter(left_out).items())
        verb = "piece of the model's text was" if len(left_out) == 1 else "pieces of the model's text were"
        notices.append(f"{len(left_out)} {verb} left out: {reasons}.")
    return tuple(notices)


def describe_disputes(judgement: Judgement, by_rules: OverallRating) -> Iterator[str]:
    """Yield what a reader must know of disputed findings, if there are any."""
    requirements = requirements_by_id()
    disputed = [line for line in judgement.policy_compliance if line.disputed]
    settled = [line for line in judgement.policy_compliance if line.compliant is not None]
    if not disputed:
        return
    names = "; ".join(requirements[line.requirement_id].title for line in disputed)
    verb = "finding" if len(disputed) == 1 else "findings"
    yield (
        f"The model disputes {len(disputed)} of {len(settled)} {verb}, which carry no rating and stay out of "
        f"letters until a person confirms, corrects or dismisses them: {names}."
    )
    if judgement.overall_rating == "none" != by_rules:
        yield (
            f"The application has no rating only because of that: by the rules it is {by_rules}, and a model "
            "makes no rating better. Decide on the disputed findings."
        )


def explain_evidence_only(name: str, outcome: Outcome) -> str:
    """Return why a review is the evidence reviewer's although a model was asked for."""
    if outcome.unanswered:
        reasons = " and ".join(dict.fromkeys(outcome.unanswered.values()))
        why = f"The model {name} {reasons}"
    elif outcome.unasked:
        spent, mend = outcome.why_unasked.rstrip("."), _RAISE.rstrip(".")
        why = f"No question to the model {name} fits in the budget ({spent}; {mend})"
    else:
        why = f"No passage was found to put to the model {name}"
    return f"{why}: this is the evidence reviewer's review, made by rules alone."


def _say_what_it_lacks(abilities: Abilities) -> Iterator[str]:
    if not abilities.tools:
        yield (
            "This model calls no tools: it judged by what it was sent, and could neither search further nor "
            "see a drawing (PLANNING_MODEL_CAN)."
        )
    elif not abilities.images:
        yield "This model sees no pictures: no drawing was looked at (PLANNING_MODEL_CAN)."


def _list(names: Sequence[str]) -> str:
    told = [f"the {name}" if name == "texts" else name for name in names]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
