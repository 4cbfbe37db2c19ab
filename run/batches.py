"""The small batches in which documents pass through a run, within the bounds of the temporary folder."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import groupby

from prefect.futures import wait
from prefect.logging import get_run_logger

from planning_review.errors import PlanningReviewError
from planning_review.models import DocumentState, ListedDocument
from run.context import RunContext
from run.documents import Journey, Needs, find_needs
from run.progress import DocumentsProgress

BATCH_SIZE = 4
"""Documents mapped at once. The runner's threads are first in, first out, and a task that waits for
its input holds one: small batches let the first document be read while later ones are fetched."""


LOOKS_AT_ONCE = 8

UNLISTED_SIZE_BYTES = 5_000_000
"""What a document without a printed size is taken for."""

PUSH_INTERVAL_SECONDS = 15
"""How old the manifest in the bucket may grow: a run that is killed asks for that much again."""


def batch_by_needs(
    run: RunContext, documents: Sequence[ListedDocument]
) -> Iterator[tuple[Needs, list[ListedDocument]]]:
    """Yield small batches of documents that need the same stages, in the listing's order."""
    # Some looks are requests to the bucket, or read a whole file.
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        # Each look in the run's own context, which its log lines go by.
        looks = [pool.submit(copy_context().run, find_needs, run, document) for document in documents]
        with_needs = [(look.result(), document) for look, document in zip(looks, documents, strict=True)]
    for needs, group in groupby(with_needs, key=lambda pair: pair[0]):
        members = [document for _, document in group]
        for start in range(0, len(members), BATCH_SIZE):
            yield needs, members[start : start + BATCH_SIZE]


class BatchWindow:
    """The batches under way. journeys holds the tasks of every document, by its id."""

    def __init__(self, run: RunContext, total: int) -> None:
        self._run = run
        self._progress = DocumentsProgress(run, total)
        self._batches: deque[list[Journey]] = deque()
        self._expected_bytes: deque[int] = deque()
        self._pushed_at = time.monotonic()
        self.journeys: dict[str, Journey] = {}

    def make_room(self, documents: Sequence[ListedDocument]) -> None:
        """Wait until a batch fits beside those under way; one that never fits goes alone."""
        limit_bytes = self._run.settings.temp_limit_bytes
        while self._run.files.storage.is_remote and self._batches:
            taken_bytes = max(sum(self._expected_bytes), self._run.files.measure_local_bytes())
            if taken_bytes + _expect_bytes(documents) <= limit_bytes:
                return
            self._settle_oldest()

    def add(self, documents: Sequence[ListedDocument], journeys: Sequence[Journey]) -> None:
        """Take a batch that was just submitted."""
        self._batches.append(list(journeys))
        self._expected_bytes.append(_expect_bytes(documents))
        self.journeys |= dict(zip((document.document_id for document in documents), journeys, strict=True))

    def drain(self) -> None:
        """Wait for all batches."""
        while self._batches:
            self._settle_oldest()
        self._push_manifest()
        # What ends because the run is to stop has not failed.
        self._run.stopping.check()

    def _settle_oldest(self) -> None:
        batch = self._batches.popleft()
        self._expected_bytes.popleft()
        for journey in batch:
            wait([future for future in journey if future is not None])
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
        if journey.uploaded is None or not journey.stored.state.is_completed():
            return
        stored, files = journey.stored.result(), self._run.files
        if not journey.uploaded.state.is_completed():
            files.warn_about_kept(stored, "its upload failed")
            return
        files.record_link(stored, journey.uploaded.result().url)
        if not journey.text.state.is_completed():
            files.warn_about_kept(stored, "its text could not be read")
        elif not journey.indexed.state.is_completed() and (
            journey.text.result().state == DocumentState.INDEXED
        ):
            files.warn_about_kept(stored, "it could not be indexed")
        else:
            files.remove_local(stored)


def _expect_bytes(documents: Sequence[ListedDocument]) -> int:
    return sum(document.size_bytes_listed or UNLISTED_SIZE_BYTES for document in documents)
