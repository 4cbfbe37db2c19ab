"""The letter's files, beside the review that it is composed from."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from planning_review.errors import UsageError
from planning_review.files import write_once
from planning_review.letter.composition import compose_letter
from planning_review.letter.contract import Letter
from planning_review.letter.rendering import dump_letter, render_letter_markdown
from planning_review.parameters import LetterParameters
from planning_review.report.assembly import load_review
from planning_review.report.output_files import find_newest_review


class WrittenLetter(NamedTuple):
    """The letter's files."""

    json_path: Path
    md_path: Path
    docx_path: Path


def compose_from_newest(
    folder: Path, parameters: LetterParameters, letter_date: date, group_name: str, most_words: int
) -> Letter:
    """Compose the letter from the newest review in an application's folder; raises UsageError for none."""
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
        groups=parameters.groups or ((group_name,) if group_name.strip() else ()),
        final=parameters.final,
        most_words=most_words,
    )


def write_letter(letter: Letter, folder: Path) -> WrittenLetter:
    """Write `{letter_id}_letter.json`, `.md` and `.docx`; files that are there stay as they are."""
    stem = f"{letter.letter_id}_letter"
    docx_path = folder / f"{stem}.docx"
    if not docx_path.exists():
        # Imported here since python-docx comes with it, which no review needs.
        from planning_review.letter.word_document import render_letter_docx

        temporary = folder / f".{stem}.docx"
        render_letter_docx(letter, temporary)
        temporary.replace(docx_path)
    return WrittenLetter(
        json_path=write_once(folder / f"{stem}.json", dump_letter(letter)),
        md_path=write_once(folder / f"{stem}.md", render_letter_markdown(letter)),
        docx_path=docx_path,
    )
