"""The words of a review, put together from the judgement's data and from nothing else."""

from collections.abc import Iterable, Mapping, Sequence

from planning_review.models import DocumentState
from planning_review.policy.requirements import requirements_by_id
from planning_review.report.contract import ReviewedDocument
from planning_review.report.finding_words import (
    WORDS,
    describe_dropped_quotes,
    describe_finding,
    describe_without_verdict,
)
from planning_review.report.unread import describe_unread
from planning_review.rules.conclusions import name_compliance
from planning_review.rules.judgement import (
    Aspect,
    ChosenDocument,
    ComplianceLine,
    Judgement,
    LineGroups,
    ReadingCount,
)
from planning_review.rules.rating import is_disputed
from planning_review.text.phrases import says_any
from planning_review.text.shortening import first_sentence, shorten_text

_MOST_NAMED = 4
_MOST_DESCRIBED = 3
_MOST_ASKED = 8
_MOST_BREACH_WORDS = 30
_ROLES = {
    "transport_assessment": "the transport assessment",
    "travel_plan": "the travel plan",
    "design_and_access": "the design and access statement",
}
_ADVERBS = {1: "once", 2: "twice"}


def word_aspect(
    aspect: Aspect, lines: Mapping[str, ComplianceLine], documents: Iterable[ReviewedDocument] = ()
) -> Aspect:
    """Return an aspect with its texts: a model's own, else what its lines say and nothing more.

    lines are the judgement's, by requirement_id. Where nothing rates the aspect, what was not read of the
    documents that should hold it is told too. An aspect of neither, as earlier releases made them,
    keeps the texts that it has.
    """
    key_issue, parts = aspect.key_issue, [aspect.analysis]
    if aspect.groups and not aspect.key_issue:
        key_issue = _say_key_issue(aspect.groups)
    if aspect.groups and not aspect.analysis:
        shown = lines if aspect.is_decided else {name: _forget_decision(line) for name, line in lines.items()}
        parts = _analyse(aspect.groups, shown)
    if aspect.also_not_met:
        parts.append(f"By the rules also not met: {_name_some(aspect.also_not_met, most=None)}.")
    if aspect.is_unproven:
        parts.append("The model's rating rests on no quote that stands: unverified, not counted.")
    parts.append(describe_dropped_quotes(aspect.dropped_quotes))
    if aspect.dropped_citations:
        parts.append(WORDS["dropped citation"])
    if aspect.rating is None:
        parts.append(describe_unread([aspect.name], documents))
    return aspect.model_copy(update={"key_issue": key_issue, "analysis": " ".join(filter(None, parts))})


def describe_missing(documents: Iterable[ReviewedDocument]) -> tuple[str, ...]:
    """Return the sentence that says how many chosen documents could not be had; none where all could."""
    chosen = [each for each in documents if each.state is not DocumentState.LEFT_OUT]
    missing = sum(each.sha256 is None for each in chosen)
    if not missing:
        return ()
    rest = len(chosen) - missing
    return (
        f"{missing} of the {len(chosen)} documents chosen to be read could not be had: this review rests on "
        f"{f'the other {rest}' if rest else 'none'}. What is not found here may stand in them.",
    )


def summarise(judgement: Judgement) -> str:
    """Return the summary: a model's own, else one of under 120 words."""
    if judgement.summary:
        return judgement.summary
    groups = judgement.groups
    breaches, met, noted, silent, dismissed = (
        len(names) for names in (groups.breaches, groups.met, groups.noted, groups.silent, groups.dismissed)
    )
    parts = []
    if breaches:
        verb = "is" if breaches == 1 else "are"
        parts.append(
            f"{_count(breaches, 'requirement')} {verb} not met by what the documents state: "
            f"{_name_some(groups.breaches)}."
        )
    else:
        parts.append("No statement was found that breaches a requirement.")
    missing = [omission.title for omission in judgement.omissions if omission.is_claimed]
    if missing:
        parts.append(
            f"An application of this kind and size should have these, and has not: {'; '.join(missing)}."
        )
    disputed = sum(is_disputed(line) for line in judgement.policy_compliance)
    if disputed:
        verb = "is" if disputed == 1 else "are"
        parts.append(f"{_count(disputed, 'finding')} {verb} disputed by the model: a person has to decide.")
    if judgement.overall_rating == "none" and not disputed:
        parts.append(
            "There is too little here on walking and cycling for a rating, and no ground for a letter."
            if met or breaches
            else "There is nothing here on walking and cycling for policy to judge: no ground for a letter."
        )
    parts.append(f"{met or 'None'} {'is' if met == 1 else 'are'} met.")
    if noted:
        parts.append(f"On {noted} there are statements, but none that settles the matter.")
    if silent:
        known = breaches + met + noted + silent + dismissed
        parts.append(f"For {silent} of the {known} no evidence was found, which is not a breach.")
    if dismissed:
        parts.append(f"{_count(dismissed, 'finding')} {_were(dismissed)} dismissed by a person.")
    if judgement.reading:
        parts.append(_say_reading(judgement.reading))
    return " ".join(parts)


def recommend(judgement: Judgement, proposal: str | None = None) -> tuple[str, ...]:
    """Return what to ask for: for each breach, then for what is not stated, then what a model adds.

    A change of use lays out no streets: of what is not stated it is asked for the cycle parking alone.
    """
    asked = []
    not_stated = judgement.not_stated
    if says_any(proposal, ("change of use",)):
        not_stated = tuple(n for n in not_stated if requirements_by_id()[n].aspect == "Cycle parking")
    if not_stated:
        named = _name_some(not_stated, _MOST_ASKED)
        asked.append(f"Ask the applicant to state, with a drawing or a figure: {named}.")
    return (*judgement.recommendations, *asked, *judgement.own_recommendations)


def describe_key_document(chosen: ChosenDocument) -> str:
    """Say why a document is to be opened first."""
    count, against = chosen.quotes, chosen.breach_quotes
    why = f"Quoted {_ADVERBS.get(count, f'{count} times')}" if count else "Not quoted"
    if against:
        which = "" if against == count else f"{against} of them "
        what = "a requirement that is" if against == 1 else "requirements that are"
        why += f", {which}on {what} not met"
    role = _ROLES.get(chosen.document_type)
    return f"{why}; it is {role}." if role else f"{why}."


def describe_judgement(judgement: Judgement) -> str:
    """Return a judgement in plain lines, for a model to summarise."""
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    parts = [f"Overall rating by the rules: {judgement.overall_rating}."]
    for aspect in judgement.aspects:
        key_issue = word_aspect(aspect, lines).key_issue
        parts.append(f"- {aspect.name}: {aspect.rating or 'no evidence'}. {key_issue}")
    parts += [
        f"- {_title(name)}: {name_compliance(line.compliant)}. {describe_finding(line)}"
        for name, line in lines.items()
        if line.compliant is not None
    ]
    return "\n".join(parts)


def _say_key_issue(groups: LineGroups) -> str:
    if groups.breaches:
        note = requirements_by_id()[groups.breaches[0]].breach_note
        return f"{_capitalise(note)}."
    if groups.met:
        return "No breach found in what is stated."
    if groups.noted:
        return "What is stated settles nothing."
    if groups.dismissed:
        return "Nothing else was found than what a person dismissed."
    return "No evidence found."


def _analyse(groups: LineGroups, lines: Mapping[str, ComplianceLine]) -> list[str]:
    """Return what an aspect's lines say: the worst first, the rest by number."""
    parts = [_describe_breach(lines[name]) for name in groups.breaches[:_MOST_DESCRIBED]]
    for label, members in (
        ("Also not met", groups.breaches[_MOST_DESCRIBED:]),
        ("Met", groups.met),
        ("Stated without settling it", groups.noted),
        ("Dismissed by a person", groups.dismissed),
    ):
        parts += [f"{label}: {_name_some(members)}."] if members else []
    if groups.silent:
        count = _count(len(groups.silent), "requirement")
        parts.append(f"No evidence on {count}, which is not a breach.")
    return parts


def _forget_decision(line: ComplianceLine) -> ComplianceLine:
    return line.model_copy(update={"decision": None})


def _describe_breach(line: ComplianceLine) -> str:
    found = shorten_text(first_sentence(describe_without_verdict(line)), _MOST_BREACH_WORDS)
    return f"{_capitalise(_title(line.requirement_id))}: not met; {found}"


def _say_reading(reading: ReadingCount) -> str:
    read = (
        f"{_count(reading.documents, 'document')} {_were(reading.documents)} read, "
        f"{_count(reading.pages, 'page')} in all"
    )
    return f"{read}, {reading.ocr_pages} of them by OCR." if reading.ocr_pages else f"{read}."


def _name_some(names: Sequence[str], most: int | None = _MOST_NAMED) -> str:
    shown = names[:most]
    more = f"; and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return "; ".join(map(_title, shown)) + more


def _title(requirement_id: str) -> str:
    return requirements_by_id()[requirement_id].title


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
