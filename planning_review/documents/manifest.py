"""An application's manifest on disk: which file each document became, under an index for life.

Links rest on it: a key, once given to some bytes, never stands for others.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from planning_review.documents.manifest_models import FileVersion, Manifest, ManifestEntry
from planning_review.errors import PermanentError
from planning_review.models import FileKind, ListedDocument, StoredFile

__all__ = ["FileVersion", "Manifest", "ManifestEntry", "ManifestFile"]


@dataclass
class _Shared:
    """What all the objects of one file have in common: two tasks may well open the same manifest."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    manifest: Manifest | None = None
    mark: tuple[int, int, int] | None = None


_shared_by_path: dict[Path, _Shared] = {}


class ManifestFile:
    """`manifest.json` of one application, safe to use from many threads of one process.

    Every change is on disk when its method returns, and a kill at any moment leaves the old file or
    the new one. Two processes must not write the same manifest at once: the lock that each run holds
    on its application sees to that. A file that is no manifest of this application raises
    PermanentError when it is opened, and stays where it is: numbering anew would give old links other
    documents.
    """

    def __init__(self, path: Path, reference: str, council: str, folder: str) -> None:
        self.path = path.absolute()
        self._empty = Manifest(reference=reference, council=council, folder=folder)
        self.folder = folder
        self._shared = _shared_by_path.setdefault(self.path, _Shared())
        self._lock = self._shared.lock
        with self._lock:
            if not self.path.exists():
                self._shared.manifest = self._shared.mark = None
            self._load()

    def register(self, documents: Sequence[ListedDocument]) -> None:
        """Give every document that is new its index, in the order of the list."""
        with self._lock:
            self._save(self._load().with_listing(documents))

    def record_download(
        self, document: ListedDocument, *, sha256: str, size_bytes: int, kind: FileKind
    ) -> StoredFile:
        """Record the bytes that a document has now and return where they belong.

        The key is that of the first document with equal bytes, where there is one.
        """
        with self._lock:
            self._save(self._load().with_download(document, sha256=sha256, size_bytes=size_bytes, kind=kind))
            return self._downloaded(document.document_id)[1]

    def record_upload(self, key: str, public_url: str) -> None:
        """Record the public link of a key, for every document and earlier version that it stands for."""
        with self._lock:
            manifest = self._load()
            if all(file.key != key for entry in manifest.documents for file in entry.files):
                raise LookupError(f"{key!r} has no download in {self.path}: record that first")
            self._save(manifest.with_upload(key, public_url))

    def entry(self, document_id: str) -> ManifestEntry | None:
        """Return what is known of a document, None if it was never listed."""
        return self.snapshot().entry(document_id)

    def stored_file(self, document_id: str) -> StoredFile | None:
        """Return the bytes that a document has now, None before its first download."""
        entry = self.entry(document_id)
        return entry.stored(entry.file) if entry and entry.file else None

    def find_bytes(self, sha256: str) -> StoredFile | None:
        """Return the file of the document that brought these bytes first."""
        found = self.snapshot().find_bytes(sha256)
        return found[0].stored(found[1]) if found else None

    def snapshot(self) -> Manifest:
        """Return all of it as it is now."""
        with self._lock:
            return self._load()

    def _downloaded(self, document_id: str) -> tuple[ManifestEntry, StoredFile]:
        entry = self._load().entry(document_id)
        if entry is None or entry.file is None:
            raise LookupError(f"{document_id!r} has no download in {self.path}: record that first")
        return entry, entry.stored(entry.file)

    def _load(self) -> Manifest:
        mark = self._mark()
        if mark is not None and mark != self._shared.mark:
            self._shared.manifest, self._shared.mark = self._read(), mark
        return self._shared.manifest or self._empty

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _read(self) -> Manifest:
        content = self.path.read_bytes()
        try:
            manifest = Manifest.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise self._refusal(content, f"{place + ': ' if place else ''}{first['msg']}") from None
        for name in ("reference", "council", "folder"):
            found, expected = getattr(manifest, name), getattr(self._empty, name)
            if found != expected:
                raise self._refusal(content, f"its {name} is {found!r}, not {expected!r}")
        return manifest

    def _refusal(self, content: bytes, reason: str) -> PermanentError:
        # Named by its content, so that trying again does not pile up copies.
        copy = self.path.with_name(f"{self.path.name}.damaged-{hashlib.sha256(content).hexdigest()[:12]}")
        copy.write_bytes(content)
        return PermanentError(
            f"{self.path} is not a manifest that can be used ({reason}). A copy is kept as {copy.name} "
            "beside it. Put back a good manifest (an object store that is in use has one under the same "
            "name), or delete the file to number the documents anew, which breaks links in older reviews."
        )

    def _save(self, manifest: Manifest) -> None:
        if manifest == self._shared.manifest and self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(manifest.model_dump_json(indent=2) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._shared.manifest, self._shared.mark = manifest, self._mark()
