"""The shape of review.json."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from planning_review.models import Application, DocumentState, Frozen
from planning_review.policy.basis import PolicyBasis
from planning_review.rules.judgement import (
    Aspect,
    ComplianceLine,
    Contradiction,
    Difference,
    Fact,
    LetterTexts,
    LocalPolicy,
    Look,
    Omission,
    OtherMatter,
    OverallRating,
    ParkingSum,
    Pointer,
    StageUse,
    SuspiciousPassage,
    WorthReading,
)


class KeyDocument(Frozen):
    """A document that a reader should open first."""

    document_id: str
    title: str
    category: str | None
    summary: str
    url: str


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


class SuggestedCondition(Frozen):
    """A condition, with its reason and the place that it is for where the documents name one.

    Reviews of earlier releases have the text alone.
    """

    text: str
    reason: str = ""
    place: str | None = None
    requirement_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_bare_text(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value


class ReviewBody(Frozen):
    """The review itself, facts filled in by code."""

    overall_rating: OverallRating
    summary: str
    aspects: tuple[Aspect, ...]
    policy_compliance: tuple[ComplianceLine, ...]
    facts: tuple[Fact, ...] = ()
    omissions: tuple[Omission, ...] = ()
    cycle_parking: tuple[ParkingSum, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    local_policies: dict[str, tuple[LocalPolicy, ...]] = Field(default_factory=dict)
    worth_reading: tuple[WorthReading, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    recommendations: tuple[str, ...]
    suggested_conditions: tuple[SuggestedCondition, ...]
    key_documents: tuple[KeyDocument, ...]
    full_markdown: str
    suspicious: tuple[SuspiciousPassage, ...] = ()
    differences: tuple[Difference, ...] = ()
    other_matters: tuple[OtherMatter, ...] = ()
    letter_texts: LetterTexts = LetterTexts()
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
    """How the review was made. seconds is by stage; looks are what a model looked up."""

    model: str
    prompt_version: str
    policy_editions: dict[str, str]
    tokens: dict[str, int]
    cost_usd: float | None
    seconds: dict[str, float]
    versions: dict[str, str]
    stages: tuple[StageUse, ...] = ()
    looks: tuple[Look, ...] = ()
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
