"""What a reader may want to know of how a review came about: people's words, a model's use."""

from datetime import date
from typing import Literal

from planning_review.models import Frozen


class Decision(Frozen):
    """A person's word on a finding. by is the name or initials they gave."""

    verdict: Literal["confirmed", "corrected", "dismissed"]
    decided_on: date
    by: str | None = None
    note: str = ""


class SuspiciousPassage(Frozen):
    """Words in a document that speak to whoever judges it, not to its readers. They change nothing."""

    document_id: str
    page: int
    quote: str
    reason: str


class Difference(Frozen):
    """Where a model judged otherwise than the evidence reviewer; the worse of the two stands.

    subject is "overall", an aspect's name or a requirement_id.
    """

    subject: str
    evidence: str
    model: str
    stands: str


class StageUse(Frozen):
    """What one stage of a model's review used. cost_usd is None where the model's price is not known."""

    stage: str
    requests: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None
