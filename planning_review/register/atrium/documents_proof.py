"""Whether a page's documents were read whole: against what its bytes name and what it counts."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.atrium.document_marks import drop_zeros, identify_document
from planning_review.register.page_text import decode_text, find_elements, find_text

# In the bytes, not in the tree: what a broken tag or comment swallowed still stands there.
_LINK = re.compile(r"/document/download\?([^\"'<>\s]*)", re.IGNORECASE)
_NUMBER = re.compile(r"(planid|imageid)=[\"']?\s*(\d[\w.]*)", re.IGNORECASE)
_NUMBERS_OF_A_DOCUMENT = 2
_WHOLE_ID = re.compile(r"recordnumber=[^&\s]+.*planid=[^&\s]+.*imageid=[^&\s]+", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:(?:all|view|related|associated|application|planning|supporting|plans|drawings|and|&|the)\s+)*"
    r"(?:documents?|files)\s*[:\-]?\s*[(\[]\s*(\d{1,5})\s*[)\]]|"
    r"(\d{1,5})\s+(?:documents?|files)(?:\s+(?:found|listed))?",
    re.IGNORECASE,
)
_CAP = re.compile(
    r"\b(?:only (?:the )?(?:first|last|latest)|first|showing|displaying)(?: the)?(?: first)? (\d{1,5})"
    r"(?: of (?:the )?(\d{1,5}))?(?: documents?| files?)? (?:are|is|documents|files)\b",
    re.IGNORECASE,
)
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
        if (count := _COUNT.fullmatch(short)) and (printed := int(count[1] or count[2])) > rows:
            _refuse(page_url, f"prints {printed} documents ({short[:60]!r})", rows)
        if (cap := _CAP.search(short)) and rows <= int(cap[1]) and "document" in short.casefold():
            _refuse(page_url, f"says that not all are shown ({short[:100]!r})", rows)


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
