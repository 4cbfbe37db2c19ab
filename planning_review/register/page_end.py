"""Whether a page came to its end: what was cut on the way parses to something shorter, and to no error."""

import re

from planning_review.errors import PageCut

# One that does not end takes the rest of the page with it, as it does in a browser.
_COMMENTS_AND_SCRIPTS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_OPENS_DOCUMENT = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_ENDS_DOCUMENT = re.compile(rb"</html\s*>", re.IGNORECASE)
_BEGINS_ANOTHER = re.compile(rb"<html[\s>]", re.IGNORECASE)
# Content behind the end of the document: what looked like its end was not.
_CONTENT = re.compile(rb"<(table|tr|td|dl|dd|ul|li|form|h[1-6])[\s>]", re.IGNORECASE)
# A row's or an item's end may be left out, these may not.
_BALANCED = (b"table", b"ul", b"ol", b"dl", b"div", b"form", b"select", b"a")


def check_page_end(page: bytes | str, url: str) -> None:
    """Raise PageCut where a page, or a fragment of one, ends before its end.

    A page ends with `</html>`; a fragment, which the site's scripts put into a page, where all that it
    opened is closed again.
    """
    if lack := _find_lack(page if isinstance(page, bytes) else page.encode("utf-8", "replace")):
        raise PageCut(
            f"{url} did not come whole: {lack}. It was cut on the way, or the register broke off: nothing "
            "was taken from it. Run the same command again. If it stays so, open the address in a browser."
        )


def _find_lack(page: bytes) -> str | None:
    shown = _COMMENTS_AND_SCRIPTS.sub(b" ", page)
    if not shown.strip():
        return None
    if _OPENS_DOCUMENT.search(shown):
        if len(_BEGINS_ANOTHER.findall(shown)) > 1:
            return "a second page begins in the middle of it"
        ends = list(_ENDS_DOCUMENT.finditer(shown))
        if not ends:
            return "it ends without </html>"
        return "it goes on behind its </html>" if _CONTENT.search(shown, ends[-1].end()) else None
    if shown.rfind(b"<") > shown.rfind(b">"):
        return "it ends inside a tag"
    for tag in _BALANCED:
        opened = len(re.findall(rb"<%b[\s>]" % tag, shown, re.IGNORECASE))
        closed = len(re.findall(rb"</%b\s*>" % tag, shown, re.IGNORECASE))
        if opened > closed:
            return f"{opened - closed} <{tag.decode()}> in it are not closed"
    return None
