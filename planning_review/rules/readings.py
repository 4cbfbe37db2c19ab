"""One sentence held against one requirement: what it proves, if anything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from planning_review.policy.requirements import Measure, Requirement, Statement, Verdict
from planning_review.rules.clauses import find_part, is_denied, is_place_of_a_denial
from planning_review.rules.judging import Judged, judge_value, resolve_owner
from planning_review.rules.measures import Value
from planning_review.rules.off_route import is_off_the_routes
from planning_review.rules.patterns import read_pattern
from planning_review.rules.speech import (
    Speech,
    commits,
    is_during_works,
    is_left_behind,
    states_a_fact,
    tell_speech,
)
from planning_review.rules.text_kind import Form
from planning_review.rules.traffic import Traffic, fits_traffic, needs_traffic, read_traffic
from planning_review.rules.value_owners import is_a_width, read_owned_values

_NEGATIVE_PATTERN = read_pattern("negative_pattern")
_WEIGHT: dict[Verdict, int] = {"breach": 2, "met": 1, "noted": 0}


@dataclass(frozen=True)
class Passage:
    """A folded sentence with its context in front of it; only what stands from focus on is judged.

    around is the text near it on the page, for a speed or a flow that it leaves out. form tells what kind
    of text it is.
    """

    text: str
    focus: int = 0
    heading: str = ""
    around: str = ""
    form: Form = Form.SENTENCE


@dataclass(frozen=True)
class Finding:
    """What a sentence shows of a requirement. severity orders breaches, the gravest highest."""

    verdict: Verdict
    detail: str
    severity: int = 0


def read_passage(requirement: Requirement, passage: Passage) -> Iterator[Finding]:
    """Yield what a passage shows of a requirement, measures first; what breaches complies with nothing."""
    if passage.form is Form.EMPTY:
        return
    findings = [f for measure in requirement.measures for f in _read_measure(measure, requirement, passage)]
    read = (_read_statement(statement, requirement, passage) for statement in requirement.statements)
    findings += [finding for finding in read if finding]
    breached = any(finding.verdict == "breach" for finding in findings)
    yield from (f for f in findings if not (breached and f.verdict != "breach"))


def _read_measure(measure: Measure, requirement: Requirement, passage: Passage) -> Iterator[Finding]:
    text = passage.text
    if not _fits(measure.near, measure.without, passage, passage.text):
        return
    traffic = _read_traffic_near(passage)
    for value in read_owned_values(text, measure.unit):
        if value.start < passage.focus or not measure.smallest <= value.low <= measure.largest:
            continue
        if resolve_owner(text, value) not in measure.owners:
            continue
        if measure.kind.startswith("minimum width") and not is_a_width(text, value):
            continue
        if not requirement.during_works and is_during_works(text, value.start, value.end, passage.heading):
            continue
        if is_left_behind(text, value.start, value.end):
            continue
        speech = tell_speech(text, value.start, value.end, passage.heading)
        verdict = _weigh(judge_value(measure, value, text, traffic), speech, measure.existing_counts)
        if verdict is not None and (verdict[0] != "breach" or measure.breach_counts):
            yield Finding(*verdict)
    if measure.zero_when and (match := re.search(measure.zero_when, text)) and match.end() > passage.focus:
        zero = Value(0.0, 0.0, "exact", match.start(), match.end(), f"“{match[0].strip()}”")
        speech = tell_speech(text, match.start(), match.end(), passage.heading)
        if verdict := _weigh(judge_value(measure, zero, text, traffic), speech, measure.existing_counts):
            yield Finding(*verdict)


def _read_statement(statement: Statement, requirement: Requirement, passage: Passage) -> Finding | None:
    text = passage.text
    if passage.form is Form.TITLE:
        return None
    # The thing first: it is the rarest, and most sentences need no second look.
    matches = [m for m in _compiled(statement.thing).finditer(text) if m.end() > passage.focus]
    if not matches:
        return None
    if needs_traffic(statement) and not fits_traffic(statement, _read_traffic_near(passage)):
        return None
    found = []
    for match in matches:
        part_start, part_end = find_part(text, match.start()) if statement.of_routes else (0, len(text))
        if not _fits(statement.near, statement.without, passage, text[part_start:part_end]):
            continue
        if statement.of_routes and is_off_the_routes(text, match.start(), match.end()):
            continue
        if not requirement.during_works and is_during_works(
            text, match.start(), match.end(), passage.heading
        ):
            continue
        denied = is_denied(
            text, match.start(), match.end(), inside=not _NEGATIVE_PATTERN.search(statement.thing)
        )
        verdict = statement.denied if denied else statement.stated
        if verdict is None or (verdict == "met" and _proves_nothing(statement, passage, match, denied)):
            continue
        if verdict == "breach" and not denied and is_left_behind(text, match.start(), match.end()):
            continue
        speech = tell_speech(text, match.start(), match.end(), passage.heading)
        if speech is Speech.CONDITIONAL and statement.conditional_counts:
            speech = Speech.PROPOSED
        detail = requirement.breach_note if verdict == "breach" else ""
        weighed = _weigh(
            (verdict, detail, 2 if verdict == "breach" else 0), speech, statement.existing_counts
        )
        if weighed and weighed[0] == "met" and not states_a_fact(text):
            weighed = ("noted", "named, with nothing stated of it", 0)
        if weighed:
            found.append(Finding(*weighed))
    return max(found, key=lambda finding: _WEIGHT[finding.verdict], default=None)


def _proves_nothing(statement: Statement, passage: Passage, match: re.Match[str], denied: bool) -> bool:
    """Return whether a match can't show that a requirement is met: a label, or a thing that merely exists."""
    if passage.form is not Form.SENTENCE:
        return True
    if statement.needs_commitment and not denied and not commits(passage.text, match.start(), match.end()):
        return True
    return not denied and is_place_of_a_denial(passage.text, match.start())


def _weigh(judged: Judged | None, speech: Speech, existing_counts: bool) -> Judged | None:
    """Lower a verdict to what the kind of speech can carry."""
    if judged is None or speech in (Speech.STANDARD, Speech.REPORTED, Speech.REJECTED, Speech.ELSEWHERE):
        return None
    if speech is Speech.EXISTING and not existing_counts:
        return None
    if judged[0] == "noted" or speech in (Speech.PROPOSED, Speech.EXISTING):
        return judged
    if speech is Speech.HEDGED and judged[0] == "breach":
        return judged
    words = {Speech.WEAK: "worded as a possibility", Speech.CONDITIONAL: "only on a condition"}
    return ("noted", f"{judged[1]} ({words.get(speech, 'not yet settled')})".lstrip(), 0)


def _fits(near: str | None, without: str | None, passage: Passage, part: str) -> bool:
    """Return whether near stands in the part (or above it, in the heading), and without nowhere."""
    if without and _compiled(rf"\b(?:{without})").search(passage.text):
        return False
    return not near or bool(_compiled(near).search(part) or _compiled(near).search(passage.heading))


@lru_cache(maxsize=1024)
def _read_traffic_near(passage: Passage) -> Traffic:
    here, near = read_traffic(passage.text), read_traffic(passage.around)
    flow = here if here.flow_high is not None else near
    return Traffic(
        here.speed if here.speed is not None else near.speed,
        flow.flow_low,
        flow.flow_high,
        here.cycles_an_hour,
        here.vehicles_an_hour if here.vehicles_an_hour is not None else near.vehicles_an_hour,
        here.heavy_share if here.heavy_share is not None else near.heavy_share,
    )


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
