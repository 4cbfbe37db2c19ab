"""Whether a page's documents were read whole: against what its bytes name and what it counts."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.atrium.document_marks import (
    drop_zeros,
    find_marks,
    identify_document,
)
from planning_review.register.page_text import decode_text, find_elements, find_text
from planning_review.text.numbers import NUMBER, parse_number

# In the bytes, not in the tree: what a broken tag or comment swallowed still stands there.
_LINK = re.compile(r"/document/download\?([^\"'<>\s]*)", re.IGNORECASE)
_NUMBER = re.compile(r"(planid|imageid)=[\"']?\s*(\d[\w.]*)", re.IGNORECASE)
_NUMBERS_OF_A_DOCUMENT = 2
_WHOLE_ID = re.compile(r"recordnumber=[^&\s]+.*planid=[^&\s]+.*imageid=[^&\s]+", re.IGNORECASE)
_WHICH = (
    r"(?:(?:all|view|related|associated|application|planning|supporting|plans|drawings|and|&|the|total|"
    r"number of)\s+)*"
)
_THINGS = r"(?:documents?|files|attachments)"
# Each is the whole of a short text: what counts in passing counts something else.
_COUNT = re.compile(
    rf"{_WHICH}{_THINGS}\s*[:\-]?\s*[(\[]\s*(\d{{1,5}})\s*[)\]]|"
    rf"{_WHICH}(?:documents|files|attachments)\s*(?:found|listed|available)?\s*[:\-]?\s+(\d{{1,5}})|"
    rf"there (?:are|is)(?: currently| now)?\s+(\d{{1,5}})\s+{_THINGS}\b.{{0,60}}|"
    rf"(?:total(?: of)?:?\s+|found\s+)?(\d{{1,5}})\s+{_THINGS}"
    rf"(?:\s+(?:found|listed|available|in total|for this application|attached))*|"
    rf"(?:(?:showing|displaying|viewing|{_THINGS})\s+)*\d{{1,5}}\s*(?:-|–|to)\s*\d{{1,5}}\s+of\s+(\d{{1,5}})"
    rf"\s+{_THINGS}|"
    rf"(?:showing|displaying|viewing)\s+\d{{1,5}}\s+of\s+(\d{{1,5}})\s+{_THINGS}|"
    rf"(?:(?:showing|displaying|viewing)\s+)?{_THINGS}\s+\d{{1,5}}\s*(?:-|–|to)\s*\d{{1,5}}\s+of\s+(\d{{1,5}})",
    re.IGNORECASE,
)
_FIRST = r"(?:first|last|latest|newest|earliest|most recent)"
_CAP = re.compile(
    rf"\b(?:(?:only|maximum of|limited to|up to|showing|displaying)(?: the)?(?: {_FIRST})?|{_FIRST})"
    r"(?: the)? "
    rf"(?P<number>{NUMBER})\b(?! (?:years?|months?|weeks?|days?)\b)(?: {_FIRST})?(?: {_THINGS})?"
    rf"(?: of (?:the )?\d{{1,5}}(?: {_THINGS})?)?"
    r"(?: (?:are|is|can be|will be|may be))?(?: (?:shown|displayed|listed|available))?"
)
_PAGES = re.compile(r"page (\d{1,4}) of (\d{1,4})", re.IGNORECASE)
_ALL = re.compile(
    rf"(?:view|show|see|load|browse)\s+(?:all|more|further|other|older)\s+{_WHICH}(?:{_THINGS}|plans)(?:\s*\(\d+\))?\W*",
    re.IGNORECASE,
)
_OF_A_LIST = re.compile(r"\b(?:shown|displayed|listed|showing|displaying|limited)\b", re.IGNORECASE)
_OTHER_PAGE = re.compile(r"[?&][a-z]*page[a-z]*=\d|/page/\d", re.IGNORECASE)
_NEXT = re.compile(r"(?:go to )?next(?: page)?\W*|[>»›→]+", re.IGNORECASE)
_NONE = re.compile(
    r"\b(?:there (?:are|is)|this application has)? ?no (?:documents?|files)\b.{0,60}"
    r"\b(?:found|available|listed|attached|application|yet|online|published)\b",
    re.IGNORECASE,
)
_SHORT_CHARS = 160


def check_all_read(
    page: html.HtmlElement,
    source: bytes | str | None,
    page_url: str,
    documents: Mapping[str, ListedDocument],
    rows: int,
) -> None:
    """Raise RegisterLayoutError where a page has more documents than were read.

    documents are by their id, rows what was read with and without a link. source is the page as it came;
    without it only what the page prints is compared.
    """
    text = "" if source is None else decode_text(source) if isinstance(source, bytes) else source
    text = unescape(text)
    named = {identify_document(f"x:?{query}") for query in _LINK.findall(text) if _WHOLE_ID.search(query)}
    if missed := named - set(documents):
        _refuse(page_url, f"names {len(missed)} documents outside that list ({min(missed)})", rows)
    numbers = set(_find_numbers(text))
    read = {pair for document in documents.values() for pair in _find_numbers(document.register_url)}
    for document in documents.values():
        if len(_NUMBER.findall(document.register_url)) > _NUMBERS_OF_A_DOCUMENT:
            _refuse(page_url, f"has a link that runs into another ({document.register_url[:200]})", rows)
    if left := numbers - read:
        name, number = min(left)
        _refuse(page_url, f"names a document by {name} {number} that is not in that list", rows)
    for short in _find_short_texts(page):
        if (count := _COUNT.fullmatch(short)) and (printed := int(next(filter(None, count.groups())))) > rows:
            _refuse(page_url, f"prints {printed} documents ({short[:60]!r})", rows)
        if rows and _says_cut(short, rows):
            _refuse(page_url, f"says that not all are shown ({short[:100]!r})", rows)
    if rows and (link := _find_next_page(page)):
        _refuse(page_url, f"goes on with another page of documents ({link[:200]})", rows)


def _says_cut(text: str, rows: int) -> bool:
    """Return whether a text says that the documents shown are a number of those that there are."""
    if not (re.search(_THINGS, text, re.IGNORECASE) and _OF_A_LIST.search(text)):
        return False
    return any(rows <= parse_number(said["number"]) for said in _CAP.finditer(text.lower()))


def _find_next_page(page: html.HtmlElement) -> str | None:
    """Return where a list of documents goes on: what leads from it to its next page, or counts its pages."""
    for element in find_elements(page, "//a[@href] | //p | //span | //li | //div[not(*)]"):
        target = element.get("href") or ""
        shown = find_text(element) or element.get("aria-label", "")
        counted = _PAGES.fullmatch(shown)
        is_next = (element.get("rel") == "next" or _NEXT.fullmatch(shown)) and _OTHER_PAGE.search(target)
        if not (is_next or (counted and counted[1] != counted[2])):
            continue
        is_named = re.search("doc|file|attach|image", target, re.IGNORECASE) is not None
        near = (next(iter(element.xpath(f"{side}::table[1]")), None) for side in ("preceding", "following"))
        lists = [table for table in near if table is not None]
        if is_named or not lists or any(next(find_marks(table), None) is not None for table in lists):
            return target or shown
    return None


def warn_of_more(page: html.HtmlElement) -> tuple[str, ...]:
    """Return a warning where a link is said to lead to all of the documents, or to more of them."""
    for link in find_elements(page, "//a | //button"):
        shown, target = find_text(link), (link.get("href") or "").strip()
        is_elsewhere = link.tag == "button" or not target.startswith(("#", "javascript:"))
        if is_elsewhere and _ALL.fullmatch(shown):
            return (
                f"The register's page has a link {shown!r}: what it lists may not be all of the documents. "
                "Look there for others.",
            )
    return ()


def says_none(page: html.HtmlElement) -> bool:
    """Return whether a page says in words that the application has no documents."""
    return any(_NONE.search(text) for text in _find_short_texts(page))


def _find_numbers(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number that is part of a document's identity, with what it numbers."""
    for name, number in _NUMBER.findall(text):
        yield name.casefold(), drop_zeros(number)


def _find_short_texts(page: html.HtmlElement) -> list[str]:
    places = (
        "//a | //button | //li | //p | //h1 | //h2 | //h3 | //h4 | //span | //strong | //label | //caption"
    )
    cells = "//div[not(div) and not(table)] | //td[@colspan] | //th[@colspan]"
    texts = (find_text(each) for each in find_elements(page, f"{places} | {cells}"))
    return [text for text in texts if 0 < len(text) <= _SHORT_CHARS]


def _refuse(page_url: str, found: str, rows: int) -> None:
    raise RegisterLayoutError(
        f"{page_url} {found}, and {rows} were read: the list is not whole. The register's layout may "
        "have changed. Open it in a browser; documents saved there can be reviewed with --documents FOLDER."
    )
