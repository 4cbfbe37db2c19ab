"""A run that was started by a command, and cancelled on Prefect's page."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.exceptions import Abort

from planning_review.errors import RunStopped


@contextmanager
def explain_cancel() -> Iterator[None]:
    """Raise RunStopped for Prefect's Abort, which no caller expects: it is no Exception."""
    try:
        yield
    except Abort:
        raise RunStopped("cancelled. The same command goes on from here.") from None
