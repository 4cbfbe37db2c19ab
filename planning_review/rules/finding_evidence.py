"""Every sentence of every document held against every requirement."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.policy.requirements import Requirement, load_requirements
from planning_review.rules.citations import find_quote
from planning_review.rules.counting import count_in_figures
from planning_review.rules.judgement import Citation, LineFinding
from planning_review.rules.patterns import read_pattern
from planning_review.rules.readings import Finding, Passage, read_passage
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.sentences import Sentence, fold_for_reading, split_pages
from planning_review.rules.text_kind import tell_form

_OTHERS_WORDS = read_pattern("others_words")
_POLICY = read_pattern("policy_title")
_WORKS_PAPER = read_pattern("works_paper")


def is_evidence(document: ReadDocument) -> bool:
    """Return whether a document can show what is proposed: comments, policies and notices can't.

    Its type is told by its first pages too, whatever folder of the register it lies in.
    """
    if document.document_type in load_page_rules().not_the_applicants:
        return False
    if _OTHERS_WORDS.search((document.category or "").casefold()):
        return False
    return not _POLICY.search(document.title.casefold())


def find_evidence(documents: Sequence[ReadDocument]) -> dict[str, list[LineFinding]]:
    """Return by requirement what the documents state, in the order of the documents."""
    found: dict[str, list[LineFinding]] = {}
    by_word = _requirements_by_word(load_requirements())
    for document in documents:
        if not is_evidence(document):
            continue
        for sentence, passage in _read_sentences(document):
            asked = {r.id: r for word, some in by_word for r in some if word in passage.text}
            for requirement in sorted(asked.values(), key=lambda r: r.id):
                alone = _read_alone(requirement, passage)
                for finding in read_passage(requirement, passage):
                    if finding not in alone and not sentence.context:
                        continue  # what it shows can't be seen from the sentence, nor quoted with its lead
                    quote = sentence.quote if finding in alone else f"{sentence.context} {sentence.quote}"
                    if quoted := _quote(document, sentence, finding, quote):
                        found.setdefault(requirement.id, []).append(quoted)
    return found


def _requirements_by_word(requirements: Sequence[Requirement]) -> list[tuple[str, list[Requirement]]]:
    words: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        for word in requirement.words:
            words.setdefault(word, []).append(requirement)
    return sorted(words.items())


def _read_sentences(document: ReadDocument) -> Iterator[tuple[Sentence, Passage]]:
    sentences = list(split_pages(document.text.pages))
    works = " during construction" if _WORKS_PAPER.search(document.title.casefold()) else ""
    folded = [count_in_figures(fold_for_reading(sentence.quote)) for sentence in sentences]
    for number, sentence in enumerate(sentences):
        lead = count_in_figures(fold_for_reading(sentence.lead)) if sentence.lead else ""
        text = f"{lead} {folded[number]}".strip()
        near = [
            n
            for n in (number - 1, number + 1)
            if 0 <= n < len(sentences) and sentences[n].page == sentence.page
        ]
        around = " ; ".join(folded[n] for n in near)
        focus = len(lead) + 1 if lead else 0
        heading = fold_for_reading(sentence.heading) + works
        form = tell_form(
            fold_for_reading(sentence.quote),
            is_heading=sentence.is_heading,
            is_numbered=sentence.is_numbered,
            on_a_drawing=document.document_type == "drawing",
        )
        yield sentence, Passage(text, focus, heading, around, form)


def _read_alone(requirement: Requirement, passage: Passage) -> list[Finding]:
    """Return what the sentence shows without its context: what it shows only with it is quoted with it."""
    if not passage.focus:
        return list(read_passage(requirement, passage))
    return list(read_passage(requirement, replace(passage, text=passage.text[passage.focus :], focus=0)))


def _quote(document: ReadDocument, sentence: Sentence, finding: Finding, quote: str) -> LineFinding | None:
    """Return the finding, its quote checked by the gate; None where the quote can't be shown whole."""
    match = find_quote(quote, document.text.pages, sentence.page)
    if not match.verified or match.page is None:
        return None
    return LineFinding(
        verdict=finding.verdict,
        detail=finding.detail,
        title=document.title,
        citation=Citation(document_id=document.document_id, page=match.page, quote=quote, verified=True),
        severity=finding.severity,
        ocr=sentence.ocr,
    )
