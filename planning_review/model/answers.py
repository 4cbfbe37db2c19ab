"""What a model may answer: closed lists, short texts and quotes. Every fact is filled in by code."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from planning_review.model.lenient import Answer, Lenient
from planning_review.policy.requirements import AspectName, load_requirements

MOST_QUERIES = 24
KEY_ISSUE_WORDS = 25
ANALYSIS_WORDS = 90
REASON_WORDS = 40
RECOMMENDATION_WORDS = 30

RatingWord = Literal["red", "amber", "green", "no evidence"]
Verdict = Literal["met", "not met", "no evidence"]

_KNOWN = tuple(requirement.id for requirement in load_requirements())


def _check_known(requirement_id: str) -> str:
    if requirement_id not in _KNOWN:
        raise ValueError("is not the id of a requirement: copy one from the list of requirements")
    return requirement_id


# One list for all aspects, so that the tool's definition stays the same and its cache holds.
RequirementId = Annotated[
    str, AfterValidator(_check_known), WithJsonSchema({"type": "string", "enum": [*_KNOWN]})
]


def _words(most: int, what: str) -> Any:
    return Field(description=f"{what} At most {most} words, plain text.")


class QuoteGiven(Answer):
    """A verbatim, contiguous quote from one passage."""

    document_id: Annotated[str, Field(description="As in the passage's label.")]
    page: Annotated[int, Field(ge=1, description="As in the passage's label.")]
    quote: Annotated[str, StringConstraints(min_length=1, max_length=600)]


Quotes = Annotated[list[Annotated[QuoteGiven, Lenient]], Lenient]


class FindingGiven(Answer):
    """What the passages show of one requirement."""

    requirement_id: RequirementId
    compliant: Verdict
    reason: Annotated[str, Lenient, _words(REASON_WORDS, "What the quotes show.")]
    quotes: Quotes


class AspectAnswer(Answer):
    """The judgement of one aspect."""

    rating: Annotated[RatingWord, Lenient]
    key_issue: Annotated[str, Lenient, _words(KEY_ISSUE_WORDS, "The one thing that matters most.")]
    analysis: Annotated[str, Lenient, _words(ANALYSIS_WORDS, "What the passages show, and what they don't.")]
    quotes: Quotes
    findings: Annotated[list[Annotated[FindingGiven, Lenient]], Lenient]
    recommendations: Annotated[
        list[Annotated[str, Lenient]],
        Lenient,
        _words(RECOMMENDATION_WORDS, "None or one: what to ask the applicant for."),
    ]


class QueryGiven(Answer):
    """A search in the application's documents."""

    aspect: AspectName
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class PlanAnswer(Answer):
    """What to look for in the documents."""

    queries: Annotated[
        list[Annotated[QueryGiven, Lenient]],
        Lenient,
        Field(description=f"At most {MOST_QUERIES}, three an aspect."),
    ]


class SummaryAnswer(Answer):
    """The application in a few sentences."""

    overall_rating: Annotated[RatingWord, Lenient]
    summary: Annotated[str, Lenient, Field(description="Plain text in British English.")]
