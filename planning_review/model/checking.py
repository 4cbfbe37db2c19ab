"""A model's answer on one aspect after the citation gate and the checks of its texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planning_review.model.answers import (
    ANALYSIS_WORDS,
    KEY_ISSUE_WORDS,
    REASON_WORDS,
    RECOMMENDATION_WORDS,
    AspectAnswer,
    AspectsAnswer,
    FindingGiven,
    MatterGiven,
    MattersAnswer,
    QuoteGiven,
    Verdict,
)
from planning_review.model.fencing import clean_line
from planning_review.model.lenient import good_text, keep_good
from planning_review.model.text_checks import TextCheck
from planning_review.models import PageText
from planning_review.rules.citations import check_citation
from planning_review.rules.judgement import Citation, Rating, SuspiciousPassage
from planning_review.text.folding import fold_quote

_MOST_QUOTES = 3


@dataclass(frozen=True)
class CheckedFinding:
    """What a model says of a requirement. citations are verified; dropped quotes were not found."""

    requirement_id: str
    verdict: Verdict
    reason: str
    citations: tuple[Citation, ...]
    dropped: int

    @property
    def is_dispute(self) -> bool:
        """Return whether it disputes the rules' finding and says why."""
        return self.verdict == "disputed" and bool(self.reason)


@dataclass(frozen=True)
class CheckedAspect:
    """What a model says of an aspect; rating is None where it found no evidence or gave none."""

    rating: Rating | None
    key_issue: str
    analysis: str
    citations: tuple[Citation, ...]
    dropped: int
    findings: Mapping[str, CheckedFinding]
    recommendations: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Return whether any quote of its stands."""
        return bool(self.citations) or any(f.citations for f in self.findings.values())


@dataclass(frozen=True)
class QuoteGate:
    """The pages that a quote may stand on, by document_id, and the passages that nothing can be shown by."""

    pages: Mapping[str, Sequence[PageText]]
    suspicious: Sequence[SuspiciousPassage] = ()

    def check(self, given: object) -> tuple[tuple[Citation, ...], int]:
        """Return the quotes that stand, each once, and how many don't."""
        checked = [self._check_one(quote) for quote in keep_good(given, QuoteGiven)]
        stand = {(c.document_id, c.page, c.quote): c for c in checked if self._stands(c)}
        dropped = sum(not c.verified for c in checked)
        return tuple(stand.values())[:_MOST_QUOTES], dropped

    def list_aspect_faults(self, answer: AspectsAnswer) -> Iterator[str]:
        """Yield each quote that does not stand, by its place in an answer."""
        for number, aspect in enumerate(keep_good(answer.aspects, AspectAnswer)):
            for place, quotes in _places(aspect):
                yield from self._list_faults(f"aspects[{number}].{place}", quotes)

    def list_matter_faults(self, answer: MattersAnswer) -> Iterator[str]:
        """Yield each quote that does not stand, by its place in an answer."""
        for number, matter in enumerate(keep_good(answer.matters, MatterGiven)):
            yield from self._list_faults(f"matters[{number}].quotes", matter.quotes)

    def _list_faults(self, place: str, quotes: object) -> Iterator[str]:
        for position, quote in enumerate(keep_good(quotes, QuoteGiven)):
            if not self._check_one(quote).verified:
                known = self.find_id(quote.document_id) is not None
                what = "is not in that document" if known else "names a document that was not given"
                mend = "copy one contiguous piece of a page, or leave it out"
                yield f"{place}[{position}]: the quote {what}: {mend}"

    def find_id(self, document_id: str) -> str | None:
        """Return a document's id by the id that its label shows, which is cleaned."""
        return next((known for known in self.pages if document_id in (known, clean_line(known))), None)

    def _check_one(self, quote: QuoteGiven) -> Citation:
        document_id = self.find_id(quote.document_id) or quote.document_id
        return check_citation(quote.model_copy(update={"document_id": document_id}), self.pages)

    def _stands(self, citation: Citation) -> bool:
        return citation.verified and not any(_overlaps(citation, planted) for planted in self.suspicious)


def check_aspect(
    answer: AspectAnswer,
    asked: Sequence[str],
    gate: QuoteGate,
    texts: TextCheck,
    has_breach: bool,
) -> CheckedAspect:
    """Return an answer with what stands of it; asked are the aspect's requirement ids.

    has_breach tells whether the rules found any breach in the application: no text may deny that.
    """
    findings: dict[str, CheckedFinding] = {}
    for given in keep_good(answer.findings, FindingGiven):
        if given.requirement_id in asked and given.requirement_id not in findings:
            citations, dropped = gate.check(given.quotes)
            reason = texts.keep_sound(good_text(given.reason), REASON_WORDS, has_breach)
            findings[given.requirement_id] = CheckedFinding(
                given.requirement_id, given.compliant, reason, citations, dropped
            )
    citations, dropped = gate.check(answer.quotes)
    recommendations = [
        texts.keep_sound(text, RECOMMENDATION_WORDS, has_breach)
        for text in keep_good(answer.recommendations, str)[:1]
    ]
    return CheckedAspect(
        rating=_read_rating(answer.rating),
        key_issue=texts.keep_sound(good_text(answer.key_issue), KEY_ISSUE_WORDS, has_breach),
        analysis=texts.keep_sound(good_text(answer.analysis), ANALYSIS_WORDS, has_breach),
        citations=citations,
        dropped=dropped + sum(finding.dropped for finding in findings.values()),
        findings=findings,
        recommendations=tuple(text for text in recommendations if text),
    )


def _read_rating(given: object) -> Rating | None:
    return given if given in ("red", "amber", "green") else None


def _places(answer: AspectAnswer) -> Iterator[tuple[str, object]]:
    yield "quotes", answer.quotes
    for position, finding in enumerate(keep_good(answer.findings, FindingGiven)):
        yield f"findings[{position}].quotes", finding.quotes


def _overlaps(citation: Citation, planted: SuspiciousPassage) -> bool:
    if citation.document_id != planted.document_id:
        return False
    quote, words = (fold_quote(text).squeezed.strip("….") for text in (citation.quote, planted.quote))
    return quote in words or words in quote
