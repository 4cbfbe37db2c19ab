"""What a reader must know of a model's part in a review."""

from collections import Counter
from collections.abc import Sequence

from planning_review.model.ledger import Ledger
from planning_review.model.outcome import Outcome


def describe_use(
    name: str, outcome: Outcome, left_out: Sequence[str], ledger: Ledger, budget_usd: float
) -> tuple[str, ...]:
    """Return the notices of a review that a model had a part in."""
    what = "This application was judged" if outcome.aspects else "The summary was written"
    notices = [
        f"{what} with the help of a language model ({name}). Every quote was checked against its page, "
        "and no rating is better than the rules give."
    ]
    for reason in dict.fromkeys(outcome.unanswered.values()):
        stages = [stage for stage, why in outcome.unanswered.items() if why == reason]
        notices.append(f"The model {reason} on {_list(stages)}: there the rules alone judged.")
    if outcome.unasked:
        notices.append(
            f"The budget of ${budget_usd:.2f} was reached with ${ledger.spent_usd:.2f} spent. Not put to the "
            f"model, so that the rules alone judged: {_list(outcome.unasked)}. Raise "
            "PLANNING_MODEL_BUDGET_USD to have the whole judged."
        )
    if not ledger.is_priced:
        notices.append(f"The price of {name} is not known: no cost is given, and no budget was held.")
    if left_out:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in Counter(left_out).items())
        verb = "sentence of the model's was" if len(left_out) == 1 else "sentences of the model's were"
        notices.append(f"{len(left_out)} {verb} left out: {reasons}.")
    return tuple(notices)


def explain_evidence_only(name: str, outcome: Outcome, ledger: Ledger, budget_usd: float) -> str:
    """Return why a review is the evidence reviewer's although a model was asked for."""
    if outcome.unanswered:
        reasons = " and ".join(dict.fromkeys(outcome.unanswered.values()))
        why = f"The model {name} {reasons}"
    elif outcome.unasked:
        why = (
            f"The budget of ${budget_usd:.2f} does not pay for the model {name} "
            f"(${ledger.spent_usd:.2f} spent; PLANNING_MODEL_BUDGET_USD sets it)"
        )
    else:
        why = f"No passage was found to put to the model {name}"
    return f"{why}: this is the evidence reviewer's review, made by rules alone."


def _list(stages: Sequence[str]) -> str:
    names = [f"the {stage}" if stage in ("plan", "summary") else stage for stage in stages]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
