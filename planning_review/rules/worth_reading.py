"""Passages that a reviewer of walking and cycling should read, ranked; none of them is a verdict."""

import math
from collections.abc import Collection, Iterable, Sequence
from functools import cache

import yaml

from planning_review.models import Frozen
from planning_review.rules.citations import find_quote
from planning_review.rules.cues import Meaning, find_cues, pick
from planning_review.rules.facts import ReadSentence, read_sentences
from planning_review.rules.gates import can_state_facts, is_evidence
from planning_review.rules.judgement import WorthReading
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.words import FOLDER, compile_phrases

MOST_FOR_A_PAGE = 0.4
"""How many passages are listed for each page that was read, at most."""

_SHORTEST_WORDS = 6
_LEAST_SCORE = 3.0
_NOT_THE_SCHEME: tuple[Meaning, ...] = ("rejected", "elsewhere", "standard", "general", "reported")
_MOST_REASONS = 2


class ReasonRow(Frozen):
    """Phrases, what each adds to a passage's score, and the reason that is shown for it."""

    say: str
    weight: float
    why: str = ""


class Reasons(Frozen):
    """The rows of worth_reading.yaml: what a passage is about, why to read it, what makes it less so."""

    about: tuple[ReasonRow, ...]
    rows: tuple[ReasonRow, ...]
    less: tuple[ReasonRow, ...]


@cache
def load_reasons() -> Reasons:
    """Read worth_reading.yaml."""
    return Reasons(**yaml.safe_load((FOLDER / "worth_reading.yaml").read_text(encoding="utf-8")))


def rank_passages(
    documents: Sequence[ReadDocument], quoted: Collection[tuple[str, str]] = ()
) -> tuple[WorthReading, ...]:
    """Return the passages most worth reading, best first, without what is quoted already."""
    pages = sum(len(document.text.pages) for document in documents)
    ranked = sorted(
        (
            passage
            for document in documents
            if is_evidence(document) and can_state_facts(document)
            for passage in _score_document(document, quoted)
        ),
        key=lambda passage: (-passage.score, passage.document_id, passage.page),
    )
    return tuple(ranked[: math.ceil(MOST_FOR_A_PAGE * pages)])


def _score_document(document: ReadDocument, quoted: Collection[tuple[str, str]]) -> Iterable[WorthReading]:
    for read in read_sentences(document):
        quote = read.sentence.quote
        if (document.document_id, quote) in quoted or read.words.count(" ") <= _SHORTEST_WORDS:
            continue
        score, why = _score(read)
        if score < _LEAST_SCORE:
            continue
        match = find_quote(quote, document.text.pages, read.sentence.page)
        if match.verified and match.page is not None:
            yield WorthReading(
                document_id=document.document_id,
                page=match.page,
                quote=quote,
                why="; ".join(why[:_MOST_REASONS]),
                score=round(score, 2),
            )


def _score(read: ReadSentence) -> tuple[float, list[str]]:
    """Return a passage's score and its reasons, the weightiest first."""
    reasons = load_reasons()
    about = sum(_weigh(row, read.words) for row in reasons.about)
    if not about:
        return 0.0, []
    said = sorted((row for row in reasons.rows if _weigh(row, read.words)), key=lambda row: -row.weight)
    if not said:
        return 0.0, []
    cues = find_cues(read.words, 0, len(read.words), read.context)
    score = about + sum(row.weight for row in said) + sum(_weigh(row, read.words) for row in reasons.less)
    if pick(cues, _NOT_THE_SCHEME):
        score -= 2.0
    elif pick(cues, ("existing",)):
        score -= 1.0
    return score, [row.why for row in said]


def _weigh(row: ReasonRow, words: str) -> float:
    return row.weight if compile_phrases(row.say).search(words) else 0.0
