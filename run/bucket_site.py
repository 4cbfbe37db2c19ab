"""Publishing in the bucket: its index and feed, made from all entries that any machine put there.

No store is asked for conditional writes, which not all have. Instead each run stores its own entry,
which nobody ever replaces, then makes and stores index and feed from all entries of the moment, and
then looks again: if an entry has come or gone meanwhile, it does so once more. Whoever stores the index
last has therefore looked after that and found nothing new, and a run that stores its entry later still
stores the index later too.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

from blocks.storage import SearchableStorage, create_storage_backend
from planning_review.dates import london_today
from planning_review.errors import ObjectNotFound, StorageUnavailable
from planning_review.publish.catalogue import (
    CATALOGUE_FOLDER,
    CatalogueEntry,
    group_keys,
    make_next_entry,
    supersedes,
)
from planning_review.publish.entry_folder import read_entry, read_newest_entries, write_entry
from planning_review.publish.local_site import hold_catalogue, publish_on_disk, write_site_files
from planning_review.publish.site import INDEX_NAME, Site
from planning_review.report.contract import Review
from planning_review.settings import Settings

PAGE_FOLDER = "output/"
"""Where an application's folder in the bucket holds its reviews (RunFiles.make_output_key)."""

REQUESTS_AT_ONCE = 16
MAX_ROUNDS = 50

logger = logging.getLogger(__name__)


def publish_in_bucket(
    settings: Settings,
    storage: SearchableStorage,
    reviews: Iterable[Review],
    now: datetime,
    today: date,
    is_whole_folder: bool = False,
) -> str | None:
    """Enter reviews whose pages are in the bucket, and make its index and feed anew.

    Returns the index's link. With is_whole_folder, for a bucket without a catalogue, and at this data
    folder's first time with a bucket, the reviews that its own catalogue knows are entered too, where
    the bucket has their pages. Raises StorageUnavailable where a retry may help.
    """
    bucket_site = _BucketSite(settings, storage)
    with hold_catalogue(settings):
        keys = bucket_site.list_entries()
        new: list[CatalogueEntry] = []
        if is_whole_folder or bucket_site.is_new_here or not keys:
            new += bucket_site.find_own_entries(settings.output_dir, keys)
        for review in reviews:
            known = [*keys, *(entry.key for entry in new)]
            new += [entry] if (entry := make_next_entry(review, known, now)) else []
        bucket_site.store_entries(new)
        bucket_site.store_index({**keys, **bucket_site.measure(new)}, today)
    return storage.public_url(INDEX_NAME)


def publish_folder(settings: Settings) -> str:
    """Publish index and feed with all that the data folder knows, as after a push; returns link or path.

    In the bucket only reviews whose pages are there are entered. Needs no run.
    """
    now, today = datetime.now(UTC), london_today()
    path = publish_on_disk(settings, [], now, today)
    storage = create_storage_backend(settings)
    if not storage.is_remote:
        return str(path)
    return publish_in_bucket(settings, storage, [], now, today, is_whole_folder=True) or str(path)


def find_bucket_site(settings: Settings) -> tuple[Site, Path]:
    """Return the site of the bucket in use, and the folder with this machine's copies of its entries."""
    bucket_site = _BucketSite(settings, create_storage_backend(settings))
    return bucket_site.site, bucket_site.cache_dir


class _BucketSite:
    """One bucket's catalogue, and the copies of its entries on this disk.

    An entry never changes, so a copy of the listed size is good for ever and no entry is fetched twice.
    """

    def __init__(self, settings: Settings, storage: SearchableStorage) -> None:
        self._storage = storage
        base_url = (storage.public_url(INDEX_NAME) or "").removesuffix(INDEX_NAME)
        scope = storage.place
        self.site = Site(
            group_name=settings.advocacy_group_name, scope=scope, base_url=base_url, page_folder=PAGE_FOLDER
        )
        name = hashlib.sha256(f"{base_url}\n{scope}".encode()).hexdigest()[:12]
        self.cache_dir = settings.data_dir / "bucket-catalogue" / name

    @property
    def is_new_here(self) -> bool:
        """Return whether this data folder has never got as far as an index for this bucket."""
        return not (self.cache_dir / INDEX_NAME).is_file()

    def list_entries(self) -> dict[str, int]:
        """Return the keys of all entries in the bucket, with their sizes."""
        return self._storage.list_keys(CATALOGUE_FOLDER)

    def measure(self, entries: Iterable[CatalogueEntry]) -> dict[str, int]:
        """Return the keys and sizes of entries that were just stored."""
        return {entry.key: (self.cache_dir / entry.key).stat().st_size for entry in entries}

    def find_own_entries(self, output_dir: Path, keys: Iterable[str]) -> list[CatalogueEntry]:
        """Return the entries of this data folder that the bucket should have: newer, with a page there."""
        known = list(keys)
        newer = [entry for entry in read_newest_entries(output_dir) if supersedes(entry.key, known)]
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            has_page = pool.map(self._has_page, newer)
            return [entry for entry, is_there in zip(newer, has_page, strict=True) if is_there]

    def store_entries(self, entries: Sequence[CatalogueEntry]) -> None:
        """Store entries in the bucket, by way of their copies here."""
        self.cache_dir.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            for _ in pool.map(self._store_entry, entries):
                pass

    def store_index(self, keys: dict[str, int], today: date) -> None:
        """Store index, feed and calendar until they hold all entries that the bucket has."""
        for _ in range(MAX_ROUNDS):
            for path in write_site_files(self.cache_dir, self._fetch_newest_entries(keys), self.site, today):
                self._storage.upload(path, path.name)
            now_there = self.list_entries()
            if now_there == keys:
                return
            keys = now_there
        raise StorageUnavailable(
            f"The index in the bucket was overtaken {MAX_ROUNDS} times by other runs' entries. Run the same "
            "command again."
        )

    def _fetch_newest_entries(self, keys: dict[str, int]) -> list[CatalogueEntry]:
        def find_newest(members: list[str]) -> CatalogueEntry | None:
            return next(filter(None, (self._fetch_entry(key, keys[key]) for key in members)), None)

        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            found = pool.map(find_newest, group_keys(keys).values())
            return [entry for entry in found if entry is not None]

    def _fetch_entry(self, key: str, size_bytes: int) -> CatalogueEntry | None:
        path = self.cache_dir / key
        try:
            if not path.is_file() or path.stat().st_size != size_bytes:
                self._storage.download_to(key, path)
        except ObjectNotFound:
            # Taken away after the listing: the next one will say so too.
            return None
        return read_entry(self.cache_dir, key)

    def _store_entry(self, entry: CatalogueEntry) -> None:
        self._storage.upload(write_entry(self.cache_dir, entry), entry.key)

    def _has_page(self, entry: CatalogueEntry) -> bool:
        page_key = self.site.page_path(entry)
        return page_key in self._storage.list_keys(page_key.rpartition("/")[0])
