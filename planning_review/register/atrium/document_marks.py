"""What marks a document on a page, a link or a row's own attributes, and what the mark says of it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urldefrag, urlencode, urljoin, urlsplit

from lxml import html

from planning_review.models import ListedDocument
from planning_review.register.page_text import (
    decode_text,
    find_elements,
    find_value,
    having_class,
    parse_date,
    parse_size,
)

POSTED = "GetFileBinary"
"""The fragment of an address whose bytes are asked for by POST; a browser opens the address without it."""

_IDENTITY = ("recordnumber", "planid", "imageid")
# These say how a file is called and served, not which one it is.
_NOT_IDENTITY = {"filename", "module", "isplan"}
_CARRIERS = "descendant-or-self::*[@data-imageid]"
_PLAIN = re.compile(r"[A-Za-z0-9]+")
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")
_NO_TITLE = re.compile(
    r"(view|open|download|show|see|get|select|click here)?( the)?( document| file| plan| pdf)?", re.IGNORECASE
)
_TARGETS = ("href", "data-disabled-link")
_DOCUMENT = re.compile("(?:^|/)document/", re.IGNORECASE)
_IN_SCRIPT = re.compile(r"[^'\"\s()]*(?<![A-Za-z])document/download\?[^'\")]*", re.IGNORECASE)
# The name is the last of the parameters, and what is in it was not always escaped.
_FILE_NAME = re.compile(r"[?&]filename=(.*?)(?=&[A-Za-z]+=|$)", re.IGNORECASE)


def find_marks(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield what marks a document in an element: links to one, and elements that carry its numbers."""
    links = f".//a[{having_class('singledownloadlink')} or @*] | .//button[@*]"
    for mark in find_elements(element, f"({links})[not(ancestor::*[@data-imageid])] | {_CARRIERS}"):
        if mark.get("data-imageid") is not None or _is_link(mark):
            yield mark


def parse_mark(
    mark: html.HtmlElement,
    values: Mapping[str, str],
    category: str | None,
    page_url: str,
    is_called_by_link: bool = False,
) -> ListedDocument | None:
    """Return the document of a mark, None where it leads nowhere.

    values are what the row's columns say; is_called_by_link puts the link's own text before their title.
    """
    url = (
        _make_address(mark, page_url)
        if mark.get("data-imageid") is not None
        else _find_target(mark, page_url)
    )
    if url is None:
        return None
    query = {name.lower(): value.strip() for name, value in parse_qsl(urlsplit(url).query)}
    document_id = identify_document(url)
    file_name = _find_file_name(mark, url) or query.get("filename") or None
    shown = find_value(mark) if mark.tag == "a" else None
    shown = None if shown is None or is_word_for_link(shown) else shown
    titles = (shown if is_called_by_link else None, values.get("description"), file_name, shown)
    title = next((title for title in titles if title), f"Document {document_id}")
    return ListedDocument(
        document_id=document_id,
        title=title,
        file_name=file_name,
        category=category,
        listed_type=values.get("listed_type"),
        listed_date=parse_date(values.get("listed_date")),
        size_listed=values.get("size"),
        size_bytes_listed=parse_size(values.get("size")),
        drawing_number=values.get("drawing_number"),
        register_url=url,
    )


def identify_document(url: str) -> str:
    """Return the document_id of an address: `recordNumber-planId-imageId`.

    Where one of the three is missing or is no plain number or word, the id is made from what
    identifies the address otherwise: its query without file name, module and isPlan, sorted by name;
    if nothing is left, its path and whole query. It is that text made safe, 60 characters at most,
    followed by eight digits of its sha256, and so the same on every visit and apart from its
    neighbours'. The case of parameter names does not count, and 20.0000 is 20.
    """
    parts = urlsplit(url)
    query = [(name.lower(), drop_zeros(value)) for name, value in parse_qsl(parts.query)]
    values = [dict(query).get(name, "") for name in _IDENTITY]
    if all(_PLAIN.fullmatch(value) for value in values):
        return "-".join(values)
    rest = sorted((name, value) for name, value in query if name not in _NOT_IDENTITY)
    text = "_".join(f"{name}-{value}" for name, value in rest) or f"{parts.path}_{parts.query}"
    safe = re.sub(r"[^A-Za-z0-9-]+", "_", text).strip("_-")[:60]
    return f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def is_word_for_link(text: str) -> bool:
    """Return whether a link's text says what it does, such as "View", and not what it leads to."""
    return _NO_TITLE.fullmatch(text.strip(" .»>")) is not None


def _is_link(link: html.HtmlElement) -> bool:
    if "singledownloadlink" in (link.get("class") or "").split():
        return True
    targets = (link.get(name) or "" for name in _TARGETS)
    return any(_DOCUMENT.search(target) for target in targets) or _find_in_script(link) is not None


def _find_in_script(link: html.HtmlElement) -> str | None:
    """Return the address of a document that an attribute holds for a script to open."""
    found = (_IN_SCRIPT.search(value) for value in link.attrib.values())
    return next((match[0] for match in found if match), None)


def _make_address(mark: html.HtmlElement, page_url: str) -> str | None:
    """Return the address of a document whose numbers stand in attributes, as its link would have them."""
    numbers = {
        name: drop_zeros(mark.get(f"data-{name.lower()}") or "")
        for name in ("recordNumber", "planId", "imageId")
    }
    if not numbers["imageId"]:
        return None
    query = {
        "module": mark.get("data-module") or "PLA",
        **numbers,
        "isPlan": (mark.get("data-isplan") or "False").capitalize(),
        "fileName": mark.get("data-filename") or "",
    }
    site = page_url[: re.search("/planning/|$", page_url, re.IGNORECASE).start()]  # type: ignore[union-attr]
    return f"{site}/Document/Download?{urlencode(query, quote_via=quote)}#{POSTED}"


def _find_target(link: html.HtmlElement, page_url: str) -> str | None:
    """Return the absolute address of a link.

    Some skins fill `href` by script and keep the address in `data-disabled-link` until then.
    """
    for target in (*(link.get(name, "").strip() for name in _TARGETS), _find_in_script(link)):
        if not target or target.startswith("#"):
            continue
        try:
            url, fragment = urldefrag(urljoin(page_url, target))
        except ValueError:
            continue
        if url.startswith(("http://", "https://")):
            # A `#` that nobody escaped is part of the name of the file.
            return f"{url}%23{fragment}" if fragment and "filename=" in url.lower() else url
    return None


def _find_file_name(mark: html.HtmlElement, url: str) -> str | None:
    """Return a file's name as the register wrote it: `&` need not be escaped, nor bytes be UTF-8."""
    if own := mark.get("data-filename"):
        return own.strip() or None
    match = _FILE_NAME.search(url)
    if match is None:
        return None
    return decode_text(unquote_to_bytes(match[1].replace("+", " "))).strip() or None


def drop_zeros(number: str) -> str:
    """Return a whole number that is written with a fraction as one: 20.0000 is 20."""
    number = number.strip()
    whole = _WHOLE_NUMBER.fullmatch(number)
    return whole[1] if whole else number
