"""One run of a flow in this process: its progress on the terminal, its console logs, and how it ended."""

import copy
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from prefect.client.schemas.objects import State
from prefect.exceptions import Abort
from prefect.logging.handlers import PrefectConsoleHandler
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from cli.environment import save_result_blocks
from cli.telling import stop_telling, tell_step
from planning_review.errors import RunStopped, TransientError
from planning_review.models import Frozen
from planning_review.settings import Settings
from run.progress import Event, watch

Outcome = TypeVar("Outcome", bound=Frozen)

_MARKS = {"fetched": "↓", "reused": "=", "read": "≡", "indexed": "✓", "problem": "!", "judged": "●"}


def run_flow(flow: Callable[..., Any], parameters: Frozen, settings: Settings) -> State[Any]:
    """Run a flow on the server that was prepared, and return its final state.

    Raises RunStopped where it was cancelled on Prefect's page, and TransientError where the server went
    away while it ran.
    """
    _hide_tracebacks()
    save_result_blocks(settings)
    tell_step("Running")
    unwatch = watch(lambda _: stop_telling())
    try:
        state: State[Any] = flow(parameters, return_state=True)
    except Abort:
        # No caller expects it: it is no Exception.
        raise RunStopped("cancelled. The same command goes on from here.") from None
    except httpx.TransportError as error:
        raise TransientError(_explain_absence()) from error
    finally:
        unwatch()
        stop_telling()
    if not state.is_final():
        # The run has ended, and there was nobody to tell.
        raise TransientError(_explain_absence())
    return state


def _explain_absence() -> str:
    server_url = os.environ.get("PREFECT_API_URL", "").removesuffix("/api")
    return (
        f"The Prefect server {server_url} went away while the run was under way. What was done is kept. See "
        "that the server runs (`planning-review status`; `planning-review up` starts this folder's own), and "
        "give the same command again: it goes on from here."
    )


def find_outcome(state: State[Any], kind: type[Outcome]) -> Outcome | None:
    """Return a final state's outcome, also a failed one's; None where the flow broke before it had one."""
    data: object = state.data.result if hasattr(state.data, "result") else state.data
    data = getattr(data, "outcome", None) or data
    return data if isinstance(data, kind) else None


@contextmanager
def show_progress(*, is_terminal: bool) -> Iterator[None]:
    """Show the run's steps on stderr while the block runs."""
    if not is_terminal:
        # Prefect's own log lines go to stderr there.
        yield
        return
    stop_telling()
    console = Console(file=sys.stderr, highlight=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("reading the register", total=None)
        ended: set[str] = set()

        def show(event: Event) -> None:
            if event.step == "chosen":
                total = int(event.detail.split()[0])
                progress.update(bar, description="documents", total=total)
            elif event.step in ("indexed", "reused", "problem") and event.title not in ended:
                ended.add(event.title)
                progress.advance(bar)
                if progress.tasks[0].finished:
                    progress.update(bar, description="judging")
            elif event.step == "judged":
                progress.update(bar, description="writing and publishing")
            mark = _MARKS.get(event.step, "·")
            # A path that is broken at the edge can't be copied.
            line = f" {mark} {event.step:8} {escape(event.title)}  {escape(event.detail)}"
            progress.console.print(line, soft_wrap=True)

        stop = watch(show)
        try:
            yield
        finally:
            stop()


class _MessageOnly(logging.Formatter):
    """Wrap a handler's formatter and leave the traceback out."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter("%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format a copy of the record that knows of no exception."""
        plain = copy.copy(record)
        plain.exc_info = None
        plain.exc_text = None
        plain.stack_info = None
        return self._inner.format(plain)


def _hide_tracebacks() -> None:
    """Keep tracebacks off the console, whichever of Prefect's loggers writes there."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("prefect")]
    for logger in [logging.getLogger(name) for name in names] + [logging.getLogger()]:
        for handler in logger.handlers:
            if isinstance(handler, PrefectConsoleHandler) and not isinstance(handler.formatter, _MessageOnly):
                handler.setFormatter(_MessageOnly(handler.formatter))
