"""A model's findings laid over the evidence reviewer's: the worse of the two stands, if a quote shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planning_review.model.checking import CheckedAspect, CheckedFinding
from planning_review.rules.judgement import Citation, ComplianceLine, Difference, Rating
from planning_review.rules.line_groups import say_compliance
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
    notes = [tell_dropped(finding.dropped)] if finding.dropped else []
    shown = rated = line
    if finding.verdict == "not met" and line.compliant is not False:
        if finding.citations:
            shown = rated = _make_breach(line, finding, titles)
        else:
            notes.append(
                "The model found this not met, but gave no quote that stands: unverified, not counted."
            )
    elif finding.verdict == "met" and line.compliant is None:
        if finding.citations:
            places = _say_places(finding.citations, titles)
            notes.append(
                f"The model reads this as met ({places}); the rules could not, so it is not counted."
            )
            citations = _join(line.citations, finding.citations)
            shown = line.model_copy(update={"citations": citations})
        else:
            notes.append("The model found this met, but gave no quote that stands: unverified, not counted.")
    if notes:
        shown = shown.model_copy(update={"notes": " ".join([shown.notes, *notes]).strip()})
    return MergedLine(shown, rated, _find_difference(line, finding, shown))


def merge_rating(evidence: Rating | None, by_rule: Rating | None, checked: CheckedAspect) -> Rating | None:
    """Return an aspect's rating: the worst of three.

    The evidence reviewer's, the rule's over the merged lines, and the model's where a quote of its
    stands. A model's green rates nothing.
    """
    ratings = [evidence, by_rule]
    if checked.is_proven and checked.rating != "green":
        ratings.append(checked.rating)
    return worst(ratings)


def worst(ratings: Sequence[Rating | None]) -> Rating | None:
    """Return the worst rating, None where there is none."""
    return next((rating for rating in _WORSE_FIRST if rating in ratings), None)


def say_rating(rating: Rating | None) -> str:
    """Return the word for a rating."""
    return rating or "no evidence"


def tell_dropped(count: int) -> str:
    """Return the sentence on quotes that were left out, empty where there are none."""
    if not count:
        return ""
    if count == 1:
        return "A quote given by the model was not found in the documents and is left out."
    return f"{count} quotes given by the model were not found in the documents and are left out."


def _make_breach(line: ComplianceLine, finding: CheckedFinding, titles: Mapping[str, str]) -> ComplianceLine:
    reason = finding.reason.rstrip(". ") or "as quoted"
    notes = [f"Not met: {reason} ({_say_places(finding.citations, titles)}). Found by the model"]
    if line.compliant:
        places = _say_places(line.citations, titles)
        notes[0] += "."
        notes.append(
            f"The rules found it met{f' ({places})' if places else ''}: the worse of the two stands."
        )
    else:
        notes[0] += ", where the rules found nothing that settles it."
    return line.model_copy(
        update={
            "compliant": False,
            "notes": " ".join(notes),
            "citations": _join(finding.citations, line.citations),
        }
    )


def _find_difference(
    line: ComplianceLine, finding: CheckedFinding, shown: ComplianceLine
) -> tuple[Difference, ...]:
    evidence = say_compliance(line.compliant)
    if finding.verdict in (evidence, "no evidence"):
        return ()
    return (
        Difference(
            subject=line.requirement_id,
            evidence=evidence,
            model=finding.verdict,
            stands=say_compliance(shown.compliant),
        ),
    )


def _say_places(citations: tuple[Citation, ...], titles: Mapping[str, str]) -> str:
    places = (f"{titles.get(c.document_id, c.document_id)}, page {c.page}" for c in citations)
    return "; ".join(dict.fromkeys(places))


def _join(first: tuple[Citation, ...], second: tuple[Citation, ...]) -> tuple[Citation, ...]:
    joined: dict[tuple[str, int, str], Citation] = {}
    for citation in (*first, *second):
        folded = fold_case_and_space(citation.quote)
        joined.setdefault((citation.document_id, citation.page, folded), citation)
    return tuple(joined.values())[:_MOST_QUOTES]
