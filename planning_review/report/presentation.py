"""What the Markdown, the HTML and the letter show alike: words, dates, deadlines, sources, order."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date

from planning_review.dates import format_date as format_date
from planning_review.models import DocumentState, Frozen, name_place
from planning_review.report.contract import (
    Review,
    ReviewedApplication,
    ReviewedDocument,
    SuggestedCondition,
)
from planning_review.report.links import page_link
from planning_review.rules.judgement import (
    Aspect,
    Citation,
    ComplianceLine,
    Contradiction,
    Omission,
    OtherMatter,
    OverallRating,
    Picture,
    Pointer,
    SuspiciousPassage,
    WorthReading,
)
from planning_review.rules.parking_sums import say_sum as say_sum
from planning_review.rules.rating import is_disputed

RATING_WORDS: dict[OverallRating | None, str] = {
    "red": "Serious concerns",
    "amber": "Some concerns",
    "green": "Few or no concerns",
    "none": "Nothing, or too little, for this policy to judge",
    None: "Not rated",
}
STATUS_WORDS = {
    "proposed": "this scheme",
    "existing": "there today",
    "by_others": "others",
    "elsewhere": "elsewhere",
    "rejected": "dropped",
}
"""Whose the thing is that a fact is of."""
GROUP_WORDS = ("Not met", "Not settled", "Met", "Dismissed", "No evidence")
"""The groups of the policy table, in its order."""
STATE_WORDS = {
    DocumentState.LEFT_OUT: "Left out",
    DocumentState.INDEXED: "Read",
    DocumentState.STORED: "Kept, not read",
    DocumentState.DAMAGED: "Damaged",
    DocumentState.LOCKED: "Locked",
    DocumentState.UNSUPPORTED: "Unsupported",
    DocumentState.GONE: "Gone",
    DocumentState.FAILED: "Failed",
}

FACT_LABELS = {
    "site_address": "Site",
    "application_type": "Type",
    "status": "Status",
    "decision": "Decision",
    "applicant": "Applicant",
    "agent": "Agent",
    "case_officer": "Case officer",
    "parish": "Parish",
    "ward": "Ward",
    "received_date": "Received",
    "valid_date": "Valid from",
    "consultation_end": "Comments by",
    "target_decision_date": "Decision due",
    "decision_date": "Decided on",
}

# Directional marks turn the text around them; tag characters and zero-width spaces hide text.
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


class Source(Frozen):
    """Where a quote stands; url is "" where there can be no link."""

    title: str
    page: int
    url: str
    part: str | None = None
    part_page: int | None = None

    @property
    def label(self) -> str:
        """Return the words of the link: `Transport Assessment, page 12`."""
        return f"{self.title}, {name_place(self.page, self.part, self.part_page)}"


class Deadline(Frozen):
    """Until when comments are taken: a few words, the day where there is one, and what there is to add."""

    says: str
    end: date | None = None
    detail: str


def plain_text(text: str) -> str:
    """Return a text on one line, without control characters and hidden or directional marks."""
    shown = (c for c in _HIDDEN.sub("", text) if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(shown).split())


def split_paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, which blank lines part."""
    return [part for part in map(plain_text, re.split(r"\n\s*\n", text)) if part]


def judged_on(review: Review) -> date:
    """Return the day of the judgement, which the review's id carries."""
    return date.fromisoformat(review.review_id[4:12])


def list_facts(application: ReviewedApplication) -> list[tuple[str, str]]:
    """Return the application's facts that the register gives, each with its label."""
    facts = []
    for field, label in FACT_LABELS.items():
        value = getattr(application, field)
        if value is not None:
            facts.append((label, format_date(value) if isinstance(value, date) else plain_text(value)))
    return facts


def describe_deadline(application: ReviewedApplication, today: date) -> Deadline:
    """Say until when comments are taken, with the days left as of today, which a page may outlive."""
    if application.decision:
        decided = f" on {format_date(application.decision_date)}" if application.decision_date else ""
        return Deadline(says="Already decided", detail=f"{plain_text(application.decision)}{decided}")
    end = application.consultation_end
    if end is None:
        return Deadline(says="No date given", detail="The register shows none: ask the case officer")
    days = (end - today).days
    if days < 0:
        ago = f"Seen on {format_date(today)}"
        return Deadline(says="Closed on", end=end, detail=f"{ago}: ask whether late comments are read")
    left = "the last day" if days == 0 else "1 day left" if days == 1 else f"{days} days left"
    return Deadline(says="By", end=end, detail=f"On {format_date(today)}: {left}")


def say_until(application: ReviewedApplication) -> str:
    """Say until when comments are taken in a sentence that is true on any day."""
    if application.decision:
        return "Already decided."
    if application.consultation_end is None:
        return "The register shows no date until which comments are taken: ask the case officer."
    return f"Comments are taken until {format_date(application.consultation_end)}."


def find_source(
    documents: dict[str, ReviewedDocument],
    quoted: Citation | SuspiciousPassage | WorthReading | Pointer | Picture,
) -> Source:
    """Return where a quote stands, with the link that opens its page."""
    document = documents[quoted.document_id]
    part, part_page = (None, None) if isinstance(quoted, Picture) else (quoted.part, quoted.part_page)
    return Source(
        title=plain_text(document.title),
        page=quoted.page,
        # A part's pages are none of the document's own.
        url=page_link(document.url, 0 if part else quoted.page),
        part=part,
        part_page=part_page,
    )


def is_unverified(item: Aspect | ComplianceLine) -> bool:
    """Return whether an item has quotes and none of them stands on the page that it cites."""
    return bool(item.citations) and not any(citation.verified for citation in item.citations)


def group_lines(lines: Iterable[ComplianceLine]) -> list[tuple[str, list[ComplianceLine]]]:
    """Return the lines in the groups of GROUP_WORDS that have any."""
    groups: dict[str, list[ComplianceLine]] = {word: [] for word in GROUP_WORDS}
    for line in lines:
        groups[_name_group(line)].append(line)
    return [(word, members) for word, members in groups.items() if members]


def _name_group(line: ComplianceLine) -> str:
    if line.is_dismissed:
        return "Dismissed"
    if is_disputed(line):
        return "Not settled"
    if line.compliant is None:
        return "Not settled" if line.citations else "No evidence"
    return "Met" if line.compliant else "Not met"


LOCAL_WORDS = {
    "development plan": "The local plan",
    "county standard": "The county’s standard",
    "local transport plan": "The county’s transport plan",
}
"""Whose policy a sentence of a loaded local text is."""

MATTER_WORDS = {
    "statement": "stated",
    "comparison": "two statements that differ",
    "missing": "missing",
    "picture": "read off a drawing",
}
"""How a model knows of what it raises beyond the requirements."""


def list_other_matters(matters: Iterable[OtherMatter]) -> list[OtherMatter]:
    """Return what a model raises beyond the requirements, but for what a person dismissed."""
    return [m for m in matters if m.decision is None or m.decision.verdict != "dismissed"]


def say_check(matter: OtherMatter) -> str:
    """Return what a person has to look at first, "" where nothing is in doubt or they have decided."""
    return "" if matter.decision else matter.needs_check


def list_unread(documents: Iterable[ReviewedDocument]) -> list[ReviewedDocument]:
    """Return the documents that could not be read, or only in part."""
    whole = (DocumentState.LEFT_OUT, DocumentState.INDEXED)
    return [d for d in documents if d.state not in whole or (d.state is DocumentState.INDEXED and d.reason)]


def describe_state(document: ReviewedDocument) -> str:
    """Say what became of a document, with the reason and the pages read by OCR."""
    text = STATE_WORDS[document.state]
    if document.state is DocumentState.INDEXED and document.ocr_pages:
        text += f" ({document.ocr_pages} {'page' if document.ocr_pages == 1 else 'pages'} by OCR)"
    reason = _say_reason(document)
    return f"{text}: {reason}" if reason else text


def group_left_out(documents: Iterable[ReviewedDocument]) -> list[tuple[str, list[str]]]:
    """Return the titles of the documents left out, by reason, in the order of the register."""
    groups: dict[str, list[str]] = {}
    for document in documents:
        if document.state is DocumentState.LEFT_OUT:
            reason = _say_reason(document).rstrip(".")
            groups.setdefault(_capitalise(reason) or "No reason recorded", []).append(document.title)
    return [(reason, _count_same(titles)) for reason, titles in groups.items()]


def _count_same(titles: Iterable[str]) -> list[str]:
    """Return each title once, with how often it is there."""
    return [title if count == 1 else f"{title} ({count})" for title, count in Counter(titles).items()]


def _say_reason(document: ReviewedDocument) -> str:
    """Return why a document has its state, which the reason itself may name first."""
    return plain_text(document.reason or "").removeprefix(f"{STATE_WORDS[document.state]}: ")


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def split_omissions(omissions: Iterable[Omission]) -> tuple[list[Omission], list[Omission]]:
    """Return what is missing, and what was only not found, or may be left to a later stage."""
    kept = [o for o in omissions if o.decision is None or o.decision.verdict != "dismissed"]
    return [o for o in kept if o.is_claimed], [o for o in kept if not o.is_claimed]


def explain_open(omission: Omission) -> str:
    """Say of what is not held against an application what was not found, and why it is not."""
    if omission.why_open:
        return f"{omission.text} It may stand in what was not read: {omission.why_open}."
    return f"{omission.text} An outline application may leave it to a later stage: ask for it."


def name_difference(found: Contradiction) -> str:
    """Return what two documents differ in, with the place where one is named."""
    title = f"{_capitalise(found.subject)}{f', {found.place}' if found.place else ''}"
    return f"{title} (dismissed)" if found.decision and found.decision.verdict == "dismissed" else title


def say_condition(condition: SuggestedCondition) -> str:
    """Return a condition with its place and reason."""
    place = f" Place: {condition.place}." if condition.place else ""
    reason = f" Reason: {condition.reason}." if condition.reason else ""
    return f"{condition.text}{place}{reason}"


def say_conditions(conditions: Iterable[SuggestedCondition]) -> list[str]:
    """Return conditions with their places and reasons."""
    return [say_condition(condition) for condition in conditions]


def count_replies(documents: Iterable[ReviewedDocument]) -> int:
    """Return how many replies of consultees are listed and were not read."""
    return sum(
        document.document_type == "consultation_response" and document.state is DocumentState.LEFT_OUT
        for document in documents
    )
