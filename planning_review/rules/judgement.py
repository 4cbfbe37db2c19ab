"""The judgement and what it is made of: findings by requirement, aspects, and how they came about."""

from datetime import date
from typing import Literal

from pydantic import Field

from planning_review.models import Frozen
from planning_review.policy.basis import PolicyBasis
from planning_review.policy.editions import Mark

Rating = Literal["red", "amber", "green"]


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


class Citation(Frozen):
    """A verbatim quote; page is 1-based. verified is the citation gate's word, never a model's.

    corrected_from is the page that was cited first, where the quote stands on another.
    """

    document_id: str
    page: int
    quote: str
    verified: bool
    corrected_from: int | None = None


class Aspect(Frozen):
    """One side of an application. rating is None where nothing was found to judge it by."""

    name: str
    rating: Rating | None
    key_issue: str
    analysis: str
    citations: tuple[Citation, ...] = ()
    decision: Decision | None = None


class ComplianceLine(Frozen):
    """One requirement held against the documents. compliant is None where there is no evidence.

    mark tells how the requirement's own figures are known (planning_review.policy.editions.Mark).
    """

    requirement_id: str
    requirement: str
    policy_source: str
    edition: str
    paragraph: str
    compliant: bool | None
    notes: str
    citations: tuple[Citation, ...] = ()
    mark: Mark | None = None
    decision: Decision | None = None


class Judgement(Frozen):
    """What a reviewer concluded: everything that depends on the evidence alone.

    key_documents maps a document_id to a sentence on why it matters. judged_on is the day of the
    judgement (Europe/London) and stays when the judgement comes from the cache. notices are what a
    reader must know of how it was made: that a model was used, or that one gave no review.
    """

    model: str
    judged_on: date
    overall_rating: Rating
    summary: str
    aspects: tuple[Aspect, ...]
    policy_compliance: tuple[ComplianceLine, ...]
    recommendations: tuple[str, ...] = ()
    suggested_conditions: tuple[str, ...] = ()
    key_documents: dict[str, str] = Field(default_factory=dict)
    policy_editions: dict[str, str] = Field(default_factory=dict)
    prompt_version: str
    tokens: dict[str, int] = Field(default_factory=dict)
    cost_usd: float | None = None
    stages: tuple[StageUse, ...] = ()
    policy_basis: tuple[PolicyBasis, ...] = ()
    suspicious: tuple[SuspiciousPassage, ...] = ()
    differences: tuple[Difference, ...] = ()
    notices: tuple[str, ...] = ()
