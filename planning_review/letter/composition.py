"""Composes a letter from a review's structure: its lines and quotes, never its Markdown."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import chain, zip_longest
from typing import Any

import yaml

from planning_review.errors import UsageError
from planning_review.letter.contract import Letter, LetterCitation, LetterPoint, Stance, Tone
from planning_review.letter.salutation import address_officer
from planning_review.policy.requirements import Requirement, load_requirements
from planning_review.register.councils import get_council
from planning_review.review.assembly import DROPPED_CITATION, hash_content
from planning_review.review.contract import Aspect, ComplianceLine, Review
from planning_review.review.presentation import find_source, plain_text

MAX_WORDS = 700

_RATING_ORDER = {"red": 0, "amber": 1, "green": 2, None: 3}


def compose_letter(
    review: Review,
    *,
    stance: Stance,
    tone: Tone = "formal",
    officer: str | None = None,
    letter_date: date,
    group_name: str,
    final: bool = False,
) -> Letter:
    """Return the letter that the review supports, in at most MAX_WORDS where one point fits in them.

    An objection has the requirements that are not met, support those that are met, a conditional
    letter those not met and the suggested conditions, a neutral one both kinds. Only lines with a
    verified quote are used: core requirements first, then those of the worst rated aspects. officer
    is the register's where it is not given. UsageError where the review has nothing for the stance.
    """
    lines = _pick_lines(review, stance)
    _check_stance(review, stance, lines)
    points = [_make_point(review, line, tone) for line in lines]
    wording = load_wording()
    application = review.application
    group = plain_text(group_name)
    named, salutation, closing = address_officer(officer or application.case_officer)
    subject = wording["subject"][stance].format(reference=application.reference)
    if application.site_address:
        subject += f": {plain_text(application.site_address)}"

    def build(kept: list[LetterPoint]) -> Letter:
        left_out = len(points) - len(kept)
        return Letter(
            letter_id="",
            review_id=review.review_id,
            application_ref=review.application_ref,
            council=review.council,
            stance=stance,
            tone=tone,
            officer=named,
            date=letter_date,
            group=group,
            final=final,
            recipient=(
                *([named] if named else []),
                "Planning Department",
                _name_council(review.council),
            ),
            salutation=salutation,
            subject=subject,
            opening=(wording[tone]["opening"][stance].format(group=group),),
            points=tuple(point for point in points if point in kept),
            points_left_out=left_out,
            conditions=tuple(map(plain_text, review.review.suggested_conditions))
            if stance == "conditional"
            else (),
            closing_paragraphs=tuple(_close(review, stance, tone, left_out)),
            closing=closing,
        )

    letter = build(_keep_within(points, lines, build))
    identity = hash_content(letter.model_dump(mode="json"))
    return letter.model_copy(update={"letter_id": f"let_{letter_date:%Y%m%d}_{identity}"})


@cache
def load_wording() -> dict[str, Any]:
    """Return the wording of the letters, from templates/wording.yaml."""
    text = files("planning_review.letter").joinpath("templates/wording.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def count_words(letter: Letter) -> int:
    """Return the words of a letter from its subject to its close, quotes and sources included."""
    texts = [letter.subject, *letter.opening, *letter.conditions, *letter.closing_paragraphs]
    for point in letter.points:
        texts += [point.heading, point.text]
        texts += [f"{quoted.quote} {quoted.title}, page {quoted.page}" for quoted in point.citations]
    return sum(len(text.split()) for text in texts)


def _pick_lines(review: Review, stance: Stance) -> list[ComplianceLine]:
    wanted = {"support": (True,), "neutral": (False, True)}.get(stance, (False,))
    usable = [
        line
        for line in review.review.policy_compliance
        if line.compliant in wanted
        and any(citation.verified for citation in line.citations)
        and DROPPED_CITATION not in line.notes
    ]

    def strength(line: ComplianceLine) -> tuple[bool, bool, int]:
        requirement = _load_requirements().get(line.requirement_id)
        is_core = requirement is not None and requirement.core
        aspect = _find_aspect(line, review.review.aspects)
        return bool(line.compliant), not is_core, _RATING_ORDER[aspect.rating if aspect else None]

    return sorted(usable, key=strength)


def _check_stance(review: Review, stance: Stance, lines: list[ComplianceLine]) -> None:
    reference = review.application.reference
    if stance == "conditional" and not review.review.suggested_conditions:
        raise UsageError(
            f"The review of {reference} suggests no condition: choose --stance object, support or neutral."
        )
    if lines or stance == "conditional":
        return
    if stance == "neutral":
        raise UsageError(
            f"The review of {reference} has no finding with a verified quote: there is nothing to put in a "
            "letter. See in the review what could not be read, and run it again when that is mended."
        )
    missing = "requirement that is not met" if stance == "object" else "requirement that is met"
    raise UsageError(
        f"The review of {reference} has no {missing} and a verified quote for it: "
        f"a letter to {stance} would have no ground. Choose --stance neutral, or read the review first."
    )


def _make_point(review: Review, line: ComplianceLine, tone: Tone) -> LetterPoint:
    documents = {document.document_id: document for document in review.documents}
    citation = next(citation for citation in line.citations if citation.verified)
    source = find_source(documents, citation)
    aspect = _find_aspect(line, review.review.aspects)
    text = load_wording()[tone]["met" if line.compliant else "not_met"].format(
        policy=plain_text(f"{line.policy_source} ({line.edition}), {_name_paragraph(line.paragraph)}"),
        requirement=_end_sentence(plain_text(line.requirement)),
        notes=_end_sentence(re.sub(r"^(?:Not met|Met): ", "", plain_text(line.notes))),
    )
    return LetterPoint(
        aspect=aspect.name if aspect else None,
        heading=_name_requirement(line.requirement_id),
        text=text.strip(),
        requirement=line.requirement,
        policy_source=line.policy_source,
        edition=line.edition,
        paragraph=line.paragraph,
        citations=(
            LetterCitation(
                document_id=citation.document_id,
                title=source.title,
                page=citation.page,
                quote=plain_text(citation.quote),
                url=source.url,
            ),
        ),
    )


def _keep_within(
    points: list[LetterPoint], lines: list[ComplianceLine], build: Callable[[list[LetterPoint]], Letter]
) -> list[LetterPoint]:
    # Taken in turn from both kinds, so that a neutral letter is not all of one.
    unmet = [point for point, line in zip(points, lines, strict=True) if not line.compliant]
    met = [point for point, line in zip(points, lines, strict=True) if line.compliant]
    kept: list[LetterPoint] = []
    for point in chain.from_iterable(zip_longest(unmet, met)):
        if point is not None and (not kept or count_words(build([*kept, point])) <= MAX_WORDS):
            kept.append(point)
    return kept


def _close(review: Review, stance: Stance, tone: Tone, left_out: int) -> Iterator[str]:
    wording = load_wording()[tone]
    if left_out:
        yield wording["more"].format(count=left_out, points="point" if left_out == 1 else "points")
    if review.status == "incomplete":
        yield wording["incomplete"]
    if review.metadata.model != "evidence":
        yield wording["model"].format(model=review.metadata.model)
    yield wording["closing"][stance]


def _find_aspect(line: ComplianceLine, aspects: tuple[Aspect, ...]) -> Aspect | None:
    requirement = _load_requirements().get(line.requirement_id)
    name = requirement.aspect if requirement else None
    return next((aspect for aspect in aspects if aspect.name == name), None)


def _name_requirement(requirement_id: str) -> str:
    # A review may be older than the requirements, and know one that has gone since.
    requirement = _load_requirements().get(requirement_id)
    title = requirement.title if requirement else plain_text(requirement_id.replace("-", " "))
    return title[:1].upper() + title[1:]


def _name_paragraph(paragraph: str) -> str:
    return f"paragraph {paragraph}" if paragraph[:1].isdigit() else paragraph


@cache
def _load_requirements() -> dict[str, Requirement]:
    return {requirement.id: requirement for requirement in load_requirements()}


def _name_council(code: str) -> str:
    try:
        name = get_council(code).name
    except UsageError:
        return f"{code} council"
    # What stands in brackets tells our users more than the council.
    return re.sub(r"\s*\(.*\)", "", name)


def _end_sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
