"""The catalogue's entries as files below an output folder."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from planning_review.errors import PlanningReviewError
from planning_review.files import write_once
from planning_review.publish.catalogue import (
    CATALOGUE_FOLDER,
    CatalogueEntry,
    dump_entry,
    group_keys,
    make_entry,
    parse_entry,
)
from planning_review.references import reference_folder
from planning_review.report.assembly import load_review
from planning_review.report.contract import Review

logger = logging.getLogger(__name__)


def list_entry_keys(root: Path) -> list[str]:
    """Return the keys of all entries in a folder; other files are passed over."""
    paths = (root / CATALOGUE_FOLDER).glob("*/*/*.json")
    return [path.relative_to(root).as_posix() for path in paths if not path.name.startswith(".")]


def read_entry(root: Path, key: str) -> CatalogueEntry | None:
    """Return one entry; None, with a warning, where its file is damaged."""
    entry = parse_entry((root / key).read_bytes(), key)
    if entry is None:
        logger.warning("%s is no entry of the catalogue and is passed over.", root / key)
    return entry


def write_entry(root: Path, entry: CatalogueEntry) -> Path:
    """Write an entry's file; one that is there stays as it is."""
    return write_once(root / entry.key, dump_entry(entry))


def read_newest_entries(root: Path) -> list[CatalogueEntry]:
    """Return the entry that counts of every application; a damaged one gives way to the one before."""
    groups = group_keys(list_entry_keys(root)).values()
    found = (next(filter(None, (read_entry(root, key) for key in keys)), None) for keys in groups)
    return [entry for entry in found if entry is not None]


def rebuild_catalogue(output_dir: Path) -> int:
    """Make the catalogue of an output folder that has none, from its reviews; returns its size.

    Of an application's reviews the one judged last counts, and of those the one written last. Files
    that can't be read as a review, or have no page beside them, are passed over with a warning. The
    catalogue is there whole or not at all.
    """
    made = 0
    output_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output_dir, prefix=".catalogue-") as name:
        new_root = Path(name)
        (new_root / CATALOGUE_FOLDER).mkdir()
        for folder in sorted({path.parent for path in output_dir.glob("**/rev_*_review.json")}):
            for review, written_at in islice(_load_reviews(folder, output_dir), 1):
                write_entry(new_root, make_entry(review, written_at))
                made += 1
        (new_root / CATALOGUE_FOLDER).rename(output_dir / CATALOGUE_FOLDER)
    return made


def _load_reviews(folder: Path, output_dir: Path) -> Iterator[tuple[Review, datetime]]:
    """Yield the reviews of a folder that can be shown, each with the time it was written, newest first."""
    paths = folder.glob("rev_*_review.json")
    for path in sorted(paths, key=lambda path: (path.name[4:12], path.stat().st_mtime_ns), reverse=True):
        if not path.with_suffix(".html").is_file():
            logger.warning("%s has no page beside it and stays out of the index.", path)
            continue
        try:
            review = load_review(path)
        except PlanningReviewError as error:
            logger.warning("%s", error)
            continue
        if output_dir / reference_folder(review.application_ref, review.council) != folder:
            logger.warning("%s is a review of another folder's application and stays out of the index.", path)
            continue
        yield review, datetime.fromtimestamp(path.stat().st_mtime, UTC)
