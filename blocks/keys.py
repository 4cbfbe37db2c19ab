"""Object keys and the links to them: every key of the bucket is built here."""

import re
from urllib.parse import quote, urlsplit

from planning_review.errors import PermanentError, StorageConfigError

MAX_KEY_BYTES = 1024
"""S3's own limit, in bytes of UTF-8."""

RESULTS_FOLDER = "results"
"""Below the prefix: results of tasks and extracted text, never public."""

RESULTS_BLOCK = "planning-results"
"""The saved block with that folder, which Prefect keeps results in."""

_PREFIX = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def normalise_prefix(prefix: str) -> str:
    """Return S3_KEY_PREFIX without slashes at its ends, or raise StorageConfigError."""
    folder = prefix.strip().strip("/")
    if not folder:
        raise StorageConfigError("S3_KEY_PREFIX is empty: give a folder name, such as planning.")
    if not _PREFIX.fullmatch(folder) or has_dot_segment(folder) or len(folder) > 200:
        raise StorageConfigError(
            f"S3_KEY_PREFIX {folder[:60]!r} would make links that do not open: use at most "
            "200 letters, digits, '.', '_', '-' and single '/', with no '.' or '..' between slashes."
        )
    return folder


def build_key(prefix: str, key: str) -> str:
    """Return the object's whole key, or raise PermanentError where no link could open it.

    '.' and '..' segments can be stored but not fetched: clients resolve them before they ask.
    """
    whole = f"{prefix}/{key}"
    if not key or key.startswith("/") or key.endswith("/") or "//" in key or has_dot_segment(key):
        raise PermanentError(f"{key[:80]!r} is no usable object key: empty, '.' or '..' between slashes.")
    if _CONTROL.search(key):
        raise PermanentError(
            f"{key[:80]!r} is no usable object key: it holds a control character or backslash."
        )
    try:
        size_bytes = len(whole.encode())
    except UnicodeEncodeError:
        raise PermanentError(f"{key[:80]!a} is no usable object key: it is not valid Unicode.") from None
    if size_bytes > MAX_KEY_BYTES:
        raise PermanentError(
            f"{key[:80]!r}... is no usable object key: {size_bytes} bytes, and S3 takes {MAX_KEY_BYTES}."
        )
    return whole


def quote_key(key: str) -> str:
    """Return the key as the path of a link."""
    return quote(key, safe="/-_.~")


def build_base_url(endpoint_url: str, bucket: str, addressing_style: str | None) -> str:
    """Return what every public link of the bucket starts with, where no setting says."""
    endpoint = urlsplit(endpoint_url)
    if addressing_style == "path":
        # No other address leads there: a host name can't have an IP address as its parent.
        return f"{endpoint.scheme}://{endpoint.netloc}/{bucket}"
    return f"https://{bucket}.{endpoint.netloc}"


def has_dot_segment(path: str) -> bool:
    """Return whether a segment between slashes is '.' or '..'."""
    return any(segment in (".", "..") for segment in path.split("/"))
