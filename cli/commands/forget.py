"""`planning-review forget`: erase an application, or a document of it, and look whether it is gone."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from filelock import FileLock, Timeout

from cli.command import EXIT_FAILED, EXIT_USAGE
from cli.server.connection import connect_if_running
from cli.server.local_server import ensure_server, use_own_server
from cli.telling import stop_telling, tell_step
from planning_review.errors import PlanningReviewError, UsageError
from planning_review.folders import explain_os_error
from planning_review.references import HOME_COUNCIL, describe_review, parse_reference
from planning_review.register.councils import get_council
from planning_review.settings import Settings, load_settings
from run.forgetting.bucket import list_bucket_places, open_bucket
from run.forgetting.disk import Passages, list_disk_places
from run.forgetting.place import Look, Place
from run.forgetting.server import Server
from run.forgetting.subject import KnownFile, Subject, make_subject

_SHOWN = 5


def forget(reference: str, council: str | None, document_id: str | None, *, is_forced: bool) -> int:
    """Show what there is, erase it once that is confirmed, and look again; returns the exit status."""
    settings = load_settings()
    code = get_council(council or settings.council, settings.register_url).code
    subject = make_subject(settings, code, parse_reference(reference), document_id)
    away: list[str] = []
    with _hold_application(settings, subject), ExitStack() as stack:
        tell_step("Looking through everything")
        places, subject = _list_places(settings, subject, stack, away)
        return _forget(settings, subject, places, away, is_forced=is_forced)


def _forget(
    settings: Settings, subject: Subject, places: Sequence[Place], away: list[str], *, is_forced: bool
) -> int:
    looks = _look(places, away)
    stop_telling()
    if not any(look.found for look in looks.values()):
        _print_proof(looks)
        return _end(f"There is nothing left of {subject.name}.", away)
    _print_found(subject, looks)
    if not is_forced and not _is_confirmed(subject):
        return EXIT_USAGE
    for place in places:
        with _noting(away, place.name):
            place.erase()
    looks = _look(places, away)
    _print_proof(looks)
    if left := [name for name, look in looks.items() if look.found]:
        away.append(f"Not gone: {', '.join(left)}; see the lines above.")
    again = describe_review(subject.reference, subject.council)
    note = (
        f" A review fetches it again where the register still has it: {again}" if subject.document_id else ""
    )
    return _end(f"{subject.name} is erased.{note}", away)


def _list_places(
    settings: Settings, subject: Subject, stack: ExitStack, away: list[str]
) -> tuple[list[Place], Subject]:
    """Return all places that can be reached, and the subject as all of them know it.

    What can't be reached is noted in away. Runs come first, outputs last: what was ended halfway is found
    again by them.
    """
    contents, server = None, None
    with _noting(away):
        contents = open_bucket(settings)
        subject = contents.add_traces(subject) if contents else subject
    with _noting(away):
        rows = Passages(settings, subject).find().found
        subject = subject.with_traces(KnownFile(document_id=r.document_id, sha256=r.sha256) for r in rows)
    with _noting(away):
        server = _open_server(settings, subject, stack)
    places = [*list_disk_places(settings, subject)]
    places = [*(list_bucket_places(contents, subject) if contents else []), *places]
    return [*([server] if server else []), *places], subject


def _open_server(settings: Settings, subject: Subject, stack: ExitStack) -> Server | None:
    """Return the Prefect server as a place, started where it is our own; None where there never was one.

    Raises PlanningReviewError where it does not answer, UsageError while a run of the application goes on.
    """
    if not settings.prefect_api_url:
        if not (settings.prefect_dir / "prefect.db").is_file():
            return None
        ensure_server(settings, lambda url: use_own_server(settings, url))
    client, url = stack.enter_context(connect_if_running(settings))
    if client is None:
        raise PlanningReviewError(f"Prefect server: {url}")
    server = Server(client, settings, subject)
    if going := server.find_going():
        raise UsageError(
            f"The run {going} has not ended: wait for it or cancel it on {url}, then give the same command "
            "again."
        )
    return server


def _look(places: Sequence[Place], away: list[str]) -> dict[str, Look]:
    looks: dict[str, Look] = {}
    for place in places:
        tell_step(f"Looking through the {place.name}")
        with _noting(away, place.name):
            looks[place.name] = place.look()
    return looks


def _print_found(subject: Subject, looks: dict[str, Look]) -> None:
    click.echo(f"Of {subject.name} there is:")
    for name, look in looks.items():
        if not look.found:
            continue
        click.echo(f"  {name}: {len(look.found)}")
        for line in [*look.found[:_SHOWN], *(["…"] if look.found[_SHOWN:] else [])]:
            click.echo(f"    {line}")
    if count := len(subject.shared):
        stays = "1 text stays" if count == 1 else f"{count} texts stay"
        click.echo(f"  {stays}: other documents have the same bytes.")


def _is_confirmed(subject: Subject) -> bool:
    """Ask the person; where there is none to ask, say how it is confirmed."""
    if sys.stdin.isatty():
        click.echo("Nothing brings it back: reviews, letters and people's decisions are erased too.")
        return click.confirm("Erase it all?", default=False)
    option = "" if subject.council == HOME_COUNCIL else f" --council {subject.council}"
    document = f" --document {shlex.quote(subject.document_id)}" if subject.document_id else ""
    command = f"planning-review forget {shlex.quote(subject.reference)}{option}{document} --yes"
    click.echo(f"Nothing was erased. To erase it, which nothing brings back: {command}", err=True)
    return False


def _print_proof(looks: dict[str, Look]) -> None:
    click.echo("Looked through, whole:")
    for name, look in looks.items():
        found = f"STILL THERE: {len(look.found)}, such as {look.found[0]}" if look.found else "nothing of it"
        click.echo(f"  {name}: {look.looked}: {found}")
        if look.stays:
            click.echo(f"    ({look.stays})")


def _end(message: str, away: Sequence[str]) -> int:
    """Print how it ended; returns the exit status."""
    if not away:
        click.echo(message)
        return 0
    for line in dict.fromkeys(away):
        click.echo(f"planning-review: {line}", err=True)
    click.echo(
        "Not all could be looked through or erased: mend that, then give the same command again.", err=True
    )
    return EXIT_FAILED


@contextmanager
def _noting(away: list[str], name: str = "") -> Iterator[None]:
    """Go on after an error, which is noted: what can be erased is."""
    try:
        yield
    except UsageError:
        raise
    except (PlanningReviewError, OSError) as error:
        explained = explain_os_error(error) if isinstance(error, OSError) else None
        away.append(f"{name}: {explained or error}" if name else f"{explained or error}")


@contextmanager
def _hold_application(settings: Settings, subject: Subject) -> Iterator[None]:
    """Keep runs of the application out meanwhile; raises where one works on it now."""
    settings.locks_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.locks_dir / f"review-{subject.folder.replace('/', '-')}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PlanningReviewError(
            f"A run works on {subject.reference} now: see `planning-review status`, and give the same "
            "command again when it has ended."
        ) from None
    try:
        yield
    finally:
        # Its name tells of the application, too. Whoever waits for it opens it anew at each look.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
