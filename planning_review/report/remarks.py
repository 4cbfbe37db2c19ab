"""What stands beside quotes and documents: a page's correction, a type's reason, a model's use."""

from collections.abc import Iterable

from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.basis import PolicyBasis
from planning_review.report.contract import ReviewedDocument, ReviewMetadata
from planning_review.report.presentation import plain_text
from planning_review.rules.judgement import Aspect, Citation
from planning_review.text.sentences import IN_REVIEWS, SentenceEnds, split_sentences

_COMMAND = "`planning-review "
_IN_NOTICES = SentenceEnds(
    closing="", opening=f"{IN_REVIEWS.opening}|`", abbreviation=IN_REVIEWS.abbreviation
)


def describe_type(document: ReviewedDocument) -> str:
    """Say what kind of document it was taken for and why: `Travel plan: page 1 says 'Travel Plan'`."""
    name = plain_text(document.document_type.replace("_", " ")).capitalize()
    reason = plain_text(document.document_type_reason or "")
    return f"{name}: {reason}" if reason else name


def describe_page(citation: Citation) -> str:
    """Say which page was cited first where the quote stands on another, else ""."""
    return "" if citation.corrected_from is None else f"the page was given as {citation.corrected_from}"


def split_commands(notices: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what notices say to readers, and the sentences that tell whoever runs the program a command."""
    told, commands = [], []
    for notice in notices:
        sentences = split_sentences(notice, _IN_NOTICES)
        kept = [sentence for sentence in sentences if _COMMAND not in sentence]
        told += [" ".join(kept)] if kept else []
        commands += [sentence for sentence in sentences if _COMMAND in sentence]
    return told, commands


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
