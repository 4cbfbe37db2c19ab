"""What the register's answer means: an error with a next step, or nothing."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from planning_review.errors import (
    BotChallenge,
    PermanentError,
    PlanningReviewError,
    RegisterThrottled,
    RegisterUnavailable,
)

SAVED_DOCUMENTS_HINT = "Documents saved by hand can be reviewed with --documents FOLDER."

_LARGEST_PAGE_BYTES = 32 * 1024**2


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


def is_bot_challenge(response: httpx.Response) -> bool:
    """Return whether an answer asks for a person: a firewall's header, or its known pages.

    Reads the body where the status alone leaves it open.
    """
    if "x-amzn-waf-action" in response.headers:
        return True
    if response.status_code == 202:
        return not response.read().strip()
    return response.status_code == 405 and b"human verification" in response.read().lower()


def explain_bot_challenge(url: str, hint: str = SAVED_DOCUMENTS_HINT) -> BotChallenge:
    """Return the error that sends a person to the page."""
    return BotChallenge(
        f"The register wants to see a person and is not asked again: open {url} in a browser. {hint}"
    )


def load_page(response: httpx.Response, url: str) -> bytes:
    """Read the body of a page; one that no page can have the size of is a PermanentError."""
    page = b""
    for block in response.iter_bytes():
        page += block
        if len(page) > _LARGEST_PAGE_BYTES:
            raise PermanentError(f"{url} is larger than {_LARGEST_PAGE_BYTES} bytes: no page of a register.")
    return page


def explain_status(
    response: httpx.Response, url: str, hint: str = SAVED_DOCUMENTS_HINT
) -> PlanningReviewError:
    """Return the error for a status that is no success; 404 and 410 are the caller's to name."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    retry_after_seconds = parse_retry_after(response)
    if response.status_code == 429:
        asked = "" if retry_after_seconds is None else f" for {retry_after_seconds:.0f} s"
        return RegisterThrottled(
            f"The register asked for patience{asked} ({status}) at {url}. Run the same command again later; "
            "PLANNING_REGISTER_INTERVAL_SECONDS can be raised.",
            retry_after_seconds,
        )
    if response.status_code >= 500:
        asked = "" if retry_after_seconds is None else f", to be asked again in {retry_after_seconds:.0f} s"
        return RegisterUnavailable(f"The register answered {status}{asked} at {url}. Try again later. {hint}")
    return PermanentError(f"The register answered {status} at {url}. Open it in a browser to see why. {hint}")


def explain_failed_request(
    error: httpx.RequestError, url: str, hint: str = SAVED_DOCUMENTS_HINT
) -> RegisterUnavailable:
    """Return the error for a request that got no answer, or half of one."""
    # Timeouts come without a text of their own.
    found = str(error) or type(error).__name__
    return RegisterUnavailable(
        f"The register did not answer as it should at {url}: {found}. Check the address "
        f"(PLANNING_REGISTER_URL) and the connection, then try again. {hint}"
    )


def _parse_http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
