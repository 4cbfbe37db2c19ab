"""One sentence held against one requirement: what it proves, if anything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from planning_review.policy.requirements import Measure, Requirement, Statement, Verdict
from planning_review.review.clauses import is_denied
from planning_review.review.judging import Judged, judge_value, resolve_owner
from planning_review.review.measures import Value
from planning_review.review.owners import is_a_width, read_owned_values
from planning_review.review.patterns import read_pattern
from planning_review.review.speech import Speech, states_a_fact, tell_speech
from planning_review.review.traffic import Traffic, read_traffic

_NEGATIVE_PATTERN = read_pattern("negative_pattern")
_WEIGHT: dict[Verdict, int] = {"breach": 2, "met": 1, "noted": 0}


@dataclass(frozen=True)
class Passage:
    """A folded sentence with its context in front of it; only what stands from focus on is judged.

    around is the text near it on the page, for a speed or a flow that it leaves out.
    """

    text: str
    focus: int = 0
    heading: str = ""
    around: str = ""


@dataclass(frozen=True)
class Finding:
    """What a sentence shows of a requirement. severity orders breaches, the gravest highest."""

    verdict: Verdict
    detail: str
    severity: int = 0


def read_passage(requirement: Requirement, passage: Passage) -> Iterator[Finding]:
    """Yield what a passage shows of a requirement; a requirement's measures come first."""
    for measure in requirement.measures:
        yield from _read_measure(measure, passage)
    for statement in requirement.statements:
        if finding := _read_statement(statement, requirement, passage):
            yield finding


def _read_measure(measure: Measure, passage: Passage) -> Iterator[Finding]:
    text = passage.text
    if not _fits(measure.near, measure.without, passage):
        return
    traffic = _read_traffic_near(passage)
    for value in read_owned_values(text, measure.unit):
        if value.start < passage.focus or not measure.smallest <= value.low <= measure.largest:
            continue
        if resolve_owner(text, value) not in measure.owners:
            continue
        if measure.kind.startswith("minimum width") and not is_a_width(text, value):
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
    # The thing first: it is the rarest, and most sentences need no second look.
    matches = [m for m in _compiled(statement.thing).finditer(text) if m.end() > passage.focus]
    if not matches or not _fits(statement.near, statement.without, passage):
        return None
    if not _traffic_fits(statement, passage):
        return None
    found = []
    for match in matches:
        denied = is_denied(
            text, match.start(), match.end(), inside=not _NEGATIVE_PATTERN.search(statement.thing)
        )
        verdict = statement.denied if denied else statement.stated
        if verdict is None:
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


def _weigh(judged: Judged | None, speech: Speech, existing_counts: bool) -> Judged | None:
    """Lower a verdict to what the kind of speech can carry."""
    if judged is None or speech in (Speech.STANDARD, Speech.REPORTED, Speech.ELSEWHERE):
        return None
    if speech is Speech.EXISTING and not existing_counts:
        return None
    if judged[0] == "noted" or speech in (Speech.PROPOSED, Speech.EXISTING):
        return judged
    if speech is Speech.HEDGED and judged[0] == "breach":
        return judged
    words = {Speech.WEAK: "worded as a possibility", Speech.CONDITIONAL: "only on a condition"}
    return ("noted", f"{judged[1]} ({words.get(speech, 'not yet settled')})".lstrip(), 0)


def _fits(near: str | None, without: str | None, passage: Passage) -> bool:
    if without and _compiled(rf"\b(?:{without})").search(passage.text):
        return False
    return not near or bool(_compiled(near).search(passage.text) or _compiled(near).search(passage.heading))


def _traffic_fits(statement: Statement, passage: Passage) -> bool:
    bounds = (statement.speed_over, statement.speed_at_most, statement.flow_over, statement.flow_at_most)
    if all(bound is None for bound in bounds):
        return True
    traffic = _read_traffic_near(passage)
    speed, low, high = traffic.speed, traffic.flow_low, traffic.flow_high
    return (
        (statement.speed_over is None or (speed is not None and speed > statement.speed_over + 0.5))
        and (
            statement.speed_at_most is None or (speed is not None and speed <= statement.speed_at_most + 0.5)
        )
        and (
            statement.flow_over is None
            or (low is not None and low > statement.flow_over)
            or (high == float("inf") and low is not None and low >= statement.flow_over)
        )
        and (statement.flow_at_most is None or (high is not None and high <= statement.flow_at_most))
    )


@lru_cache(maxsize=1024)
def _read_traffic_near(passage: Passage) -> Traffic:
    here, near = read_traffic(passage.text), read_traffic(passage.around)
    flow = here if here.flow_high is not None else near
    return Traffic(
        here.speed if here.speed is not None else near.speed,
        flow.flow_low,
        flow.flow_high,
        here.cycles_an_hour,
    )


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
