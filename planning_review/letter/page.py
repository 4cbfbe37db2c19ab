"""The page of an application's letters, beside its reviews, whose pages lead to it."""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from planning_review.files import replace_file
from planning_review.letter.contract import Letter
from planning_review.report.html import LETTERS_NAME, open_templates

logger = logging.getLogger(__name__)

_STANCES = {
    "object": "Objection",
    "support": "Support",
    "conditional": "Support with conditions",
    "neutral": "Neutral",
}


def write_letters_page(folder: Path, reference: str, council: str, today: date) -> Path:
    """Write the page of the letters that stand in an application's folder, in place of the one before."""
    page = render_letters(list_letters(folder), reference, council, today)
    return replace_file(folder / LETTERS_NAME, page)


def list_letters(folder: Path) -> list[Letter]:
    """Return the letters of a folder, the newest first; one that does not open is passed over."""
    letters = []
    for path in folder.glob("let_*_letter.json"):
        try:
            letters.append(Letter.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            # Of an earlier release, or damaged: its files stay where they are.
            logger.warning("%s is no letter that this release reads, and is not listed.", path)
    return sorted(letters, key=lambda letter: (letter.date, letter.letter_id), reverse=True)


def render_letters(letters: Sequence[Letter], reference: str, council: str, today: date) -> str:
    """Return the page as HTML."""
    templates = open_templates("planning_review.letter", "planning_review.report")
    return templates.get_template("letters.html.j2").render(
        letters=letters, reference=reference, council=council, stances=_STANCES, today=today
    )
