"""The facts of a file that are needed before it goes up: its bytes' sha256, and its media type."""

import hashlib
from pathlib import Path, PurePosixPath

from planning_review.documents.formats import table

PART_BYTES = 8 * 1024 * 1024
"""Files up to this size go up whole, larger ones in parts of it."""

_REPLACED_NAMES = {"index.html", "feed.xml", "deadlines.ics", "manifest.json"}
"""The only files that get new content under their old key."""

_OUTPUT_TYPES = {
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
}
"""Of the files that the project writes itself; documents' types stand in the table of formats."""


def find_media_type(name: str) -> str:
    """Return the media type for a file name or key; a type that is saved, not shown, for unknown ones."""
    path = PurePosixPath(name)
    if path.name == "feed.xml":
        return "application/atom+xml; charset=utf-8"
    suffix = path.suffix.lower().removeprefix(".")
    if suffix == "html" and (path.name in _REPLACED_NAMES or path.parent.name == "output"):
        return "text/html; charset=utf-8"
    return _OUTPUT_TYPES.get(suffix) or table.find_media_type(suffix)


def find_cache_control(name: str) -> str | None:
    """Return how long readers may keep a copy: not at all of what is replaced, None for all other files."""
    return "no-cache" if PurePosixPath(name).name in _REPLACED_NAMES else None


def load_file(local_path: Path) -> tuple[int, str, bytes | None]:
    """Return size, sha256 and, up to PART_BYTES, the very bytes that were hashed."""
    with local_path.open("rb") as file:
        content = file.read(PART_BYTES + 1)
        size_bytes = len(content)
        digest = hashlib.sha256(content)
        if size_bytes <= PART_BYTES:
            return size_bytes, digest.hexdigest(), content
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
            size_bytes += len(chunk)
    return size_bytes, digest.hexdigest(), None
