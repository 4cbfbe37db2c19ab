"""The points of a letter: a review's lines that bear on its stance, each with its policy and its evidence."""

from planning_review.errors import UsageError
from planning_review.letter.contract import LetterCitation, LetterPoint, Stance, Tone
from planning_review.letter.wording import load_wording
from planning_review.policy.requirements import GOOD_PRACTICE, requirements_by_id
from planning_review.report.contract import Review
from planning_review.report.finding_words import describe_without_verdict, has_dropped_citation
from planning_review.report.presentation import find_source, plain_text
from planning_review.rules.judgement import Aspect, ComplianceLine
from planning_review.rules.rating import is_settled

_RATING_ORDER = {"red": 0, "amber": 1, "green": 2, None: 3}


def pick_lines(review: Review, stance: Stance) -> list[ComplianceLine]:
    """Return the lines that bear on a stance and have a verified quote, the strongest first.

    What a person has to check first is left out. Those a person confirmed, then core requirements, then
    those of the worst rated aspects.
    UsageError where a letter of this stance would have no ground.
    """
    wanted = {"support": (True,), "neutral": (False, True)}.get(stance, (False,))
    usable = [
        line
        for line in review.review.policy_compliance
        if line.compliant in wanted
        and is_settled(line)
        and any(citation.verified for citation in line.citations)
        and not has_dropped_citation(line)
    ]

    def strength(line: ComplianceLine) -> tuple[bool, bool, bool, int]:
        requirement = requirements_by_id().get(line.requirement_id)
        is_core = requirement is not None and requirement.core
        aspect = _find_aspect(line, review.review.aspects)
        rating = _RATING_ORDER[aspect.rating if aspect else None]
        return bool(line.compliant), line.decision is None, not is_core, rating

    lines = sorted(usable, key=strength)
    _check_stance(review, stance, lines)
    return lines


def make_point(review: Review, line: ComplianceLine, tone: Tone) -> LetterPoint:
    """Return a line as a point: what is asked and where, what was found, and the first verified quote."""
    documents = {document.document_id: document for document in review.documents}
    citation = next(citation for citation in line.citations if citation.verified)
    source = find_source(documents, citation)
    aspect = _find_aspect(line, review.review.aspects)
    text = load_wording()[tone]["met" if line.compliant else "not_met"].format(
        policy=plain_text(_name_policy(line)),
        requirement=_end_sentence(plain_text(line.requirement)),
        notes=_end_sentence(_say_what_was_found(line)),
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


def _say_what_was_found(line: ComplianceLine) -> str:
    """Return what the review found, or the person's own where they put another finding in its place."""
    if line.decision and line.decision.verdict == "corrected":
        return plain_text(line.decision.note) or "as the passage quoted shows"
    return plain_text(describe_without_verdict(line))


def _check_stance(review: Review, stance: Stance, lines: list[ComplianceLine]) -> None:
    reference = review.application.reference
    if review.review.overall_rating == "none":
        raise UsageError(
            f"The review of {reference} has no rating: there is nothing, or too little, on walking and "
            "cycling that policy could judge, and so no ground for a letter. Read what it lists as worth "
            "reading; a finding that a person confirms or corrects is a ground."
        )
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


def _find_aspect(line: ComplianceLine, aspects: tuple[Aspect, ...]) -> Aspect | None:
    requirement = requirements_by_id().get(line.requirement_id)
    name = requirement.aspect if requirement else None
    return next((aspect for aspect in aspects if aspect.name == name), None)


def _name_requirement(requirement_id: str) -> str:
    # A review may be older than the requirements, and know one that has gone since.
    requirement = requirements_by_id().get(requirement_id)
    title = requirement.title if requirement else plain_text(requirement_id.replace("-", " "))
    return title[:1].upper() + title[1:]


def _name_policy(line: ComplianceLine) -> str:
    """Return a source as an officer knows it, with edition and paragraph where it has them."""
    if line.policy_source == GOOD_PRACTICE:
        return GOOD_PRACTICE
    name = load_wording()["sources"].get(line.policy_source, line.policy_source)
    edition = "" if line.edition == "undated" else f" ({line.edition})"
    return f"{name}{edition}, {_name_paragraph(line.paragraph)},"


def _name_paragraph(paragraph: str) -> str:
    return f"paragraph {paragraph}" if paragraph[:1].isdigit() else paragraph


def _end_sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
