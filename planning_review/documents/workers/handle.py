"""The main process's side of one worker process: start it, give it a job, kill it in time."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import ValidationError

import planning_review
from planning_review.documents.workers.messages import (
    BUSY_RATIO,
    EVENT,
    JOB,
    Broken,
    Drawn,
    Ended,
    Event,
    Job,
    Opened,
    PageRead,
    Ready,
)
from planning_review.errors import ExtractionError
from planning_review.models import PageText, WordPlace

_START_SECONDS = 120.0
_QUICK_SECONDS = 0.2
_MAX_LINE_BYTES = 16 * 1024 * 1024


class _TooBusy(Exception):
    """A worker was given next to no time of the processor."""


class _Clock:
    """How much of the processor a worker and what it has started take, from now on and from the last page."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._last = 0.0
        self._start = self._page_start = self._read()
        self._page_started = time.monotonic()

    def turn_page(self) -> None:
        """Begin to count a page."""
        self._page_start, self._page_started = self._read(), time.monotonic()

    @property
    def seconds(self) -> float:
        """What all of it took, but for what is still at work below the worker."""
        return self._read() - self._start

    @property
    def page_seconds(self) -> float:
        """What this page took, tesseract's time included."""
        return self._read() + self._read_children() - self._page_start

    @property
    def page_waited_seconds(self) -> float:
        """How long this page has been waited for."""
        return time.monotonic() - self._page_started

    def _read(self) -> float:
        """Return the worker's seconds so far; those of a child that has ended are counted with them."""
        with suppress(psutil.Error):
            times = self._process.cpu_times()
            total = times.user + times.system + times.children_user + times.children_system
            self._last = max(self._last, total)
        return self._last

    def _read_children(self) -> float:
        total = 0.0
        with suppress(psutil.Error):
            for child in self._process.children(recursive=True):
                with suppress(psutil.Error):
                    times = child.cpu_times()
                    total += times.user + times.system
        return total


@dataclass(frozen=True)
class Answer:
    """What a worker made of one job. ended is None where it did not get to the end; failure says why.

    seconds is how much of the processor the job took, places are those of words that OCR read, by page.
    drawn are the pictures of quotes.
    """

    opened: Opened | None
    pages: tuple[PageText, ...]
    ended: Ended | None
    failure: str | None = None
    seconds: float = 0.0
    places: Mapping[int, tuple[WordPlace, ...]] = field(default_factory=dict)
    drawn: tuple[Drawn, ...] = ()


class WorkerHandle:
    """One worker process, started when a job needs it and again after it was killed.

    `run` and `stop` belong to one thread, which must live as long as the worker: Linux ends the
    worker with the thread that started it. `kill_for_good` may be called from any thread.
    """

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._closed = False
        self._lock = threading.Lock()

    def run(self, job: Job, limit_seconds: float, seconds_a_page: float) -> Answer:
        """Run a job. A page may take limit_seconds, all of it seconds_a_page more for every page it has read.

        So one page that never ends costs limit_seconds at most, wherever in a long document it stands. They
        are seconds of the processor, the worker's and tesseract's: how busy the machine is must not decide
        what is read. Raises ExtractionError where our own side failed, or gave it next to no time.
        """
        process = self._ensure_started()
        clock = _Clock(process.pid)
        opened: Opened | None = None
        pages: list[PageText] = []
        places: dict[int, tuple[WordPlace, ...]] = {}
        drawn: list[Drawn] = []
        limit = limit_seconds
        failure = "its reader stopped: the file is damaged, or needs more memory than a document may have"

        def find_left() -> float:
            nonlocal limit
            page_left = limit_seconds - clock.page_seconds
            all_seconds = limit_seconds + seconds_a_page * len(pages)
            limit = limit_seconds if page_left < all_seconds - clock.seconds else all_seconds
            if clock.page_waited_seconds > BUSY_RATIO * limit_seconds:
                raise _TooBusy
            return min(page_left, all_seconds - clock.seconds)

        try:
            assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
            process.stdin.write(JOB.dump_json(job) + b"\n")
            process.stdin.flush()
            while True:
                event = self._next_event(process, find_left)
                if isinstance(event, Opened):
                    opened = event
                elif isinstance(event, PageRead):
                    pages.append(event.page)
                    if event.places:
                        places[event.page.number] = event.places
                    clock.turn_page()
                elif isinstance(event, Drawn):
                    drawn.append(event)
                    clock.turn_page()
                elif isinstance(event, Ended):
                    return Answer(opened, tuple(pages), event, None, clock.seconds, places, tuple(drawn))
                elif isinstance(event, Broken):
                    raise ExtractionError(
                        f"{Path(job.path).name} could not be read: {event.reason}. See that the file is "
                        "there and the disk has room, then run the same command again."
                    )
        except _TooBusy:
            self.stop()
            raise ExtractionError(
                f"{Path(job.path).name} was not read: this machine gave its reader "
                f"{clock.page_seconds:.0f} s in {clock.page_waited_seconds:.0f} s. "
                "Run the same command again when it is less busy."
            ) from None
        except TimeoutError:
            failure = f"reading it took longer than {limit:.0f} s"
        except (EOFError, OSError, ValidationError):
            self._raise_if_closed()
        seconds = clock.seconds
        self.stop()
        return Answer(opened, tuple(pages), None, failure, seconds)

    def stop(self) -> None:
        """Kill the worker with all that it started, and wait for its end."""
        with self._lock:
            process, self._process = self._process, None
            self._buffer = b""
            if process is None:
                return
            _kill_group(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def kill_for_good(self) -> None:
        """Kill the worker at once and let none be started any more."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                _kill_group(self._process)

    def _ensure_started(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            if self._process.poll() is None:
                return self._process
            self.stop()
        log = self._folder / f"worker-{id(self)}.log"
        try:
            process = self._start(log)
        except OSError as error:
            raise ExtractionError(f"A worker process could not be started: {error}") from error
        try:
            deadline = time.monotonic() + _START_SECONDS
            event = self._next_event(process, lambda: deadline - time.monotonic())
        except (TimeoutError, EOFError, OSError, ValidationError):
            event = None
        if not isinstance(event, Ready):
            self.stop()
            self._raise_if_closed()
            words = log.read_text(errors="replace").strip()[-500:] if log.exists() else ""
            raise ExtractionError(f"A worker process did not start: {words or 'it said nothing'}")
        return process

    def _start(self, log: Path) -> subprocess.Popen[bytes]:
        # A process of its own and not multiprocessing: spawn would import the main module again, with
        # Prefect and Chroma behind it, and would answer in pickles. Its environment holds no secret,
        # since the files it reads are anyone's.
        environment = {
            "PATH": os.pathsep.join(os.get_exec_path()),
            "PYTHONPATH": str(Path(planning_review.__file__).resolve().parent.parent),
            "PYTHONUTF8": "1",
            "TMPDIR": str(self._folder),
            "OMP_THREAD_LIMIT": "1",
        }
        arguments = [str(os.getpid()), str(self._memory_bytes)]
        with self._lock, log.open("wb") as errors:
            self._raise_if_closed()
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                [sys.executable, "-P", "-m", "planning_review.documents.workers.process", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,
            )
            return self._process

    def _next_event(self, process: subprocess.Popen[bytes], find_left: Callable[[], float]) -> Event:
        """Wait for the worker's next line.

        find_left says how many seconds are left to it. Raises TimeoutError where none are, EOFError if the
        worker has ended.
        """
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        descriptor = process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while b"\n" not in self._buffer:
            # Most pages come at once: what they took of the processor is asked of those that don't.
            if not poll.poll(_QUICK_SECONDS * 1000):
                left = find_left()
                if left <= 0:
                    raise TimeoutError
                # Nothing takes more of the processor than of the clock: until then it can't be over.
                if not poll.poll(left * 1000):
                    continue
            data = os.read(descriptor, 1 << 20)
            self._buffer += data
            if not data or len(self._buffer) > _MAX_LINE_BYTES:
                raise EOFError
        line, _, self._buffer = self._buffer.partition(b"\n")
        return EVENT.validate_json(line)

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise ExtractionError("The workers were stopped while a document was read. Run it again.")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # Before it is waited for: until then its number, which is its group's too, can't be another's.
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
