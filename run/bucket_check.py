"""A deep look at what the bucket holds: every object is read, and mended where it can be."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from planning_review.check_step import Step
from planning_review.documents.download import bytes_in_place
from planning_review.documents.manifest import FileVersion, Manifest
from planning_review.models import StoredFile
from planning_review.references import describe_review
from planning_review.settings import Settings
from run.bucket_push import find_manifests, is_output
from run.files import RunFiles

READS_AT_ONCE = 8

Found = Literal["whole", "closed", "missing", "cut", "changed"]


def walk_bucket(settings: Settings) -> Iterator[Step]:
    """Look at the objects of each application that the data folder knows; yields a line for each.

    Links that are closed are opened, and what is missing, cut or changed is stored anew where this machine
    has the bytes. A line with a warning says what is left, and the command that mends it. Raises
    StorageUnavailable where the bucket does not answer.
    """
    for path in find_manifests(settings):
        manifest = Manifest.model_validate_json(path.read_bytes())
        yield _check_application(settings, manifest, path.parent)


def _check_application(settings: Settings, manifest: Manifest, output_dir: Path) -> Step:
    files = RunFiles(settings, manifest.folder, manifest.council, manifest.reference, attempts=3)
    versions = [
        (entry.stored(file), file)
        for entry in files.manifest.snapshot().documents
        for file in entry.files
        # What was never stored has another reason, which its review tells.
        if file.public_url
    ]
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        found = list(pool.map(lambda version: _look(files, *version), versions))
    mended, left = 0, []
    for (stored, file), state in zip(versions, found, strict=True):
        if state == "whole":
            files.record_link(stored, file.public_url or "")
        elif _mend(settings, files, stored, file, state):
            mended += 1
        else:
            left.append(stored)
    for output in (path for path in sorted(output_dir.iterdir()) if is_output(path)):
        if files.find_output_link(output) is None:
            files.upload_output(output)
            mended += 1
    files.push_manifest()
    return _describe(files, manifest, Counter(found), mended, left)


def _look(files: RunFiles, stored: StoredFile, file: FileVersion) -> Found:
    mark = files.find_mark(stored.key)
    if mark is None:
        return "missing"
    if mark.size_bytes != stored.size_bytes:
        return "cut"
    if not files.storage.holds_bytes(stored.key, stored.sha256):
        return "changed"
    return "whole" if files.storage.is_open(stored.key) else "closed"


def _mend(settings: Settings, files: RunFiles, stored: StoredFile, file: FileVersion, state: Found) -> bool:
    """Return whether an object could be put in order from here."""
    if state == "closed":
        files.storage.open_to_readers(stored.key)
        files.record_link(stored, file.public_url or "")
        return True
    for root in (settings.temp_dir, settings.raw_dir):
        if bytes_in_place(stored, root):
            files.storage.upload(root / stored.key, stored.key)
            files.note_stored(stored)
            files.record_link(stored, file.public_url or "")
            return True
    # So that the next run sees it too, of whatever size it is.
    files.manifest.record_upload(stored.key, file.public_url or "", state, file.acl)
    return False


def _describe(
    files: RunFiles, manifest: Manifest, found: Counter[Found], mended: int, left: list[StoredFile]
) -> Step:
    wrong = ", ".join(f"{count} {state}" for state, count in sorted(found.items()) if state != "whole")
    detail = f"{found.total()} documents read, {wrong or 'all as they were stored'}"
    if mended:
        detail += f"; {mended} objects put in order"
    if not left:
        return Step(manifest.reference, detail)
    now = {entry.key for entry in files.manifest.snapshot().documents}
    if any(stored.key in now for stored in left):
        detail += f"; then give: {describe_review(manifest.reference, manifest.council)}"
    if old := [stored.key for stored in left if stored.key not in now]:
        detail += f"; of earlier versions nobody has the bytes any more: {', '.join(old)}"
    return Step(manifest.reference, detail, is_warning=True)
