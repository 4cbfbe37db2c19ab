"""What a draft tells the volunteer, and no letter the council: one place for every such word."""

from collections.abc import Sequence

from planning_review.letter.contract import Letter, LetterPoint
from planning_review.letter.wording import end_sentence, join_names
from planning_review.report.finding_words import is_read_by_ocr
from planning_review.rules.judgement import ComplianceLine, Contradiction, Omission

DRAFT_MARK = "DRAFT: not sent. Check every quotation against its source before you send it."

NO_GROUP = "[name of your group]"
"""What stands in a draft for the group that nobody has named."""

SET_GROUP = (
    "[TO DO FIRST: say who writes. Set ADVOCACY_GROUP_NAME to your group's name, or give it with --group, "
    "and write the letter again.]"
)


def explain_line(line: ComplianceLine) -> str | None:
    """Return why a person has to look at a finding before it is sent, or None."""
    if line.decision is not None and line.decision.verdict in ("confirmed", "corrected"):
        return None
    if is_read_by_ocr(line):
        return "its quote was read by OCR from a scanned page: compare it with the page"
    if line.later_edition is not None:
        return f"the {line.later_edition.edition} edition may already be in force: see which one applies"
    if line.needs_check:
        return "no verified source holds its measure"
    return None


def explain_omission(omission: Omission) -> str | None:
    """Return what a person has to look at before silence is claimed; None where nothing is in doubt."""
    if omission.decision is not None and omission.decision.verdict == "confirmed":
        return None
    return f"see {omission.check}" if omission.check else None


def explain_difference(found: Contradiction) -> str | None:
    """Return what a person has to look at before documents are said to differ; None once they have."""
    if found.decision is not None and found.decision.verdict in ("confirmed", "corrected"):
        return None
    return "read both passages: do they speak of the same thing in the same place?"


def is_unsigned(letter: Letter) -> bool:
    """Return whether nobody has said in whose name a letter is."""
    return letter.signed_by == NO_GROUP


def mark_points(points: Sequence[LetterPoint]) -> list[str]:
    """Return the mark that stands beside each point of a draft, "" where it needs none.

    What has to be looked at for several points stands beside the first of them.
    """
    first: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    for number, point in enumerate(points):
        if point.needs_a_person is not None:
            first.setdefault(point.needs_a_person, number)
            names.setdefault(point.needs_a_person, []).extend(point.requirements)
    marks = [""] * len(points)
    for check, number in first.items():
        listed = join_names(names[check])
        marks[number] = f"[TO CHECK FIRST: {end_sentence(check)} Then decide on {listed} with --decisions.]"
    return marks
