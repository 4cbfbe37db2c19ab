"""What a model may answer: closed lists, short texts and quotes. Every fact is filled in by code."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from planning_review.model.lenient import Answer, Lenient
from planning_review.policy.requirements import AspectName, load_requirements

KEY_ISSUE_WORDS = 25
ANALYSIS_WORDS = 90
REASON_WORDS = 40
RECOMMENDATION_WORDS = 30
TITLE_WORDS = 12
MATTER_WORDS = 60
HARM_WORDS = 45
ASK_WORDS = 35
OPENING_WORDS = 50
MOST_MATTERS = 12

RatingWord = Literal["red", "amber", "green", "no evidence"]
Verdict = Literal["met", "not met", "no evidence", "disputed"]
MatterKind = Literal["statement", "comparison", "missing", "picture"]

_KNOWN = tuple(requirement.id for requirement in load_requirements())


def _check_known(requirement_id: str) -> str:
    if requirement_id not in _KNOWN:
        raise ValueError("is not the id of a requirement: copy one from the list of requirements")
    return requirement_id


# One list for all aspects, so that the tool's definition stays the same and its cache holds.
RequirementId = Annotated[
    str, AfterValidator(_check_known), WithJsonSchema({"type": "string", "enum": [*_KNOWN]})
]
# The list stands once in what is sent: elsewhere an id is a text, and checked all the same.
RequirementNamed = Annotated[str, AfterValidator(_check_known), WithJsonSchema({"type": "string"})]


def _words(most: int, what: str) -> Any:
    return Field(description=f"{what} At most {most} words, plain text.")


class QuoteGiven(Answer):
    """A verbatim, contiguous quote from one page or passage."""

    document_id: Annotated[str, Field(description="As in the label.")]
    page: Annotated[int, Field(ge=1, description="As in the label.")]
    quote: Annotated[str, StringConstraints(min_length=1, max_length=600)]


Quotes = Annotated[list[Annotated[QuoteGiven, Lenient]], Lenient]


class FindingGiven(Answer):
    """What the documents show of one requirement; disputed: that the rules' finding on it is wrong."""

    requirement_id: RequirementId
    compliant: Verdict
    reason: Annotated[str, Lenient, _words(REASON_WORDS, "What the quotes show.")]
    quotes: Quotes


class AspectAnswer(Answer):
    """The judgement of one aspect."""

    aspect: AspectName
    rating: Annotated[RatingWord, Lenient]
    key_issue: Annotated[str, Lenient, _words(KEY_ISSUE_WORDS, "The one thing that matters most.")]
    analysis: Annotated[str, Lenient, _words(ANALYSIS_WORDS, "What the documents show, and what they don't.")]
    quotes: Quotes
    findings: Annotated[list[Annotated[FindingGiven, Lenient]], Lenient]
    recommendations: Annotated[
        list[Annotated[str, Lenient]],
        Lenient,
        _words(RECOMMENDATION_WORDS, "None or one: what to ask the applicant for."),
    ]


class AspectsAnswer(Answer):
    """The judgement of the aspects that were asked about, one item each."""

    aspects: Annotated[list[Annotated[AspectAnswer, Lenient]], Lenient]


class PlaceGiven(Answer):
    """A page that was looked at as a picture."""

    document_id: str
    page: Annotated[int, Field(ge=1)]


class MatterGiven(Answer):
    """Something that the requirements don't name, or that is missing."""

    kind: Annotated[
        MatterKind,
        Field(
            description="statement: one or more quotes show it. comparison: two quotes don't agree. missing: "
            "the documents in missing_from, sent whole, say nothing of it. picture: a page that you "
            "looked at as a picture shows it."
        ),
    ]
    title: Annotated[str, _words(TITLE_WORDS, "What it is.")]
    text: Annotated[str, _words(MATTER_WORDS, "What is wrong, where, and for whom.")]
    ask: Annotated[str, Lenient, _words(ASK_WORDS, "What to ask for, or empty.")]
    policy: Annotated[
        str, Field(description="The label of a policy passage that you were shown, or a requirement's id.")
    ]
    quotes: Quotes
    missing_from: Annotated[list[str], Lenient, Field(description="document_ids, for missing alone.")]
    pictures: Annotated[
        list[Annotated[PlaceGiven, Lenient]], Lenient, Field(description="For picture alone.")
    ]


class MattersAnswer(Answer):
    """What else matters, the gravest first; an empty list where nothing does."""

    matters: Annotated[
        list[Annotated[MatterGiven, Lenient]], Lenient, Field(description=f"At most {MOST_MATTERS}.")
    ]


class PointGiven(Answer):
    """The words of a letter on one finding."""

    requirement_id: RequirementNamed
    harm: Annotated[str, Lenient, _words(HARM_WORDS, "Who is harmed, where and how.")]
    ask: Annotated[str, Lenient, _words(ASK_WORDS, "What the council is to ask for, one sentence.")]


class TextsAnswer(Answer):
    """The application in a few sentences, and the words of a letter."""

    overall_rating: Annotated[RatingWord, Lenient]
    summary: Annotated[str, Lenient, Field(description="Plain text in British English.")]
    opening: Annotated[
        str, Lenient, _words(OPENING_WORDS, "What matters most in this application, without a stance.")
    ]
    points: Annotated[list[Annotated[PointGiven, Lenient]], Lenient]


ANSWERS: dict[str, type[Answer]] = {
    "judge_aspects": AspectsAnswer,
    "raise_matters": MattersAnswer,
    "write_texts": TextsAnswer,
}
"""Every answer of a review by its tool. All go along with each request, or the cache would not hold."""
