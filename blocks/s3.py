"""Documents and outputs in an S3-compatible bucket, each under a permanent public link."""

import hashlib
import logging
import random
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from blocks.keys import build_base_url, build_key, quote_key
from blocks.local_files import PART_BYTES, LoadedFile, find_cache_control, find_media_type, load_file
from blocks.object_mark import ObjectMark
from blocks.public_links import find_link_problem
from blocks.s3_client import Timeouts, make_client, open_bucket_block
from blocks.s3_config import LinkConfig, parse_link_config
from blocks.s3_failures import Failure, make_error, parse_failure
from blocks.s3_listing import FolderListings
from planning_review.errors import (
    ObjectNotFound,
    PermanentError,
    PlanningReviewError,
    StorageUnavailable,
    StorageUploadError,
)
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect_aws import S3Bucket

FIRST_DELAY_SECONDS = 0.4
READ_BYTES = 1024 * 1024

REQUEST_ERRORS = (BotoCoreError, ClientError, Boto3Error, ResponseParserError, OSError)
"""What a request can end with: no answer, a refusal, and what is no answer of such a store."""
_TRANSFER = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)

logger = logging.getLogger(__name__)


class S3StorageBackend:
    """Stores objects in one bucket under one prefix; one client serves every thread.

    upload_total_seconds adds up what all uploads took. An upload has ended well once the store was looked
    at for what it made of it: its word alone is not taken, as the file here may be the only other copy.
    """

    is_remote = True

    def __init__(self, block: "S3Bucket", links: LinkConfig, attempts: int = 3) -> None:
        self.block = block
        self.bucket = block.bucket_name
        self.links = links
        self.attempts = attempts
        self.client: Any = make_client(block)
        self.endpoint_url = str(self.client.meta.endpoint_url)
        self.upload_total_seconds = 0.0
        style = (self.client.meta.config.s3 or {}).get("addressing_style")
        self._base_url = links.public_base_url or build_base_url(self.endpoint_url, self.bucket, style)
        self._listings = FolderListings(self.list_marks)
        self._marks: dict[str, ObjectMark] = {}
        self._lock = Lock()

    @property
    def place(self) -> str:
        """Return the bucket's own name and the prefix; a public address may change, as by a CDN."""
        return f"{self.bucket}/{self.links.prefix}"

    @classmethod
    def from_settings(
        cls, settings: Settings, attempts: int = 3, timeouts: Timeouts | None = None
    ) -> "S3StorageBackend":
        """Build the backend from the saved block that the settings name, else from the settings."""
        links = parse_link_config(settings)
        return cls(open_bucket_block(settings, timeouts), links, attempts)

    def public_url(self, key: str) -> str:
        """Return the permanent link to the key, quoted so that it opens."""
        return f"{self._base_url}/{quote_key(self.whole_key(key))}"

    def whole_key(self, key: str) -> str:
        """Return the key as it stands in the bucket; PermanentError where no link could open it."""
        return build_key(self.links.prefix, key)

    def upload(self, local_path: Path, key: str) -> None:
        """Store the file under the key unless its very bytes are there; at most `attempts` PUTs.

        Raises StorageUploadError for a failure that lasts or is left after the last attempt. With
        one attempt, a failure that may pass is raised as StorageUnavailable for the caller to retry.
        """
        attempt = 1
        while (failure := self._try_upload(local_path, key)) is not None:
            if failure.may_pass and self.attempts == 1:
                raise StorageUnavailable(f"{key} was not stored in {self.bucket}: {failure.summary}.")
            if not failure.may_pass or attempt == self.attempts:
                raise StorageUploadError(key, attempt, failure.summary)
            self._wait(attempt, key, failure)
            attempt += 1

    def download_to(self, key: str, local_path: Path) -> None:
        """Bring the object to local_path, by way of a `.part` file that is renamed when whole."""
        whole_key = self.whole_key(key)
        part_path = local_path.with_name(f"{local_path.name}.part")
        local_path.parent.mkdir(parents=True, exist_ok=True)
        attempt = 1
        while (failure := self._try_download(whole_key, part_path)) is not None:
            part_path.unlink(missing_ok=True)
            if failure.code in ("NoSuchKey", "404"):
                raise ObjectNotFound(f"{key} is not in the bucket {self.bucket}.")
            if not failure.may_pass or attempt == self.attempts:
                raise make_error(f"{key} could not be read from the bucket {self.bucket}", failure)
            self._wait(attempt, key, failure)
            attempt += 1
        part_path.replace(local_path)

    def delete(self, local_path: Path) -> None:
        """Remove the temporary local file; the object stays."""
        local_path.unlink(missing_ok=True)

    def exists(self, key: str, sha256: str) -> bool | None:
        """Return whether the object holds exactly these bytes; None where the store won't tell."""
        try:
            answer = self.client.head_object(Bucket=self.bucket, Key=self.whole_key(key))
        except REQUEST_ERRORS as error:
            return False if parse_failure(error).status == 404 else None
        return bool(answer["Metadata"].get("sha256") == sha256)

    def list_keys(self, folder: str) -> dict[str, int]:
        """Return the keys under a folder, without the prefix, each with its size in bytes, oldest first."""
        return {key: mark.size_bytes for key, mark in self.list_marks(folder).items()}

    def find_mark(self, key: str) -> ObjectMark | None:
        """Return how the store knows what was last stored here under a key; None where it would not tell."""
        return self._marks.get(key)

    def holds_bytes(self, key: str, sha256: str) -> bool:
        """Return whether the object is exactly these bytes, all of which are read."""
        digest = hashlib.sha256()
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.whole_key(key))["Body"]
            for chunk in body.iter_chunks(READ_BYTES):
                digest.update(chunk)
        except REQUEST_ERRORS as error:
            failure = parse_failure(error)
            if failure.status == 404:
                return False
        else:
            return digest.hexdigest() == sha256
        raise make_error(f"{key} could not be read from the bucket {self.bucket}", failure)

    def find_sha256(self, key: str) -> str | None:
        """Return the sha256 of what was stored under a key, as the object says; None where it does not."""
        try:
            answer = self.client.head_object(Bucket=self.bucket, Key=self.whole_key(key))
        except REQUEST_ERRORS:
            return None
        return str(answer["Metadata"].get("sha256") or "") or None

    def is_open(self, key: str) -> bool:
        """Return whether an object's link opens; always so where no ACL is to open it."""
        return self.links.acl is None or find_link_problem(self.public_url(key)) is None

    def open_to_readers(self, key: str) -> None:
        """Give an object the ACL of the settings, where there is one and its link does not open.

        Raises StorageUnavailable where a retry may help, PermanentError where the store refuses.
        """
        if self.is_open(key):
            return
        try:
            self.client.put_object_acl(Bucket=self.bucket, Key=self.whole_key(key), ACL=self.links.acl)
        except REQUEST_ERRORS as error:
            failure = parse_failure(error)
        else:
            return
        raise make_error(f"The link of {key} could not be opened to readers", failure)

    def list_marks(self, folder: str) -> dict[str, ObjectMark]:
        """Return the keys under a folder like `list_keys`, each with how the store knows its object."""
        start = f"{self.links.prefix}/"
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{start}{folder.strip('/')}/"
        )
        try:
            items = [item for page in pages for item in page.get("Contents", [])]
            found = sorted(items, key=lambda item: item["LastModified"])
            return {item["Key"].removeprefix(start): ObjectMark.read(item["Size"], item) for item in found}
        except REQUEST_ERRORS as error:
            failure = parse_failure(error)
        raise make_error(f"The bucket {self.bucket} could not be listed", failure)

    def _try_upload(self, local_path: Path, key: str) -> Failure | None:
        """Make one PUT at most, and return what went wrong, None where the bytes are stored."""
        started = time.perf_counter()
        try:
            whole_key = self.whole_key(key)
            file = load_file(local_path)
        except PermanentError as error:
            return Failure(str(error), "InvalidKey", 0, may_pass=False, was_unanswered=False)
        except OSError as error:
            summary = f"{local_path} can't be read ({error.strerror})"
            return Failure(summary, type(error).__name__, 0, may_pass=False, was_unanswered=False)
        if self._listings.may_hold(key) and self._look(key, file) is True:
            return self._try_open(key)
        # Whether it is there is unknown until it was looked for, so that a next attempt looks too.
        self._listings.add(key)
        try:
            self._send(local_path, whole_key, file)
        except REQUEST_ERRORS as error:
            failure = parse_failure(error)
            if not (failure.was_unanswered and self._look(key, file) is True):
                return failure
        else:
            # A store that may not be looked at has to be believed; the check before a run refuses it.
            if self._look(key, file) is False:
                summary = "the store took it, and has not got it as it was sent"
                return Failure(summary, "NotStored", 200, may_pass=True, was_unanswered=False)
        seconds = time.perf_counter() - started
        with self._lock:
            self.upload_total_seconds += seconds
        logger.debug("s3_upload_seconds=%.3f key=%s bytes=%d", seconds, key, file.size_bytes)
        return None

    def _look(self, key: str, file: LoadedFile) -> bool | None:
        """Return whether the store has a file under a key, whole; None where it won't tell."""
        try:
            answer = self.client.head_object(Bucket=self.bucket, Key=self.whole_key(key))
        except REQUEST_ERRORS as error:
            return False if parse_failure(error).status == 404 else None
        mark = ObjectMark.read(int(answer["ContentLength"]), answer)
        if mark.size_bytes != file.size_bytes or answer["Metadata"].get("sha256") != file.sha256:
            return False
        # With a key of its own the store makes another ETag; the bytes came with their digest all the same.
        is_encrypted = "SSEKMSKeyId" in answer or "SSECustomerAlgorithm" in answer
        if mark.etag != file.etag and not is_encrypted:
            try:
                if not self.holds_bytes(key, file.sha256):
                    return False
            except PlanningReviewError:
                return None
        self._marks[key] = mark
        return True

    def _try_open(self, key: str) -> Failure | None:
        try:
            self.open_to_readers(key)
        except PlanningReviewError as error:
            is_passing = isinstance(error, StorageUnavailable)
            return Failure(str(error), "AccessDenied", 403, may_pass=is_passing, was_unanswered=False)
        return None

    def _send(self, local_path: Path, whole_key: str, file: LoadedFile) -> None:
        headers: dict[str, Any] = {
            "ContentType": find_media_type(whole_key),
            "ContentDisposition": "inline",
            "Metadata": {"sha256": file.sha256},
        }
        if cache_control := find_cache_control(whole_key):
            headers["CacheControl"] = cache_control
        if self.links.acl:
            headers["ACL"] = self.links.acl
        if file.content is None:
            self.client.upload_file(
                str(local_path), self.bucket, whole_key, ExtraArgs=headers, Config=_TRANSFER
            )
        else:
            # Bytes, never an open file: one that was read to its end is sent again as nothing at all.
            self.client.put_object(Bucket=self.bucket, Key=whole_key, Body=file.content, **headers)

    def _try_download(self, whole_key: str, part_path: Path) -> Failure | None:
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=whole_key)["Body"]
            with part_path.open("wb") as part:
                for chunk in body.iter_chunks(READ_BYTES):
                    part.write(chunk)
        except REQUEST_ERRORS as error:
            return parse_failure(error)
        return None

    def _wait(self, attempt: int, key: str, failure: Failure) -> None:
        logger.warning("%s: %s; attempt %d of %d failed", key, failure.summary, attempt, self.attempts)
        time.sleep(FIRST_DELAY_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311 - jitter
