"""The facts of a file that are needed before it goes up: its bytes' sha256, and its media type."""

import hashlib
from pathlib import Path, PurePosixPath

PART_BYTES = 8 * 1024 * 1024
"""Files up to this size go up whole, larger ones in parts of it."""

_REPLACED_NAMES = {"index.html", "feed.xml", "manifest.json"}
"""The only files that get new content under their old key."""

_MEDIA_TYPES = {
    "bmp": "image/bmp",
    "csv": "text/csv; charset=utf-8",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "dwg": "image/vnd.dwg",
    "eml": "message/rfc822",
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "msg": "application/vnd.ms-outlook",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "application/rtf",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain; charset=utf-8",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def find_media_type(name: str) -> str:
    """Return the media type for a file name or key; a type that is saved, not shown, for unknown ones."""
    if PurePosixPath(name).name == "feed.xml":
        return "application/atom+xml; charset=utf-8"
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower().removeprefix("."), "application/octet-stream")


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
