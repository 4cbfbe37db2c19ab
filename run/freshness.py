"""What of a document is there already, so that a cached result counts only while its thing exists.

Prefect never looks whether what a cached task once made is still there. Where it is gone the task
must run again and its record be replaced; the tasks' own bodies skip what they find done.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import groupby
from typing import NamedTuple

from planning_review.models import DocumentState, ListedDocument
from run.context import RunContext

BATCH_SIZE = 4
"""Documents mapped at once. The runner's threads are first in, first out, and a task that waits for
its input holds one: small batches let the first document be read while later ones are fetched."""


LOOKS_AT_ONCE = 8


class Needs(NamedTuple):
    """The stages that a document has to go through again."""

    download: bool
    upload: bool
    extract: bool
    index: bool


def find_needs(run: RunContext, document: ListedDocument) -> Needs:
    """Look for a document's bytes, text and passages, and say what is missing."""
    here = run.in_place(document)
    # Where only the bytes are gone, what was made of them counts: it is the new bytes' own by their sha256.
    stored = here or (None if "download" in run.refresh else run.files.find_listed(document))
    if stored is None:
        return Needs(download=True, upload=True, extract=True, index=True)
    download = here is None
    upload = run.files.storage.is_remote and not run.files.is_uploaded(stored)
    text = run.texts.find(stored.sha256)
    if text is None or "extract" in run.refresh:
        return Needs(download, upload, extract=True, index=True)
    if text.state != DocumentState.INDEXED:
        return Needs(download, upload, extract=False, index=False)
    return Needs(download, upload, extract=False, index=not run.has_passages(stored))


def batch_by_needs(
    run: RunContext, documents: Sequence[ListedDocument]
) -> Iterator[tuple[Needs, list[ListedDocument]]]:
    """Yield small batches of documents that need the same stages, in the listing's order."""
    # Some looks are requests to the bucket, or read a whole file.
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        # Each look in the run's own context, which its log lines go by.
        looks = [pool.submit(copy_context().run, find_needs, run, document) for document in documents]
        with_needs = [(look.result(), document) for look, document in zip(looks, documents, strict=True)]
    for needs, group in groupby(with_needs, key=lambda pair: pair[0]):
        members = [document for _, document in group]
        for start in range(0, len(members), BATCH_SIZE):
            yield needs, members[start : start + BATCH_SIZE]
