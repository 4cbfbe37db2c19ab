"""The command line: `planning-review`.

Nothing slow is imported before the command that needs it, so that help answers at once.
"""

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

from planning_review import __version__
from planning_review.errors import PlanningReviewError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class Terminated(BaseException):
    """The process was told to end by SIGTERM."""


def _print_json(value: object) -> None:
    """Print exactly one line, the last on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def _guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn errors into one message and an exit status; no traceback reaches the terminal."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        # Prefect's own handler, which a run puts in its place, hands the signal on to this one.
        signal.signal(signal.SIGTERM, _raise_terminated)
        try:
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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="planning-review")
def main() -> None:
    """Review UK planning applications against cycling policy."""


@main.command()
@click.argument("reference", required=False)
@click.option("--sample", is_flag=True, help="Review the bundled sample application: no network, no keys.")
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@click.option("--include", default="", help="Bring back documents left out: consultees,comments.")
@click.option("--model", help="Who judges: evidence, or a model's name (PLANNING_REVIEW_MODEL).")
@click.option("--refresh", default="", help="Do stages again: download,extract,review.")
@click.option(
    "--decisions",
    "decisions_file",
    type=click.Path(path_type=Path),
    help="A person's word on the findings: confirmed, corrected, dismissed (docs/decisions.md).",
)
@click.option(
    "--documents",
    "documents_folder",
    type=click.Path(path_type=Path),
    help="Review the files in a folder, saved by a person where the register blocks robots.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def review(
    reference: str | None,
    sample: bool,
    council: str | None,
    include: str,
    model: str | None,
    refresh: str,
    decisions_file: Path | None,
    documents_folder: Path | None,
    as_json: bool,
) -> int:
    """Review one application, such as 25/00284/F."""
    from cli.review import run_review

    return run_review(
        reference=reference,
        is_sample=sample,
        council=council,
        include=_split(include),
        model=model,
        refresh=_split(refresh),
        decisions_file=decisions_file,
        documents_folder=documents_folder,
        print_json=_print_json if as_json else None,
    )


@main.command()
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@click.option("--from", "date_from", help="First day of a backfill (YYYY-MM-DD).")
@click.option("--to", "date_to", help="Its last day, if not today.")
@click.option(
    "--references",
    "references_file",
    type=click.Path(path_type=Path),
    help="A file of references, one a line, to look at instead of searching.",
)
@click.option("--look-back", is_flag=True, help="Look at all reviews that can still be commented on, too.")
@click.option("--dry-run", is_flag=True, help="Show what would be reviewed, and start nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def scan(
    council: str | None,
    date_from: str | None,
    date_to: str | None,
    references_file: Path | None,
    look_back: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Find newly submitted applications, and have those that matter reviewed."""
    from cli.scan import run_scan

    return run_scan(
        council=council,
        date_from=date_from,
        date_to=date_to,
        references_file=references_file,
        look_back=look_back,
        dry_run=dry_run,
        print_json=_print_json if as_json else None,
    )


@main.command()
@click.argument("reference")
@click.option(
    "--stance",
    required=True,
    type=click.Choice(["object", "support", "conditional", "neutral"]),
    help="What the letter argues for.",
)
@click.option("--tone", default="formal", type=click.Choice(["formal", "accessible"]), help="Its wording.")
@click.option("--officer", help="The case officer's name, if not the register's.")
@click.option("--date", "letter_date", help="The letter's date (YYYY-MM-DD), if not today.")
@click.option("--final", is_flag=True, help="Drop the DRAFT mark.")
@click.option("--group", "groups", multiple=True, help="Who writes (ADVOCACY_GROUP_NAME); may be repeated.")
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def letter(
    reference: str,
    stance: str,
    tone: str,
    officer: str | None,
    letter_date: str | None,
    final: bool,
    groups: tuple[str, ...],
    council: str | None,
    as_json: bool,
) -> int:
    """Write the response letter from the newest review of an application."""
    from cli.letter import run_letter

    return run_letter(
        {
            "reference": reference,
            "council": council,
            "stance": stance,
            "tone": tone,
            "officer": officer,
            "date": letter_date,
            "final": final,
            "groups": groups,
        },
        print_json=_print_json if as_json else None,
    )


@main.command()
@click.argument("reference")
@click.argument("query")
@click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="Most passages shown."
)
@click.option(
    "--type", "document_types", multiple=True, help="Only such documents: transport_assessment; repeatable."
)
@click.option("--document", "document_ids", multiple=True, help="Only the document with this id; repeatable.")
@click.option("--pages", help="Only these pages of a document: 3 or 3-9.")
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def search(
    reference: str,
    query: str,
    limit: int,
    document_types: tuple[str, ...],
    document_ids: tuple[str, ...],
    pages: str | None,
    council: str | None,
    as_json: bool,
) -> int:
    """Search the passages of an application that was reviewed."""
    from cli.search import run_search

    return run_search(
        reference,
        query,
        limit,
        council,
        print_json=_print_json if as_json else None,
        document_types=document_types,
        document_ids=document_ids,
        pages=pages,
    )


@main.group()
def index() -> None:
    """The index that search and the review look things up in."""


@index.command("rebuild")
@click.argument("reference", required=False)
@click.option("--council", help="The council's short name; without a REFERENCE, all councils if left out.")
@_guarded
def index_rebuild(reference: str | None, council: str | None) -> int:
    """Make the index anew from stored text, reading no document again: of REFERENCE, or of everything."""
    from cli.index import run_rebuild

    return run_rebuild(reference, council)


@index.command("prune")
@_guarded
def index_prune() -> int:
    """Remove what other embedders and earlier versions left in the index, after saying what it is."""
    from cli.index import run_prune

    return run_prune()


@main.command()
@click.argument("reference", required=False)
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@_guarded
def status(reference: str | None, council: str | None) -> int:
    """Say what runs, and what is known of an application."""
    from cli.status import show_status

    return show_status(reference, council)


@main.command()
@click.argument("what", type=click.Choice(["register", "storage", "model", "all"]))
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@_guarded
def check(what: str, council: str | None) -> int:
    """Try the real thing and say what was found, one line a step."""
    from cli.check import run_checks

    return run_checks(what, council)


@main.command()
@click.argument("run", required=False)
@_guarded
def retry(run: str | None) -> int:
    """Retry a run that failed or completed with warnings: the last one, or RUN.

    RUN is a run's id, its name, or an application's reference. A run that a deployment made is done
    by a worker; any other one is done here and now, with the same parameters.
    """
    from cli.retry import retry_run

    return retry_run(run)


@main.group()
def blocks() -> None:
    """The Prefect blocks that hold the storage settings."""


@blocks.command("save")
@_guarded
def blocks_save() -> int:
    """Register the block types and save the blocks from the S3_* settings."""
    from cli.storage import save_storage_blocks

    return save_storage_blocks()


@main.group()
def storage() -> None:
    """The bucket that documents and outputs go to."""


@storage.command("push")
@click.argument("reference", required=False)
@click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
@_guarded
def storage_push(reference: str | None, council: str | None) -> int:
    """Move the data folder's documents and outputs into the bucket; goes on where it was stopped."""
    from cli.storage import push_data_folder

    return push_data_folder(reference, council)


@main.group()
def policies() -> None:
    """The policy documents that reviews cite."""


@policies.command("load")
@click.argument("document", metavar="[FILE|all]", default="all")
@click.option("--source", help='Which policy source FILE is, such as "NPPF", if it does not say so itself.')
@click.option("--edition", help='Its edition, such as "December 2024".')
@click.option("--council", help="The council whose own sources are loaded too (PLANNING_COUNCIL).")
@click.option("--refresh", is_flag=True, help="Fetch documents again that are loaded already.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def policies_load(
    document: str, source: str | None, edition: str | None, council: str | None, refresh: bool, as_json: bool
) -> int:
    """Load policy documents into the index.

    FILE is a PDF or a text file (.txt, .md), or its address; `all` fetches every document whose address
    is known, and says of the others where a person gets them.
    """
    from cli.policies import run_load

    return run_load(
        {
            "document": document,
            "source": source,
            "edition": edition,
            "council": council,
            "refresh": refresh,
        },
        print_json=_print_json if as_json else None,
    )


@policies.command("list")
@click.option("--council", help="The council whose own sources are listed too (PLANNING_COUNCIL).")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout.")
@_guarded
def policies_list(council: str | None, as_json: bool) -> int:
    """Say which policy documents are loaded, and which are known and not loaded."""
    from cli.policies import run_list

    return run_list(council, print_json=_print_json if as_json else None)


@main.command()
@click.option(
    "--days",
    default=90,
    show_default=True,
    type=click.IntRange(min=0),
    help="Runs and results older than this go.",
)
@click.option("--yes", "is_forced", is_flag=True, help="Remove it; without this it is only listed.")
@_guarded
def prune(days: int, is_forced: bool) -> int:
    """Remove old runs, results, temporary files and texts that nothing needs.

    Reviews, letters, documents, decisions and the index stay.
    """
    from cli.prune import prune

    return prune(days, is_forced=is_forced)


@main.command()
@_guarded
def up() -> int:
    """Start the local Prefect server, unless PREFECT_API_URL names another."""
    from cli.server import ensure_server
    from planning_review.settings import load_settings

    settings = load_settings()
    if settings.prefect_api_url:
        click.echo(f"PREFECT_API_URL names the server {settings.prefect_api_url}: nothing was started.")
    else:
        click.echo(f"Prefect: {ensure_server(settings).url}")
    return 0


@main.command()
@_guarded
def down() -> int:
    """Stop the local Prefect server, and the sample's register."""
    from cli.sample import stop_sample_register
    from cli.server import stop_server
    from planning_review.settings import load_settings

    settings = load_settings()
    stopped = stop_server(settings)
    stop_sample_register(settings)
    click.echo("Stopped." if stopped else "No Prefect server of this data folder was running.")
    return 0


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
