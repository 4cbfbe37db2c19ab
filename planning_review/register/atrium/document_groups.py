"""What the documents of a page stand under, and what each of those that stand in no table is made of."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from lxml import etree, html

from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.atrium.document_marks import find_marks, is_word_for_link, parse_mark
from planning_review.register.page_text import find_dates, find_elements, find_text, find_value, parse_date

_HEADINGS = {"h2", "h3", "h4", "h5", "h6", "summary", "legend", "dt"}
_OTHER_CONTENT = {"table", "dl", "form"}
_COUNT = re.compile(r"\s*[(\[]\s*(\d{1,5})\s*[)\]]\s*$")
# A heading that all documents stand under says nothing of any.
_ALL = re.compile(
    r"(?:(?:all|view|related|associated|attached|available|application|planning|online|the|list of|and|&|"
    r"plans)\s+)*(?:documents?|files|attachments)(?:\s+(?:list|available|online|attached))*",
    re.IGNORECASE,
)
_LONGEST_HEADING_CHARS = 100
# Where a document is one item of several, and no list says how far each goes.
_ITEMS = ("li", "dd", "tr")
_LARGER = {"body", "main", "section", "details", "form", "table"}
_LONGEST_ITEM_CHARS = 400


class Group(NamedTuple):
    """A heading that documents stand under; printed is the number that it says it has."""

    name: str | None
    printed: int | None = None


def parse_heading(text: str) -> Group:
    """Return what a heading names and counts, without the signs that open and close it."""
    text = text.strip(" +-▲▼▶►:")
    count = _COUNT.search(text)
    name = _COUNT.sub("", text).strip() if count else text
    if not name or len(name) > _LONGEST_HEADING_CHARS or _ALL.fullmatch(name):
        # How many there are of all is compared with all.
        return Group(None)
    return Group(name, int(count[1]) if count else None)


def find_groups(page: html.HtmlElement, items: Collection[html.HtmlElement]) -> dict[html.HtmlElement, Group]:
    """Return under which heading each of the items stands: tables, or what holds a document in none."""
    items = set(items)
    holders = {outer for item in items for outer in item.iterancestors()}
    groups: dict[html.HtmlElement, Group] = {}
    current = Group(None)
    walk = etree.iterwalk(page, events=("start",))
    for _, element in walk:
        if element in items:
            caption = element.find("caption")
            groups[element] = current if caption is None else parse_heading(find_text(caption))
            walk.skip_subtree()
        elif _is_heading(element):
            current = parse_heading(find_text(element))
            walk.skip_subtree()
        elif element.tag in _OTHER_CONTENT and element not in holders:
            # What stands between a heading and a list is what the heading is of.
            current = Group(None)
            walk.skip_subtree()
    return groups


def check_group(group: Group, rows: int, page_url: str) -> None:
    """Raise RegisterLayoutError where a heading counts more documents than were read under it."""
    if group.printed is not None and 0 < rows < group.printed:
        raise RegisterLayoutError(
            f"{page_url} counts {group.printed} documents under {group.name!r}, and {rows} were read there: "
            "the list is not whole. Open it in a browser; documents saved there can be reviewed with "
            "--documents FOLDER."
        )


def parse_loose(
    loose: Mapping[html.HtmlElement, html.HtmlElement],
    groups: Mapping[html.HtmlElement, Group],
    page_url: str,
) -> Iterator[ListedDocument]:
    """Yield the documents that stand in no table: items of a list, cards, or links of their own."""
    rows = Counter(groups.get(item, Group(None)) for item in loose.values())
    for group, count in rows.items():
        check_group(group, count, page_url)
    for mark, item in loose.items():
        title = _find_title(mark, item)
        dates = set(find_dates(find_text(item)))
        values = {
            **({"description": title} if title else {}),
            **({"listed_date": dates.pop().isoformat()} if len(dates) == 1 else {}),
        }
        document = parse_mark(mark, values, groups.get(item, Group(None)).name, page_url)
        if document is not None:
            yield document


def find_loose_items(page: html.HtmlElement) -> dict[html.HtmlElement, html.HtmlElement]:
    """Return the marks that stand in no table, each with the element that holds it and no other."""
    loose = [
        mark
        for mark in find_marks(page)
        if mark.tag != "table" and next(mark.iterancestors("table"), None) is None
    ]
    holding: dict[html.HtmlElement, int] = {}
    for mark in loose:
        for outer in mark.iterancestors():
            holding[outer] = holding.get(outer, 0) + 1
    return {mark: _find_item(mark, holding) for mark in loose}


def _find_item(mark: html.HtmlElement, holding: Mapping[html.HtmlElement, int]) -> html.HtmlElement:
    listed = next(mark.iterancestors(*_ITEMS), None)
    if listed is not None:
        return listed if holding[listed] == 1 else mark
    item = mark
    if not is_word_for_link(find_text(mark)):
        return next(mark.iterancestors("p"), mark) if holding.get(mark.getparent()) == 1 else mark
    for outer in mark.iterancestors():
        too_much = outer.tag in _LARGER or holding[outer] > 1 or len(find_text(outer)) > _LONGEST_ITEM_CHARS
        if too_much:
            break
        item = outer
    return item


def _find_title(mark: html.HtmlElement, item: html.HtmlElement) -> str | None:
    shown = find_value(mark) if mark.get("data-imageid") is None else None
    if shown and not is_word_for_link(shown):
        return shown
    if mark.get("data-imageid") is not None:
        texts = (find_value(part) for part in find_elements(mark, ".//*[not(*)]"))
        named = (text for text in texts if text and parse_date(text) is None and not is_word_for_link(text))
        if (first := next(named, None)) is not None:
            return first
    heading = next(find_elements(item, ".//h2 | .//h3 | .//h4 | .//h5 | .//h6 | .//strong"), None)
    return find_value(heading) if heading is not None else find_value(item)


def _is_heading(element: html.HtmlElement) -> bool:
    if element.tag != "button":
        return element.tag in _HEADINGS
    opens = any(element.get(name) for name in ("aria-expanded", "data-toggle", "data-bs-toggle"))
    return opens or any("accordion" in (outer.get("class") or "") for outer in element.iterancestors("div"))
