"""Two statements on the same thing in the same place that can't both hold."""

from collections.abc import Sequence

from planning_review.rules.holding import Held
from planning_review.rules.judgement import Contradiction


def find_contradiction(held: Sequence[Held]) -> tuple[Held, Held] | None:
    """Return a breach and what meets the requirement on the same subject and attribute in the same place.

    What stands in different places, or where no place is named, contradicts nothing.
    """
    met = [h for h in held if h.finding.verdict == "met"]
    breaches = [h for h in held if h.finding.verdict == "breach"]
    return next(((b, m) for b in breaches for m in met if _is_same_thing(b, m)), None)


def tell_contradiction(breach: Held, met: Held) -> Contradiction:
    """Return what two statements contradict each other in."""
    fact, against = breach.statement.fact, met.statement.fact
    one, other = (held.statement.told or held.statement.fact.value for held in (breach, met))
    return Contradiction(
        subject=fact.subject,
        place=fact.place or "",
        text=f"{one}, and {other}",
        citations=(*fact.citations, *against.citations),
    )


def _is_same_thing(one: Held, other: Held) -> bool:
    first, second = one.statement.fact, other.statement.fact
    return (
        first.place is not None
        and first.place == second.place
        and first.subject == second.subject
        and first.attribute == second.attribute
        and first.value != second.value
        and first.citations != second.citations
    )
