"""The facts of a file that are needed before it goes up: its bytes' digests, and its media type."""

import hashlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

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


class LoadedFile(NamedTuple):
    """A file as it is to be stored. content holds its very bytes up to PART_BYTES, None beyond.

    etag is what nearly every store makes of such bytes, sent whole or in parts of PART_BYTES.
    """

    size_bytes: int
    sha256: str
    etag: str
    content: bytes | None


def load_file(local_path: Path) -> LoadedFile:
    """Read a file for its upload."""
    size_bytes, digest, parts = 0, hashlib.sha256(), []
    with local_path.open("rb") as file:
        while part := file.read(PART_BYTES):
            size_bytes += len(part)
            digest.update(part)
            parts.append(hashlib.md5(part, usedforsecurity=False))
            first = part if len(parts) == 1 else b""
    if size_bytes > PART_BYTES:
        whole = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
        return LoadedFile(size_bytes, digest.hexdigest(), f"{whole.hexdigest()}-{len(parts)}", None)
    content = first if parts else b""
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return LoadedFile(size_bytes, digest.hexdigest(), etag, content)
