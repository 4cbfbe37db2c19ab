"""Composes a letter from a review's structure: its lines and quotes, never its Markdown."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from planning_review.errors import UsageError
from planning_review.letter.contract import Letter, LetterOmission, LetterPoint, Stance, Tone
from planning_review.letter.ground import list_conditions, write_ground
from planning_review.letter.matters import Matter, list_good, pick_matters
from planning_review.letter.notes import NO_GROUP, is_unsigned
from planning_review.letter.points import PointWriter, name_reason
from planning_review.letter.salutation import address_officer
from planning_review.letter.wording import join_names, load_wording
from planning_review.models import DocumentState
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.sources import list_usable_sources
from planning_review.register.councils import name_council
from planning_review.report.assembly import hash_content
from planning_review.report.contract import Review
from planning_review.report.presentation import plain_text

MAX_WORDS = 650
MOST_POINTS = 6
_OTHERS_WORDS = ("public_comment", "consultation_response", "officer_report", "decision_notice", "notice")


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

    officer is the register's where it is not given. UsageError where the review has nothing for the stance,
    and for a final letter where a person has to look at a point first.
    """

    def build(kept: Sequence[Matter]) -> Letter:
        return _build(review, kept, stance, tone, officer, letter_date, groups)

    letter = build(_keep_within(pick_matters(review, stance), build, most_words))
    if final:
        _require_checked(review, letter)
        letter = letter.model_copy(update={"status": "final"})
    identity = hash_content(letter.model_dump(mode="json"))
    return letter.model_copy(update={"letter_id": f"let_{letter_date:%Y%m%d}_{identity}"})


def _keep_within(
    matters: Sequence[Matter], build: Callable[[Sequence[Matter]], Letter], most_words: int
) -> list[Matter]:
    """Return the matters that fit, the gravest first.

    Each is tried by its gravest line alone, so that there is room for more of them, and then with all it has.
    """
    kept: list[tuple[Matter, Matter]] = []
    for matter in matters:
        bare = replace(matter, lines=matter.lines[:1])
        if kept and build([*(one for one, _ in kept), bare]).words > most_words:
            break
        kept.append((bare, matter))
        if len(kept) == MOST_POINTS:
            break
    chosen = [bare for bare, _ in kept]
    for number, (_, whole) in enumerate(kept):
        fuller = [*chosen[:number], whole, *chosen[number + 1 :]]
        if whole != chosen[number] and build(fuller).words <= most_words:
            chosen = fuller
    return chosen


def count_words(letter: Letter) -> int:
    """Return the words of a letter's own text: no address, no conditions, no lists."""
    texts = [letter.opening, letter.welcome, letter.ground or "", *letter.closing_paragraphs]
    for point in letter.points:
        texts += [point.title, point.proposal, point.policy_words, point.harm, point.ask]
    return sum(len(text.split()) for text in texts)


def _build(
    review: Review,
    matters: Sequence[Matter],
    stance: Stance,
    tone: Tone,
    officer: str | None,
    letter_date: date,
    groups: Sequence[str],
) -> Letter:
    application = review.application
    names = tuple(map(plain_text, groups)) or (NO_GROUP,)
    named, salutation, closing = address_officer(officer or application.case_officer)
    subject = load_wording()["subject"][stance].format(reference=application.reference)
    if application.site_address:
        subject += f": {plain_text(application.site_address)}"
    sources = frozenset(source.name for source in list_usable_sources(review.council))
    policy_day = application.decision_date or letter_date
    writer = PointWriter(review, policy_day, sources)
    points = tuple(writer.write(matter) for matter in matters)
    read, unread = _list_reading(review)
    conditions = tuple(list_conditions(matters)) if stance == "conditional" else ()
    letter = Letter(
        letter_id="",
        review_id=review.review_id,
        application_ref=review.application_ref,
        council=review.council,
        stance=stance,
        tone=tone,
        status="draft",
        officer=named,
        date=letter_date,
        signed_by=join_names(names),
        recipient=(
            *([named] if named else []),
            "Planning Department",
            # What stands in brackets tells our users more than the council.
            re.sub(r"\s*\(.*\)", "", name_council(review.council)),
        ),
        salutation=salutation,
        subject=subject,
        opening=_open(
            tone,
            "unready" if stance == "conditional" and not conditions else stance,
            names,
            matters,
            _find_own_opening(review, matters),
        ),
        welcome=_welcome(review, writer, tone, stance, matters),
        points=points,
        omissions=tuple(
            LetterOmission(omission_id=o.omission_id, title=o.title, text=o.text)
            for matter in matters
            for o in matter.omissions
        ),
        conditions=conditions,
        ground=write_ground(points, matters, review.council, policy_day) if stance == "object" else None,
        closing_paragraphs=tuple(_close(review, stance, tone)),
        read=read,
        unread=unread,
        words=0,
        closing=closing,
    )
    return letter.model_copy(update={"words": count_words(letter)})


def _find_own_opening(review: Review, matters: Sequence[Matter]) -> str:
    """Return a model's words on what weighs most; "" where the letter leaves out what they may speak of."""
    texts = review.review.letter_texts
    told = {line.requirement_id for matter in matters for line in matter.lines}
    return plain_text(texts.opening) if told.issuperset(texts.of) else ""


def _open(tone: Tone, stance: str, groups: Sequence[str], matters: Sequence[Matter], own: str) -> str:
    """Return the first sentences: what we ask the council to do, and the reasons that matter most.

    stance is one, or "unready" for conditions that can't be named before there is more to judge by. own is a
    model's words for the reasons, "" where the letter's own stand.
    """
    wording = load_wording()
    verbs = wording["verbs"]["one" if len(groups) == 1 else "many"]
    reasons = list(filter(None, dict.fromkeys(name_reason(matter) for matter in matters)))[:2]
    kind = "good" if matters and matters[0].is_good else "object" if stance == "object" else "other"
    said = own if kind != "good" else ""
    if reasons and not said:
        frame = wording[tone]["reasons"][kind][len(reasons) - 1]
        said = frame.format(first=reasons[0], second=reasons[-1])
    text: str = wording[tone]["opening"][stance]
    return text.format(group=join_names(groups), reasons=said, **verbs).strip()


def _welcome(
    review: Review, writer: PointWriter, tone: Tone, stance: Stance, matters: Sequence[Matter]
) -> str:
    """Return what is good in the application, where the stance allows; "" where nothing is."""
    if stance not in ("conditional", "neutral") or any(matter.is_good for matter in matters):
        return ""
    good = next(iter(list_good(review)), None)
    return writer.welcome(good, load_wording()[tone]["welcome"]) if good else ""


def _close(review: Review, stance: Stance, tone: Tone) -> Iterator[str]:
    wording = load_wording()[tone]
    if review.status == "incomplete":
        yield wording["incomplete"]
    if review.metadata.model != EVIDENCE_MODEL:
        yield wording["model"].format(model=review.metadata.model)
    yield wording["closing"][stance]


def _list_reading(review: Review) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the applicant's documents that were read, and those that could not be, each by its title."""
    own = [d for d in review.documents if d.document_type not in _OTHERS_WORDS]
    read = [plain_text(d.title) for d in own if d.state is DocumentState.INDEXED]
    unread = [
        plain_text(d.title)
        for d in own
        if d.state not in (DocumentState.INDEXED, DocumentState.LEFT_OUT, DocumentState.STORED)
    ]
    return tuple(dict.fromkeys(read)), tuple(dict.fromkeys(unread))


def _require_checked(review: Review, letter: Letter) -> None:
    if is_unsigned(letter):
        raise UsageError(
            f"The letter on {review.application.reference} can't be final yet: nobody has said who writes "
            "it. Set ADVOCACY_GROUP_NAME to your group's name, or give it with --group."
        )
    open_points = [point for point in letter.points if point.needs_a_person]
    if not open_points:
        return
    listed = "; ".join(_say_open(point) for point in open_points)
    raise UsageError(
        f"The letter on {review.application.reference} can't be final yet: {listed}. Decide on each and "
        "review again with --decisions FILE (docs/people-decisions.md): confirmed, corrected or dismissed."
    )


def _say_open(point: LetterPoint) -> str:
    return f"“{point.title}” ({' or '.join(point.requirements)}): {point.needs_a_person}"
