"""Writes a letter as JSON and Markdown."""

import json
from functools import cache, partial
from typing import NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from planning_review.letter.contract import Letter, LetterPoint
from planning_review.letter.notes import DRAFT_MARK, SET_GROUP, is_unsigned, mark_points
from planning_review.letter.wording import load_wording
from planning_review.report.markdown import escape_markdown, make_markdown_environment


class Part(NamedTuple):
    """A piece of a sentence; url is "" where it is no link."""

    text: str
    url: str = ""


def dump_letter(letter: Letter) -> str:
    """Return the text of the letter's JSON file."""
    return json.dumps(letter.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def render_letter_markdown(letter: Letter) -> str:
    """Return the letter as Markdown; quotes and names stay plain text, addresses are notes at the end."""
    notes: dict[str, int] = {}
    return (
        _environment()
        .get_template("letter.md.j2")
        .render(
            letter=letter,
            draft_mark=DRAFT_MARK,
            conditions_heading=introduce_conditions(letter),
            proposal_of=partial(_write_proposal, notes),
            marks=mark_points(letter.points) if letter.status == "draft" else [],
            set_group=SET_GROUP if is_unsigned(letter) else "",
            notes=notes,
        )
    )


def _write_proposal(notes: dict[str, int], point: LetterPoint) -> Markup:
    """Return a proposal as Markdown; the spaces round a link are kept, which escaping would take.

    An address gets a number among the notes: a letter with long addresses in it can't be read as plain text.
    """
    written = []
    for part in split_links(point):
        bare = part.text.strip()
        before, _, after = part.text.partition(bare) if bare else (part.text, "", "")
        text = escape_markdown(bare)
        if part.url:
            text = f"[{text}][{notes.setdefault(part.url, len(notes) + 1)}]"
        written.append(f"{before}{text}{after}")
    return Markup("".join(written))  # noqa: S704  (each part is escaped just above)


def split_links(point: LetterPoint) -> list[Part]:
    """Return the words of a proposal, the places of its quotes as links."""
    parts, rest = [], point.proposal
    for citation in sorted(point.citations, key=lambda c: point.proposal.find(c.label)):
        before, found, after = rest.partition(citation.label)
        if found:
            parts += [Part(before), Part(citation.label, citation.url)]
            rest = after
    return [part for part in (*parts, Part(rest)) if part.text]


def introduce_conditions(letter: Letter) -> str:
    """Return the line that leads the conditions."""
    return str(load_wording()[letter.tone]["conditions"])


@cache
def _environment() -> Environment:
    return make_markdown_environment("planning_review.letter")
