"""Fetch a policy document: one file over http or https, of a bounded size, checked by its bytes."""

import hashlib
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.errors import NotADocument, PermanentError, TransientError, UsageError
from planning_review.models import FileKind
from planning_review.register.http import is_loopback

MAX_BYTES = 100 * 1024 * 1024
"""More than any policy document: LTN 1/20, all pictures, has some 20 MB."""

READABLE = (FileKind.PDF, FileKind.TEXT)
_MAX_SECONDS = 600.0
_ANSWER_SECONDS = 60.0
_RETRY_LATER = {408, 425, 429}
_NAMES = {FileKind.HTML: "a web page", FileKind.EMPTY: "an empty file", FileKind.PDF: "a PDF"}


class PolicyFile(NamedTuple):
    """A policy document on this disk."""

    path: Path
    sha256: str
    kind: FileKind


def is_web_address(text: str) -> bool:
    """Tell whether a text is meant as an address, and not as a file's path."""
    return "://" in text


def fetch_policy(
    url: str, target: Path, user_agent: str, where_to_get_it: str, max_bytes: int = MAX_BYTES
) -> PolicyFile:
    """Write the file at an address to target and return what it is.

    where_to_get_it ends every message: what a person does instead. Raises UsageError for an address
    that is not http or https, TransientError where the same request may work later, PermanentError for
    an answer that will stay, NotADocument for bytes that are neither a PDF nor text. Nothing stays at
    target then.
    """
    if not _is_fetchable(url):
        raise UsageError(f"{url[:200]!r} is no http or https address. {where_to_get_it}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _download(url, target, user_agent, where_to_get_it, max_bytes)
        return check_policy_file(target, url, where_to_get_it)
    except httpx.UnsupportedProtocol as error:
        target.unlink(missing_ok=True)
        raise PermanentError(
            f"{url} leads to an address that is not http or https. {where_to_get_it}"
        ) from error
    except httpx.HTTPError as error:
        target.unlink(missing_ok=True)
        raise TransientError(
            f"{url} could not be fetched ({type(error).__name__}). Try again later. {where_to_get_it}"
        ) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _is_fetchable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_policy_file(path: Path, origin: str, where_to_get_it: str) -> PolicyFile:
    """Return what a file is by its bytes, or raise NotADocument where it can't be a policy document."""
    kind = sniff_kind(path)
    if kind not in READABLE:
        what = _NAMES.get(kind, f"a file of the type {kind.value}")
        raise NotADocument(f"{origin} is {what}, not a PDF or a text file. {where_to_get_it}")
    with path.open("rb") as stream:
        return PolicyFile(path, hashlib.file_digest(stream, "sha256").hexdigest(), kind)


def _download(url: str, target: Path, user_agent: str, where_to_get_it: str, max_bytes: int) -> None:
    started = time.monotonic()
    with (
        httpx.Client(
            headers={"User-Agent": user_agent},
            trust_env=not is_loopback(url),
            timeout=_ANSWER_SECONDS,
            follow_redirects=True,
            max_redirects=5,
        ) as client,
        client.stream("GET", url) as response,
        target.open("wb") as file,
    ):
        _check_answer(response, url, where_to_get_it)
        size_bytes = 0
        for part in response.iter_bytes():
            size_bytes += len(part)
            if size_bytes > max_bytes:
                raise PermanentError(
                    f"{url} is larger than {max_bytes / 1024**2:.0f} MB, which no policy document is. "
                    f"{where_to_get_it}"
                )
            if time.monotonic() - started > _MAX_SECONDS:
                raise TransientError(
                    f"{url} was not there whole after {_MAX_SECONDS:.0f} seconds. {where_to_get_it}"
                )
            file.write(part)


def _check_answer(response: httpx.Response, url: str, where_to_get_it: str) -> None:
    status = response.status_code
    if status in _RETRY_LATER or status >= 500:
        raise TransientError(f"{url} answered {status}. Try again later. {where_to_get_it}")
    if status != httpx.codes.OK:
        raise PermanentError(f"{url} answered {status} and gives no file. {where_to_get_it}")
