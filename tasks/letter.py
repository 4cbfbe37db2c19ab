"""Tasks that compose the letter from the newest review and write its files."""

from datetime import date
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from planning_review.errors import UsageError
from planning_review.letter.composition import compose_letter
from planning_review.letter.contract import Letter
from planning_review.letter.rendering import dump_letter, render_letter_docx, render_letter_markdown
from planning_review.parameters import LetterOutcome, LetterParameters
from planning_review.report.assembly import load_review
from planning_review.report.output_files import artifact_key, find_newest_review, write_once


@task(
    name="compose-letter",
    task_run_name="{parameters.reference} compose the letter",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def compose_from_review(
    folder: Path, parameters: LetterParameters, letter_date: date, group_name: str, most_words: int
) -> Letter:
    """Compose the letter from the structure of the newest review in an application's folder."""
    path = find_newest_review(folder)
    if path is None:
        raise UsageError(
            f"There is no review of {parameters.reference} in {folder}. "
            f"Write one first: planning-review review {parameters.reference}"
        )
    return compose_letter(
        load_review(path),
        stance=parameters.stance,
        tone=parameters.tone,
        officer=parameters.officer,
        letter_date=letter_date,
        groups=parameters.groups or (group_name,),
        final=parameters.final,
        most_words=most_words,
    )


@task(
    name="write-letter-files",
    task_run_name="{letter.application_ref} write the letter",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_letter_files(letter: Letter, folder: Path) -> LetterOutcome:
    """Write `{letter_id}_letter.json`, `.md` and `.docx`; files that are there stay as they are."""
    stem = f"{letter.letter_id}_letter"
    docx_path = folder / f"{stem}.docx"
    if not docx_path.exists():
        temporary = folder / f".{stem}.docx"
        render_letter_docx(letter, temporary)
        temporary.replace(docx_path)
    return LetterOutcome(
        letter_id=letter.letter_id,
        letter_json=str(write_once(folder / f"{stem}.json", dump_letter(letter))),
        letter_md=str(write_once(folder / f"{stem}.md", render_letter_markdown(letter))),
        letter_docx=str(docx_path),
    )


def publish_letter(letter: Letter) -> None:
    """Show the letter in Prefect's UI."""
    create_markdown_artifact(
        key=artifact_key("letter", letter.council, letter.application_ref),
        markdown=render_letter_markdown(letter),
    )
