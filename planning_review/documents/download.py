"""One document from the register to its place on disk and in the manifest."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.manifest import ManifestFile
from planning_review.errors import NotADocument
from planning_review.models import FileKind, ListedDocument, StoredFile
from planning_review.references import safe_name

_NO_DOCUMENT = {FileKind.HTML: "a web page (HTML)", FileKind.EMPTY: "an empty file"}


class DownloadedFile(Protocol):
    """What a client says of the bytes that it wrote."""

    @property
    def sha256(self) -> str:
        """The bytes' sha256 in hexadecimal."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""


class DocumentClient(Protocol):
    """Whatever can fetch a listed document: `RegisterClient`."""

    def download(self, document: ListedDocument, part_path: Path) -> DownloadedFile:
        """Write the whole document to part_path or raise."""


def never_stored(key: str) -> bool:
    """Return that no key is stored anywhere but on this disk."""
    return False


def download_document(
    client: DocumentClient,
    document: ListedDocument,
    manifest: ManifestFile,
    folder_root: Path,
    is_stored: Callable[[str], bool] = never_stored,
) -> StoredFile:
    """Fetch a document to `folder_root / key` and record it in the manifest.

    Bytes that another document already brought are not kept a second time: the result then carries
    that one's key, as long as they really are on disk, or is_stored(key) says that they are in the
    object store. Raises NotADocument for a web page or an empty file, and what the client raises;
    nothing half-written stays then.
    """
    part_path = make_part_path(folder_root / manifest.folder, document.document_id)
    try:
        downloaded = client.download(document, part_path)
        return keep_part(
            part_path,
            document,
            manifest,
            folder_root,
            sha256=downloaded.sha256,
            size_bytes=downloaded.size_bytes,
            origin=document.register_url,
            next_step="Open the link: if it shows the document, run the review again with "
            "--refresh download; if not, tell the council that its file is missing.",
            is_stored=is_stored,
        )
    finally:
        part_path.unlink(missing_ok=True)


def keep_part(
    part_path: Path,
    document: ListedDocument,
    manifest: ManifestFile,
    folder_root: Path,
    *,
    sha256: str,
    size_bytes: int,
    origin: str,
    next_step: str,
    is_stored: Callable[[str], bool] = never_stored,
    may_be_page: bool = False,
) -> StoredFile:
    """Record a complete file and rename it to its place.

    origin and next_step go into the message of NotADocument: where the file came from, and what a
    person can do. may_be_page is true of what is called a web page, and so is none in place of a document.
    """
    kind = sniff_kind(part_path)
    is_wanted = may_be_page and kind is FileKind.HTML
    if not is_wanted and (found := _NO_DOCUMENT.get(kind)):
        raise NotADocument(
            f"{document.title[:80]!r} ({document.document_id[:80]}) is {found} instead of a document, "
            f"from {origin[:300]}. {next_step}"
        )
    # Recorded first: the record is what keeps a key from being given twice, and a record whose file
    # is missing is fetched again.
    stored = manifest.record_download(document, sha256=sha256, size_bytes=size_bytes, kind=kind)
    first = manifest.find_bytes(sha256)
    is_shared = first is not None and first.document_id != document.document_id
    if not (is_shared and (bytes_in_place(stored, folder_root) or is_stored(stored.key))):
        part_path.replace(folder_root / stored.key)
    return stored


def bytes_in_place(stored: StoredFile, folder_root: Path) -> bool:
    """Return whether a file is on disk whole: its size, then its sha256 (some 2 ms a megabyte)."""
    path = folder_root / stored.key
    try:
        if not path.is_file() or path.stat().st_size != stored.size_bytes:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == stored.sha256
    except OSError:
        return False


def make_part_path(folder: Path, document_id: str) -> Path:
    """Return a path in the folder, which is made, that no other download uses."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{safe_name(document_id)}.{uuid4().hex}.part"


def remove_parts(folder: Path) -> int:
    """Remove what downloads killed in an earlier run left in a folder, and return how many there were.

    To be called before a run's first download, never during one.
    """
    parts = list(folder.glob("*.part"))
    for part in parts:
        part.unlink(missing_ok=True)
    return len(parts)
