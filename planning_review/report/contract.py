"""The shape of review.json, and of the judgement inside it that is worth caching."""

from datetime import date
from typing import Literal

from pydantic import Field

from planning_review.models import Application, DocumentState, Frozen
from planning_review.policy.basis import PolicyBasis
from planning_review.policy.editions import Mark
from planning_review.rules.provenance import Decision, Difference, StageUse, SuspiciousPassage

Rating = Literal["red", "amber", "green"]


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


class KeyDocument(Frozen):
    """A document that a reader should open first."""

    document_id: str
    title: str
    category: str | None
    summary: str
    url: str


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


class ReviewedApplication(Frozen):
    """The application's block of review.json."""

    reference: str
    site_address: str | None
    proposal: str | None
    application_type: str | None
    status: str | None
    decision: str | None
    applicant: str | None
    agent: str | None
    case_officer: str | None
    parish: str | None
    ward: str | None
    received_date: date | None
    valid_date: date | None
    consultation_end: date | None
    target_decision_date: date | None
    decision_date: date | None
    register_url: str
    other_fields: dict[str, str]

    @classmethod
    def of(cls, application: Application) -> "ReviewedApplication":
        """Return the block for an application."""
        return cls(**application.model_dump(exclude={"council"}))


class ReviewBody(Frozen):
    """The review itself, facts filled in by code."""

    overall_rating: Rating
    summary: str
    aspects: tuple[Aspect, ...]
    policy_compliance: tuple[ComplianceLine, ...]
    recommendations: tuple[str, ...]
    suggested_conditions: tuple[str, ...]
    key_documents: tuple[KeyDocument, ...]
    full_markdown: str
    suspicious: tuple[SuspiciousPassage, ...] = ()
    differences: tuple[Difference, ...] = ()
    notices: tuple[str, ...] = ()


class ReviewedDocument(Frozen):
    """A listed document and what became of it.

    reason is always there, except for a document indexed whole. document_type_reason says what tells
    the document_type; reviews of earlier releases have none. url is the public link where one stands,
    else the register's.
    """

    document_id: str
    title: str
    category: str | None
    document_type: str
    url: str
    register_url: str
    sha256: str | None
    size_bytes: int | None
    pages: int | None
    ocr_pages: int | None
    state: DocumentState
    reason: str | None
    document_type_reason: str | None = None


class ReviewMetadata(Frozen):
    """How the review was made. seconds is by stage."""

    model: str
    prompt_version: str
    policy_editions: dict[str, str]
    tokens: dict[str, int]
    cost_usd: float | None
    seconds: dict[str, float]
    versions: dict[str, str]
    stages: tuple[StageUse, ...] = ()
    policy_basis: tuple[PolicyBasis, ...] = ()


class Review(Frozen):
    """review.json, whole."""

    review_id: str
    application_ref: str
    council: str
    status: Literal["complete", "incomplete"]
    application: ReviewedApplication
    review: ReviewBody
    documents: tuple[ReviewedDocument, ...]
    metadata: ReviewMetadata
