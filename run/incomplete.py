"""How a run that a retry can help ends, with what it has to show all the same."""

from planning_review.errors import PlanningReviewError
from planning_review.models import Frozen


class RunIncomplete(PlanningReviewError):
    """The data of a failed state, for which Prefect takes nothing but an exception.

    outcome is what the flow would have returned. It is there in the process that ran the flow; an error
    read back from stored results has its message alone.
    """

    def __init__(self, message: str, outcome: Frozen | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
