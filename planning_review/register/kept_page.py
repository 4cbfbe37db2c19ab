"""A page kept for a person to look at, or to send to us: without what lets others use the session."""

import hashlib
import re
from pathlib import Path

_NAMES = rb"[^\"'>\s]*(?:token|csrf|nonce|viewstate|eventvalidation|session|captcha)"
_TAG = re.compile(rb"<(?:input|meta|button)\b[^>]*>", re.IGNORECASE)
_SECRET_TAG = re.compile(rb"\b(?:name|id|property)\s*=\s*[\"']?" + _NAMES, re.IGNORECASE)
_VALUE = re.compile(rb"(\b(?:value|content)\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_IN_ADDRESS = re.compile(
    rb"(;jsessionid=|[?&;](?:amp;)?(?:_csrf|csrf|token|sid|sessionid|__requestverificationtoken)=)[^\"'&<>\s;?#]+",
    re.IGNORECASE,
)
_IN_SCRIPT = re.compile(
    rb"((?:[\w-]*(?:csrf|token|jsessionid|sessionid)[\w-]*|cookie)[\"']?\s*[:=]\s*)(\"[^\"]{6,}\"|'[^']{6,}')",
    re.IGNORECASE,
)
_REMOVED = b"(removed)"


def scrub_page(page: bytes) -> bytes:
    """Return a page without the values of its tokens, session names and cookies."""
    page = _TAG.sub(lambda tag: _scrub_tag(tag[0]), page)
    page = _IN_ADDRESS.sub(rb"\g<1>" + _REMOVED, page)
    return _IN_SCRIPT.sub(rb'\g<1>"' + _REMOVED + b'"', page)


def scrub_address(address: str) -> str:
    """Return an address without the tokens and session names in it."""
    return _IN_ADDRESS.sub(rb"\g<1>" + _REMOVED, address.encode()).decode()


def keep_page(pages_dir: Path, name: str, page: bytes) -> tuple[str, Path | None]:
    """Write a scrubbed page and return a sentence that says where it is, and its path.

    name is its stem; pages that differ get different files. The path is None where it could not be
    written: a full disk must not hide what is wrong with the page.
    """
    digest = hashlib.sha256(page).hexdigest()[:8]
    safe = re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[:80]
    path = pages_dir / f"{safe}_{digest}.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(scrub_page(page))
    except OSError as failure:
        return f"The page could not be kept at {path}: {failure.strerror}.", None
    return f"The page is kept at {path}.", path


def _scrub_tag(tag: bytes) -> bytes:
    return _VALUE.sub(rb'\g<1>"' + _REMOVED + b'"', tag) if _SECRET_TAG.search(tag) else tag
