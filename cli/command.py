"""The parts of every command: shared options, one line of JSON, and an error as one message."""

import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

import click

from cli.telling import telling
from planning_review.errors import PlanningReviewError, UsageError

council_option = click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout."
)

PrintJson = Callable[[object], None]
"""What a command answers by where JSON is asked for."""

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


def print_json(value: object) -> None:
    """Print exactly one line, the last on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


class Terminated(BaseException):
    """The process was told to end by SIGTERM."""


def keep_private() -> None:
    """Let what this process writes from now on, and what it starts, be its user's alone."""
    os.umask(0o077)


def guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn errors into one message and an exit status; no traceback reaches the terminal."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        # Prefect's own handler, which a run puts in its place, hands the signal on to this one.
        signal.signal(signal.SIGTERM, _raise_terminated)
        keep_private()
        try:
            with telling():
                status = command(*args, **kwargs)
        except UsageError as error:
            click.echo(f"planning-review: {error}", err=True)
            sys.exit(EXIT_USAGE)
        except PlanningReviewError as error:
            click.echo(f"planning-review: {error}", err=True)
            sys.exit(EXIT_FAILED)
        except (KeyboardInterrupt, Terminated) as signalled:
            click.echo("planning-review: stopped. The same command goes on from here.", err=True)
            sys.exit(EXIT_TERMINATED if isinstance(signalled, Terminated) else EXIT_INTERRUPTED)
        except BrokenPipeError:
            # Whoever reads the output has seen enough; Python would complain once more as it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_FAILED)
        except Exception as error:  # noqa: BLE001 - nobody is shown a traceback; it is kept in a file
            from planning_review.folders import explain_os_error

            if isinstance(error, OSError) and (explained := explain_os_error(error)):
                click.echo(f"planning-review: {explained}", err=True)
                sys.exit(EXIT_FAILED)
            place = _keep_traceback()
            click.echo(
                f"planning-review: unexpected {type(error).__name__}; the details are in {place}", err=True
            )
            sys.exit(EXIT_FAILED)
        sys.exit(status or 0)

    return run


def _raise_terminated(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _keep_traceback() -> Path:
    """Write the traceback where it can always be written: the data folder may be what is wrong."""
    from blocks.redaction import redact

    handle, name = tempfile.mkstemp(prefix="planning-review-error-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(redact(traceback.format_exc()))
    return Path(name)
