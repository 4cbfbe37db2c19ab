"""The files of one run: its documents' bytes and texts, on this disk and in the bucket, and the manifest."""

import hashlib
import logging
import threading
from collections import defaultdict
from pathlib import Path

from prefect.logging import get_run_logger
from pydantic import ValidationError

from blocks.local_files import load_file
from blocks.object_mark import ObjectMark
from blocks.s3_config import parse_link_config
from blocks.storage import create_private_storage, create_storage_backend
from planning_review.documents.download import bytes_in_place
from planning_review.documents.manifest import FileVersion, Manifest, ManifestFile
from planning_review.documents.text_store import TextStore
from planning_review.errors import ObjectNotFound, PermanentError, PlanningReviewError, TransientError
from planning_review.models import DocumentText, ListedDocument, StoredFile, WordPlace
from planning_review.settings import Settings

MANIFEST_NAME = "manifest.json"

# Also used where no run is.
_log = logging.getLogger(__name__)

_CHANGED = ObjectMark(-1, "")
"""Of an object that was read and is not what was stored."""


class RunFiles:
    """Where each document's bytes are. With S3, local files are temporary and the bucket has the truth.

    root is the folder under which a key is a path. The manifest in the bucket goes before the one
    on this disk, unless that one knows all that it does and more; where the two contradict each
    other, the one on this disk is kept beside it as `manifest.before-bucket.json`.
    """

    def __init__(
        self, settings: Settings, folder: str, council: str, reference: str, attempts: int = 1
    ) -> None:
        # One attempt a call in a run, whose tasks Prefect retries.
        self.storage = create_storage_backend(settings, attempts)
        self.folder = folder
        self.root: Path = settings.temp_dir if self.storage.is_remote else settings.raw_dir
        self._manifest_path = settings.output_dir / folder / MANIFEST_NAME
        self._acl = parse_link_config(settings).acl if settings.uses_bucket else None
        self._marks = self.storage.list_marks(folder) if self.storage.is_remote else {}
        if self._manifest_key in self._marks:
            self._take_stored_manifest()
        self.manifest = ManifestFile(self._manifest_path, reference, council, folder)
        self._pushed_index = 0
        self._lock = threading.Lock()
        self._key_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    @property
    def _manifest_key(self) -> str:
        return f"{self.folder}/{MANIFEST_NAME}"

    def find_listed(self, document: ListedDocument) -> StoredFile | None:
        """Return what a document's bytes were, wherever they are now, if they are what is listed now."""
        entry = self.manifest.entry(document.document_id)
        stored = self.manifest.stored_file(document.document_id)
        if entry is None or stored is None:
            return None
        if (entry.listed_date, entry.size_listed) != (document.listed_date, document.size_listed):
            return None
        return stored

    def find_bytes(self, document: ListedDocument) -> StoredFile | None:
        """Return a document's stored bytes where they are really there and are what is listed now."""
        stored = self.find_listed(document)
        is_there = stored and (self.is_uploaded(stored) or bytes_in_place(stored, self.root))
        return stored if is_there else None

    def holds_key(self, key: str) -> bool:
        """Return whether the bucket holds something under a key."""
        return key in self._marks

    def find_mark(self, key: str) -> ObjectMark | None:
        """Return how the bucket knows what it holds under a key; None where it holds nothing."""
        return self._marks.get(key)

    def holds_document(self, key: str) -> bool:
        """Return whether the bucket holds the document that the manifest has under a key, whole."""
        found = self.manifest.snapshot().find_key(key)
        return found is not None and self.is_uploaded(found[0].stored(found[1]))

    def is_uploaded(self, stored: StoredFile) -> bool:
        """Return whether the bucket holds a file, by its key, its size and the ETag that it had.

        Where that is another one the object is read: a bucket may have moved to another store.
        """
        mark = self._marks.get(stored.key)
        if mark is None or mark.size_bytes != stored.size_bytes:
            return False
        with self._lock:
            key_lock = self._key_locks[stored.key]
        with key_lock:
            file = self._find_file(stored)
            if file is None or file.etag is None or file.etag == self._marks[stored.key].etag:
                return True
            if not self.storage.holds_bytes(stored.key, stored.sha256):
                _log.warning("%s was changed in the bucket since it was stored there.", stored.key)
                # Known to be of no use from here on, so that it is read once.
                self._marks[stored.key] = _CHANGED
                return False
            self.manifest.record_upload(stored.key, file.public_url or "", mark.etag, file.acl)
        return True

    def find_link(self, stored: StoredFile) -> str | None:
        """Return the link of a file that the bucket holds, open as the settings say; None where none does."""
        if not self.is_uploaded(stored):
            return None
        file = self._find_file(stored)
        is_open = self._acl is None or (file is not None and file.acl == self._acl)
        return self.storage.public_url(stored.key) if is_open else None

    def _find_file(self, stored: StoredFile) -> FileVersion | None:
        entry = self.manifest.entry(stored.document_id)
        if entry and entry.file and entry.key == stored.key:
            return entry.file
        found = self.manifest.snapshot().find_key(stored.key)
        return found[1] if found else None

    def is_local(self, stored: StoredFile) -> bool:
        """Return whether a document's bytes are on this disk."""
        return bytes_in_place(stored, self.root)

    def open_local(self, stored: StoredFile) -> Path:
        """Return the path of a document's bytes, brought back from the bucket where they are gone."""
        path = self.root / stored.key
        with self._lock:
            key_lock = self._key_locks[stored.key]
        with key_lock:
            if not bytes_in_place(stored, self.root):
                if self._marks.get(stored.key) == _CHANGED:
                    raise ObjectNotFound(_explain_changed(stored))
                self.storage.download_to(stored.key, path)
                if not bytes_in_place(stored, self.root):
                    raise ObjectNotFound(_explain_changed(stored))
        return path

    def upload(self, stored: StoredFile) -> str:
        """Store a document in the bucket, or open its link where that is closed; returns the link.

        What the bucket has under the key is replaced only where this application stored it: it was cut or
        changed since.
        """
        if self.is_uploaded(stored):
            self.storage.open_to_readers(stored.key)
        else:
            file = self._find_file(stored)
            if self.holds_key(stored.key) and (file is None or file.public_url is None):
                raise PermanentError(
                    f"{stored.key} is another file in the bucket, and what is published stays as it is. "
                    "Look at both, and set S3_KEY_PREFIX to another folder if they are another group's."
                )
            # No key is used before the manifest that gives it away for good is safe too.
            if self._newest_index() > self._pushed_index:
                self.push_manifest()
            self.storage.upload(self.open_local(stored), stored.key)
            self.note_stored(stored)
        url = self.storage.public_url(stored.key)
        if url is None:
            raise PlanningReviewError(f"{stored.key} has no public link in this storage.")
        self.record_link(stored, url)
        return url

    def note_stored(self, stored: StoredFile) -> None:
        """Note that the bucket holds a file from now on, and how it knows it."""
        mark = self.storage.find_mark(stored.key)
        self._marks[stored.key] = mark or ObjectMark(stored.size_bytes, "")

    def record_link(self, stored: StoredFile, url: str) -> None:
        """Note a file's public link and its object's mark in the manifest; a cached upload may never have."""
        file, mark = self._find_file(stored), self._marks.get(stored.key)
        etag = (mark.etag if mark else None) or None
        if file is None or (file.public_url, file.etag, file.acl) != (url, etag, self._acl):
            self.manifest.record_upload(stored.key, url, etag, self._acl)

    def upload_output(self, path: Path) -> str:
        """Store a file of a review or a letter.

        What is published stays as it is, also where another machine wrote it; what was cut or changed in
        the bucket since is stored anew.
        """
        key = self.make_output_key(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        if self.holds_key(key) and self.storage.find_sha256(key) not in (None, sha256):
            self.storage.open_to_readers(key)
        else:
            self.storage.upload(path, key)
        return self.storage.public_url(key) or path.as_uri()

    def replace_output(self, path: Path) -> str:
        """Store an output that is made anew each time, as the list of letters is."""
        key = self.make_output_key(path)
        self.storage.upload(path, key)
        return self.storage.public_url(key) or path.as_uri()

    def find_output_link(self, path: Path) -> str | None:
        """Return the link of a review's or letter's file that the bucket holds; None where it may not."""
        key = self.make_output_key(path)
        mark = self._marks.get(key)
        sha256 = self.storage.find_sha256(key) if mark else None
        if mark is None or sha256 is None or not self.storage.is_open(key):
            return None
        file = load_file(path)
        is_ours = sha256 == file.sha256
        is_whole = mark == (file.size_bytes, file.etag)
        return self.storage.public_url(key) if is_whole or not is_ours else None

    def fetch_newest_review(self, output_dir: Path) -> None:
        """Bring the bucket's newest review where another machine wrote it; nothing without a bucket."""
        # The listing's order is that of storing: the day in a review's name says nothing of two of one day.
        keys = [key for key in self._marks if key.endswith("_review.json")]
        path = output_dir / keys[-1].rpartition("/")[2] if keys else None
        if path and not path.exists():
            self.storage.download_to(keys[-1], path)

    def fetch_letters(self, output_dir: Path) -> None:
        """Bring the data of letters that another machine wrote; nothing without a bucket."""
        for key in self._marks:
            path = output_dir / key.rpartition("/")[2]
            is_letter = path.name.startswith("let_") and path.name.endswith("_letter.json")
            if is_letter and not path.exists():
                self.storage.download_to(key, path)

    def make_output_key(self, path: Path) -> str:
        """Return the key of a file of a review or a letter."""
        return f"{self.folder}/output/{path.name}"

    def push_manifest(self) -> None:
        """Store the manifest as it stands now; nothing happens without a bucket."""
        if not self.storage.is_remote:
            return
        with self._lock:
            newest = self._newest_index()
            self.storage.upload(self._manifest_path, self._manifest_key)
            self._pushed_index = newest

    def remove_local(self, stored: StoredFile) -> None:
        """Remove a temporary file that is stored and read."""
        self.storage.delete(self.root / stored.key)

    def measure_local_bytes(self) -> int:
        """Return how many bytes the run's temporary files take now."""
        sizes = []
        for path in (self.root / self.folder).glob("*"):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:
                # Removed between the listing and the look.
                continue
        return sum(sizes)

    def warn_about_kept(self, stored: StoredFile, reason: str) -> None:
        """Say in the log that a temporary file stays, and why."""
        get_run_logger().warning("%s is kept: %s", self.root / stored.key, reason)

    def _take_stored_manifest(self) -> None:
        stored_path = self._manifest_path.with_suffix(".stored")
        self.storage.download_to(self._manifest_key, stored_path)
        try:
            if self._manifest_path.exists():
                stored = Manifest.model_validate_json(stored_path.read_bytes())
                local = Manifest.model_validate_json(self._manifest_path.read_bytes())
                if local.covers(stored):
                    return
                if not stored.covers(local):
                    self._manifest_path.replace(self._manifest_path.with_suffix(".before-bucket.json"))
            stored_path.replace(self._manifest_path)
        except ValidationError:
            # Whichever is damaged: the manifest itself says so, and what to do, when it is opened.
            return
        finally:
            stored_path.unlink(missing_ok=True)

    def _newest_index(self) -> int:
        entries = self.manifest.snapshot().documents
        return max((entry.index for entry in entries), default=0)


def _explain_changed(stored: StoredFile) -> str:
    return (
        f"{stored.key} in the bucket is not what was stored there. Run the same command again with --refresh "
        "download."
    )


class RunTexts:
    """Keeps texts under the data folder, with a copy in the private part of the bucket.

    private is that part, None without a bucket.
    """

    def __init__(self, settings: Settings) -> None:
        self._local = TextStore(settings.text_dir)
        self.private = create_private_storage(settings, attempts=1)
        self._absent: set[str] = set()
        self._shared: set[str] = set()

    def find(self, sha256: str) -> DocumentText | None:
        """Return a file's text, brought from the bucket where this machine does not have it."""
        text = self._local.find(sha256)
        if text is not None or self.private is None or sha256 in self._absent:
            return text
        path = self._local.path(sha256)
        try:
            self.private.download_to(f"text/{path.name}", path)
        except (ObjectNotFound, TransientError, OSError):
            # What the bucket does not give now, or this disk does not take, is read again from the document.
            self._absent.add(sha256)
            return None
        self._shared.add(sha256)
        return self._local.find(sha256)

    def find_places(self, sha256: str) -> dict[int, tuple[WordPlace, ...]]:
        """Return where the words stand that OCR read in a file, by page, also from the bucket."""
        path = self._local.places_path(sha256)
        if not path.is_file() and self.private is not None:
            try:
                self.private.download_to(f"text/{path.name}", path)
            except (ObjectNotFound, TransientError, OSError):
                return {}
        return self._local.find_places(sha256)

    def is_shared(self, sha256: str) -> bool:
        """Return whether a file's text, which is on this disk, is in the bucket too, if there is one.

        True also where the bucket won't tell.
        """
        if self.private is None or sha256 in self._shared:
            return True
        path = self._local.path(sha256)
        text_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return self.private.exists(f"text/{path.name}", text_sha256) is not False

    def save(self, text: DocumentText) -> None:
        """Keep a file's text on this disk. Raises PermanentError where the disk does not take it."""
        try:
            self._local.save(text)
        except OSError as error:
            raise PermanentError(
                f"The text could not be kept at {self._local.path(text.sha256)} ({error.strerror}). See what "
                "is in the way there and that the disk has room, then run the same command again."
            ) from error

    def share(self, sha256: str) -> None:
        """Put a file's text, which is on this disk, into the bucket, if there is one and lacks it.

        Raises StorageUnavailable where the bucket may take it later.
        """
        if self.private is not None:
            path, places = self._local.path(sha256), self._local.places_path(sha256)
            if places.is_file():
                self.private.upload(places, f"text/{places.name}")
            self.private.upload(path, f"text/{path.name}")
