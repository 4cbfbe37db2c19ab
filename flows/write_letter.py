"""Write the response letter from the newest review of an application."""

from datetime import date

from prefect import flow

from planning_review.parameters import LetterOutcome, LetterParameters
from planning_review.references import reference_folder
from planning_review.settings import load_settings
from tasks.letter import compose_from_review, publish_letter, write_letter_files
from tasks.times import london_today


@flow(
    name="write-letter",
    flow_run_name="{parameters.reference} letter ({parameters.stance})",
    persist_result=True,
)
def write_letter(parameters: LetterParameters) -> LetterOutcome:
    """Compose the letter and write its files beside the review."""
    settings = load_settings()
    folder = settings.output_dir / reference_folder(parameters.reference, parameters.council)
    letter_date = date.fromisoformat(parameters.date) if parameters.date else london_today()
    letter = compose_from_review(folder, parameters, letter_date, settings.advocacy_group_name)
    outcome = write_letter_files(letter, folder)
    publish_letter(letter)
    return outcome
