"""Tasks that compose the letter from the newest review and write its files."""

from datetime import date
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.letter.contract import Letter
from planning_review.letter.files import WrittenLetter, compose_from_newest, write_letter
from planning_review.parameters import LetterParameters
from run.context import current_run
from run.outputs import list_run_letters
from tasks.task_policies import (
    STORAGE_RETRIES,
    STORAGE_RETRY_DELAYS,
    STORAGE_RETRY_JITTER,
    can_help,
)


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
    return compose_from_newest(folder, parameters, letter_date, group_name, most_words)


@task(
    name="write-letter-files",
    task_run_name="{letter.application_ref} write the letter",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_letter_files(letter: Letter, folder: Path) -> WrittenLetter:
    """Write `{letter_id}_letter.json`, `.md` and `.docx`; files that are there stay as they are."""
    return write_letter(letter, folder)


@task(
    name="list-letters",
    task_run_name="{reference} list the letters",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def list_letters(reference: str) -> Path:
    """Make the page of the application's letters anew, here and in the bucket."""
    return list_run_letters(current_run())
