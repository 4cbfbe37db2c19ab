"""The way of documents through a run: small batches, and each stage mapped over what is ready for it."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Literal, NamedTuple

from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger

from planning_review.errors import PlanningReviewError
from planning_review.models import DocumentState, ListedDocument
from run.context import RunContext
from run.documents import Journey, Needs, is_completed, look_at_document
from run.progress import DocumentsProgress, tell

BATCH_SIZE = 4
"""Documents that begin at once, as soon as fewer downloads than that are under way. The runner's threads
are first in, first out: small batches let the first document be read while later ones are fetched."""


LOOKS_AT_ONCE = 16

UNLISTED_SIZE_BYTES = 5_000_000
"""What a document without a printed size is taken for."""

PUSH_INTERVAL_SECONDS = 15
"""How old the manifest in the bucket may grow: a run that is killed asks for that much again."""

Step = Literal["stored", "uploaded", "text", "indexed"]
"""A stage, by the name that its task has in a document's journey."""


class Ready(NamedTuple):
    """Documents that have the same needs and are ready for a stage."""

    step: Step
    needs: Needs
    journeys: list[Journey]


def look_at_documents(run: RunContext, documents: Sequence[ListedDocument]) -> list[Journey]:
    """Return each document's way: what is missing of it, and the results of what is not."""
    # Some looks are requests to the bucket, or read a whole file.
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        # Each look in the run's own context, which its log lines go by.
        looks = [pool.submit(copy_context().run, look_at_document, run, document) for document in documents]
        return [look.result() for look in looks]


def batch_by_needs(journeys: Sequence[Journey]) -> Iterator[list[Journey]]:
    """Yield small batches of documents that need the same stages, in the listing's order."""
    for _, group in groupby(journeys, key=lambda journey: journey.needs):
        members = list(group)
        for start in range(0, len(members), BATCH_SIZE):
            yield members[start : start + BATCH_SIZE]


class DocumentLine:
    """The documents of a run on their way. journeys holds each that has begun, by its document's id.

    A task is given the results of the stages before it, never their futures: for a future that is not
    yet done Prefect asks its server for a state, which nobody needs, over a pool of connections that
    loses requests when many threads do it at once (encode/httpcore #1110).
    """

    def __init__(self, run: RunContext, documents: Sequence[ListedDocument]) -> None:
        self._run = run
        self._progress = DocumentsProgress(run, len(documents))
        looked_at = look_at_documents(run, documents)
        self._through = [journey for journey in looked_at if not any(journey.needs)]
        self._batches = batch_by_needs([journey for journey in looked_at if any(journey.needs)])
        self._ended: SimpleQueue[tuple[Step, Journey]] = SimpleQueue()
        self._tasks_left: Counter[str] = Counter()
        self._downloads = 0
        self._pushed_at = time.monotonic()
        self.journeys: dict[str, Journey] = {}

    def walk(self) -> Iterator[Ready]:
        """Yield what is ready for a stage, until every document is through or the run is to stop.

        What is yielded has to be begun before the next is asked for.
        """
        self._pass_those_through()
        batch = next(self._batches, None)
        while (not self._run.stopping.is_set and batch) or self._tasks_left:
            if batch and not self._run.stopping.is_set and self._has_room(batch):
                self.journeys |= {journey.document.document_id: journey for journey in batch}
                yield from self._list_ready(
                    (step, journey) for journey in batch for step in _next_steps(journey, self._is_remote)
                )
                batch = next(self._batches, None)
            elif self._tasks_left:
                yield from self._take_ended()
        self._push_manifest()
        # What ends because the run is to stop has not failed.
        self._run.stopping.check()

    def begin(self, ready: Ready, tasks: Sequence[PrefectFuture[Any]]) -> None:
        """Take the tasks that a stage was mapped to."""
        for journey, task in zip(ready.journeys, tasks, strict=True):
            setattr(journey, ready.step, task)
            self._tasks_left[journey.document.document_id] += 1
            self._downloads += ready.step == "stored"
            task.add_done_callback(partial(self._note_end, ready.step, journey))

    def _note_end(self, step: Step, journey: Journey, task: PrefectFuture[Any]) -> None:
        """Called in the task's own thread, which only leaves a note."""
        self._ended.put((step, journey))

    @property
    def _is_remote(self) -> bool:
        return self._run.files.storage.is_remote

    def _pass_those_through(self) -> None:
        """Count the documents of which nothing is missing; no task is made for them."""
        for journey in self._through:
            self.journeys[journey.document.document_id] = journey
            tell("reused", journey.document.title)
            self._remove_temporary(journey)
            self._progress.advance()

    def _has_room(self, batch: Sequence[Journey]) -> bool:
        """Return whether a batch may begin; with S3 it has to fit on the disk, or goes alone."""
        if self._downloads >= BATCH_SIZE:
            return False
        if not self._is_remote or not self._tasks_left:
            return True
        under_way = [self.journeys[document_id].document for document_id in self._tasks_left]
        taken_bytes = max(_expect_bytes(under_way), self._run.files.measure_local_bytes())
        wanted_bytes = _expect_bytes([journey.document for journey in batch])
        return taken_bytes + wanted_bytes <= self._run.settings.temp_limit_bytes

    def _take_ended(self) -> Iterator[Ready]:
        """Wait for a task to end, and yield what those that have ended are followed by."""
        ended = [self._ended.get()]
        try:
            while True:
                ended.append(self._ended.get_nowait())
        except Empty:
            pass
        self._downloads -= sum(step == "stored" for step, _ in ended)
        yield from self._list_ready(
            (follower, journey)
            for step, journey in ended
            # What an upload is followed by began beside it.
            if step != "uploaded"
            for follower in _next_steps(journey, self._is_remote)
        )
        for _, journey in ended:
            self._leave(journey)

    def _list_ready(self, steps: Iterable[tuple[Step, Journey]]) -> list[Ready]:
        """Put together what can be mapped at once."""
        ready: dict[tuple[Step, Needs], list[Journey]] = {}
        for step, journey in steps:
            ready.setdefault((step, journey.needs), []).append(journey)
        return [Ready(step, needs, journeys) for (step, needs), journeys in ready.items()]

    def _leave(self, journey: Journey) -> None:
        """Count a task that ended; with its last one the document is through."""
        document_id = journey.document.document_id
        self._tasks_left[document_id] -= 1
        if self._tasks_left[document_id]:
            return
        del self._tasks_left[document_id]
        self._remove_temporary(journey)
        self._progress.advance()
        if time.monotonic() - self._pushed_at > PUSH_INTERVAL_SECONDS:
            self._push_manifest()

    def _push_manifest(self) -> None:
        try:
            self._run.files.push_manifest()
            self._run.is_manifest_stored = True
        except PlanningReviewError as error:
            self._run.is_manifest_stored = False
            get_run_logger().warning("The manifest was not stored: %s", error)
        self._pushed_at = time.monotonic()

    def _remove_temporary(self, journey: Journey) -> None:
        """Remove a document's temporary file once it is stored and read; else keep it and say so."""
        if journey.stored is None or journey.uploaded is None:
            return
        stored, files = journey.stored.result(), self._run.files
        if not is_completed(journey.uploaded):
            files.warn_about_kept(stored, "its upload failed")
            return
        files.record_link(stored, journey.uploaded.result().url)
        if journey.text is None or not is_completed(journey.text):
            files.warn_about_kept(stored, "its text could not be read")
        elif not is_completed(journey.indexed) and journey.text.result().state == DocumentState.INDEXED:
            files.warn_about_kept(stored, "it could not be indexed")
        else:
            files.remove_local(stored)


def _next_steps(journey: Journey, is_remote: bool) -> list[Step]:
    """Return the stages that a document is ready for and that nothing has begun."""
    if journey.stored is None:
        return ["stored"]
    if not is_completed(journey.stored):
        return []
    steps: list[Step] = ["uploaded"] if is_remote and journey.uploaded is None else []
    if journey.text is None:
        steps.append("text")
    elif journey.indexed is None and is_completed(journey.text):
        steps.append("indexed")
    return steps


def _expect_bytes(documents: Sequence[ListedDocument]) -> int:
    return sum(document.size_bytes_listed or UNLISTED_SIZE_BYTES for document in documents)
