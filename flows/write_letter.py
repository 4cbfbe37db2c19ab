"""Write the response letter from the newest review of an application."""

from datetime import date

from prefect import flow, unmapped

from planning_review.dates import london_today
from planning_review.parameters import LetterOutcome, LetterParameters
from planning_review.settings import load_settings
from run.context import open_run
from run.outputs import collect_links, find_links, list_missing, publish_letter, tell_unlisted
from tasks.letter import compose_from_review, list_letters, write_letter_files
from tasks.storage import upload_output


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
        written = write_letter_files(letter, run.output_dir)
        links = find_links(run, list(written))
        missing = list_missing(run, links)
        again = upload_output.with_options(refresh_cache=True)
        links |= collect_links(missing, again.map(missing, unmapped(parameters.reference)))
        tell_unlisted(list_letters(parameters.reference, return_state=True))
        publish_letter(letter)
    return LetterOutcome(
        letter_id=letter.letter_id,
        letter_json=str(written.json_path),
        letter_md=str(written.md_path),
        letter_docx=str(written.docx_path),
        output_urls={path.suffix.removeprefix("."): link for path, link in links.items()},
    )
