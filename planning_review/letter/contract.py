"""The shape of a letter's JSON file."""

import datetime
from typing import Literal

from planning_review.models import Frozen

Stance = Literal["object", "support", "conditional", "neutral"]
Tone = Literal["formal", "accessible"]


class LetterCitation(Frozen):
    """A verified quote, 1-based page; url opens the page, and is "" where there can be no link."""

    document_id: str
    title: str
    page: int
    quote: str
    url: str


class LetterPoint(Frozen):
    """One requirement that the application meets or falls short of, with its policy and evidence."""

    aspect: str | None
    heading: str
    text: str
    requirement: str
    policy_source: str
    edition: str
    paragraph: str
    citations: tuple[LetterCitation, ...]


class Letter(Frozen):
    """A letter to the council, whole. It is a draft, marked as such, until it is final.

    officer is None where the letter is to no named person. points_left_out counts the points that
    the review has and the letter, for its length, has not.
    """

    letter_id: str
    review_id: str
    application_ref: str
    council: str
    stance: Stance
    tone: Tone
    officer: str | None
    date: datetime.date
    group: str
    final: bool
    recipient: tuple[str, ...]
    salutation: str
    subject: str
    opening: tuple[str, ...]
    points: tuple[LetterPoint, ...]
    points_left_out: int
    conditions: tuple[str, ...]
    closing_paragraphs: tuple[str, ...]
    closing: str
