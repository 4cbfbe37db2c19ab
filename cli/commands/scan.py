"""`planning-review scan`: search a register, and say what was found and what is done about it."""

import sys
from pathlib import Path

import click

from cli.command import PrintJson
from cli.commands.review import require_network
from cli.validation import parse_parameters
from planning_review.errors import UsageError
from planning_review.register.by_hand import require_read
from planning_review.register.councils import get_council
from planning_review.register.platform import get_platform
from planning_review.scan.contract import ScanOutcome, ScanParameters
from planning_review.scan.interest import load_interest_rules
from planning_review.settings import Settings, load_settings


def run_scan(
    *,
    council: str | None,
    date_from: str | None,
    date_to: str | None,
    references_file: Path | None,
    look_back: bool,
    dry_run: bool,
    print_json: PrintJson | None,
) -> int:
    """Scan once and return the exit status: 0 complete, 1 failed."""
    settings = load_settings()
    parameters = parse_parameters(
        ScanParameters,
        {
            "council": council or settings.council,
            "date_from": date_from,
            "date_to": date_to,
            "references": _load_references(references_file),
            "look_back": look_back,
            "dry_run": dry_run,
        },
    )
    return scan_here(parameters, settings, print_json)


def scan_here(parameters: ScanParameters, settings: Settings, print_json: PrintJson | None) -> int:
    """Run the flow in this process; returns the exit status."""
    council = get_council(parameters.council, settings.register_url)
    require_read(get_platform(council))
    require_network(council)
    load_interest_rules(settings.interest_file)
    from cli.environment import prepare_prefect

    server_url = prepare_prefect(settings, is_terminal=sys.stderr.isatty() and print_json is None)

    from cli.flow_run import find_outcome, run_flow
    from flows.scan_register import scan_register

    state = run_flow(scan_register, parameters, settings)
    outcome = find_outcome(state, ScanOutcome) or ScanOutcome()
    click.echo(f"{state.name}: {state.message or ''}", err=True)
    if settings.notify and not parameters.dry_run:
        _tell(settings)
    if print_json:
        print_json(outcome.model_dump(mode="json"))
    else:
        _print_table(outcome)
        click.echo(f"Prefect: {server_url}/runs/flow-run/{state.state_details.flow_run_id}")
    return 0 if state.is_completed() else 1


def _tell(settings: Settings) -> None:
    """Tell people what came of it, where no deployment does that later, when its reviews are done."""
    from datetime import UTC, datetime

    from prefect.client.orchestration import get_client

    from run.digest import tell
    from run.scan_reviews import has_review_deployment

    if has_review_deployment():
        return
    with get_client(sync_client=True) as client:
        _, delivery = tell(settings, client, datetime.now(UTC))
    for problem in delivery.problems:
        click.echo(f"planning-review: {problem}", err=True)


def _load_references(path: Path | None) -> list[str]:
    """Return a file's references, one a line; empty lines and what follows a # are left out."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"--references {path}: {error.strerror}.") from None
    references = [line.partition("#")[0].strip() for line in lines]
    if not any(references):
        raise UsageError(f"--references {path}: there is no reference in it. Write one a line.")
    return [reference for reference in references if reference]


def _print_table(outcome: ScanOutcome) -> None:
    for application in sorted(outcome.found, key=lambda application: not application.interesting):
        mark = "review" if application.interesting else "-"
        proposal = " ".join((application.proposal or "").split())[:70]
        click.echo(f"{mark:7} {application.reference:15} {application.reason[:50]:50}  {proposal}")
