"""What was found of a requirement, in words: made here from a line's data, and never read again."""

from collections.abc import Iterable, Iterator, Sequence

from planning_review.dates import format_date
from planning_review.models import name_place
from planning_review.report import old_reviews
from planning_review.report.presentation import plain_text
from planning_review.rules.conclusions import name_compliance
from planning_review.rules.judgement import ComplianceLine, Decision, LineFinding, ModelFinding, Place

WORDS = {
    "breach": "Not met: ",
    "met": "Met: ",
    "noted": "Stated, but not enough to judge by: ",
    "silent": "No evidence found: no document that was read states anything that settles this. "
    "That is not a breach.",
    "no detail": "as stated",
    "one unquoted": "One more such statement is not quoted.",
    "more unquoted": "{count} more such statements are not quoted.",
    "contradicted": "The documents contradict each other: {place}, says otherwise of the same place. "
    "The worse statement decides.",
    "also met": "Elsewhere it is met: {found}.",
    "nearest": "Nearest passages: {places}.",
    "ocr": "Read by OCR from a scanned page: compare the quote with the page.",
    "later edition": "The {edition} edition may already have been in force: {note}",
    "against nothing": "{reason} ({places}). "
    "Found by the model, where the rules found nothing that settles it.",
    "against the rules": "{reason} ({places}). Found by the model. "
    "The rules found it met{places_met}: the worse of the two stands.",
    "no reason": "as quoted",
    "one dropped quote": "A quote given by the model was not found in the documents and is left out.",
    "dropped quotes": "{count} quotes given by the model were not found in the documents and are left out.",
    "unproven breach": "The model found this not met, but gave no quote that stands: "
    "unverified, not counted.",
    "uncounted": "The model reads this as met ({places}); the rules could not, so it is not counted.",
    "unproven met": "The model found this met, but gave no quote that stands: unverified, not counted.",
    "disputed": "Disputed by the model: {reason}{places}. It carries no rating until a person decides.",
    "decided": "{decision} The review had found: {found}",
    "dropped citation": "A citation was dropped: it named no document of this application.",
    "to check": "To be checked by a person, and without a rating: {reason}.",
    "one source": "The figure asked for is known from one source only.",
}
"""The sentences on a finding. No code may look for one of them."""


def describe_finding(line: ComplianceLine) -> str:
    """Return all that is to say of a line: its notes in review.json."""
    return old_reviews.read_notes(line) if old_reviews.is_old(line) else " ".join(_say_all(line))


def describe_in_table(line: ComplianceLine, *, says_verdict: bool = True) -> str:
    """Return what a group of findings says of one: not what the group says for all, but its doubts."""
    if old_reviews.is_old(line):
        notes = [old_reviews.read_beside_its_group(line)]
    elif _is_replaced(line):
        notes = list(_say_all(line))
    else:
        found = _say_found(line, says_verdict=says_verdict, says_silence=False)
        notes = [*found, *_say_dropped_citations(line)]
    if line.mark == "C" and line.compliant is not None:
        notes.append(WORDS["one source"])
    return " ".join(filter(None, map(plain_text, notes)))


def describe_without_verdict(line: ComplianceLine) -> str:
    """Return what was found, for texts that have the word for its verdict already."""
    if old_reviews.is_old(line):
        return old_reviews.read_finding(line)
    return " ".join(_say_all(line) if _is_replaced(line) else _say_found(line, says_verdict=False))


def is_read_by_ocr(line: ComplianceLine) -> bool:
    """Return whether a quote that a line rests on was read from a scanned page."""
    if old_reviews.is_old(line):
        return old_reviews.was_read_by_ocr(line)
    return any(finding.ocr for finding in line.findings or ())


def has_dropped_citation(line: ComplianceLine) -> bool:
    """Return whether a citation of a line named no document of the application."""
    if old_reviews.is_old(line):
        return old_reviews.has_dropped_citation(line)
    return line.dropped_citations > 0


def describe_decision(decision: Decision, result: str = "") -> str:
    """Say who decided what and when: `Confirmed by A. Volunteer on 24 November 2026: note.`

    result is what a correction comes to, such as `to met`.
    """
    text = f"{decision.verdict.capitalize()} {result}".rstrip()
    if decision.by:
        text += f" by {plain_text(decision.by)}"
    text += f" on {format_date(decision.decided_on)}"
    note = plain_text(decision.note).rstrip(".")
    return f"{text}: {note}." if note else f"{text}."


def describe_confirmation(line: ComplianceLine) -> str:
    """Say who confirmed a finding, else "": a dismissal or a correction opens the notes themselves."""
    is_confirmed = line.decision is not None and line.decision.verdict == "confirmed"
    return describe_decision(line.decision) if line.decision and is_confirmed else ""


def describe_dropped_quotes(count: int) -> str:
    """Return the sentence on a model's quotes that were left out, empty where there are none."""
    if not count:
        return ""
    return WORDS["one dropped quote"] if count == 1 else WORDS["dropped quotes"].format(count=count)


def _is_replaced(line: ComplianceLine) -> bool:
    """Return whether a person put another finding, or none, in a line's place."""
    return line.decision is not None and line.decision.verdict != "confirmed"


def _say_all(line: ComplianceLine) -> Iterator[str]:
    found = " ".join(_say_found(line))
    if line.decision and _is_replaced(line):
        is_corrected = line.decision.verdict == "corrected"
        result = f"to {name_compliance(line.compliant)}" if is_corrected else ""
        found = WORDS["decided"].format(
            decision=describe_decision(line.decision, result), found=f"{found[:1].lower()}{found[1:]}"
        )
    yield found
    yield from _say_dropped_citations(line)


def _say_dropped_citations(line: ComplianceLine) -> Iterator[str]:
    if line.dropped_citations:
        yield WORDS["dropped citation"]


def _say_found(
    line: ComplianceLine, *, says_verdict: bool = True, says_silence: bool = True
) -> Iterator[str]:
    """Yield what the rules and a model found, sentence by sentence."""
    if line.model and line.is_breach_by_model:
        verdict = WORDS["breach"] if says_verdict else ""
        yield f"{verdict}{_say_breach_by_model(line, line.model)}"
    else:
        yield from _say_found_by_rules(line, says_verdict, says_silence)
    if line.model:
        yield from filter(None, [describe_dropped_quotes(line.model.dropped_quotes)])
        yield from _say_not_counted(line, line.model)
        if line.disputed:
            where = _name_places(line.model.places)
            reason = line.model.reason.rstrip(". ")
            yield WORDS["disputed"].format(reason=reason, places=f" ({where})" if where else "")


def _say_found_by_rules(line: ComplianceLine, says_verdict: bool, says_silence: bool) -> Iterator[str]:
    findings = line.findings or ()
    if findings:
        verdict = WORDS[findings[0].verdict] if says_verdict else ""
        yield f"{verdict}{_say_once(findings)}."
        if findings[0].verdict == "breach" and line.unquoted:
            name = "one unquoted" if line.unquoted == 1 else "more unquoted"
            yield WORDS[name].format(count=line.unquoted)
    elif says_silence:
        yield WORDS["silent"]
    if line.needs_check:
        reason = next((found.check for found in findings if found.check), "")
        yield WORDS["to check"].format(reason=reason)
    contradicting = [line.contradicted_by] if line.contradicted_by else []
    for found in contradicting:
        yield WORDS["contradicted"].format(place=_name_place(found.place))
    if line.also_met and not contradicting:
        yield WORDS["also met"].format(found=_say_once(line.also_met))
    if line.nearest:
        yield WORDS["nearest"].format(places=_name_places(line.nearest))
    if any(found.ocr for found in (*findings, *contradicting)):
        yield WORDS["ocr"]
    if later := line.later_edition:
        yield WORDS["later edition"].format(edition=later.edition, note=later.note)


def _say_breach_by_model(line: ComplianceLine, said: ModelFinding) -> str:
    reason = said.reason.rstrip(". ") or WORDS["no reason"]
    places = _name_places(said.places)
    if not line.by_rules:
        return WORDS["against nothing"].format(reason=reason, places=places)
    met = _name_places([found.place for found in line.findings or ()])
    return WORDS["against the rules"].format(
        reason=reason, places=places, places_met=f" ({met})" if met else ""
    )


def _say_not_counted(line: ComplianceLine, said: ModelFinding) -> Iterator[str]:
    """Yield what a model says that counts for nothing."""
    if said.verdict == "not met" and line.by_rules is not False and not said.places:
        yield WORDS["unproven breach"]
    elif said.verdict == "met" and line.by_rules is None:
        yield WORDS["uncounted" if said.places else "unproven met"].format(places=_name_places(said.places))


def _say_once(findings: Sequence[LineFinding]) -> str:
    """Return what is stated and where, each wording once with all its places."""
    places: dict[str, list[Place]] = {}
    for found in findings:
        places.setdefault(found.detail or WORDS["no detail"], []).append(found.place)
    return "; ".join(f"{detail} ({_name_places(where)})" for detail, where in places.items())


def _name_places(places: Iterable[Place]) -> str:
    return "; ".join(_name_place(place) for place in dict.fromkeys(places))


def _name_place(place: Place) -> str:
    return f"{place.title}, {name_place(place.page, place.part, place.part_page)}"
