"""What became of the questions to a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planning_review.model.checking import CheckedAspect
from planning_review.model.ledger import BudgetReached
from planning_review.model.metering import NoAnswer

_MOST_FAILURES = 3


@dataclass
class Outcome:
    """What came of the questions. unanswered and unasked name what was asked; unasked were past a budget."""

    aspects: dict[str, CheckedAspect] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    unasked: list[str] = field(default_factory=list)
    why_unasked: str = ""
    in_a_row: int = 0

    def add_failure(self, asked: Sequence[str], error: NoAnswer) -> None:
        """Keep why something got no answer."""
        self.unanswered |= dict.fromkeys(asked, str(error))
        self.in_a_row += 1

    def add_unasked(self, names: Sequence[str], reason: BudgetReached) -> None:
        """Keep what a budget did not reach to."""
        self.unasked += [name for name in names if name not in self.unasked]
        self.why_unasked = str(reason)

    @property
    def has_given_up(self) -> bool:
        """Return whether the model failed so often in a row that it is asked no more."""
        return self.in_a_row >= _MOST_FAILURES
