"""Moving what a data folder holds into the bucket: every object once, however often it is stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from planning_review.documents.download import bytes_in_place
from planning_review.documents.manifest import Manifest
from planning_review.errors import PermanentError
from planning_review.settings import Settings
from run.files import MANIFEST_NAME, RunFiles

UPLOADS_AT_ONCE = 16


class Pushed(NamedTuple):
    """What a push did for one application."""

    folder: str
    stored: int
    there_already: int
    missing: int


def push_application(settings: Settings, manifest_path: Path, tell: Callable[[str], None]) -> Pushed:
    """Store an application's documents, outputs and manifest; the local files stay.

    A document whose file is neither here nor in the bucket is counted as missing. Raises
    PermanentError, with nothing stored, where the bucket gives keys to other documents, and
    StorageUploadError for a file that the bucket refuses; what was stored before that stays.
    """
    local = Manifest.model_validate_json(manifest_path.read_bytes())
    files = RunFiles(settings, local.folder, local.council, local.reference, attempts=3)
    if not files.manifest.snapshot().covers(local):
        raise PermanentError(
            f"The bucket's manifest of {local.reference} gives keys to other documents than this data "
            f"folder's, which is kept as manifest.before-bucket.json in {manifest_path.parent}. Nothing was "
            f"pushed: run planning-review review {local.reference} with the S3_* settings instead."
        )
    files.root = settings.raw_dir
    known = {file.key: entry.stored(file) for entry in local.documents for file in entry.files}
    here = [
        stored
        for stored in known.values()
        if files.is_uploaded(stored) or bytes_in_place(stored, settings.raw_dir)
    ]
    outputs = [path for path in sorted(manifest_path.parent.iterdir()) if is_output(path)]
    new = [stored.key for stored in here if not files.is_uploaded(stored)] + [
        files.make_output_key(path) for path in outputs if files.find_output_link(path) is None
    ]
    files.push_manifest()
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        for stored, _ in zip(here, pool.map(files.upload, here), strict=True):
            tell(stored.key)
        for path, _ in zip(outputs, pool.map(files.upload_output, outputs), strict=True):
            tell(files.make_output_key(path))
    files.push_manifest()
    return Pushed(
        local.folder,
        stored=len(new),
        there_already=len(here) + len(outputs) - len(new),
        missing=len(known) - len(here),
    )


def find_manifests(settings: Settings) -> list[Path]:
    """Return the manifests of all applications in the data folder."""
    return sorted(settings.output_dir.glob(f"**/{MANIFEST_NAME}"))


def is_output(path: Path) -> bool:
    """Return whether a file is one of a review or a letter: their pages, and the pictures they show."""
    return (
        path.is_file()
        and path.name.startswith(("page_", "quote_", "rev_", "let_"))
        and path.stat().st_size > 0
    )
