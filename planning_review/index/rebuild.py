"""The index made anew from what is kept outside it: stored text and the manifests."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from planning_review.documents.chunking import CHUNKER_VERSION, cut_chunks
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.manifest import Manifest, ManifestEntry
from planning_review.errors import ExtractionError, PermanentError
from planning_review.index.council_store import open_collection_store
from planning_review.index.embedding import Embedder
from planning_review.index.opened_index import OpenedIndex
from planning_review.index.passage_store import PassageStore
from planning_review.models import DocumentState, DocumentText, Frozen

logger = logging.getLogger(__name__)

FindText = Callable[[str], DocumentText | None]
"""Return the stored text of a file by its sha256, None where it is not kept."""


class UnreadDocument(Frozen):
    """A document whose text is not kept, so that nothing of it is in the index."""

    document_id: str
    title: str


class RebuiltApplication(Frozen):
    """What became of one application. unread documents were downloaded, and their text is not stored."""

    council: str
    reference: str
    documents: int
    passages: int
    seconds: float
    unread: tuple[UnreadDocument, ...]


def find_manifests(
    output_dir: Path, council: str | None = None, reference: str | None = None
) -> list[Manifest]:
    """Return the manifests under the output folder, of one council or application where that is named.

    Raises PermanentError for a file that is no manifest.
    """
    found = []
    for path in sorted(output_dir.rglob("manifest.json")):
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise PermanentError(
                f"{path} is not a manifest that can be used ({type(error).__name__}). Put back a good one "
                "(an object store that is in use has one under the same name), then give the same command "
                "again."
            ) from None
        if council in (None, manifest.council) and reference in (None, manifest.reference):
            found.append(manifest)
    return found


def rebuild_council(
    index: OpenedIndex, embedder: Embedder, council: str, manifests: list[Manifest], find_text: FindText
) -> Iterator[RebuiltApplication]:
    """Index a council's applications anew, and yield what was done, one application at a time.

    A collection that was made in another way than its name says is removed first.
    """
    store = open_collection_store(
        index, council, embedder.version, embedder.dimension, CHUNKER_VERSION, anew_on_mismatch=True
    )
    for manifest in manifests:
        yield _rebuild_application(store, embedder, manifest, find_text)


def rebuild_application(
    index: OpenedIndex, embedder: Embedder, manifest: Manifest, find_text: FindText
) -> RebuiltApplication:
    """Index one application anew. Raises IndexMismatch, as others stand in the same collection."""
    store = open_collection_store(
        index, manifest.council, embedder.version, embedder.dimension, CHUNKER_VERSION
    )
    return _rebuild_application(store, embedder, manifest, find_text)


def _rebuild_application(
    store: PassageStore, embedder: Embedder, manifest: Manifest, find_text: FindText
) -> RebuiltApplication:
    started = time.monotonic()
    downloaded = [entry for entry in manifest.documents if entry.sha256]
    unread, passages, documents = [], 0, 0
    for entry in downloaded:
        text = find_text(entry.sha256 or "")
        if text is None:
            # What the index may have of it is better than nothing.
            unread.append(UnreadDocument(document_id=entry.document_id, title=entry.title))
            continue
        added = _index_document(store, embedder, manifest.reference, entry, text)
        passages += added
        documents += added > 0
    # Of a document that the manifest does not know, nothing says what it is.
    known = {entry.document_id for entry in downloaded}
    for document_id in store.list_documents(manifest.reference) - known:
        store.remove_document(manifest.reference, document_id)
    return RebuiltApplication(
        council=manifest.council,
        reference=manifest.reference,
        documents=documents,
        passages=passages,
        seconds=time.monotonic() - started,
        unread=tuple(unread),
    )


def _index_document(
    store: PassageStore, embedder: Embedder, reference: str, entry: ManifestEntry, text: DocumentText
) -> int:
    """Put a document's passages in place of those that stood there, and return how many they are."""
    if text.state is not DocumentState.INDEXED:
        store.remove_document(reference, entry.document_id)
        return 0
    try:
        chunks = cut_chunks(text, embedder.count_tokens)
    except ExtractionError as error:
        # As in a review: what can't be indexed is no reason to leave the others out.
        logger.warning("%s (%s) is not indexed: %s", entry.title, reference, error)
        store.remove_document(reference, entry.document_id)
        return 0
    vectors = embedder.embed([chunk.text for chunk in chunks])
    return store.add_document(
        reference, entry.document_id, entry.title, text.sha256, EXTRACTOR_VERSION, chunks, vectors
    )
