"""The documents that a model reads whole: those that say how people will walk and cycle, up to a budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from planning_review.model.fencing import Fence, label_page
from planning_review.rules.gates import can_state_facts, is_evidence
from planning_review.rules.judgement import Judgement
from planning_review.rules.reviewer import ReadDocument

CHARACTERS_A_TOKEN = 3
"""English runs to four or more a token: an estimate that errs on the dear side."""

WHOLE_TYPES = (
    "transport_assessment",
    "travel_plan",
    "design_and_access",
    "planning_statement",
    "cycle_parking",
    "design_code",
    "road_safety_audit",
    "construction_management",
)
"""The types that are read whole, in this order."""


@dataclass(frozen=True)
class WholeTexts:
    """Documents sent whole, in order of use, and the text that has them; beyond are the others."""

    documents: tuple[ReadDocument, ...]
    beyond: tuple[ReadDocument, ...]
    text: str

    def has_all_of(self, document_id: str) -> bool:
        """Return whether a document was sent whole and none of its pages is unread, even in part."""
        return any(
            document.document_id == document_id
            and not document.text.reason
            and not any(page.reason or page.unread for page in document.text.pages)
            for document in self.documents
        )


def choose_whole(
    documents: Sequence[ReadDocument], floor: Judgement, fence: Fence, most_tokens: int
) -> WholeTexts:
    """Return the documents that fit whole, those that the rules found nothing in after all others.

    One that does not fit is passed over, and a shorter one after it may fit.
    """
    evidence = [document for document in documents if is_evidence(document)]
    uses = _count_uses(floor)
    ranked = sorted(((_rank(document, uses), document) for document in evidence), key=lambda row: row[0])
    room = most_tokens * CHARACTERS_A_TOKEN
    kept: list[ReadDocument] = []
    parts: list[str] = []
    for (place, *_), document in ranked:
        text = _write(document, fence) if place <= len(WHOLE_TYPES) else ""
        if text and len(text) <= room:
            kept.append(document)
            parts.append(text)
            room -= len(text)
    whole = {document.document_id for document in kept}
    beyond = tuple(document for document in evidence if document.document_id not in whole)
    return WholeTexts(tuple(kept), beyond, "\n\n".join(parts))


def _write(document: ReadDocument, fence: Fence) -> str:
    return "\n\n".join(
        fence.wrap(label_page(document.document_id, page.number, document.title), page.text)
        for page in document.text.pages
        if page.text
    )


def _rank(document: ReadDocument, uses: dict[str, int]) -> tuple[int, int, str]:
    """Return a document's place: by its type, then by what the rules read in it; of no use comes last."""
    used = uses.get(document.document_id, 0)
    if document.document_type in WHOLE_TYPES:
        place = WHOLE_TYPES.index(document.document_type)
    else:
        place = len(WHOLE_TYPES) + (0 if used and can_state_facts(document) else 1)
    return place, -used, document.document_id


def _count_uses(floor: Judgement) -> dict[str, int]:
    uses: dict[str, int] = {}
    cited = [c for line in floor.policy_compliance for c in line.citations]
    cited += [c for fact in floor.facts for c in fact.citations]
    for document_id in (*(c.document_id for c in cited), *(w.document_id for w in floor.worth_reading)):
        uses[document_id] = uses.get(document_id, 0) + 1
    return uses
