"""`planning-review review`: check the input, run the flow in this process, say where things are."""

import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import click

from cli.command import PrintJson
from cli.commands.sample import ensure_sample_register
from cli.environment import prepare_prefect
from cli.validation import parse_parameters
from planning_review.decisions.file import check_decisions, read_text
from planning_review.errors import TransientError, UsageError
from planning_review.folders import require_folders
from planning_review.index.chroma_embedder import make_embedder
from planning_review.parameters import ReviewOutcome, ReviewParameters
from planning_review.references import SAMPLE_COUNCIL, SAMPLE_REFERENCE
from planning_review.register.by_hand import require_read
from planning_review.register.councils import get_council
from planning_review.register.platform import Council, get_platform
from planning_review.settings import Settings, load_settings
from run.reviewers import make_reviewer

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State


def run_review(
    *,
    reference: str | None,
    is_sample: bool,
    council: str | None,
    include: tuple[str, ...],
    model: str | None,
    refresh: tuple[str, ...],
    decisions_file: Path | None,
    documents_folder: Path | None,
    told: dict[str, str | None],
    print_json: PrintJson | None,
) -> int:
    """Review one application and return the exit status: 0 complete, 1 failed."""
    settings = load_settings()
    if is_sample:
        reference, council = _name_sample(reference, council)
    if (council or settings.council) == SAMPLE_COUNCIL and not settings.register_url:
        settings = _serve_sample_for(reference, settings)
    decisions = read_text(decisions_file) if decisions_file else None
    if any(told.values()) and not documents_folder:
        raise UsageError("--proposal, --site and --type go with --documents: the register tells the rest.")
    if reference is None:
        raise UsageError("Name an application, such as `planning-review review 25/00284/F`, or use --sample.")
    parameters = parse_parameters(
        ReviewParameters,
        {
            "reference": reference,
            "council": council or settings.council,
            "include": include,
            "model": model or settings.review_model,
            "refresh": refresh,
            "documents_folder": str(documents_folder.resolve()) if documents_folder else None,
            "decisions": decisions,
            **told,
        },
    )
    if decisions_file:
        check_decisions(parameters.decisions or "", str(decisions_file), parameters.reference)
    check_review(parameters, settings)
    require_folders(settings)
    if not parameters.documents_folder:
        require_network(get_council(parameters.council, settings.register_url))
    server_url = prepare_prefect(settings, is_terminal=_shows_progress(print_json))
    return review_here(parameters, settings, server_url, print_json)


def review_here(
    parameters: ReviewParameters, settings: Settings, server_url: str, print_json: PrintJson | None
) -> int:
    """Run the flow in this process, on the server that was prepared; returns the exit status."""
    from cli.flow_run import find_outcome, run_flow, show_progress
    from flows.review_application import review_application

    started = time.monotonic()
    with show_progress(is_terminal=_shows_progress(print_json)):
        state = run_flow(review_application, parameters, settings)
    seconds = round(time.monotonic() - started, 1)
    outcome = find_outcome(state, ReviewOutcome) or _describe_broken(state, parameters, seconds)
    failed = not state.is_completed()
    click.echo(f"{state.name}: {state.message or ''}", err=True)
    if print_json:
        print_json(outcome.model_dump(mode="json"))
    else:
        _print_places(outcome, server_url)
    return 1 if failed else 0


def _shows_progress(print_json: PrintJson | None) -> bool:
    return sys.stderr.isatty() and print_json is None


def check_review(parameters: ReviewParameters, settings: Settings) -> None:
    """Find bad input before any request is made."""
    council = get_council(parameters.council, settings.register_url)
    if not parameters.documents_folder:
        require_read(get_platform(council))
    make_embedder(settings.embedder)
    make_reviewer(parameters.model, settings)
    if parameters.decisions is not None:
        check_decisions(parameters.decisions, "--decisions", parameters.reference)
    if parameters.documents_folder and not Path(parameters.documents_folder).is_dir():
        raise UsageError(f"--documents {parameters.documents_folder}: there is no such folder.")


def require_network(council: Council) -> None:
    """Raise TransientError, in one line, where the register's name can't be looked up."""
    host = urlsplit(council.register_url).hostname
    # Behind a proxy it is the proxy that looks names up.
    if host is None or getproxies():
        return
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        raise TransientError(
            f"There is no connection to {host}: are you online? Nothing was begun; give the same command "
            "again when you are."
        ) from None


def _name_sample(reference: str | None, council: str | None) -> tuple[str, str]:
    """Return the sample's reference and council."""
    if reference or council:
        raise UsageError("--sample reviews the bundled application: leave the reference and --council out.")
    return SAMPLE_REFERENCE, SAMPLE_COUNCIL


def _serve_sample_for(reference: str | None, settings: Settings) -> Settings:
    """Serve the sample where it is what is asked for: its council has no other application."""
    if reference not in (None, SAMPLE_REFERENCE):
        raise UsageError(
            f"The council {SAMPLE_COUNCIL} is made up and has one application, {SAMPLE_REFERENCE}. To review "
            f"that: planning-review review --sample. For {reference} name its council: --council cherwell."
        )
    return serve_sample(settings)


def serve_sample(settings: Settings) -> Settings:
    """Serve the sample and point this process at its register; returns the settings that do."""
    os.environ["PLANNING_REGISTER_URL"] = ensure_sample_register(settings).url
    # Our own register needs no manners; a setting given by the person still counts.
    if "register_interval_seconds" not in settings.model_fields_set:
        os.environ["PLANNING_REGISTER_INTERVAL_SECONDS"] = "0"
    return load_settings()


def _describe_broken(state: "State[Any]", parameters: ReviewParameters, seconds: float) -> ReviewOutcome:
    """Return the outcome of a run that broke before it had one."""
    run_id = state.state_details.flow_run_id
    return ReviewOutcome(
        reference=parameters.reference,
        council=parameters.council,
        flow_run_id=str(run_id) if run_id else None,
        state=state.name,
        seconds=seconds,
    )


def _print_places(outcome: ReviewOutcome, server_url: str) -> None:
    for label, path in (("Review", outcome.review_md), ("Page", outcome.review_html)):
        if path:
            click.echo(f"{label + ':':9}{path}")
    click.echo(f"Prefect: {server_url}/runs/flow-run/{outcome.flow_run_id}")
