"""`planning-review letter`: run the letter's flow in this process and say where the files are."""

import sys
from typing import Any

import click

from cli.command import PrintJson
from cli.environment import prepare_prefect
from cli.validation import parse_parameters
from planning_review.errors import UsageError
from planning_review.parameters import LetterOutcome, LetterParameters
from planning_review.references import reference_folder
from planning_review.register.councils import list_councils
from planning_review.report.output_files import find_newest_review
from planning_review.settings import Settings, load_settings


def run_letter(values: dict[str, Any], print_json: PrintJson | None) -> int:
    """Write the letter and return the exit status."""
    settings = load_settings()
    values["council"] = values["council"] or settings.council
    parameters = parse_parameters(LetterParameters, values)
    check_letter(parameters, settings)
    prepare_prefect(settings, is_terminal=sys.stderr.isatty() and print_json is None)
    return write_letter_here(parameters, settings, print_json)


def check_letter(parameters: LetterParameters, settings: Settings) -> None:
    """See that there is a review to write from; with S3 another machine may have written it."""
    if settings.uses_bucket:
        return
    folder = settings.output_dir / reference_folder(parameters.reference, parameters.council)
    if find_newest_review(folder) is None:
        missing = f"There is no review of {parameters.reference} ({parameters.council}) in {folder}."
        if others := _find_other_councils(parameters.reference, settings):
            raise UsageError(f"{missing} There is one of {', '.join(others)}: add --council {others[0]}.")
        raise UsageError(f"{missing} Write one first: planning-review review {parameters.reference}")


def _find_other_councils(reference: str, settings: Settings) -> list[str]:
    """Return the councils with a review of a reference in the data folder."""
    found = [council for council in list_councils() if _has_review(reference, council, settings)]
    return sorted(found)


def _has_review(reference: str, council: str, settings: Settings) -> bool:
    return find_newest_review(settings.output_dir / reference_folder(reference, council)) is not None


def write_letter_here(parameters: LetterParameters, settings: Settings, print_json: PrintJson | None) -> int:
    """Run the flow in this process, on the server that was prepared; returns the exit status."""
    from cli.flow_run import run_flow
    from flows.write_letter import write_letter

    state = run_flow(write_letter, parameters, settings)
    outcome = state.result() if state.is_completed() else LetterOutcome()
    if not state.is_completed():
        click.echo(f"{state.name}: {state.message}", err=True)
    if print_json:
        print_json(outcome.model_dump())
    elif state.is_completed():
        click.echo(f"Letter: {outcome.letter_docx}\n        {outcome.letter_md}")
    return 0 if state.is_completed() else 1
