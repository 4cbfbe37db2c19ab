"""Documents read in worker processes that can be killed, one a core.

MuPDF and tesseract can't be interrupted from within, and anyone may have written the files: so each
document is read in a process of its own kind, with limits on its time and memory, and a worker that
passes one is killed with everything that it has started.
"""

import atexit
import glob
import os
import queue
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from itertools import count
from pathlib import Path
from types import TracebackType

from planning_review.documents.formats.table import can_go_on
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.pages.page_text import make_page, needs_ocr
from planning_review.documents.workers.conclusion import conclude_document
from planning_review.documents.workers.handle import Answer, WorkerHandle
from planning_review.documents.workers.messages import DrawJob, Drawn, Job, OcrJob, TextJob
from planning_review.errors import ExtractionError
from planning_review.models import DocumentText, FileKind, PageText, WordPlace

_TEXT_FIRST = 0
_LAST = 1 << 30
_TRIES = 3
_CLOSE_SECONDS = 2.0

_PageAndPlaces = tuple[PageText, tuple[WordPlace, ...]]
_QueuedJob = tuple[int, int, Job | None, "Future[Answer]"]


class ExtractionPool:
    """Reads documents in worker processes. Any number of threads may use one pool.

    No process is started before the first document. The text of a document is one job, each page
    that needs OCR another, so that all workers share one long scan. text_seconds is the limit on a
    document's text, and seconds_a_page is added to it for each page read; ocr_seconds is the limit on
    one page's OCR, document_ocr_seconds on that of all pages of a document, summed over the workers;
    all are seconds of the processor. memory_bytes is the address space of a worker and of its tesseract
    (Linux only).
    """

    def __init__(
        self,
        workers: int,
        *,
        text_seconds: float = 30.0,
        seconds_a_page: float = 2.0,
        ocr_seconds: float = 60.0,
        document_ocr_seconds: float = 7200.0,
        memory_bytes: int = 4 * 1024**3,
    ) -> None:
        self._workers = workers
        self._text_seconds = text_seconds
        self._seconds_a_page = seconds_a_page
        self._ocr_seconds = ocr_seconds
        self._document_ocr_seconds = document_ocr_seconds
        self._memory_bytes = memory_bytes
        self._queue: queue.PriorityQueue[_QueuedJob] = queue.PriorityQueue()
        self._turn = count()
        self._lock = threading.Lock()
        self._closed = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._handles: list[WorkerHandle] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "ExtractionPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_document(
        self, path: Path, sha256: str, kind: FileKind, *, is_wanted: Callable[[], bool] = lambda: True
    ) -> DocumentText:
        """Return all that can be read of a file; blocks until it is read.

        A bad document raises nothing: its state and its reason say what is wrong with it, and pages
        that were read before a time-out are kept. Raises ExtractionError where our own side failed, or
        where is_wanted, which is asked after each page of a scan, says no.
        """
        ocr = ocr_version()
        answers = self._read_text(str(path.resolve()), kind)
        pages = {page.number: page for answer in answers for page in answer.pages}
        waiting = [page for page in pages.values() if needs_ocr(page)]
        places: dict[int, tuple[WordPlace, ...]] = {}
        for page, found in self._read_scans(str(path.resolve()), kind, waiting, is_wanted):
            pages[page.number] = page
            if found:
                places[page.number] = found
        opened = next((answer.opened for answer in answers if answer.opened), None)
        return conclude_document(
            sha256,
            kind,
            ocr,
            page_count=opened.page_count if opened else 0,
            repaired=opened.repaired if opened else False,
            notes=opened.notes if opened else (),
            pages=[pages[number] for number in sorted(pages)],
            ended=answers[-1].ended,
            failure=answers[-1].failure,
        ).model_copy(update={"places": places})

    def draw_quotes(
        self,
        path: Path,
        kind: FileKind,
        page: int,
        quotes: Sequence[str],
        places: Sequence[WordPlace],
    ) -> tuple[Drawn, ...]:
        """Return a picture of each quote on a page; blocks until they are drawn.

        places are those of the words that OCR read there. Raises ExtractionError where the page could not be
        drawn.
        """
        job = DrawJob(
            path=str(path.resolve()), kind=kind, page=page, quotes=tuple(quotes), places=tuple(places)
        )
        answer = self._submit(_LAST - 1, job).result()
        if len(answer.drawn) != len(quotes):
            raise ExtractionError(f"Page {page} could not be drawn: {_reason_of(answer)}.")
        return answer.drawn

    def close(self) -> None:
        """End all workers, and what they have started, within two seconds. Documents in work fail."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        for handle in self._handles:
            handle.kill_for_good()
        for _ in self._threads:
            # After every job in the queue: those are failed, not left with somebody waiting.
            self._queue.put((_LAST, next(self._turn), None, Future()))
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._folder is not None:
            self._folder.cleanup()

    def _read_text(self, path: str, kind: FileKind) -> list[Answer]:
        """Return the answers to one document's text job.

        A page that kills or outlasts its worker is left out, with the reason, and the next worker
        goes on behind it: more than one answer, and at most three.
        """
        answers: list[Answer] = []
        first_page = 1
        while True:
            job = TextJob(path=path, kind=kind, first_page=first_page)
            answer = self._submit(_TEXT_FIRST, job).result()
            answers.append(answer)
            first_page += len(answer.pages) + 1
            opened = answers[0].opened
            if answer.ended or not can_go_on(kind) or opened is None or len(answers) == _TRIES:
                return answers
            lost = make_page(first_page - 1, "blank", "", reason=answer.failure)
            answers[-1] = Answer(answer.opened, (*answer.pages, lost), None, answer.failure)
            if first_page > opened.page_count:
                return answers

    def _read_scans(
        self, path: str, kind: FileKind, pages: list[PageText], is_wanted: Callable[[], bool]
    ) -> list[_PageAndPlaces]:
        jobs = [OcrJob(path=path, kind=kind, page=page, limit_seconds=self._ocr_seconds) for page in pages]
        # A document's first scans come before another's later ones: a long scan holds up nobody.
        futures = [self._submit(rank, job) for rank, job in enumerate(jobs, start=1)]
        left_seconds = self._document_ocr_seconds
        try:
            for future in as_completed(futures):
                left_seconds -= 0.0 if future.cancelled() else future.result().seconds
                if left_seconds < 0:
                    break
                if not is_wanted():
                    raise ExtractionError("Nobody waits for the document any more.")
        finally:
            for future in futures:
                future.cancel()
        return [self._take_answer(page, future) for page, future in zip(pages, futures, strict=True)]

    def _take_answer(self, page: PageText, future: "Future[Answer]") -> _PageAndPlaces:
        if future.cancelled():
            limit = f"OCR of one document may take {self._document_ocr_seconds:.0f} s, which were used up"
            return page.model_copy(update={"reason": limit}), ()
        answer = future.result()
        if not answer.pages:
            return page.model_copy(update={"reason": _reason_of(answer)}), ()
        return answer.pages[0], answer.places.get(page.number, ())

    def _submit(self, rank: int, job: Job) -> "Future[Answer]":
        with self._lock:
            if self._closed:
                raise ExtractionError("The extraction pool is closed: open a new one.")
            if not self._threads:
                self._start()
            future: Future[Answer] = Future()
            self._queue.put((rank, next(self._turn), job, future))
            return future

    def _start(self) -> None:
        try:
            self._folder = tempfile.TemporaryDirectory(
                prefix=f"{_name_scratch()}{os.getpid()}-", ignore_cleanup_errors=True
            )
            _remove_abandoned()
        except OSError as error:
            raise ExtractionError(f"No temporary folder could be made for the workers: {error}") from error
        for number in range(self._workers):
            handle = WorkerHandle(Path(self._folder.name), self._memory_bytes)
            # Daemons: whoever forgets to close the pool still gets out of the interpreter.
            thread = threading.Thread(
                target=self._serve, args=(handle,), daemon=True, name=f"worker-{number}"
            )
            self._handles.append(handle)
            self._threads.append(thread)
            thread.start()
        atexit.register(self.close)

    def _serve(self, handle: WorkerHandle) -> None:
        """Give jobs to one worker for as long as the pool is open."""
        while True:
            _, _, job, future = self._queue.get()
            if job is None:
                break
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._run(handle, job))
            except BaseException as error:  # noqa: BLE001 - whoever waits for the job gets it
                future.set_exception(error)
        handle.stop()

    def _run(self, handle: WorkerHandle, job: Job) -> Answer:
        if isinstance(job, TextJob):
            return handle.run(job, self._text_seconds, self._seconds_a_page)
        if isinstance(job, DrawJob):
            return handle.run(job, self._text_seconds, 0.0)
        return handle.run(job, job.limit_seconds, 0.0)


def _reason_of(answer: Answer) -> str:
    return (answer.ended.reason if answer.ended else None) or answer.failure or "OCR gave no answer"


def _name_scratch() -> str:
    """Return how the names of this machine's scratch folders begin; the process's id comes next."""
    return f"planning-review-{socket.gethostname()}-"


def _remove_abandoned() -> None:
    """Remove the scratch folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{glob.escape(_name_scratch())}*-*"):
        process = folder.name.removeprefix(_name_scratch()).partition("-")[0]
        if process.isdecimal() and not _is_alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Another user's.
        return True
    return True
