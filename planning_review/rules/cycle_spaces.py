"""How many cycle spaces the documents say there will be."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from planning_review.policy.parking_standards import Unit
from planning_review.rules.cues import Meaning, find_cues, pick
from planning_review.rules.facts import ReadSentence, read_sentences
from planning_review.rules.gates import can_state_facts, is_evidence
from planning_review.rules.judgement import Citation
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.words import compile_phrases

Stay = Literal["long", "short"]

_ADJECTIVE = (
    "and|covered|secure|sheltered|lockable|additional|new|long|short|stay|visitor|resident|residents|staff|pupil|"
    "customer|external|internal|dedicated|no|of|which|the|enclosed|undercover|public|ground|floor|standard|2|tier|"
    "communal|private|,"
)
_ADJECTIVES = rf"(?:(?:{_ADJECTIVE}) ){{0,7}}"
_CYCLE = r"(?:cycle|bicycle|bike)s? "
_THING = r"(?:parking |storage |store )?(?:spaces?|places?|parking|storage|stores?) "
_SPACES = re.compile(rf"(?<= )(\d+) {_ADJECTIVES}{_CYCLE}{_THING}")
_PARKING_FOR = re.compile(
    rf"(?<= )(?:{_CYCLE}{_THING}|(?:cycle|bicycle|bike) (?:store|shelter|hub)s? )(?:\w+ ){{0,4}}?"
    r"(?:for|of|holding|accommodating|with) "
    rf"(?:up to |a total of )?(\d+) (?:{_CYCLE}|spaces? )"
)
_SPACES_ALONE = re.compile(rf"(?<= )(\d+) {_ADJECTIVES}spaces? ")
_STANDS = re.compile(rf"(?<= )(\d+) {_ADJECTIVES}(?:sheffield |cycle |bicycle |bike )+(?:stands?|hoops?) ")
_RATE = re.compile(
    rf"(?<= )(\d+|one) {_ADJECTIVES}(?:{_CYCLE})?(?:parking |storage )?(?:spaces?|places?) "
    r"(?:is |are |will be |would be |provided |to be )*(?:per|for each|for every|each|to each|for) (?:new )?"
    r"(bedroom|dwelling|home|flat|apartment|house|unit|plot)s? "
)
_UNITS: dict[str, Unit] = {"bedroom": "bedroom"}
_CARS = compile_phrases("car parking|space, vehicle space, parking space for car, ev charging, disabled bay")
_IS_TOTAL = compile_phrases("total, in all, altogether, overall, in total")
_SHORT = compile_phrases("visitor, short stay, customer, shopper, short term")
_LONG = compile_phrases("long stay, resident, staff, employee, pupil, long term, occupier")
_NOT_OURS: tuple[Meaning, ...] = (
    "rejected",
    "elsewhere",
    "by_others",
    "standard",
    "general",
    "reported",
    "existing",
    "denied",
    "absent",
)


class StatedSpaces(NamedTuple):
    """Cycle spaces as one sentence states them: a count, or so many for each unit."""

    figure: float
    per: Unit | None
    stay: Stay | None
    is_total: bool
    citation: Citation


def read_cycle_spaces(documents: Sequence[ReadDocument]) -> list[StatedSpaces]:
    """Return what the applicant's documents say of the number of cycle spaces, in their order."""
    found: list[StatedSpaces] = []
    for document in documents:
        if is_evidence(document) and can_state_facts(document):
            for read in read_sentences(document):
                found += _read_sentence(document, read)
    return found


def _read_sentence(document: ReadDocument, read: ReadSentence) -> Iterator[StatedSpaces]:
    own = read.words[read.own :]
    if not compile_phrases("<cycle parking>, cycle, bicycle, bike").search(read.words):
        return
    for figure, per, span in _list_figures(own, read.words):
        at = (span[0] + read.own, span[1] + read.own)
        if pick(find_cues(read.words, *at, read.context), _NOT_OURS):
            continue
        citation = document.cite(read.sentence)
        if citation is None:
            continue
        near = own[max(0, span[0] - 40) : span[1] + 50]
        yield StatedSpaces(
            figure=figure,
            per=per,
            stay=_read_stay(own[slice(*span)]) or _read_stay(near),
            is_total=bool(_IS_TOTAL.search(own[max(0, span[0] - 30) : span[1] + 30])),
            citation=citation,
        )


def _list_figures(own: str, words: str) -> Iterator[tuple[float, Unit | None, tuple[int, int]]]:
    taken: list[tuple[int, int]] = []

    def is_free(match: re.Match[str]) -> bool:
        start, end = match.span()
        if any(first < end and start < last for first, last in taken) or _CARS.search(match[0]):
            return False
        taken.append((start, end))
        return True

    for match in _RATE.finditer(own):
        if is_free(match):
            figure = 1.0 if match[1] == "one" else float(match[1])
            yield figure, _UNITS.get(match[2], "home"), match.span()
    counted = [m for pattern in (_SPACES, _PARKING_FOR) for m in pattern.finditer(own) if is_free(m)]
    if not counted and compile_phrases("<cycle parking>").search(words):
        counted = [
            m for m in _SPACES_ALONE.finditer(own) if not _CARS.search(own[: m.start()]) and is_free(m)
        ]
    for match in counted:
        yield float(match[1]), None, match.span()
    if not counted:
        # A stand holds two cycles; where the sentence tells the spaces too, they count.
        for match in _STANDS.finditer(own):
            if is_free(match):
                yield 2 * float(match[1]), None, match.span()


def _read_stay(words: str) -> Stay | None:
    is_short, is_long = bool(_SHORT.search(f" {words}")), bool(_LONG.search(f" {words}"))
    return None if is_short == is_long else "short" if is_short else "long"
