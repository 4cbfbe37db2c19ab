"""Tells whoever watches a run what happens to each document; log lines where nobody does."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from prefect.logging import get_run_logger

from planning_review.models import DocumentState
from planning_review.report.contract import ReviewedDocument

Step = Literal["chosen", "fetched", "reused", "read", "indexed", "judged", "problem"]


class Event(NamedTuple):
    """One step of a run. title is the document's, or the run's reference."""

    step: Step
    title: str
    detail: str = ""


Listener = Callable[[Event], None]
_listeners: list[Listener] = []


def watch(listener: Listener) -> Callable[[], None]:
    """Send every event of this process to a listener; returns what ends that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def tell(step: Step, title: str, detail: str = "") -> None:
    """Log a step of the run and send it to the listeners."""
    event = Event(step, title, detail)
    logger = get_run_logger()
    (logger.warning if step == "problem" else logger.info)("%s: %s %s", step, title, detail)
    for listener in tuple(_listeners):
        listener(event)


def tell_problems(documents: Sequence[ReviewedDocument]) -> None:
    """Tell of every document that was chosen and is not searchable, with the reason."""
    for document in documents:
        if document.state not in (DocumentState.INDEXED, DocumentState.LEFT_OUT):
            tell("problem", document.title, f"{document.state.value}: {document.reason}")
