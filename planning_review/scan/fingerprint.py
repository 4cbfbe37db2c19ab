"""What tells one state of an application's documents from the next."""

import hashlib
import json
from collections.abc import Sequence

from planning_review.documents.selection import choose_documents
from planning_review.models import ListedDocument


def fingerprint_documents(documents: Sequence[ListedDocument]) -> str | None:
    """Return a short hash of the documents that a review reads, as listed; None where there are none.

    A document that is added, or listed with another date or size, makes another one; a public comment
    or a consultee's response, which a review leaves out, does not.
    """
    chosen = [choice.document for choice in choose_documents(documents, ()).choices if choice.selected]
    if not chosen:
        return None
    listed = sorted((item.document_id, str(item.listed_date), item.size_listed or "") for item in chosen)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:16]
