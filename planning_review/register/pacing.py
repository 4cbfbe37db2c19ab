"""The pace at which one council's register is asked: one request at a time, across processes.

Everything that shares a locks folder shares the pace. `register-{code}.lock` is held for a whole
exchange, its streamed body included; `register-{code}.json` keeps when the register was last asked
and what it asked for (Retry-After). Times are wall clock, the only one that processes share across
restarts, so a clock that was set back is met by waiting one interval, never longer.

Machines that share no folder share the pace by a turn that the caller brings: something that waits
until this machine may ask.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from filelock import FileLock
from pydantic import BaseModel, Field, ValidationError

from planning_review.errors import PermanentError, RegisterThrottled

LONGEST_WAIT_SECONDS = 600.0
"""A longer Retry-After is not slept through: the run ends and says when to try again."""

LONGEST_RETRY_AFTER_SECONDS = 86_400.0
"""No answer of a register stops the project for longer than a day."""

_SLOWED = 10
"""How many times longer the interval is, once the register had too many requests (429)."""

_REST_SECONDS = 3600.0
"""A register left alone for so long is asked at the usual pace again."""

_LONGEST_CRAWL_DELAY_SECONDS = 60.0

_log = logging.getLogger(__name__)


class _State(BaseModel):
    """What the processes tell each other. retry_after_seconds counts from retry_after_asked_at.

    is_slowed is left once the register had an hour's rest. crawl_delay_seconds is what its robots.txt asks.
    """

    last_request_at: float = 0.0
    retry_after_asked_at: float = 0.0
    retry_after_seconds: Annotated[float, Field(ge=0, le=LONGEST_RETRY_AFTER_SECONDS)] = 0.0
    is_slowed: bool = False
    crawl_delay_seconds: Annotated[float, Field(ge=0, le=_LONGEST_CRAWL_DELAY_SECONDS)] = 0.0


class Exchange:
    """The right to talk to the register, while the lock is held."""

    def __init__(
        self,
        state_path: Path,
        interval_seconds: float,
        council_code: str,
        shared_turn: Callable[[], None] | None = None,
    ) -> None:
        self._path = state_path
        self._interval_seconds = interval_seconds
        self._council_code = council_code
        self._shared_turn = shared_turn

    def wait_turn(self) -> None:
        """Sleep until the register may be asked again, and count the request from now on.

        Raises RegisterThrottled, at once, where the register asked for more than ten minutes, and what
        the turn shared with other machines raises.
        """
        while (wait_seconds := self._seconds_to_wait()) > 0:
            if wait_seconds > max(LONGEST_WAIT_SECONDS, self._interval_seconds):
                again = datetime.fromtimestamp(time.time() + wait_seconds, UTC)
                raise RegisterThrottled(
                    f"The register of {self._council_code} asked to be left alone until "
                    f"{again:%H:%M} UTC on {again.day} {again:%B}. Run the same command again after that.",
                    wait_seconds,
                )
            if wait_seconds > self._interval_seconds * _SLOWED:
                _log.info("Waiting %.0f s, as the register of %s asked.", wait_seconds, self._council_code)
            time.sleep(wait_seconds)
        if self._shared_turn:
            # After this machine's own wait, under its lock: one waiter a machine is all that others meet.
            self._shared_turn()
        # Also before the answer: a process killed in between has asked all the same.
        self.stamp()

    def stamp(self) -> None:
        """Record that the register has just had a request: its answer began, or the attempt failed."""
        self._write(self._read().model_copy(update={"last_request_at": time.time()}))

    def slow_down(self) -> None:
        """Make every process ask at longer intervals, until the register had an hour's rest."""
        state = self._read()
        if not state.is_slowed:
            _log.warning(
                "The register of %s had too many requests: it is asked more slowly.", self._council_code
            )
        self._write(state.model_copy(update={"is_slowed": True}))

    def record_crawl_delay(self, seconds: float) -> None:
        """Make every process leave as many seconds between requests as robots.txt asks, a minute at most."""
        wanted = min(max(seconds, 0.0), _LONGEST_CRAWL_DELAY_SECONDS)
        self._write(self._read().model_copy(update={"crawl_delay_seconds": wanted}))

    def record_retry_after(self, seconds: float) -> None:
        """Make every process wait as long as the register asked, a day at most."""
        wanted = min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
        update = {"retry_after_asked_at": time.time(), "retry_after_seconds": wanted}
        self._write(self._read().model_copy(update=update))

    def _seconds_to_wait(self) -> float:
        state, now = self._read(), time.time()
        if max(state.last_request_at, state.retry_after_asked_at) > now:
            # The clock was set back: what was recorded counts from now, once.
            state = state.model_copy(
                update={
                    "last_request_at": min(state.last_request_at, now),
                    "retry_after_asked_at": min(state.retry_after_asked_at, now),
                }
            )
            self._write(state)
        is_slowed = state.is_slowed and now - state.last_request_at < _REST_SECONDS
        if state.is_slowed and not is_slowed:
            self._write(state.model_copy(update={"is_slowed": False}))
        interval_seconds = self._interval_seconds * (_SLOWED if is_slowed else 1)
        if self._interval_seconds:
            # A register of one's own is asked as fast as one likes.
            interval_seconds = max(interval_seconds, state.crawl_delay_seconds)
        return max(
            state.last_request_at + interval_seconds - now,
            state.retry_after_asked_at + state.retry_after_seconds - now,
        )

    def _read(self) -> _State:
        try:
            return _State.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _State()
        except ValidationError:
            # Cut short by a full disk or edited: as careful as if a request had just been made.
            state = _State(last_request_at=time.time())
            self._write(state)
            return state

    def _write(self, state: _State) -> None:
        part_path = self._path.with_suffix(".part")
        part_path.write_text(json.dumps(state.model_dump()), encoding="utf-8")
        part_path.replace(self._path)


class Pacer:
    """Hands out exchanges with one council's register, one at a time; any thread may ask."""

    def __init__(
        self,
        locks_dir: Path,
        council_code: str,
        interval_seconds: float,
        shared_turn: Callable[[], None] | None = None,
    ) -> None:
        self._locks_dir = locks_dir
        self._council_code = council_code
        self._interval_seconds = interval_seconds
        self._shared_turn = shared_turn

    @contextmanager
    def exchange(self) -> Iterator[Exchange]:
        """Hold the register for one exchange; waits as long as others need theirs."""
        path = self._locks_dir / f"register-{self._council_code}.json"
        # One lock object each time: a shared one would let a second thread of this process in.
        lock = FileLock(path.with_suffix(".lock"), poll_interval=0.02)
        try:
            self._locks_dir.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            raise PermanentError(
                f"The folder {self._locks_dir} cannot be used for locks: {error.strerror or error}. Make it "
                "writable, or set PLANNING_DATA_DIR to another folder."
            ) from error
        try:
            yield Exchange(path, self._interval_seconds, self._council_code, self._shared_turn)
        finally:
            lock.release()
