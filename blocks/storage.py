"""The storage of documents and outputs: nowhere but the data folder, or an S3-compatible bucket.

`create_storage_backend` chooses. Keys given to a backend leave the prefix out: the backend adds it.
"""

import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from blocks.keys import RESULTS_FOLDER, quote_key
from blocks.object_mark import ObjectMark
from blocks.redaction import install_redaction
from planning_review.errors import ObjectNotFound, StorageConfigError, StorageUploadError
from planning_review.settings import Settings

__all__ = [
    "InMemoryStorageBackend",
    "LocalStorageBackend",
    "S3StorageBackend",
    "SearchableStorage",
    "StorageBackend",
    "StorageConfigError",
    "StorageUploadError",
    "create_private_storage",
    "create_storage_backend",
]

if TYPE_CHECKING:
    from blocks.s3 import S3StorageBackend

logger = logging.getLogger(__name__)


def __getattr__(name: str) -> Any:
    """Give the backend for a bucket where it is asked for: boto3 takes a second to load."""
    if name != "S3StorageBackend":
        raise AttributeError(name)
    from blocks.s3 import S3StorageBackend

    return S3StorageBackend


@runtime_checkable
class StorageBackend(Protocol):
    """What every backend does; safe to call from several threads at once."""

    @property
    def is_remote(self) -> bool:
        """Return whether objects leave this machine, so that local files are temporary."""

    def upload(self, local_path: Path, key: str) -> None:
        """Store the file's bytes under the key; StorageUploadError where that can't be done."""

    def public_url(self, key: str) -> str | None:
        """Return the permanent link to the key, quoted so that it opens; None without one."""

    def download_to(self, key: str, local_path: Path) -> None:
        """Bring the key's bytes to local_path whole or not at all; ObjectNotFound without them."""

    def delete(self, local_path: Path) -> None:
        """Remove the temporary local file; the stored object stays."""


@runtime_checkable
class SearchableStorage(StorageBackend, Protocol):
    """A backend that can also say what it holds, as all of ours can."""

    @property
    def place(self) -> str:
        """Return what tells this storage from others, whatever address its links have now."""

    def exists(self, key: str, sha256: str) -> bool | None:
        """Return whether the key holds exactly these bytes; None where the store won't tell."""

    def list_keys(self, folder: str) -> dict[str, int]:
        """Return the keys under a folder, each with its size in bytes, oldest first."""

    def list_marks(self, folder: str) -> dict[str, ObjectMark]:
        """Return the keys under a folder, each with how the store knows its object, oldest first."""

    def find_mark(self, key: str) -> ObjectMark | None:
        """Return how the store knows what was last stored here under a key; None where it would not tell."""

    def find_sha256(self, key: str) -> str | None:
        """Return the sha256 of what was stored under a key, as the object says; None where it does not."""

    def holds_bytes(self, key: str, sha256: str) -> bool:
        """Return whether the object is exactly these bytes, all of which are read."""

    def is_open(self, key: str) -> bool:
        """Return whether an object's link opens as the settings say that it should."""

    def open_to_readers(self, key: str) -> None:
        """Open an object's public link where it is closed, and the settings say that it is to be open."""


class LocalStorageBackend:
    """Leaves every file where it is, in the data folder, with the register's own links."""

    is_remote = False
    place = "data folder"

    def upload(self, local_path: Path, key: str) -> None:
        """Do nothing: the file is where it belongs."""

    def public_url(self, key: str) -> None:
        """Return None: a file on this machine has no public link."""
        return

    def download_to(self, key: str, local_path: Path) -> None:
        """Accept a file that is there already, as no other place has it."""
        if not local_path.is_file():
            raise ObjectNotFound(
                f"{local_path} is not there, and without S3 nothing else keeps it: fetch it again."
            )

    def delete(self, local_path: Path) -> None:
        """Do nothing: the file is the only copy."""

    def exists(self, key: str, sha256: str) -> bool:
        """Say no: nothing is stored by key."""
        return False

    def list_keys(self, folder: str) -> dict[str, int]:
        """Return nothing: nothing is stored by key."""
        return {}

    def list_marks(self, folder: str) -> dict[str, ObjectMark]:
        """Return nothing: nothing is stored by key."""
        return {}

    def find_mark(self, key: str) -> None:
        """Return None: nothing is stored by key."""
        return

    def holds_bytes(self, key: str, sha256: str) -> bool:
        """Say no: nothing is stored by key."""
        return False

    def find_sha256(self, key: str) -> None:
        """Return None: nothing is stored by key."""
        return

    def is_open(self, key: str) -> bool:
        """Say yes: no setting says anything of links."""
        return True

    def open_to_readers(self, key: str) -> None:
        """Do nothing: nothing has a link."""


class InMemoryStorageBackend:
    """Keeps the bytes of every upload in `uploads`, for tests and for trying a flow out."""

    is_remote = True
    place = "https://test-bucket.example.com/"

    def __init__(self) -> None:
        self.uploads: dict[str, bytes] = {}
        self._lock = Lock()

    def upload(self, local_path: Path, key: str) -> None:
        """Keep the file's bytes under the key."""
        content = local_path.read_bytes()
        with self._lock:
            self.uploads[key] = content

    def public_url(self, key: str) -> str:
        """Return an address that no server answers (example.com is reserved)."""
        return f"https://test-bucket.example.com/{quote_key(key)}"

    def download_to(self, key: str, local_path: Path) -> None:
        """Write the key's bytes to local_path."""
        if key not in self.uploads:
            raise ObjectNotFound(f"{key} was never stored.")
        local_path.parent.mkdir(parents=True, exist_ok=True)
        local_path.write_bytes(self.uploads[key])

    def delete(self, local_path: Path) -> None:
        """Remove the local file."""
        local_path.unlink(missing_ok=True)

    def exists(self, key: str, sha256: str) -> bool:
        """Return whether the key holds exactly these bytes."""
        content = self.uploads.get(key)
        return content is not None and hashlib.sha256(content).hexdigest() == sha256

    def list_keys(self, folder: str) -> dict[str, int]:
        """Return the keys under a folder, each with its size in bytes."""
        start = f"{folder.strip('/')}/"
        with self._lock:
            return {key: len(content) for key, content in self.uploads.items() if key.startswith(start)}

    def list_marks(self, folder: str) -> dict[str, ObjectMark]:
        """Return the keys under a folder, each with its size and digest."""
        return {key: self.find_mark(key) for key in self.list_keys(folder)}

    def find_mark(self, key: str) -> ObjectMark:
        """Return the size and digest of what stands under a key."""
        content = self.uploads[key]
        return ObjectMark(len(content), hashlib.md5(content, usedforsecurity=False).hexdigest())

    def holds_bytes(self, key: str, sha256: str) -> bool:
        """Return whether the key holds exactly these bytes."""
        return self.exists(key, sha256)

    def find_sha256(self, key: str) -> str | None:
        """Return the sha256 of what stands under a key."""
        content = self.uploads.get(key)
        return None if content is None else hashlib.sha256(content).hexdigest()

    def is_open(self, key: str) -> bool:
        """Say yes: no setting says anything of links."""
        return True

    def open_to_readers(self, key: str) -> None:
        """Do nothing: no server answers for the links."""


def create_storage_backend(settings: Settings, attempts: int = 3) -> SearchableStorage:
    """Return the backend that the settings ask for: S3 where S3_ENDPOINT_URL or S3_STORAGE_BLOCK is set.

    attempts are the PUTs that one `upload` may make. Inside a flow it is 1, and Prefect does the
    rest: a failure that another try may mend is then raised as StorageUnavailable.
    Raises StorageConfigError before any request; secrets are masked in logs from here on.
    """
    if settings.uses_bucket:
        from blocks.s3 import S3StorageBackend

        install_redaction(settings)
        return S3StorageBackend.from_settings(settings, attempts=attempts)
    if settings.s3_bucket:
        logger.warning(
            "S3_BUCKET is set but S3_ENDPOINT_URL is not: documents stay in the data folder, "
            "without public links."
        )
    return LocalStorageBackend()


def create_private_storage(settings: Settings, attempts: int = 3) -> SearchableStorage | None:
    """Return the part of the bucket that nobody else reads, for extracted text; None without a bucket.

    It is the folder that Prefect's results are kept in, where objects get no ACL.
    """
    if not settings.uses_bucket:
        return None
    from blocks.s3 import S3StorageBackend

    public = S3StorageBackend.from_settings(settings, attempts=attempts)
    links = replace(public.links, prefix=f"{public.links.prefix}/{RESULTS_FOLDER}", acl=None)
    return S3StorageBackend(public.block, links, attempts)
