"""A page of Public Access, and what it is: told by what it holds, then by the register's own words."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from lxml import html

from planning_review.register.idox.addresses import find_key, resolve_address
from planning_review.register.page_text import (
    blank_to_none,
    find_elements,
    find_text,
    having_class,
    parse_html,
)

PageKind = Literal[
    "application",  # a tab of an application
    "list",  # applications that a search found
    "none found",  # "No results found"
    "too many",  # "Too many results found"
    "timed out",  # the session is lost
    "withdrawn",  # "no longer available for viewing"
    "denied",  # "Permission Denied": the documents of some councils, which lie elsewhere
    "form",  # a search form, with a message where a search was refused
    "other",
]

_WORDS: tuple[tuple[PageKind, str], ...] = (
    ("timed out", r"session (?:has |was )?(?:timed out|expired|ended)"),
    ("too many", r"too many results"),
    ("none found", r"\bno (?:matching )?results (?:were )?found\b"),
    ("withdrawn", r"no longer available for viewing"),
    ("denied", r"\bpermission denied\b"),
)
_RESULT = f"//ul[@id='searchresults']/li | //li[{having_class('searchresult')}]"
_DETAIL = "//tr[count(th)=1 and count(td)=1][not(.//input | .//select | .//textarea)]"
_DOCUMENTS = "//table[@id='Documents' or @summary='Documents']"
_TAB = "//a[contains(@href, 'applicationDetails.do')][contains(@href, 'activeTab=')]"
_NOTHING = {"notavailable", "unknown", "none", "na"}


class IdoxPage(NamedTuple):
    """A page as it was served, and what it is. message is what its message box says."""

    url: str
    body: bytes
    root: html.HtmlElement
    kind: PageKind
    message: str | None


class Tab(NamedTuple):
    """A tab's link: its name, its address, and the number that it prints, as in `Documents (4)`."""

    name: str
    url: str
    number: int | None


def read_page(body: bytes, url: str) -> IdoxPage:
    """Parse a page and tell what it is."""
    root = parse_html(body)
    if root is None:
        root = html.Element("html")
    boxes = [find_text(box) for box in find_elements(root, f"//*[{having_class('messagebox')}]")]
    return IdoxPage(url, body, root, _tell_kind(root), " ".join(filter(None, boxes)) or None)


def _tell_kind(root: html.HtmlElement) -> PageKind:
    if root.xpath(_RESULT):
        return "list"
    if root.xpath(_DETAIL) or root.xpath(_DOCUMENTS):
        return "application"
    text = find_text(root).casefold()
    for kind, pattern in _WORDS:
        if re.search(pattern, text):
            return kind
    if root.xpath(_TAB):
        return "application"
    if root.xpath("//form//*[starts-with(@name, 'searchCriteria.')]"):
        return "form"
    return "other"


def list_results(page: IdoxPage) -> list[html.HtmlElement]:
    """Return the rows of a list of applications."""
    return list(find_elements(page.root, _RESULT))


def list_details(page: IdoxPage) -> Iterator[tuple[str, str | None]]:
    """Yield label and value of each two-cell row of a tab, None where it says that there is nothing."""
    for row in find_elements(page.root, _DETAIL):
        label = find_text(row.find("th")).rstrip(" :")
        if label:
            yield label, clean_value(find_text(row.find("td")))


def clean_value(text: str) -> str | None:
    """Return a value, None where it is empty, a dash, or the register's word for nothing."""
    value = blank_to_none(text)
    is_word = value is not None and "".join(filter(str.isalnum, value.casefold())) in _NOTHING
    return None if is_word else value


def list_tabs(page: IdoxPage) -> dict[str, Tab]:
    """Return the tabs that an application's page links to, by name, its own as well."""
    tabs: dict[str, Tab] = {}
    for link in find_elements(page.root, _TAB):
        url = resolve_address(page.url, link.get("href"))
        name = re.search(r"[?&]activeTab=(\w+)", url or "")
        if url is None or name is None or find_key(url) is None:
            continue
        count = re.search(r"\((\d{1,5})\)\s*$", find_text(link))
        tab = Tab(name[1], url, int(count[1]) if count else None)
        if name[1] not in tabs or tabs[name[1]].number is None:
            tabs[name[1]] = tab
    return tabs


def find_page_key(page: IdoxPage) -> str | None:
    """Return the key of the application that a page is about."""
    own = find_key(page.url)
    hidden: list[str] = page.root.xpath("//input[contains(@name, 'caseTechnicalKey')]/@value")
    linked = (find_key(tab.url) for tab in list_tabs(page).values())
    return own or next((key for key in (*hidden, *linked) if key), None)


def find_case_number(page: IdoxPage) -> str | None:
    """Return the reference in the heading of an application's page."""
    for element in find_elements(page.root, f"//span[{having_class('caseNumber')}]"):
        return blank_to_none(find_text(element))
    return None
