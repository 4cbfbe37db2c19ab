"""What the register's answer means: its body within limits, an error with a next step, or nothing."""

import hashlib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from planning_review.errors import (
    BotChallenge,
    PermanentError,
    PlanningReviewError,
    RegisterThrottled,
    RegisterUnavailable,
)
from planning_review.register.platform import Downloaded

SAVED_DOCUMENTS_HINT = "Documents saved by hand can be reviewed with --documents FOLDER."

LARGEST_DOCUMENT_BYTES = 1024**3
"""No document that councils were seen to publish has a quarter of it."""

LARGEST_POSTED_BYTES = 256 * 1024**2
"""A document that comes as text is in memory whole, more than once."""

_LARGEST_PAGE_BYTES = 32 * 1024**2
_LONGEST_PAGE_SECONDS = 300.0
_LONGEST_DOCUMENT_SECONDS = 3600.0
# Below this the transfer does not end while anyone waits: the register is held by it for all others.
_SLOWEST_BYTES_PER_SECOND = 1024
_GRACE_SECONDS = 60.0


def parse_retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a 429 or 503 asks to wait, from seconds or an HTTP date; else None.

    A date counts from the server's own clock where it sends one, so that skew does not matter.
    """
    value = response.headers.get("Retry-After", "").strip()
    if response.status_code not in (429, 503) or not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:12])
    until = _parse_http_date(value)
    if until is None:
        return None
    now = _parse_http_date(response.headers.get("Date", "")) or datetime.now(UTC)
    return max((until - now).total_seconds(), 0.0)


def explain_bot_challenge(wall: str, url: str, hint: str = SAVED_DOCUMENTS_HINT) -> BotChallenge:
    """Return the error that sends a person to the page; wall is what came in its place."""
    return BotChallenge(
        f"The register wants to see a person ({wall}) and is not asked again: open {url} in a browser. {hint}"
    )


class ServedPage(NamedTuple):
    """A page and the address that it came from after redirects."""

    url: str
    body: bytes


def load_page(response: httpx.Response, url: str, most_bytes: int = _LARGEST_PAGE_BYTES) -> bytes:
    """Read the body of a page, within the limits of a page.

    Raises PermanentError for one that no page can have the size of, and RegisterUnavailable for one
    that does not end.
    """
    return b"".join(_iterate_body(response, url, most_bytes, _LONGEST_PAGE_SECONDS))


def write_body(response: httpx.Response, part_path: Path) -> Downloaded:
    """Write the body of a file to part_path, its folder made, within the limits of a document.

    Nothing stays of one that does not come whole. Raises RegisterUnavailable where fewer bytes came than
    announced or they come too slowly, PermanentError for a part that nobody asked for, for a file larger
    than any document and for one that could not be written.
    """
    url = str(response.url)
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        raise PermanentError(
            f"The register sent a part of the file at {url}, not the whole. Open it in a browser."
        )
    with _writing(part_path):
        return _write_body(response, url, part_path)


def write_bytes(content: bytes, part_path: Path) -> Downloaded:
    """Write bytes that came another way to part_path, its folder made, and say what they are."""
    with _writing(part_path):
        part_path.parent.mkdir(parents=True, exist_ok=True)
        part_path.write_bytes(content)
    return Downloaded(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), content_type=None)


@contextmanager
def _writing(part_path: Path) -> Iterator[None]:
    """Remove what was written where it does not come to its end, and explain a disk that is in the way."""
    try:
        yield
    except OSError as error:
        _remove_file(part_path)
        raise PermanentError(
            f"{part_path} could not be written: {error.strerror or error}. Free some space, or set "
            "PLANNING_TEMP_DIR to another folder."
        ) from error
    except BaseException:
        _remove_file(part_path)
        raise


def _write_body(response: httpx.Response, url: str, part_path: Path) -> Downloaded:
    part_path.parent.mkdir(parents=True, exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    with part_path.open("wb") as part:
        for block in _iterate_body(response, url, LARGEST_DOCUMENT_BYTES, _LONGEST_DOCUMENT_SECONDS):
            digest.update(block)
            size_bytes += part.write(block)
    announced, came = response.headers.get("Content-Length", ""), response.num_bytes_downloaded
    # A chunked answer has its own end mark, and is not to be measured by a length beside it.
    is_measured = announced.isdigit() and "Transfer-Encoding" not in response.headers
    if is_measured and came and came != int(announced):
        raise RegisterUnavailable(
            f"The register announced {announced} bytes and sent {came} at {url}. Try again."
        )
    return Downloaded(
        sha256=digest.hexdigest(),
        size_bytes=size_bytes,
        content_type=response.headers.get("Content-Type"),
    )


def _iterate_body(
    response: httpx.Response, url: str, most_bytes: int, most_seconds: float
) -> Iterator[bytes]:
    """Yield the body as it comes, and end one that is too large, or would hold the register for hours."""
    started, size_bytes = time.monotonic(), 0
    for block in response.iter_bytes():
        size_bytes += len(block)
        if size_bytes > most_bytes:
            raise PermanentError(
                f"{url} is larger than {most_bytes // 1024**2} MB, which is more than the register should "
                "send. Open it in a browser."
            )
        seconds = time.monotonic() - started
        is_dripping = seconds > _GRACE_SECONDS and size_bytes < seconds * _SLOWEST_BYTES_PER_SECOND
        if seconds > most_seconds or is_dripping:
            raise RegisterUnavailable(
                f"The register sent {size_bytes} bytes in {seconds:.0f} s at {url}, and was not waited for "
                "longer. Try again later."
            )
        yield block


def _remove_file(path: Path) -> None:
    # Whatever stopped the download is the error to report, not that its rest cannot be removed.
    with suppress(OSError):
        path.unlink()


def explain_status(
    response: httpx.Response, url: str, hint: str = SAVED_DOCUMENTS_HINT
) -> PlanningReviewError:
    """Return the error for a status that is no success; 404 and 410 are the caller's to name."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    retry_after_seconds = parse_retry_after(response)
    if response.status_code == 429:
        asked = "" if retry_after_seconds is None else f" for {retry_after_seconds:.0f} s"
        return RegisterThrottled(
            f"The register asked for patience{asked} ({status}) at {url}, and is asked more slowly now. Run "
            "the same command again later.",
            retry_after_seconds,
        )
    if response.status_code >= 500:
        asked = "" if retry_after_seconds is None else f", to be asked again in {retry_after_seconds:.0f} s"
        return RegisterUnavailable(f"The register answered {status}{asked} at {url}. Try again later. {hint}")
    return PermanentError(f"The register answered {status} at {url}. Open it in a browser to see why. {hint}")


def explain_failed_request(
    error: httpx.RequestError, url: str, hint: str = SAVED_DOCUMENTS_HINT
) -> PlanningReviewError:
    """Return the error for a request that got no answer, or half of one."""
    if failed := _find_certificate_error(error):
        return PermanentError(
            f"The certificate of {urlsplit(url).hostname} is not trusted: {failed.verify_message}. Councils' "
            "servers often leave out their issuer's intermediate certificate, which browsers then find by "
            "themselves. Save it as a PEM file, from a browser's view of the certificate or its issuer's "
            f"website, and name that file in SSL_CERT_FILE. {hint}"
        )
    # Timeouts come without a text of their own.
    found = str(error) or type(error).__name__
    return RegisterUnavailable(
        f"The register did not answer as it should at {url}: {found}. Check the address "
        f"(PLANNING_REGISTER_URL) and the connection, then try again. {hint}"
    )


def _find_certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _parse_http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
