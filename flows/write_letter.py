"""Write the response letter from the newest review of an application."""

from datetime import date
from pathlib import Path

from prefect import flow

from planning_review.parameters import LetterOutcome, LetterParameters
from planning_review.settings import load_settings
from run.context import open_run
from run.times import london_today
from tasks.letter import compose_from_review, publish_letter, write_letter_files
from tasks.storage import upload_outputs


@flow(
    name="write-letter",
    flow_run_name="{parameters.reference} letter ({parameters.stance})",
    persist_result=True,
)
def write_letter(parameters: LetterParameters) -> LetterOutcome:
    """Compose the letter and write its files beside the review, and into the bucket."""
    settings = load_settings()
    letter_date = date.fromisoformat(parameters.date) if parameters.date else london_today()
    with open_run(settings, parameters.council, parameters.reference) as run:
        run.files.fetch_newest_review(run.output_dir)
        letter = compose_from_review(
            run.output_dir, parameters, letter_date, settings.advocacy_group_name, settings.letter_words
        )
        outcome = write_letter_files(letter, run.output_dir)
        upload_outputs(
            [Path(outcome.letter_json), Path(outcome.letter_md), Path(outcome.letter_docx)],
            parameters.reference,
        )
        publish_letter(letter)
    return outcome
