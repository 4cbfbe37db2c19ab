"""The lines of a results list: rows of a table, whatever the columns' order, or cards."""

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import html

from planning_review.errors import RegisterLayoutError, UsageError
from planning_review.references import parse_reference
from planning_review.register.atrium.addresses import (
    find_reference,
    is_any_modules_page,
    is_planning_page,
    resolve_address,
)
from planning_review.register.atrium.labels import DATE_LABELS, REFERENCE_LABELS, TEXT_LABELS
from planning_review.register.atrium.summary import find_styled
from planning_review.register.page_text import (
    find_elements,
    find_text,
    find_value,
    having_class,
    parse_date,
)
from planning_review.register.platform import Council
from planning_review.register.search import FoundApplication
from planning_review.text.folding import fold_label

# A list's columns are called as a page's labels are.
_COLUMNS = {
    "reference": tuple(REFERENCE_LABELS),
    "proposal": TEXT_LABELS["proposal"],
    "address": TEXT_LABELS["site_address"],
    "application_type": (*TEXT_LABELS["application_type"], "type"),
    "status": TEXT_LABELS["status"],
    "parish": TEXT_LABELS["parish"],
    "received_date": DATE_LABELS["received_date"],
    "valid_date": DATE_LABELS["valid_date"],
}
_FIELD_OF_LABEL = {label: field for field, labels in _COLUMNS.items() for label in labels}
_CARDS = (
    f"//*[{having_class('searchResultsCardRow')} or {having_class('results__item')} or "
    f"{having_class('search-results-item')}]"
)
# What holds one result where the skin is none of those: the nearest that holds no other.
_ITEMS = ("li", "dl", "article", "tr", "dd", "div")
_HEADING_CLASS = "mobile-heading"
_LONGEST_TEXT_CHARS = 4_000
_LONGEST_REFERENCE = 40


def parse_rows(root: html.HtmlElement, page_url: str, council: Council) -> Iterator[FoundApplication]:
    """Yield the lines that link to a planning application on this register.

    Other modules' lines look the same and may link to a planning application besides: a line belongs to
    the module of its first link. Raises RegisterLayoutError for a line without a usable reference.
    """
    rows = list(find_elements(root, f"//table[{having_class('tblResults')}]//tr[td]"))
    cards = list(find_elements(root, _CARDS))
    rows = rows or ([] if cards else list(find_elements(root, "//tr[td][not(.//table)]")))
    lines = rows or cards
    if not any(_find_planning_link(line, page_url, council) for line in lines):
        lines = _find_items(root, page_url, council)
    labels: dict[html.HtmlElement | None, list[str]] = {}
    for line in lines:
        link = _find_planning_link(line, page_url, council)
        if link is None:
            continue
        anchor, url = link
        table = next((each for each in line.iterancestors("table")), None)
        if line.tag != "tr":
            values = _parse_card(line, anchor)
        else:
            if table not in labels:
                labels[table] = _find_column_labels(table)
            values = _parse_cells(line, labels[table])
            if not labels[table] and not values:
                # No column has a name: the words are told as they stand, as interest goes by words.
                values = _read_unnamed(line, anchor)
        printed = values.pop("reference", "")
        received, valid = values.pop("received_date", None), values.pop("valid_date", None)
        yield FoundApplication(
            reference=choose_reference([printed, find_text(anchor), find_reference(url)], page_url),
            received_date=parse_date(received),
            valid_date=parse_date(valid),
            register_url=url,
            **values,
        )


def _find_items(root: html.HtmlElement, page_url: str, council: Council) -> list[html.HtmlElement]:
    """Return what holds each of the links to a planning application, once, in the page's order."""
    links: dict[str, html.HtmlElement] = {}
    for anchor in find_elements(root, "//a"):
        url = resolve_address(page_url, anchor.get("href"))
        if url and is_planning_page(url, council):
            links.setdefault(url, anchor)
    items: dict[html.HtmlElement, None] = {}
    shared: dict[html.HtmlElement, list[html.HtmlElement]] = {}
    for anchor in links.values():
        item = anchor
        for outer in anchor.iterancestors(*_ITEMS):
            inside = {resolve_address(page_url, each.get("href")) for each in find_elements(outer, ".//a")}
            if len(inside & set(links)) > 1:
                break
            item = outer
        term = next(anchor.iterancestors("dt", "dd"), None)
        if item is term and item is not None:
            # One list of terms holds them all: each goes from its own first term to the next one's.
            shared.setdefault(next(item.iterancestors("dl")), []).append(item)
        else:
            items.setdefault(item)
    return [*items, *(each for grid, terms in shared.items() for each in _part_terms(grid, terms))]


def _part_terms(grid: html.HtmlElement, holders: list[html.HtmlElement]) -> Iterator[html.HtmlElement]:
    """Yield copies of the parts of a list of terms, one for each application that it holds."""
    terms = list(find_elements(grid, ".//dt | .//dd"))
    starts = []
    for holder in holders:
        position = terms.index(holder)
        while terms[position].tag == "dd" and position > 0:
            position -= 1
        starts.append(position)
    for start, end in zip(starts, [*starts[1:], len(terms)], strict=True):
        part = html.Element("dl")
        part.extend(deepcopy(term) for term in terms[start:end])
        yield part


def choose_reference(candidates: list[str], page_url: str) -> str:
    """Return the first text that is a reference, else the first that could be another council's kind.

    An application is found whatever it is called: that its reference is odd is for the review of it to
    say. Raises RegisterLayoutError where nothing is there that could name it.
    """
    for candidate in candidates:
        try:
            return parse_reference(candidate)
        except UsageError:
            continue
    odd = (" ".join(text.split()) for text in candidates)
    shown = next((text for text in odd if len(text) <= _LONGEST_REFERENCE and re.search(r"\d", text)), None)
    if shown is None:
        raise RegisterLayoutError(
            f"{page_url} lists an application as {next(filter(None, candidates), '')[:60]!r}, which is no "
            "reference. Open it in a browser."
        )
    return shown


def _find_column_labels(table: html.HtmlElement | None) -> list[str]:
    """Return the labels of a table's columns, from its first row: `th`, or `td` on some skins."""
    first = None if table is None else _find_first(table, ".//tr")
    if first is None:
        return []
    labels = [fold_label(find_text(cell)) for cell in find_elements(first, "./th | ./td")]
    is_heading = first.find("td") is None or sum(label in _FIELD_OF_LABEL for label in labels) > 1
    return labels if is_heading else []


def _find_first(element: html.HtmlElement, path: str) -> html.HtmlElement | None:
    return next(find_elements(element, path), None)


def _parse_card(card: html.HtmlElement, anchor: html.HtmlElement) -> dict[str, str]:
    """Return a card's texts by field: heading the reference, link the address, last part the proposal."""
    texts: dict[str, str | None] = {}
    if (heading := _find_first(card, ".//h1 | .//h2 | .//h3")) is not None:
        texts = {"reference": find_value(heading)}
        if (place := find_value(anchor)) and place != texts["reference"]:
            texts["address"] = place
        if (kind := _find_first(heading, "following-sibling::span")) is not None:
            texts["application_type"] = find_value(kind)
    if (shown := _find_first(card, f".//*[{having_class('results__address')}]")) is not None:
        texts["address"] = find_value(shown)
    parts, labelled = card.findall("div"), _find_own_labels(card)
    if len(parts) > 2 and not labelled:
        texts["proposal"] = find_value(parts[-1])
    for label, value in labelled:
        if field := _FIELD_OF_LABEL.get(fold_label(label)):
            texts[field] = texts.get(field) or value
    if not texts.get("proposal") and not labelled:
        # What it says is told as it stands: which of it is the proposal is not.
        texts["proposal"] = find_text(card).replace(find_text(anchor), "", 1).strip(" :,-") or None
    return {field: text[:_LONGEST_TEXT_CHARS] for field, text in texts.items() if text}


def _find_own_labels(card: html.HtmlElement) -> list[tuple[str, str | None]]:
    """Return the labels that stand in a card with their values: terms of a list, or of a form."""
    followed = "following-sibling::*[1][self::dd or self::div or self::span]"
    terms = f".//dt[{followed}] | .//label[{followed}]"
    pairs = ((each, _find_first(each, "./following-sibling::*[1]")) for each in find_elements(card, terms))
    found = [(find_text(term).rstrip(" :"), find_value(value)) for term, value in pairs if value is not None]
    return found or list(find_styled(card))


def _parse_cells(row: html.HtmlElement, labels: list[str]) -> dict[str, str]:
    """Return a row's texts by field; a cell's own hidden label counts before its column's."""
    values: dict[str, str] = {}
    for position, cell in enumerate(find_elements(row, "./td | ./th")):
        own = _find_first(cell, f".//span[{having_class(_HEADING_CLASS)}]")
        # Not find_text, which hides exactly this.
        label = "" if own is None else fold_label(own.text_content())
        if label not in _FIELD_OF_LABEL and position < len(labels):
            label = labels[position]
        field, value = _FIELD_OF_LABEL.get(label), find_value(cell)
        if field and value:
            values.setdefault(field, value[:_LONGEST_TEXT_CHARS])
    return values


def _read_unnamed(row: html.HtmlElement, anchor: html.HtmlElement) -> dict[str, str]:
    """Return the texts of a row's cells but its link's, together; days and blanks are left out."""
    texts = (find_value(cell) for cell in find_elements(row, "./td"))
    told = [text for text in texts if text and text != find_text(anchor) and parse_date(text) is None]
    return {"proposal": "; ".join(told)[:_LONGEST_TEXT_CHARS]} if told else {}


def _find_planning_link(
    line: html.HtmlElement, page_url: str, council: Council
) -> tuple[html.HtmlElement, str] | None:
    for anchor in find_elements(line, "descendant-or-self::a"):
        for attribute in ("href", "data-disabled-link"):
            url = resolve_address(page_url, anchor.get(attribute))
            if url is None or not council.serves(url):
                continue
            if is_planning_page(url, council):
                return anchor, url
            if is_any_modules_page(url, council):
                return None
    return None
