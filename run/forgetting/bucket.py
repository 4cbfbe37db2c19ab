"""The bucket, both its parts, as a place where something is kept."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from blocks.keys import RESULTS_FOLDER
from blocks.s3 import S3StorageBackend
from blocks.s3_erasing import REQUESTS_AT_ONCE, StoredVersion, erase_versions, list_versions, read_object
from blocks.storage import create_storage_backend
from planning_review.dates import london_today
from planning_review.errors import PlanningReviewError
from planning_review.publish.site import SITE_FILES
from planning_review.settings import Settings
from run.bucket_site import publish_in_bucket
from run.forgetting.disk import MANIFEST_NAME, forget_entry, is_output_of
from run.forgetting.place import Look, Place
from run.forgetting.subject import (
    Subject,
    list_sha256s,
    names_document,
    read_known_files,
    read_stored_file,
)

_TEXT = f"{RESULTS_FOLDER}/text/"
_DECISIONS = f"{RESULTS_FOLDER}/decisions/"
_REVIEW_ID = re.compile(r"/output/(rev_[0-9]{8}_[0-9a-f]{8})_review\.json$")


class BucketContents:
    """All that the bucket holds under its prefix, listed anew at every look."""

    def __init__(self, settings: Settings, storage: S3StorageBackend) -> None:
        self.settings, self.storage = settings, storage

    def list_versions(self) -> tuple[list[StoredVersion], bool]:
        """Return every version of every object, and whether the store tells of versions."""
        return list_versions(self.storage)

    def read(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of objects, nothing for one that is gone."""
        wanted = list(keys)
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            found = pool.map(lambda key: read_object(self.storage, key) or b"", wanted)
            return dict(zip(wanted, found, strict=True))

    def add_traces(self, subject: Subject) -> Subject:
        """Return the subject with what the bucket's manifests, reviews and results tell of its traces."""
        keys = [version.key for version in self.list_versions()[0] if version.is_newest]
        own = [key for key in keys if subject.is_in_folder(key) and key.endswith(".json")]
        others = [key for key in keys if key.endswith(f"/{MANIFEST_NAME}") and key not in own]
        results = [key for key in keys if key.startswith(f"{RESULTS_FOLDER}/download_document/")]
        content = self.read([*own, *others, *results])
        known = [file for key in own for file in read_known_files(content[key])]
        stored = [file for key in results if (file := read_stored_file(content[key]))]
        known += [file for file in stored if subject.is_in_folder(file.key or "")]
        reviews = [
            found[1]
            for key in own
            if (found := _REVIEW_ID.search(key)) and names_document(content[key], subject.document_id)
        ]
        return subject.with_traces(known, {s for key in others for s in list_sha256s(content[key])}, reviews)


class BucketPart:
    """One part of the bucket: the objects below its prefix that are public, or those that are not."""

    def __init__(self, contents: BucketContents, subject: Subject, *, is_public: bool) -> None:
        self._contents, self._subject, self._is_public = contents, subject, is_public
        storage = contents.storage
        folder = f"{storage.links.prefix}/" if is_public else f"{storage.links.prefix}/{RESULTS_FOLDER}/"
        self.name = f"bucket {storage.bucket}, {'public' if is_public else 'private'} part ({folder})"

    def look(self) -> Look:
        """Look through the names of all objects, and the contents of those that may tell of it."""
        versions, is_told = self._list()
        found = self._find(versions)
        old = sum(not version.is_newest for version in versions)
        looked = f"{len(versions) - old} objects" + (f" and {old} earlier versions" if old else "")
        stays = "" if is_told else "whether the bucket keeps earlier versions, the key may not ask"
        return Look(looked, tuple(dict.fromkeys(version.key for version in found)), stays)

    def erase(self) -> None:
        """Erase them in all versions; manifest, index, feed and calendar are stored anew without it."""
        versions = self._list()[0]
        found = self._find(versions)
        rewritten = self._list_rewritten()
        refused = erase_versions(
            self._contents.storage, [each for each in found if each.key not in rewritten]
        )
        if self._is_public and any(each.key in rewritten for each in versions):
            self._rewrite()
            old = [each for each in self._list()[0] if each.key in rewritten and not each.is_newest]
            refused += erase_versions(self._contents.storage, old)
        if refused:
            raise PlanningReviewError(
                f"The bucket did not let go of {len(refused)} objects, such as {refused[0]}. See what the "
                "key may do (s3:DeleteObject, s3:DeleteObjectVersion), and whether the bucket is locked."
            )

    def _list_rewritten(self) -> set[str]:
        """Return the keys of what is stored anew without it."""
        manifest = {f"{self._subject.folder}/{MANIFEST_NAME}"} if self._subject.document_id else set()
        return {*SITE_FILES, *manifest}

    def _rewrite(self) -> None:
        storage, subject = self._contents.storage, self._subject
        key = f"{subject.folder}/{MANIFEST_NAME}"
        if subject.document_id and (
            new := forget_entry(self._contents.read([key])[key], subject.document_id)
        ):
            with TemporaryDirectory() as folder:
                path = Path(folder) / MANIFEST_NAME
                path.write_text(new, encoding="utf-8")
                storage.upload(path, key)
        publish_in_bucket(self._contents.settings, storage, [], datetime.now(UTC), london_today())

    def _list(self) -> tuple[list[StoredVersion], bool]:
        versions, is_told = self._contents.list_versions()
        private = f"{RESULTS_FOLDER}/"
        return [each for each in versions if each.key.startswith(private) != self._is_public], is_told

    def _find(self, versions: list[StoredVersion]) -> list[StoredVersion]:
        return self._find_public(versions) if self._is_public else self._find_private(versions)

    def _find_public(self, versions: list[StoredVersion]) -> list[StoredVersion]:
        subject = self._subject
        keys = {each.key for each in versions if each.is_newest}
        content = self._contents.read(
            [
                key
                for key in keys
                if key in SITE_FILES
                or (subject.document_id and subject.is_in_folder(key) and key.endswith(".json"))
            ]
        )

        def is_to_go(version: StoredVersion) -> bool:
            key = version.key
            if key in SITE_FILES:
                # The newest is made anew; of those before nobody knows which show it.
                return (
                    subject.is_shown(content.get(key, b"")) if version.is_newest else bool(subject.review_ids)
                )
            if subject.document_id and key == f"{subject.folder}/{MANIFEST_NAME}":
                return (
                    not version.is_newest
                    or forget_entry(content.get(key, b""), subject.document_id) is not None
                )
            folder = key.rpartition("/")[0]
            return (
                subject.is_entry(key)
                or key in subject.keys
                or is_output_of(key, subject, lambda name: content.get(f"{folder}/{name}", b""))
            )

        return [each for each in versions if is_to_go(each)]

    def _find_private(self, versions: list[StoredVersion]) -> list[StoredVersion]:
        subject = self._subject
        named = (_TEXT, _DECISIONS)
        results = [each.key for each in versions if each.is_newest and not each.key.startswith(named)]
        content = self._contents.read(results)
        gone = {key for key, value in content.items() if subject.is_named(value)}
        if subject.document_id is None:
            gone.add(f"{_DECISIONS}{subject.folder}.yaml")
        return [
            each
            for each in versions
            if each.key in gone
            or (each.key.startswith(_TEXT) and each.key.removeprefix(_TEXT)[:64] in subject.sha256s)
        ]


def open_bucket(settings: Settings) -> BucketContents | None:
    """Return what the bucket holds, None without one."""
    storage = create_storage_backend(settings)
    return BucketContents(settings, storage) if isinstance(storage, S3StorageBackend) else None


def list_bucket_places(contents: BucketContents, subject: Subject) -> list[Place]:
    """Return the bucket's two parts as places."""
    return [BucketPart(contents, subject, is_public=is_public) for is_public in (True, False)]
