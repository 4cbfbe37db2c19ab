"""What others than the applicant say of walking and cycling: quoted, and judged by nothing."""

from collections.abc import Iterator, Sequence

from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.documents.classes.voices import name_speaker
from planning_review.rules.citations import find_quote
from planning_review.rules.facts import read_sentences
from planning_review.rules.judgement import Pointer
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.words import compile_phrases

_WORDS_OF_POLICY = ("policy_document", "policy_study", "notice")
_FEWEST_WORDS = 6

_OF_WALKING_AND_CYCLING = """
cycle, cycling, cyclist, cycleway, bicycle, bike, active travel, pedestrian, walking, footway, footpath,
bridleway, pavement, right of way, rights of way, prow, crossing, toucan, zebra,
puffin, shared use, travel plan, permeability, sustainable transport|travel|mode|modes,
car reliant|dependent|free,
modal shift, bus stop, wheelchair, mobility impaired, lcwip, ltn
"""


def find_pointers(documents: Sequence[ReadDocument]) -> tuple[Pointer, ...]:
    """Return the sentences of others' documents on walking and cycling, in the order of the documents."""
    return tuple(pointer for document in documents if _is_theirs(document) for pointer in _read(document))


def _is_theirs(document: ReadDocument) -> bool:
    theirs = load_page_rules().not_the_applicants
    return document.document_type in theirs and document.document_type not in _WORDS_OF_POLICY


def _read(document: ReadDocument) -> Iterator[Pointer]:
    speaker = name_speaker(document.document_type, [page.text for page in document.text.pages[:2]])
    seen = set()
    for read in read_sentences(document):
        quote = read.sentence.quote
        if quote in seen or len(quote.split()) < _FEWEST_WORDS:
            continue
        if not compile_phrases(_OF_WALKING_AND_CYCLING).search(read.words):
            continue
        seen.add(quote)
        match = find_quote(quote, document.text.pages, read.sentence.page)
        if match.page is not None:
            yield Pointer(
                speaker=speaker,
                document_id=document.document_id,
                page=match.page,
                quote=quote,
                part=match.part,
                part_page=match.part_page,
            )
