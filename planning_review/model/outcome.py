"""What became of the questions to a model."""

from dataclasses import dataclass, field

from planning_review.model.checking import CheckedAspect
from planning_review.model.metering import NoAnswer

_MOST_FAILURES = 3


@dataclass
class Outcome:
    """What came of the questions. unanswered and unasked name stages; unasked were past the budget."""

    aspects: dict[str, CheckedAspect] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    unasked: list[str] = field(default_factory=list)
    in_a_row: int = 0

    def add_failure(self, stage: str, error: NoAnswer) -> None:
        """Keep why a stage got no answer."""
        self.unanswered[stage] = str(error)
        self.in_a_row += 1

    @property
    def has_given_up(self) -> bool:
        """Return whether the model failed so often in a row that it is asked no more."""
        return self.in_a_row >= _MOST_FAILURES
