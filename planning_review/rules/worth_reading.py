"""Passages that a reviewer of walking and cycling should read, ranked; none of them is a verdict."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from planning_review.rules.citations import find_quote
from planning_review.rules.cues import Context, Meaning, find_cues
from planning_review.rules.gates import can_state_facts, is_evidence, is_under_silence, states_nothing
from planning_review.rules.judgement import WorthReading
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.reasons import load_reasons
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.sentences import LONGEST_QUOTE, Sentence, hide_street_names
from planning_review.rules.verifier import read_signs, score_by_meaning, score_by_signs
from planning_review.rules.words import compile_phrases

MOST_FOR_A_PAGE = 0.4
"""How many passages are listed for each page that was read, at most."""

MOST_OF_FEW_PAGES = 20
"""What may be listed of fewer pages than that many passages come from: at most one for a page."""

EMBEDDED_FOR_A_PAGE = 12
MOST_EMBEDDED = 360
"""How many sentences are read for their meaning, the likeliest by their signs: for a page, and in all.

All of an application of thirty pages can be; of a thousand pages it is what a few seconds allow.
"""

_FEWEST_WORDS = 6
_LEAST_SCORE = -1.0
_LEAST_BESIDE = -2.0
_OF_THE_SCHEME = 0.7
_NOT_THE_SCHEMES = 1.0
_OF_TODAY = 0.7
_NOT_ON_MOVEMENT = 1.0
_NOT_OURS: frozenset[Meaning] = frozenset(
    ("rejected", "elsewhere", "by_others", "standard", "general", "reported")
)
_MOST_REASONS = 2
_NO_SIGN = "reads like what reviewers of walking and cycling raise"

_MOVEMENT = """
<cyclist>, <walker>, <route>, <crossing>, <cycle parking>, cycl*, walk*, pedestrian, <bus stop>, travel plan,
<side road>, roundabout, junction, signals, street, road, target, survey, car, school, stand, store, steps,
gate
"""


@dataclass
class _Line:
    """A sentence that could be part of a passage, with its score; is_free until a passage holds it."""

    document: ReadDocument
    sentence: Sentence
    words: str
    signs: list[float]
    meanings: frozenset[Meaning]
    score: float = 0.0
    is_free: bool = True

    @property
    def place(self) -> tuple[str, int, tuple[str, ...]]:
        """Where it stands: passages hold together what stands under the same headings of a page."""
        return self.document.document_id, self.sentence.page, self.sentence.headings


def rank_passages(
    documents: Sequence[ReadDocument], quoted: Collection[tuple[str, str]] = ()
) -> tuple[WorthReading, ...]:
    """Return the passages most worth reading, best first, without what is quoted already."""
    pages = sum(len(document.text.pages) for document in documents)
    lines = [
        line
        for document in documents
        if is_evidence(document) and can_state_facts(document)
        for line in _list_lines(document, quoted)
    ]
    if not lines:
        return ()
    _score(lines, min(EMBEDDED_FOR_A_PAGE * pages, MOST_EMBEDDED))
    most = max(min(pages, MOST_OF_FEW_PAGES), math.ceil(MOST_FOR_A_PAGE * pages))
    passages: list[WorthReading] = []
    for at in sorted(range(len(lines)), key=lambda n: -lines[n].score):
        if len(passages) == most or lines[at].score < _LEAST_SCORE:
            break
        if lines[at].is_free and (passage := _make_passage(lines, at)):
            passages.append(passage)
    return tuple(passages)


def _list_lines(document: ReadDocument, quoted: Collection[tuple[str, str]]) -> Iterator[_Line]:
    for sentence in document.sentences:
        words = write_plainly(hide_street_names(sentence.quote))
        is_short = words.count(" ") <= _FEWEST_WORDS
        if is_short or sentence.is_heading or states_nothing(sentence.quote, words):
            continue
        headings = tuple(write_plainly(h) for h in sentence.headings if h != sentence.quote)
        if not is_under_silence(headings):
            is_free = (document.document_id, sentence.quote) not in quoted
            meanings = frozenset(cue.means for cue in find_cues(words, 0, len(words), Context(headings)))
            yield _Line(document, sentence, words, read_signs(words, meanings), meanings, is_free=is_free)


def _score(lines: Sequence[_Line], most_embedded: int) -> None:
    for line, score in zip(lines, score_by_signs([line.signs for line in lines]), strict=True):
        line.score = float(score) + _lean(line)
    likeliest = sorted((line for line in lines if line.is_free), key=lambda line: -line.score)[:most_embedded]
    if likeliest:
        scores = score_by_meaning([x.sentence.quote for x in likeliest], [x.signs for x in likeliest])
        for line, score in zip(likeliest, scores, strict=True):
            line.score = float(score) + _lean(line)


def _lean(line: _Line) -> float:
    """Return what speaks for a sentence whatever was learnt: it says what the scheme does, on movement."""
    lean = _OF_THE_SCHEME if compile_phrases("<will>").search(line.words) else 0.0
    if not compile_phrases(_MOVEMENT).search(line.words):
        lean -= _NOT_ON_MOVEMENT
    if line.meanings & _NOT_OURS:
        return lean - _NOT_THE_SCHEMES
    return lean - _OF_TODAY if "existing" in line.meanings else lean


def _make_passage(lines: Sequence[_Line], at: int) -> WorthReading | None:
    """Return the passage about a sentence, with those beside it that are likely too."""
    first = last = at
    text = lines[at].sentence.quote
    lines[at].is_free = False
    while True:
        beside = [n for n in (first - 1, last + 1) if 0 <= n < len(lines) and _belongs(lines[n], lines[at])]
        beside = [n for n in beside if len(text) + len(lines[n].sentence.quote) < LONGEST_QUOTE]
        if not beside:
            break
        best = max(beside, key=lambda n: lines[n].score)
        quote = lines[best].sentence.quote
        joined = f"{quote} {text}" if best < first else f"{text} {quote}"
        if not find_quote(joined, lines[at].document.text.pages, lines[at].sentence.page).verified:
            break
        text, first, last = joined, min(first, best), max(last, best)
        lines[best].is_free = False
    match = find_quote(text, lines[at].document.text.pages, lines[at].sentence.page)
    if not match.verified or match.page is None:
        return None
    return WorthReading(
        document_id=lines[at].document.document_id,
        page=match.page,
        quote=text,
        why="; ".join(_tell_reasons(lines[at].words)) or _NO_SIGN,
        score=round(lines[at].score, 2),
        part=match.part,
        part_page=match.part_page,
    )


def _belongs(line: _Line, seed: _Line) -> bool:
    return line.is_free and line.place == seed.place and line.score >= _LEAST_BESIDE


def _tell_reasons(words: str) -> list[str]:
    said = (row.why for row in load_reasons().rows if compile_phrases(row.say).search(words))
    return list(said)[:_MOST_REASONS]
