"""The progress of a run for whoever watches: a step a document, log lines, a bar in Prefect's page."""

import time
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from planning_review.models import DocumentState
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import artifact_key
from run.context import RunContext

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


INTERVAL_SECONDS = 2
"""Each change is a request to the server: no more of them than a person can follow."""


class DocumentsProgress:
    """Counts documents up to a total, and shows it."""

    def __init__(self, run: RunContext, total: int) -> None:
        self._total = total
        self._done = 0
        self._shown_at = time.monotonic()
        artifact_id = create_progress_artifact(
            progress=0.0 if total else 100.0,
            key=artifact_key("progress", run.council.code, run.reference),
            description=self._describe(),
        )
        # Prefect's type allows for a coroutine, which there is none of outside an event loop.
        self._artifact_id = cast(UUID, artifact_id)

    def advance(self) -> None:
        """Count one document more."""
        self._done += 1
        now = time.monotonic()
        if self._done == self._total or now - self._shown_at > INTERVAL_SECONDS:
            self._shown_at = now
            update_progress_artifact(
                self._artifact_id, progress=100 * self._done / self._total, description=self._describe()
            )

    def _describe(self) -> str:
        return f"{self._done} of {self._total} documents are stored and read, or cannot be."
