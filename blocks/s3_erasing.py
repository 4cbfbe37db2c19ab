"""Objects of a bucket taken away for good, with all their versions where the bucket keeps some."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from blocks.s3 import S3StorageBackend
from blocks.s3_failures import Failure, make_error, parse_failure

REQUESTS_AT_ONCE = 16
_NO_VERSION = ("null", None)
_REQUEST_ERRORS = (BotoCoreError, ClientError, Boto3Error, OSError)


class StoredVersion(NamedTuple):
    """One version of an object; key is without the prefix, version_id None where there are no others."""

    key: str
    version_id: str | None
    is_newest: bool
    size_bytes: int


def list_versions(storage: S3StorageBackend, folder: str = "") -> tuple[list[StoredVersion], bool]:
    """Return every version of every object under a folder, and whether the store tells of versions at all."""
    prefix = f"{storage.links.prefix}/"
    start = f"{prefix}{folder}"
    try:
        pages = storage.client.get_paginator("list_object_versions").paginate(
            Bucket=storage.bucket, Prefix=start
        )
        found = [
            StoredVersion(
                item["Key"].removeprefix(prefix),
                None if item.get("VersionId") in _NO_VERSION else item["VersionId"],
                bool(item.get("IsLatest")),
                item.get("Size", 0),
            )
            for page in pages
            for kind in ("Versions", "DeleteMarkers")
            for item in page.get(kind, [])
        ]
        return found, True
    except _REQUEST_ERRORS as error:
        failure = parse_failure(error)
        if failure.may_pass:
            raise make_error(f"The bucket {storage.bucket} could not be listed", failure) from None
    return _list_objects(storage, prefix, start), False


def erase_versions(storage: S3StorageBackend, versions: Iterable[StoredVersion]) -> list[str]:
    """Erase these versions; returns a line for each that the store did not let go."""
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        wanted = list(versions)
        failures = pool.map(lambda version: _erase(storage, version), wanted)
        return [
            f"{version.key}: {failure.summary}"
            for version, failure in zip(wanted, failures, strict=True)
            if failure
        ]


def read_object(storage: S3StorageBackend, key: str) -> bytes | None:
    """Return an object's bytes, None where it is gone; raises where the store can't be asked."""
    try:
        answer = storage.client.get_object(Bucket=storage.bucket, Key=storage.whole_key(key))
        return bytes(answer["Body"].read())
    except _REQUEST_ERRORS as error:
        failure = parse_failure(error)
    if failure.status == 404:
        return None
    raise make_error(f"{key} could not be read from the bucket {storage.bucket}", failure)


def _erase(storage: S3StorageBackend, version: StoredVersion) -> Failure | None:
    named = {"VersionId": version.version_id} if version.version_id else {}
    try:
        storage.client.delete_object(Bucket=storage.bucket, Key=storage.whole_key(version.key), **named)
    except _REQUEST_ERRORS as error:
        failure = parse_failure(error)
        return None if failure.status == 404 else failure
    return None


def _list_objects(storage: S3StorageBackend, prefix: str, start: str) -> list[StoredVersion]:
    pages = storage.client.get_paginator("list_objects_v2").paginate(Bucket=storage.bucket, Prefix=start)
    try:
        return [
            StoredVersion(item["Key"].removeprefix(prefix), None, True, item["Size"])
            for page in pages
            for item in page.get("Contents", [])
        ]
    except _REQUEST_ERRORS as error:
        failure = parse_failure(error)
    raise make_error(f"The bucket {storage.bucket} could not be listed", failure)
