"""A model's findings laid over the evidence reviewer's: the worse of the two stands, if a quote shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planning_review.model.checking import CheckedAspect, CheckedFinding
from planning_review.rules.conclusions import name_compliance
from planning_review.rules.judgement import (
    Citation,
    ComplianceLine,
    Difference,
    ModelFinding,
    OverallRating,
    Place,
    Rating,
)
from planning_review.text.folding import fold_case_and_space

_MOST_QUOTES = 4
_WORSE_FIRST: tuple[Rating, ...] = ("red", "amber", "green")


@dataclass(frozen=True)
class MergedLine:
    """A compliance line as it is shown, and as it is rated: a model's "met" is shown but lifts nothing."""

    shown: ComplianceLine
    rated: ComplianceLine
    differences: tuple[Difference, ...] = ()


def merge_line(line: ComplianceLine, finding: CheckedFinding | None, titles: Mapping[str, str]) -> MergedLine:
    """Return an evidence line with a model's finding laid over it; titles are the documents', by id."""
    if finding is None:
        return MergedLine(line, line)
    said = ModelFinding(
        verdict=finding.verdict,
        reason=finding.reason,
        places=_list_places(finding.citations, titles),
        dropped_quotes=finding.dropped,
        citations=finding.citations,
    )
    shown = line.model_copy(update={"model": said})
    rated = line
    if finding.is_dispute and line.compliant is not None:
        shown = rated = shown.model_copy(update={"disputed": True})
    elif shown.is_breach_by_model:
        citations = _join(finding.citations, line.citations)
        shown = rated = shown.model_copy(update={"compliant": False, "citations": citations})
    elif finding.verdict == "met" and line.compliant is None:
        shown = shown.model_copy(update={"citations": _join(line.citations, finding.citations)})
    return MergedLine(shown, rated, _find_difference(line, finding, shown))


def merge_rating(
    evidence: Rating | None, by_rule: Rating | None, checked: CheckedAspect, *, has_dispute: bool = False
) -> Rating | None:
    """Return an aspect's rating: the worst of three.

    The evidence reviewer's, the rule's over the merged lines, and the model's where a quote of its
    stands. A model's green rates nothing. With a disputed line the evidence reviewer's does not count, and a
    rating that would be better than that is none.
    """
    ratings: list[Rating | None] = [by_rule] if has_dispute else [evidence, by_rule]
    if checked.is_proven and checked.rating != "green":
        ratings.append(checked.rating)
    rating = worst(ratings)
    return None if has_dispute and rating != worst([rating, evidence]) else rating


def worst(ratings: Sequence[OverallRating | None]) -> Rating | None:
    """Return the worst rating, None where nothing is rated."""
    return next((rating for rating in _WORSE_FIRST if rating in ratings), None)


def name_rating(rating: Rating | None) -> str:
    """Return the word for a rating."""
    return rating or "no evidence"


def _find_difference(
    line: ComplianceLine, finding: CheckedFinding, shown: ComplianceLine
) -> tuple[Difference, ...]:
    evidence = name_compliance(line.compliant)
    if finding.verdict in (evidence, "no evidence") or (finding.verdict == "disputed" and not shown.disputed):
        return ()
    return (
        Difference(
            subject=line.requirement_id,
            evidence=evidence,
            model=finding.verdict,
            stands="disputed" if shown.disputed else name_compliance(shown.compliant),
        ),
    )


def _list_places(citations: tuple[Citation, ...], titles: Mapping[str, str]) -> tuple[Place, ...]:
    places = (
        Place(title=titles.get(c.document_id, c.document_id), page=c.page, part=c.part, part_page=c.part_page)
        for c in citations
    )
    return tuple(dict.fromkeys(places))


def _join(first: tuple[Citation, ...], second: tuple[Citation, ...]) -> tuple[Citation, ...]:
    joined: dict[tuple[str, int, str], Citation] = {}
    for citation in (*first, *second):
        folded = fold_case_and_space(citation.quote)
        joined.setdefault((citation.document_id, citation.page, folded), citation)
    return tuple(joined.values())[:_MOST_QUOTES]
