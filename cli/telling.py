"""Words on stderr while a command works: soon the first, then more, until its own output tells the story."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

FIRST_SECONDS = 0.3
"""What takes less is over before a person wonders."""

EVERY_SECONDS = 3.0
"""A person waits five without doubt; a busy machine is late."""


class _Teller:
    """Tells the step that is going on: first when it has lasted a moment, then again and again."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._since = self._told_at = time.monotonic()
        self._is_told = False
        self._changed = threading.Condition()
        self._is_ended = False
        self._thread = threading.Thread(target=self._tell, name="telling", daemon=True)
        self._thread.start()

    def set_step(self, step: str) -> None:
        with self._changed:
            if step != self._step:
                self._step, self._since, self._is_told = step, time.monotonic(), False
                self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._is_ended = True
            self._changed.notify()
        self._thread.join()

    def _tell(self) -> None:
        with self._changed:
            while not self._is_ended:
                now = time.monotonic()
                due = self._told_at + EVERY_SECONDS
                if not self._is_told:
                    due = min(due, self._since + FIRST_SECONDS)
                if now < due:
                    self._changed.wait(due - now)
                    continue
                seconds = f" {now - self._since:.0f} s" if self._is_told else ""
                click.echo(f"{self._step} …{seconds}", err=True)
                self._told_at, self._is_told = now, True


_teller: _Teller | None = None


@contextmanager
def telling(step: str = "Starting") -> Iterator[None]:
    """Tell on stderr what goes on while the block runs, until `stop_telling`."""
    global _teller
    _teller = _Teller(step)
    try:
        yield
    finally:
        stop_telling()


def tell_step(step: str) -> None:
    """Say what goes on from here; without `telling` around it, nothing is said."""
    if _teller is not None:
        _teller.set_step(step)


def stop_telling() -> None:
    """Say no more: the command's own output begins."""
    global _teller
    teller, _teller = _teller, None
    if teller is not None:
        teller.end()
