"""The text of every file: on this disk and, with S3, where another machine's run finds it."""

from blocks.storage import create_private_storage
from planning_review.documents.text_store import TextStore
from planning_review.errors import ObjectNotFound, PermanentError, TransientError
from planning_review.models import DocumentText
from planning_review.settings import Settings


class RunTexts:
    """Keeps texts under the data folder, with a copy in the private part of the bucket.

    private is that part, None without a bucket.
    """

    def __init__(self, settings: Settings) -> None:
        self._local = TextStore(settings.text_dir)
        self.private = create_private_storage(settings, attempts=1)
        self._absent: set[str] = set()

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
        return self._local.find(sha256)

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
            path = self._local.path(sha256)
            self.private.upload(path, f"text/{path.name}")
