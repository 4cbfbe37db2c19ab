"""The pictures of a review's quotes: each shows the part of the page where its words stand, marked."""

import hashlib
from collections.abc import Iterator

from planning_review.models import Frozen
from planning_review.rules.judgement import Citation, Judgement, Pointer, SuspiciousPassage, WorthReading

Quoted = Citation | Pointer | WorthReading | SuspiciousPassage


class Picture(Frozen):
    """A picture beside the review's page; width and height in pixels."""

    name: str
    width: int
    height: int


def identify(quoted: Quoted) -> str:
    """Return what tells one quote of an application from another: its document, page and words."""
    text = f"{quoted.document_id}\n{quoted.page}\n{quoted.quote}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def picture_prefix(sha256: str) -> str:
    """Return how the names of the pictures of a document begin, by its bytes."""
    return f"quote_{sha256[:16]}_"


def is_picture_of(name: str, sha256: str) -> bool:
    """Return whether a file is by its name a picture of a document with these bytes."""
    return name.startswith(picture_prefix(sha256))


def list_quoted(judgement: Judgement) -> Iterator[Quoted]:
    """Yield each quote that a review shows and that was found on its page, once.

    What stands in a file within a document, such as an attachment, has no page of the document to be shown.
    """
    citations = [
        *(c for line in judgement.policy_compliance for c in line.citations),
        *(c for found in judgement.contradictions for c in found.citations),
        *(c for omission in judgement.omissions for c in omission.citations),
        *(c for aspect in judgement.aspects for c in aspect.citations),
    ]
    others: list[Quoted] = [*judgement.pointers, *judgement.worth_reading, *judgement.suspicious]
    seen: set[str] = set()
    shown = [*(c for c in citations if c.verified), *others]
    for quoted in (one for one in shown if one.part is None):
        name = identify(quoted)
        if name not in seen:
            seen.add(name)
            yield quoted
