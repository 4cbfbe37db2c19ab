"""The command line: `planning-review`.

Nothing slow is imported before the command that needs it, so that help answers at once, and so does
what is no reference.
"""

from pathlib import Path

import click

from cli.command import council_option, guarded, json_option, print_json
from cli.commands.upkeep import blocks, index, policies, storage
from planning_review import __version__
from planning_review.references import parse_reference


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="planning-review")
def main() -> None:
    """Review UK planning applications against cycling policy."""


for group in (blocks, index, policies, storage):
    main.add_command(group)


@main.command()
@click.argument("reference", required=False)
@click.option("--sample", is_flag=True, help="Review the bundled sample application: no network, no keys.")
@council_option
@click.option("--include", default="", help="Bring back documents left out: consultees,comments.")
@click.option("--model", help="Who judges: evidence, or a model's name (PLANNING_REVIEW_MODEL).")
@click.option("--refresh", default="", help="Do stages again: download,extract,review.")
@click.option(
    "--decisions",
    "decisions_file",
    type=click.Path(path_type=Path),
    help="A person's word on the findings: confirmed, corrected, dismissed (docs/people-decisions.md).",
)
@click.option(
    "--documents",
    "documents_folder",
    type=click.Path(path_type=Path),
    help="Review the files in a folder, saved by a person where the register blocks robots.",
)
@click.option("--proposal", help="With --documents: what is proposed, in the application's words.")
@click.option("--site", help="With --documents: the site's address.")
@click.option("--type", "application_type", help="With --documents: the kind of application, such as Full.")
@json_option
@guarded
def review(
    reference: str | None,
    sample: bool,
    council: str | None,
    include: str,
    model: str | None,
    refresh: str,
    decisions_file: Path | None,
    documents_folder: Path | None,
    proposal: str | None,
    site: str | None,
    application_type: str | None,
    as_json: bool,
) -> int:
    """Review one application, such as 25/00284/F."""
    if reference is not None:
        reference, council = _read_reference(reference, council)
    from cli.commands.review import run_review

    return run_review(
        reference=reference,
        is_sample=sample,
        council=council,
        include=_split(include),
        model=model,
        refresh=_split(refresh),
        decisions_file=decisions_file,
        documents_folder=documents_folder,
        told={"proposal": proposal, "site_address": site, "application_type": application_type},
        print_json=print_json if as_json else None,
    )


@main.command()
@click.argument("words", nargs=-1)
@json_option
@guarded
def councils(words: tuple[str, ...], as_json: bool) -> int:
    """List the councils known, such as those with "oxf", and what works for each."""
    from cli.commands.councils import show_councils

    return show_councils(" ".join(words), print_json if as_json else None)


@main.command()
@council_option
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
@json_option
@guarded
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
    from cli.commands.scan import run_scan

    return run_scan(
        council=council,
        date_from=date_from,
        date_to=date_to,
        references_file=references_file,
        look_back=look_back,
        dry_run=dry_run,
        print_json=print_json if as_json else None,
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
@council_option
@json_option
@guarded
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
    reference, council = _read_reference(reference, council)
    from cli.commands.letter import run_letter

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
        print_json=print_json if as_json else None,
    )


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
@guarded
def read(files: tuple[str, ...], as_json: bool) -> int:
    """Show what the reader makes of files: no register, server or index is needed."""
    from cli.commands.read import run_read

    return run_read(files, print_json if as_json else None)


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
@council_option
@json_option
@guarded
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
    reference, council = _read_reference(reference, council)
    from cli.commands.search import run_search

    return run_search(
        reference,
        query,
        limit,
        council,
        print_json=print_json if as_json else None,
        document_types=document_types,
        document_ids=document_ids,
        pages=pages,
    )


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--proposal", help="What is proposed, in the application's words.")
@click.option("--site", help="The site's address.")
@click.option("--type", "application_type", help="The kind of application, such as Full.")
@council_option
@click.option("--date", "on_date", help="Judge by the policy of this day (YYYY-MM-DD), if not today.")
@json_option
@guarded
def judge(
    files: tuple[str, ...],
    proposal: str | None,
    site: str | None,
    application_type: str | None,
    council: str | None,
    on_date: str | None,
    as_json: bool,
) -> int:
    """Judge files by the rules, with no register, server or index."""
    from cli.commands.judge import run_judge

    return run_judge(
        files,
        proposal=proposal,
        site=site,
        application_type=application_type,
        council=council,
        on_date=on_date,
        print_json=print_json if as_json else None,
    )


@main.command()
@click.argument("reference", required=False)
@council_option
@guarded
def status(reference: str | None, council: str | None) -> int:
    """Say what runs, and what is known of an application."""
    if reference is not None:
        reference, council = _read_reference(reference, council)
    from cli.commands.status import show_status

    return show_status(reference, council)


@main.command()
@click.argument("what", type=click.Choice(["register", "storage", "model", "notify", "all"]))
@click.option("--deep", "is_deep", is_flag=True, help="Of storage: read and mend every object, too.")
@council_option
@guarded
def check(what: str, council: str | None, is_deep: bool) -> int:
    """Try the real thing and say what was found, one line a step."""
    from cli.commands.check import run_checks

    return run_checks(what, council, is_deep=is_deep)


@main.command()
@click.argument("run", required=False)
@guarded
def retry(run: str | None) -> int:
    """Retry a run that failed or completed with warnings: the last one, or RUN.

    RUN is a run's id, its name, or an application's reference. A run that a deployment made is done
    by a worker; any other one is done here and now, with the same parameters.
    """
    from cli.commands.retry import retry_run

    return retry_run(run)


@main.command()
@click.option(
    "--days",
    default=90,
    show_default=True,
    type=click.IntRange(min=0),
    help="Runs and results older than this go.",
)
@click.option("--yes", "is_forced", is_flag=True, help="Remove it; without this it is only listed.")
@guarded
def prune(days: int, is_forced: bool) -> int:
    """Remove old runs, results, temporary files and texts that nothing needs.

    Reviews, letters, documents, decisions and the index stay.
    """
    from cli.commands.prune import prune

    return prune(days, is_forced=is_forced)


@main.command()
@click.argument("reference")
@click.option("--document", "document_id", help="Only the document with this id, and what names it.")
@click.option("--yes", "is_forced", is_flag=True, help="Erase it without asking.")
@council_option
@guarded
def forget(reference: str, document_id: str | None, is_forced: bool, council: str | None) -> int:
    """Erase an application everywhere, here and in the bucket, and prove it.

    Reviews, letters and people's decisions go too. Nothing brings them back.
    """
    reference = parse_reference(reference)
    from cli.commands.forget import forget

    return forget(reference, council, document_id, is_forced=is_forced)


@main.command()
@guarded
def up() -> int:
    """Start the local Prefect server, unless PREFECT_API_URL names another."""
    from cli.server.local_server import describe_sign_in, ensure_server
    from planning_review.folders import require_folders
    from planning_review.settings import load_settings

    settings = load_settings()
    if settings.prefect_api_url:
        click.echo("PREFECT_API_URL names another server: nothing was started.")
        click.echo(settings.prefect_api_url.removesuffix("/api"))
    else:
        require_folders(settings)
        url = ensure_server(settings).url
        click.echo(describe_sign_in(settings, url))
        click.echo(url)
    return 0


@main.command()
@guarded
def down() -> int:
    """Stop the local Prefect server, and the sample's register."""
    from cli.commands.sample import stop_sample_register
    from cli.server.local_server import stop_server
    from planning_review.settings import load_settings

    settings = load_settings()
    stopped = stop_server(settings)
    stop_sample_register(settings)
    click.echo("Stopped." if stopped else "No Prefect server of this data folder was running.")
    return 0


def _read_reference(text: str, council: str | None) -> tuple[str, str | None]:
    """Return the reference that is given or that a page's address names, and the council if it says so."""
    if "://" not in text:
        return parse_reference(text), council
    from cli.commands.pasted import read_address

    return read_address(text, council)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
