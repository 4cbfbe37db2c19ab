"""What stands beside findings, quotes and documents: decisions, doubts, a type's reason, a model's use."""

from collections.abc import Iterable

from planning_review.dates import format_date
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.basis import PolicyBasis
from planning_review.report.contract import ReviewedDocument, ReviewMetadata
from planning_review.report.presentation import plain_text
from planning_review.rules.compliance import NO_EVIDENCE
from planning_review.rules.judgement import Aspect, Citation, ComplianceLine, Decision

ONE_SOURCE = "The figure asked for is known from one source only."


def describe_decision(decision: Decision, result: str = "") -> str:
    """Say who decided what and when: `Confirmed by A. Volunteer on 24 November 2026: note.`

    result is what a correction comes to, such as `to met`.
    """
    text = f"{decision.verdict.capitalize()} {result}".rstrip()
    if decision.by:
        text += f" by {plain_text(decision.by)}"
    text += f" on {format_date(decision.decided_on)}"
    note = plain_text(decision.note).rstrip(".")
    return f"{text}: {note}." if note else f"{text}."


def describe_line(line: ComplianceLine) -> str:
    """Return a line's notes, without the sentence that its group says for all, and with its doubts."""
    notes = [plain_text(line.notes.removeprefix(NO_EVIDENCE))]
    if line.mark == "C" and line.compliant is not None:
        notes.append(ONE_SOURCE)
    return " ".join(note for note in notes if note)


def describe_confirmation(line: ComplianceLine) -> str:
    """Say who confirmed a finding, else "": a dismissal or a correction opens the notes themselves."""
    is_confirmed = line.decision is not None and line.decision.verdict == "confirmed"
    return describe_decision(line.decision) if line.decision and is_confirmed else ""


def describe_type(document: ReviewedDocument) -> str:
    """Say what kind of document it was taken for and why: `Travel plan: page 1 says 'Travel Plan'`."""
    name = plain_text(document.document_type.replace("_", " ")).capitalize()
    reason = plain_text(document.document_type_reason or "")
    return f"{name}: {reason}" if reason else name


def describe_page(citation: Citation) -> str:
    """Say which page was cited first where the quote stands on another, else ""."""
    return "" if citation.corrected_from is None else f"the page was given as {citation.corrected_from}"


def split_aspects(aspects: Iterable[Aspect]) -> tuple[list[Aspect], list[str]]:
    """Return the aspects with something to say, and the names of those that nothing was found on."""
    kept = list(aspects)
    shown = [a for a in kept if a.rating is not None or a.citations or a.decision is not None]
    return shown, [aspect.name for aspect in kept if aspect not in shown]


def describe_use(metadata: ReviewMetadata) -> str:
    """Say what a model used in all, "" where none took part."""
    parts = [f"{count:,} {plain_text(kind).replace('_', ' ')}" for kind, count in metadata.tokens.items()]
    if metadata.model != EVIDENCE_MODEL or metadata.cost_usd is not None:
        parts.append(format_cost(metadata.cost_usd))
    return "; ".join(parts)


def format_cost(cost_usd: float | None) -> str:
    """Return an amount as people write it; None is a model whose price is not known."""
    return "cost not known" if cost_usd is None else f"US$ {cost_usd:.2f}"


def list_editions(metadata: ReviewMetadata) -> list[PolicyBasis]:
    """Return the editions that a reader should see: of what was cited, and of national policy always.

    A model may have been shown passages of any, so that all are listed beside its review.
    """
    is_model = metadata.model != EVIDENCE_MODEL
    cited = {*metadata.policy_editions, "NPPF"}
    return [basis for basis in metadata.policy_basis if is_model or basis.source in cited]
