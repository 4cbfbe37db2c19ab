"""The end of a run that is stopped, by Cancel in Prefect's page, a signal or Ctrl-C: in seconds, cleanly.

A worker sends a cancelled run SIGTERM. A run that a person started has no worker, and one whose
worker is gone has none left: so every run looks for itself whether it was cancelled.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import Abort, ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Crashed

from planning_review.errors import RunStopped

LOOK_SECONDS = 2.0

LEAVE_SECONDS = 5.0
"""How long the tasks in work get to end by themselves before the process ends without them. What a
killed process leaves is in order too: nothing is in its place before it is whole."""

_REPORT_SECONDS = 2.0

_EXIT_CANCELLED = 1
_EXIT_INTERRUPTED = 130
_EXIT_TERMINATED = 143


_current: ContextVar["Stopping | None"] = ContextVar("stopping", default=None)


class Stopping:
    """Whether a run is to stop. was_cancelled says that a person asked for it, on Prefect's page."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.was_cancelled = False

    @property
    def is_set(self) -> bool:
        """Whether the run is to stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Make every task end as soon as it looks."""
        self._event.set()

    def check(self) -> None:
        """Raise RunStopped where the run is to stop."""
        if self._event.is_set():
            raise RunStopped("The run was stopped. The same command, or a retry, goes on from here.")

    def sleep(self, seconds: float) -> None:
        """Sleep; raises RunStopped as soon as the run is to stop."""
        self._event.wait(seconds)
        self.check()


@contextmanager
def stop_in_time(stopping: Stopping, run_id: UUID, release: Callable[[], None]) -> Iterator[None]:
    """Make what runs inside end within seconds of a cancel, a signal or Ctrl-C.

    release ends the child processes and removes what is half-written; it is called from any thread,
    and more than once. Raises Prefect's Abort after a cancel that the run saw for itself.
    """
    ended = threading.Event()

    def stop(exit_status: int) -> None:
        stopping.set()
        threading.Thread(target=leave, args=(exit_status,), daemon=True, name="leave-in-time").start()
        release()

    def leave(exit_status: int) -> None:
        time.sleep(LEAVE_SECONDS)
        # A server that does not answer must not keep the process here.
        report = threading.Thread(target=_report_stop, args=(run_id, stopping), daemon=True)
        report.start()
        report.join(_REPORT_SECONDS)
        release()
        end = "cancelled" if stopping.was_cancelled else "stopped"
        sys.stderr.write(f"planning-review: {end}. The same command, or a retry, goes on from here.\n")
        sys.stderr.flush()
        os._exit(exit_status)

    def look_for_cancel() -> None:
        while not ended.wait(LOOK_SECONDS):
            if _is_cancelled(run_id):
                stopping.was_cancelled = True
                stop(_EXIT_CANCELLED)
                return

    threading.Thread(target=look_for_cancel, daemon=True, name="look-for-cancel").start()
    token = _current.set(stopping)
    try:
        yield
    except Exception:
        # Whatever it is, it comes from tasks that were made to end.
        if not stopping.was_cancelled:
            raise
        get_run_logger().info("Cancelled. The same command, or a retry, goes on from here.")
        _report_stop(run_id, stopping)
        raise Abort("The run was cancelled.") from None
    except BaseException as error:
        stop(_EXIT_INTERRUPTED if isinstance(error, KeyboardInterrupt) else _EXIT_TERMINATED)
        raise
    finally:
        _current.reset(token)
        ended.set()


def is_stopping() -> bool:
    """Return whether the run that this thread works for is to stop."""
    stopping = _current.get()
    return stopping is not None and stopping.is_set


def _is_cancelled(run_id: UUID) -> bool:
    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run_id).state
    except (httpx.HTTPError, ObjectNotFound):
        # A server that is away for a moment has nobody cancel anything meanwhile.
        return False
    return state is not None and state.type in (StateType.CANCELLING, StateType.CANCELLED)


def _report_stop(run_id: UUID, stopping: Stopping) -> None:
    message = "Stopped before its end. The same command, or a retry, goes on from here."
    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run_id).state
            if state is not None and state.is_final():
                return
            # The worker that sent the signal may have been asked to cancel.
            was_cancelled = stopping.was_cancelled or (state is not None and state.is_cancelling())
            end: State[Any] = (Cancelled if was_cancelled else Crashed)(message=message)
            client.set_flow_run_state(run_id, end, force=True)
    except (httpx.HTTPError, ObjectNotFound):
        # The next run of the application settles it.
        return


_GOING = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


def settle_vanished_run(record: Path, run_id: UUID) -> None:
    """End the run that had the application before, where its process is gone and its state is not.

    record is the file in which a run that works on the application keeps its id, and removes when it
    ends. To be called with the application's lock held: whoever is in the file then holds it no more.
    """
    text = record.read_text(encoding="utf-8") if record.exists() else ""
    record.write_text(str(run_id), encoding="utf-8")
    try:
        vanished_id = UUID(text)
    except ValueError:
        return
    if vanished_id == run_id:
        return
    with get_client(sync_client=True) as client:
        try:
            vanished = client.read_flow_run(vanished_id)
        except ObjectNotFound:
            return
        if vanished.state is None or vanished.state.type not in _GOING:
            return
        end = Cancelled if vanished.state.type == StateType.CANCELLING else Crashed
        state: State[Any] = end(message=f"Its process ended without a word; run {run_id} went on from there.")
        client.set_flow_run_state(vanished_id, state, force=True)
    get_run_logger().info("The run %s before this one had ended without a word.", vanished.name)
