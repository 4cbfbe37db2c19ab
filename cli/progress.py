"""What a person sees while a run works: a line a document in a terminal, nothing more elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from run.progress import Event, watch

_MARKS = {"fetched": "↓", "reused": "=", "read": "≡", "indexed": "✓", "problem": "!", "judged": "●"}


@contextmanager
def show_progress(*, is_terminal: bool) -> Iterator[None]:
    """Show the run's steps on stderr while the block runs."""
    if not is_terminal:
        # Prefect's own log lines go to stderr there.
        yield
        return
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
            mark = _MARKS.get(event.step, "·")
            progress.console.print(f" {mark} {event.step:8} {escape(event.title)}  {escape(event.detail)}")

        stop = watch(show)
        try:
            yield
        finally:
            stop()
