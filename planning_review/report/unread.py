"""What was not read of the documents in which a matter should stand: silence proves nothing there."""

from collections.abc import Iterable

from planning_review.policy.expectations import list_places_of
from planning_review.report.contract import ReviewedDocument
from planning_review.report.presentation import list_unread, plain_text
from planning_review.rules.omissions import can_hold

_MOST_NAMED = 3


def describe_unread(aspects: Iterable[str], documents: Iterable[ReviewedDocument]) -> str:
    """Say which documents were not read, or not whole, that should hold what aspects ask for, else ""."""
    places = [list_places_of(aspect) for aspect in aspects]
    holding = [d for d in list_unread(documents) if any(can_hold(d.document_type, types) for types in places)]
    if not holding:
        return ""
    named = [f"{plain_text(d.title)} ({_say_why(d)})" for d in holding[:_MOST_NAMED]]
    if len(holding) > _MOST_NAMED:
        named.append(f"and {len(holding) - _MOST_NAMED} more")
    return f"It may stand in what was not read: {'; '.join(named)}."


def _say_why(document: ReviewedDocument) -> str:
    return plain_text(document.reason or document.state.value.replace("_", " ")).rstrip(".")
