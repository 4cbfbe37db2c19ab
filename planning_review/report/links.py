"""Links to documents: safe to print in Markdown, HTML and Word, and open at the cited page."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What may stand unquoted. Brackets, quotes, pipes, semicolons and spaces are quoted although some servers
# take them bare: they end a link in Markdown, an attribute in HTML, or a cell in a table.
_PATH_SAFE = "/%:@!&+,=-._~"
_QUERY_SAFE = _PATH_SAFE + "?"


def safe_link(url: str) -> str:
    """Return the URL quoted so that it opens, or "" where it must not become a link.

    Only http and https URLs with a plain host do: no `javascript:`, no user name before the host.
    A query stays as it is; a fragment is dropped.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return ""
    return urlunsplit(
        (parts.scheme, parts.netloc, _quote(parts.path, _PATH_SAFE), _quote(parts.query, _QUERY_SAFE), "")
    )


def page_link(url: str, page: int) -> str:
    """Return the link that opens a document at a page, 1-based, or "" where there can be none.

    Only PDFs are opened at a page: the name in the URL's path or query tells them.
    """
    link = safe_link(url)
    return f"{link}#page={page}" if link and page > 0 and _is_pdf(link) else link


def comment_link(register_url: str) -> str:
    """Return the address of the council's form for comments, by that of the application's page.

    "" where the form has no address of its own that is known: then it is reached from the page.
    """
    parts = urlsplit(safe_link(register_url))
    asked = dict(parse_qsl(parts.query))
    # Idox has it as a tab of the application.
    if not parts.path.endswith("/applicationDetails.do") or "keyVal" not in asked:
        return ""
    query = urlencode({"activeTab": "makeComment", "keyVal": asked["keyVal"]})
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _quote(text: str, safe: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", text), safe=safe)


def _is_pdf(link: str) -> bool:
    parts = urlsplit(link)
    # The register keeps a file's name in the query, never in the path.
    names = [parts.path, *(value for _, value in parse_qsl(parts.query))]
    return any(name.lower().endswith(".pdf") for name in names)
