"""Composes a letter from a review's structure: its lines and quotes, never its Markdown."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain, zip_longest

from planning_review.letter.contract import Letter, LetterPoint, Stance, Tone
from planning_review.letter.points import make_point, pick_lines
from planning_review.letter.salutation import address_officer
from planning_review.letter.wording import join_names, load_wording, open_letter
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.requirements import requirements_by_id
from planning_review.register.councils import name_council
from planning_review.report.assembly import hash_content
from planning_review.report.contract import Review
from planning_review.report.presentation import plain_text
from planning_review.rules.judgement import ComplianceLine

MAX_WORDS = 700

_Pair = tuple[ComplianceLine, LetterPoint]


def compose_letter(
    review: Review,
    *,
    stance: Stance,
    tone: Tone = "formal",
    officer: str | None = None,
    letter_date: date,
    groups: Sequence[str],
    final: bool = False,
    most_words: int = MAX_WORDS,
) -> Letter:
    """Return the letter that the review supports, in at most most_words where one point fits in them.

    An objection has the requirements that are not met, support those that are met, a conditional
    letter those not met and their suggested conditions, a neutral one both kinds. Only lines with a
    verified quote are used: what a person confirmed first, then core requirements, then those of the
    worst rated aspects. officer is the register's where it is not given. UsageError where the review
    has nothing for the stance.
    """
    pairs = [(line, make_point(review, line, tone)) for line in pick_lines(review, stance)]
    application = review.application
    names = tuple(map(plain_text, groups))
    named, salutation, closing = address_officer(officer or application.case_officer)
    subject = load_wording()["subject"][stance].format(reference=application.reference)
    if application.site_address:
        subject += f": {plain_text(application.site_address)}"

    def build(kept: list[_Pair]) -> Letter:
        left_out = len(pairs) - len(kept)
        return Letter(
            letter_id="",
            review_id=review.review_id,
            application_ref=review.application_ref,
            council=review.council,
            stance=stance,
            tone=tone,
            officer=named,
            date=letter_date,
            group=join_names(names),
            final=final,
            recipient=(
                *([named] if named else []),
                "Planning Department",
                # What stands in brackets tells our users more than the council.
                re.sub(r"\s*\(.*\)", "", name_council(review.council)),
            ),
            salutation=salutation,
            subject=subject,
            opening=(open_letter(tone, stance, names),),
            points=tuple(pair[1] for pair in pairs if pair in kept),
            points_left_out=left_out,
            conditions=tuple(_choose_conditions(review, pairs, kept)) if stance == "conditional" else (),
            closing_paragraphs=tuple(_close(review, stance, tone, left_out)),
            closing=closing,
        )

    letter = build(_keep_within(pairs, build, most_words))
    identity = hash_content(letter.model_dump(mode="json"))
    return letter.model_copy(update={"letter_id": f"let_{letter_date:%Y%m%d}_{identity}"})


def count_words(letter: Letter) -> int:
    """Return the words of a letter from its subject to its close, quotes and sources included."""
    texts = [letter.subject, *letter.opening, *letter.conditions, *letter.closing_paragraphs]
    for point in letter.points:
        texts += [point.heading, point.text]
        texts += [f"{quoted.quote} {quoted.title}, page {quoted.page}" for quoted in point.citations]
    return sum(len(text.split()) for text in texts)


def _keep_within(pairs: list[_Pair], build: Callable[[list[_Pair]], Letter], most_words: int) -> list[_Pair]:
    # Taken in turn from both kinds, so that a neutral letter is not all of one.
    unmet = [pair for pair in pairs if not pair[0].compliant]
    met = [pair for pair in pairs if pair[0].compliant]
    kept: list[_Pair] = []
    for pair in chain.from_iterable(zip_longest(unmet, met)):
        if pair is not None and (not kept or count_words(build([*kept, pair])) <= most_words):
            kept.append(pair)
    return kept


def _choose_conditions(review: Review, pairs: list[_Pair], kept: list[_Pair]) -> Iterator[str]:
    """Yield the suggested conditions without those of points that the letter leaves out."""
    known = requirements_by_id()
    ids_left_out = [line.requirement_id for line, point in pairs if (line, point) not in kept]
    left_out = {known[name].suggested_condition for name in ids_left_out if name in known}
    for condition in review.review.suggested_conditions:
        if condition not in left_out:
            yield plain_text(condition)


def _close(review: Review, stance: Stance, tone: Tone, left_out: int) -> Iterator[str]:
    wording = load_wording()[tone]
    if left_out:
        yield wording["more"].format(count=left_out, points="point" if left_out == 1 else "points")
    if review.status == "incomplete":
        yield wording["incomplete"]
    if review.metadata.model != EVIDENCE_MODEL:
        yield wording["model"].format(model=review.metadata.model)
    yield wording["closing"][stance]
