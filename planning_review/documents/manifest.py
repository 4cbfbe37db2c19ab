"""An application's manifest: which file each document became, under an index for life.

Links rest on it: a key, once given to some bytes, never stands for others. `Manifest` is what it holds and
how it changes, `ManifestFile` keeps it on disk.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from planning_review.documents.formats.table import drop_file_suffix
from planning_review.errors import PermanentError
from planning_review.models import FileKind, Frozen, ListedDocument, StoredFile
from planning_review.references import safe_name

SAVED_ID = "saved-"
"""How the id of a file begins that a person saved: no register lists it."""

FORGOTTEN = "forgotten"
"""The title of a document that was erased."""

_MOST_NAMED = 5

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FileVersion(Frozen):
    """The bytes that a document had, under an index that no other version of anything has.

    listed_date and size_listed are what the register printed when they were downloaded. etag and acl are
    the object's: by the one a change in the bucket shows, by the other that its link is open.
    """

    index: int = Field(ge=1)
    key: str
    sha256: Sha256
    size_bytes: int = Field(ge=0)
    kind: FileKind
    public_url: str | None = None
    etag: str | None = None
    acl: str | None = None
    listed_date: date | None = None
    size_listed: str | None = None

    @property
    def owns_key(self) -> bool:
        """Whether the key was made for these bytes here, not taken over from equal ones."""
        return self.key.rpartition("/")[2].startswith(f"{self.index:03d}_")


class ManifestEntry(Frozen):
    """A document that was ever listed; all that its file tells is None until a download."""

    document_id: str
    title: str
    register_url: str
    index: int = Field(ge=1)
    key: str | None = None
    sha256: Sha256 | None = None
    size_bytes: int | None = None
    kind: FileKind | None = None
    public_url: str | None = None
    etag: str | None = None
    acl: str | None = None
    listed_date: date | None = None
    size_listed: str | None = None
    earlier: tuple[FileVersion, ...] = ()

    @property
    def file(self) -> FileVersion | None:
        """The bytes that the document has now, None before its first download."""
        if self.key is None or self.sha256 is None or self.size_bytes is None or self.kind is None:
            return None
        return FileVersion(
            index=self.index,
            key=self.key,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            kind=self.kind,
            public_url=self.public_url,
            etag=self.etag,
            acl=self.acl,
            listed_date=self.listed_date,
            size_listed=self.size_listed,
        )

    @property
    def files(self) -> tuple[FileVersion, ...]:
        """All the bytes that it ever had, those of now last."""
        return (*self.earlier, self.file) if self.file else self.earlier

    def stored(self, file: FileVersion) -> StoredFile:
        """Return one of its versions as what the storage works with."""
        return StoredFile(
            document_id=self.document_id,
            index=file.index,
            key=file.key,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            kind=file.kind,
        )


class Manifest(Frozen):
    """Every document of an application, in the order of their first listing."""

    format: Literal[1] = 1
    reference: str
    council: str
    folder: str
    documents: tuple[ManifestEntry, ...] = ()

    @model_validator(mode="after")
    def _links_are_unambiguous(self) -> Self:
        ids = [entry.document_id for entry in self.documents]
        indexes = [i for e in self.documents for i in (e.index, *(file.index for file in e.earlier))]
        if len(set(ids)) < len(ids) or len(set(indexes)) < len(indexes):
            raise ValueError("a document or an index is there twice")
        # A key becomes a path on disk, so one that leaves the folder is refused.
        key_form = re.compile(re.escape(self.folder) + r"/\d{3,}_[A-Za-z0-9._\-]+")
        bytes_of: dict[str, str] = {}
        for file in (file for entry in self.documents for file in entry.files):
            if not key_form.fullmatch(file.key):
                raise ValueError(f"{file.key!r} is no key of the folder {self.folder}")
            if bytes_of.setdefault(file.key, file.sha256) != file.sha256:
                raise ValueError(f"{file.key} stands for two different files")
        return self

    def entry(self, document_id: str) -> ManifestEntry | None:
        """Return what is known of a document, None if it was never listed."""
        return next((entry for entry in self.documents if entry.document_id == document_id), None)

    def find_bytes(self, sha256: str) -> tuple[ManifestEntry, FileVersion] | None:
        """Return the document that brought these bytes first, and the version that it was."""
        for entry in self.documents:
            for file in entry.files:
                if file.sha256 == sha256 and file.owns_key:
                    return entry, file
        return None

    def covers(self, other: "Manifest") -> bool:
        """Return whether every index and key of another manifest stands here for the same thing."""
        ours = {entry.document_id: entry for entry in self.documents}
        for theirs in other.documents:
            mine = ours.get(theirs.document_id)
            if mine is None or {theirs.index} - {mine.index, *(file.index for file in mine.files)}:
                return False
            known = {(file.index, file.key, file.sha256) for file in mine.files}
            if {(file.index, file.key, file.sha256) for file in theirs.files} - known:
                return False
        return True

    def with_listing(self, documents: Iterable[ListedDocument]) -> "Manifest":
        """Return the manifest with new documents at its end, and titles and links as they are now."""
        entries = {entry.document_id: entry for entry in self.documents}
        for document in documents:
            document_id, title, register_url = document.document_id, document.title, document.register_url
            known = entries.get(document_id) or ManifestEntry(
                document_id=document_id,
                title=title,
                register_url=register_url,
                index=_next_index(entries.values()),
            )
            entries[document_id] = known.model_copy(update={"title": title, "register_url": register_url})
        return self._with(entries.values())

    def with_download(
        self, document: ListedDocument, *, sha256: str, size_bytes: int, kind: FileKind
    ) -> "Manifest":
        """Return the manifest with the bytes that a document has now.

        Other bytes than before take the next index, and the old ones stay under `earlier`. Bytes that
        any document already brought keep their key.
        """
        manifest = self.with_listing([document])
        entry = next(e for e in manifest.documents if e.document_id == document.document_id)
        update: dict[str, object] = {"listed_date": document.listed_date, "size_listed": document.size_listed}
        if entry.sha256 != sha256:
            again = next((file for file in entry.earlier if file.sha256 == sha256), None)
            new_index = _next_index(manifest.documents) if entry.file else entry.index
            index = again.index if again else new_index
            found = manifest.find_bytes(sha256)
            update |= {
                "index": index,
                "key": found[1].key if found else make_key(self.folder, index, document.title, kind),
                "public_url": found[1].public_url if found else None,
                "etag": found[1].etag if found else None,
                "acl": found[1].acl if found else None,
                "sha256": sha256,
                "size_bytes": size_bytes,
                "kind": kind,
                "earlier": tuple(file for file in entry.files if file != again),
            }
        changed = entry.model_copy(update=update)
        return manifest._with(changed if e is entry else e for e in manifest.documents)

    def with_upload(self, key: str, public_url: str, etag: str | None, acl: str | None) -> "Manifest":
        """Return the manifest with what is known of a key's object, wherever the key stands."""
        known = {"public_url": public_url, "etag": etag, "acl": acl}
        return self._with(
            entry.model_copy(
                update=(known if entry.key == key else {})
                | {
                    "earlier": tuple(
                        file.model_copy(update=known) if file.key == key else file for file in entry.earlier
                    )
                }
            )
            for entry in self.documents
        )

    def without(self, document_id: str) -> "Manifest":
        """Return the manifest with nothing of a document but its id and its number, which stays taken."""
        return self._with(
            ManifestEntry(
                document_id=entry.document_id,
                title=FORGOTTEN,
                register_url="",
                index=max([entry.index, *(file.index for file in entry.earlier)]),
            )
            if entry.document_id == document_id
            else entry
            for entry in self.documents
        )

    def find_key(self, key: str) -> tuple[ManifestEntry, FileVersion] | None:
        """Return a document that a key stands for, and the version of it that does."""
        for entry in self.documents:
            for file in entry.files:
                if file.key == key:
                    return entry, file
        return None

    def _with(self, entries: Iterable[ManifestEntry]) -> "Manifest":
        # Built anew, not copied, so that what links rest on is checked at every change.
        return Manifest(
            reference=self.reference, council=self.council, folder=self.folder, documents=tuple(entries)
        )


def make_key(folder: str, index: int, title: str, kind: FileKind) -> str:
    """Return `{folder}/{index:03d}_{name}.{ext}`: the name from the title, the ending from the bytes."""
    return f"{folder}/{index:03d}_{safe_name(drop_file_suffix(title))}.{kind.value}"


def _next_index(entries: Iterable[ManifestEntry]) -> int:
    taken = (i for entry in entries for i in (entry.index, *(file.index for file in entry.earlier)))
    return max(taken, default=0) + 1


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

    def describe_unlisted(self, documents: Sequence[ListedDocument]) -> tuple[str, ...]:
        """Return the sentence that names what earlier visits listed and a list does not; none where all is.

        Files that a person saved are no list of the register, and are compared with nothing.
        """
        listed = {document.document_id for document in documents}
        known = [entry for entry in self.snapshot().documents if not entry.document_id.startswith(SAVED_ID)]
        gone = [entry.title for entry in known if entry.document_id not in listed]
        if not gone or any(document_id.startswith(SAVED_ID) for document_id in listed):
            return ()
        named = "; ".join(title[:80] for title in gone[:_MOST_NAMED])
        others = "; and others" if gone[_MOST_NAMED:] else ""
        return (
            f"On earlier visits the register listed {len(gone)} that it does not list now: {named}{others}. "
            "They may have been withdrawn, or its list may be shorter than it should be: look at the "
            "register's page.",
        )

    def record_download(
        self, document: ListedDocument, *, sha256: str, size_bytes: int, kind: FileKind
    ) -> StoredFile:
        """Record the bytes that a document has now and return where they belong.

        The key is that of the first document with equal bytes, where there is one.
        """
        with self._lock:
            self._save(self._load().with_download(document, sha256=sha256, size_bytes=size_bytes, kind=kind))
            entry = self._load().entry(document.document_id)
        if entry is None or entry.file is None:
            raise LookupError(f"{document.document_id!r} has no download in {self.path}: record that first")
        return entry.stored(entry.file)

    def record_upload(
        self, key: str, public_url: str, etag: str | None = None, acl: str | None = None
    ) -> None:
        """Record the public link of a key and what is known of its object, wherever the key stands."""
        with self._lock:
            manifest = self._load()
            if manifest.find_key(key) is None:
                raise LookupError(f"{key!r} has no download in {self.path}: record that first")
            self._save(manifest.with_upload(key, public_url, etag, acl))

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
