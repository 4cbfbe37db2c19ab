"""A list of applications that a search found: its rows, the number it prints, the way to its next page."""

import re
from typing import NamedTuple
from urllib.parse import urljoin

from lxml import html

from planning_review.register.forms import SearchForm, collect_controls
from planning_review.register.idox.addresses import find_key, resolve_address
from planning_review.register.idox.page import IdoxPage, list_results
from planning_review.register.page_text import (
    blank_to_none,
    find_elements,
    find_text,
    find_value,
    having_class,
    parse_date,
)
from planning_review.register.search import FoundApplication
from planning_review.text.folding import fold_label

PAGE_SIZE = 10
"""Rows of a page where it offers no choice."""

_SHOWING = re.compile(r"showing\s+[\d,]+\s*(?:-|–|to)\s*[\d,]+\s+of\s+([\d,]+)(?!\s*\+)", re.IGNORECASE)
_SIZES = "searchCriteria.resultsPerPage"
_REFERENCE_LABELS = {"refno", "reference", "referenceno", "applicationreference"}
_RECEIVED_LABELS = {"received", "datereceived", "applicationreceived"}
_VALID_LABELS = {"validated", "datevalidated", "applicationvalidated", "valid"}


class ResultsPage(NamedTuple):
    """One page of a list. found has the applications by their keys, unread counts rows without one.

    total is None where no number is printed, unless the page shows that it is all. resize is the form
    that shows more rows a page.
    """

    found: dict[str, FoundApplication]
    unread: int
    total: int | None
    next_url: str | None
    resize: SearchForm | None


def parse_results(page: IdoxPage) -> ResultsPage:
    """Read a page of a list."""
    found: dict[str, FoundApplication] = {}
    rows = list_results(page)
    for row in rows:
        read = _parse_row(row, page.url)
        if read is not None:
            found.setdefault(*read)
    pagers = list(find_elements(page.root, f"//*[{having_class('pager')}]"))
    printed = _find_printed(page.root)
    pages = [link for pager in pagers for link in find_elements(pager, ".//a[@href]")]
    total = int(printed[1].replace(",", "")) if printed else None
    if total is None and not pages and len(rows) < _find_size(page.root):
        # A single short page may print no number: that it is short, and leads nowhere, is its proof.
        total = len(rows)
    next_links = find_elements(page.root, f"//*[{having_class('pager')}]//a[{having_class('next')}]")
    targets = (resolve_address(page.url, link.get("href")) for link in next_links)
    return ResultsPage(
        found, len(rows) - len(found), total, next(filter(None, targets), None), _make_resize(page)
    )


def _find_printed(root: html.HtmlElement) -> re.Match[str] | None:
    """Find "Showing 1-10 of 29": the numbers of the pages may stand right behind it."""
    for element in find_elements(root, f"//*[{having_class('showing')}]"):
        if found := _SHOWING.search(find_text(element)):
            return found
    return _SHOWING.search(" ".join(" ".join(root.itertext()).split()))


def _parse_row(row: html.HtmlElement, page_url: str) -> tuple[str, FoundApplication] | None:
    for link in find_elements(row, ".//a[@href]"):
        url = resolve_address(page_url, link.get("href"))
        key = find_key(url) if url else None
        if url and key:
            break
    else:
        return None
    facts = _read_facts(row)
    reference = next((value for label, value in facts.items() if label in _REFERENCE_LABELS), None)
    if reference is None:
        return None
    address = next(find_elements(row, f".//p[{having_class('address')}]"), None)
    days = {label: parse_date(value) for label, value in facts.items()}
    application = FoundApplication(
        reference=reference,
        proposal=blank_to_none(find_text(link)),
        address=None if address is None else find_value(address),
        status=facts.get("status"),
        received_date=next((day for label, day in days.items() if label in _RECEIVED_LABELS), None),
        valid_date=next((day for label, day in days.items() if label in _VALID_LABELS), None),
        register_url=url,
    )
    return key, application


def _read_facts(row: html.HtmlElement) -> dict[str, str]:
    """Return what the row's last line says, by folded label: `Ref. No: … | Received: … | Status: …`."""
    facts: dict[str, str] = {}
    for line in find_elements(row, f".//p[{having_class('metaInfo')} or {having_class('metainfo')}]"):
        for divider in find_elements(line, f".//span[{having_class('divider')}]"):
            divider.text = "|"
        for part in find_text(line).split("|"):
            label, _, value = part.partition(":")
            if plain := blank_to_none(value):
                facts.setdefault(fold_label(label), plain)
    return facts


def _find_size(root: html.HtmlElement) -> int:
    chosen: list[str] = root.xpath(f"//select[@name='{_SIZES}']/option[@selected]/@value")
    return int(chosen[-1]) if chosen and chosen[-1].isdigit() else PAGE_SIZE


def _make_resize(page: IdoxPage) -> SearchForm | None:
    """Return the form that shows the most rows a page; None where there is none, or they are shown."""
    offered: list[str] = page.root.xpath(f"//select[@name='{_SIZES}']/option/@value")
    sizes = [int(size) for size in offered if size.isdigit()]
    form = next(iter(find_elements(page.root, f"//form[.//select[@name='{_SIZES}']]")), None)
    if form is None or not sizes or max(sizes) <= _find_size(page.root):
        return None
    fields = [(control.name, control.value) for control in collect_controls(form) if control.is_on]
    wanted = [(name, str(max(sizes)) if name == _SIZES else value) for name, value in fields]
    return SearchForm("POST", urljoin(page.url, form.get("action", "").strip()), tuple(wanted))
