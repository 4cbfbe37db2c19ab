"""The shape of a letter's JSON file."""

import datetime
from typing import Literal

from planning_review.models import Frozen

Stance = Literal["object", "support", "conditional", "neutral"]
Tone = Literal["formal", "accessible"]


class LetterCitation(Frozen):
    """A verified quote, 1-based page; label is how the letter names its place, url opens the page, or ""."""

    document_id: str
    title: str
    page: int
    quote: str
    label: str
    url: str


class LetterPolicy(Frozen):
    """A policy that a point rests on; text is what it asks for."""

    policy_source: str
    edition: str
    paragraph: str
    text: str


class LetterPoint(Frozen):
    """One matter: what is proposed, what policy asks, who is harmed, and what is asked for.

    policy_words is the sentence that the letter has of policy. harm is empty where policy is met. weight is
    core or other. requirements are those it is made of. needs_a_person says why somebody has to look first:
    it is for the draft only, and no final letter has such a point.
    """

    title: str
    proposal: str
    policy: tuple[LetterPolicy, ...]
    policy_words: str
    harm: str
    ask: str
    weight: Literal["core", "other"]
    requirements: tuple[str, ...]
    needs_a_person: str | None = None
    citations: tuple[LetterCitation, ...] = ()


class LetterCondition(Frozen):
    """A condition with its reason, and the place that it is for where the documents name one."""

    text: str
    reason: str
    place: str | None = None


class LetterOmission(Frozen):
    """What the application leaves out, as the letter says it."""

    omission_id: str
    title: str
    text: str


class Letter(Frozen):
    """A letter to the council, whole. It is a draft, marked as such, until it is final.

    officer is None where the letter is to no named person. words counts its own text, without
    address, conditions and the lists of what was read.
    """

    letter_id: str
    review_id: str
    application_ref: str
    council: str
    stance: Stance
    tone: Tone
    status: Literal["draft", "final"]
    officer: str | None
    date: datetime.date
    signed_by: str
    recipient: tuple[str, ...]
    salutation: str
    subject: str
    opening: str
    welcome: str
    points: tuple[LetterPoint, ...]
    omissions: tuple[LetterOmission, ...]
    conditions: tuple[LetterCondition, ...]
    ground: str | None
    closing_paragraphs: tuple[str, ...]
    read: tuple[str, ...]
    unread: tuple[str, ...]
    words: int
    closing: str
