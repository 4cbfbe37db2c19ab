"""Every error that the project raises on purpose.

Split first on whether trying again can help:

    PlanningReviewError
    ├─ RunStopped                the run was cancelled, interrupted or told to end
    ├─ TransientError            a retry may help
    │  ├─ RegisterUnavailable    5xx, time-out, reset, cut transfer
    │  │  └─ PageCut             a page that ended before its end
    │  ├─ RegisterThrottled      429; carries retry_after_seconds
    │  ├─ StorageUnavailable
    │  ├─ ModelUnavailable       the model's server is overloaded, away or too slow
    │  └─ ReadersUnavailable     Dask's scheduler or its workers were lost, or are not there
    └─ PermanentError            a person must look
       ├─ UsageError             bad input or configuration: exit 2, before any request
       ├─ ApplicationNotFound
       ├─ RegisterLayoutError    a page parsed to nothing that it should contain; keeps the page
       ├─ ListNotProven          a list of applications that may not be whole; keeps its pages
       ├─ BotChallenge           stop, do not retry
       ├─ RobotsDisallow         the register's robots.txt keeps programs from searching it
       ├─ DocumentGone           404 or 410
       ├─ NotADocument           an HTML page or nothing at all served as a document
       ├─ StorageConfigError     exit 2, before any work
       ├─ StorageUploadError     key, attempts, last error
       ├─ ObjectNotFound         the store does not hold the object
       ├─ ExtractionError        a worker process failed or ran out of time on one document
       ├─ IndexMismatch          the index was made with another embedder or chunker
       └─ InsufficientEvidence   no document could be read: no review

A message says what was found, where, and what to do next.
"""

from pathlib import Path


class PlanningReviewError(Exception):
    """Base of every error that the project raises on purpose."""


class RunStopped(PlanningReviewError):
    """The run is to stop, and what was in work ends here."""


class TransientError(PlanningReviewError):
    """Something that the same call may survive a little later."""


class RegisterUnavailable(TransientError):
    """The register did not answer, answered 5xx, or cut a transfer."""


class PageCut(RegisterUnavailable):
    """A page ended before its end: what it lists may be less than there is."""


class RegisterThrottled(TransientError):
    """The register asked for patience (429).

    retry_after_seconds is what it asked for, None where it did not say.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StorageUnavailable(TransientError):
    """The object store did not answer or answered 5xx."""


class ModelUnavailable(TransientError):
    """The model's server was overloaded, could not be reached or did not answer in time."""


class ReadersUnavailable(TransientError):
    """The Dask scheduler, or the worker that had a document, was lost or is not there."""


class PermanentError(PlanningReviewError):
    """Something that no retry mends."""


class UsageError(PermanentError):
    """Bad input or configuration, found before any request."""


class ApplicationNotFound(PermanentError):
    """The register does not know the reference."""


class RegisterLayoutError(PermanentError):
    """A register page held nothing of what it should hold.

    page_path is where its HTML was kept, None where it could not be.
    """

    def __init__(self, message: str, page_path: Path | None = None) -> None:
        super().__init__(message)
        self.page_path = page_path


class ListNotProven(PermanentError):
    """A search's list is not as long as the register says, and no other way made it whole.

    pages_dir is where the pages were kept, None where they could not be.
    """

    def __init__(self, message: str, pages_dir: Path | None = None) -> None:
        super().__init__(message)
        self.pages_dir = pages_dir


class BotChallenge(PermanentError):
    """The register wants a person; it is never worked around."""


class RobotsDisallow(PermanentError):
    """The register's robots.txt asks programs not to go where a scan would."""


class DocumentGone(PermanentError):
    """The register lists a document that it no longer serves (404, 410)."""


class NotADocument(PermanentError):
    """What was served is no document: an HTML page, or no bytes at all."""


class StorageConfigError(UsageError):
    """The storage settings are incomplete or do not work."""


class StorageUploadError(PermanentError):
    """An object could not be stored after every attempt."""

    def __init__(self, key: str, attempts: int, last_error: str) -> None:
        super().__init__(f"{key} was not stored after {attempts} attempts: {last_error}")
        self.key = key
        self.attempts = attempts
        self.last_error = last_error


class ObjectNotFound(PermanentError):
    """The store does not hold the object, so its bytes must come from the register again."""


class ExtractionError(PermanentError):
    """The text of one document could not be read within its limits."""


class IndexMismatch(PermanentError):
    """The index was made by another embedder or chunker than the one in use."""


class InsufficientEvidence(PermanentError):
    """No document could be read, so there is nothing to judge."""
