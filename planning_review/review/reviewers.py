"""The reviewer for a model's name."""

from planning_review.errors import UsageError
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.review.evidence import EvidenceReviewer
from planning_review.review.reviewer import Reviewer


def make_reviewer(model: str) -> Reviewer:
    """Return the reviewer that goes by a name, or raise UsageError."""
    if model == EVIDENCE_MODEL:
        return EvidenceReviewer()
    raise UsageError(f"There is no reviewer {model!r}: use --model {EVIDENCE_MODEL}.")
