"""The documents of an application's page: rows of tables or items of lists, whatever the skin.

A row's meaning comes from the table's own column headings, and its category from the group heading
above it. A row without a usable link is no document that anyone could read: it is named in
`unlinked_titles`, so that it is not lost, and left out of the documents. What was read is held against
every document that the page's bytes name and every number of documents that it prints: a list that may
be shorter than the register's is an error.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.atrium.document_groups import (
    Group,
    check_group,
    find_groups,
    find_loose_items,
    parse_heading,
    parse_loose,
)
from planning_review.register.atrium.document_marks import find_marks, parse_mark
from planning_review.register.atrium.documents_proof import check_all_read, says_none, warn_of_more
from planning_review.register.page_text import (
    find_base,
    find_elements,
    find_text,
    find_value,
    having_class,
)
from planning_review.text.folding import fold_label

_COLUMNS = {
    "category": "category",
    "documentcategory": "category",
    "documenttype": "listed_type",
    "type": "listed_type",
    "date": "listed_date",
    "datepublished": "listed_date",
    "createddate": "listed_date",
    "datecreated": "listed_date",
    "dateadded": "listed_date",
    "documentdate": "listed_date",
    "received": "listed_date",
    "datereceived": "listed_date",
    "receiveddate": "listed_date",
    "published": "listed_date",
    "publisheddate": "listed_date",
    "publicationdate": "listed_date",
    "uploaded": "listed_date",
    "dateuploaded": "listed_date",
    "uploaddate": "listed_date",
    "added": "listed_date",
    "created": "listed_date",
    "description": "description",
    "documentdescription": "description",
    "documentname": "description",
    "name": "description",
    "title": "description",
    "document": "description",
    "filesize": "size",
    "size": "size",
    "drawingrevnumber": "drawing_number",
    "drawingnumber": "drawing_number",
}
# Columns that hold nothing that is kept.
_NAMES = {"view", "open", "download", "select", "all", "link", "file", "pages", "no", "format"}
_LONGEST_GROUP_CHARS = 60


class DocumentsTable(NamedTuple):
    """What the page lists. is_available is False where the page has no documents section at all."""

    documents: tuple[ListedDocument, ...]
    is_available: bool
    unlinked_titles: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def parse_documents_table(
    page: html.HtmlElement, page_url: str, source: bytes | str | None = None
) -> DocumentsTable:
    """Read every document that a page lists, in the page's order; the first row of an id counts.

    source is the page as it came. Raises RegisterLayoutError where the page names, links or counts more
    documents than were read, and for a table that has rows and yields no document.
    """
    documents: dict[str, ListedDocument] = {}
    unlinked: list[str] = list(_find_unmarked_items(page))
    listings = list(_find_listings(page))
    base = find_base(page, page_url)
    loose = find_loose_items(page)
    groups = find_groups(page, [*listings, *loose.values()])
    for listing in listings:
        # A table in a table that lists documents is read by itself, under no heading of its own.
        found, rows_without_link = _parse_listing(listing, base, groups.get(listing, Group(None)))
        if rows_without_link and not found:
            raise RegisterLayoutError(
                f"{page_url} lists {len(rows_without_link)} documents and not one link to them was "
                "understood: the register's layout may have changed."
            )
        for document in found:
            documents.setdefault(document.document_id, document)
        unlinked += rows_without_link
    for document in parse_loose(loose, groups, base):
        documents.setdefault(document.document_id, document)
    check_all_read(page, source, page_url, documents, len(documents) + len(unlinked))
    is_available = bool(listings or documents) or says_none(page)
    warnings = warn_of_more(page) if documents else ()
    return DocumentsTable(tuple(documents.values()), is_available, tuple(unlinked), warnings)


def _find_listings(page: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the tables that are called a list of documents, and those that hold one."""
    called = f"[{having_class('document-list')}]"
    for table in find_elements(page, f"//table[.//a or .//@data-imageid or self::*{called}]"):
        is_called = "document-list" in (table.get("class") or "").split()
        own = (mark for mark in find_marks(table) if next(mark.iterancestors("table"), table) is table)
        if is_called or (table.get("data-imageid") is None and next(own, None) is not None):
            yield table


def _find_unmarked_items(page: html.HtmlElement) -> Iterator[str]:
    """Yield the titles of items without a document that stand in a list of documents."""
    lists = {item.getparent(): None for mark in find_marks(page) for item in mark.iterancestors("li")}
    for items in lists:
        if items is not None and next(items.iterancestors("table"), None) is None:
            for item in find_elements(items, "./li"):
                if next(find_marks(item), None) is None:
                    yield find_text(item)[:120] or "(no title)"


def _parse_listing(
    table: html.HtmlElement, page_url: str, group: Group
) -> tuple[list[ListedDocument], list[str]]:
    """Return a table's documents, and the titles of its rows that have no usable link."""
    documents: list[ListedDocument] = []
    unlinked: list[str] = []
    columns: dict[int, str] = {}
    held: dict[int, tuple[int, str | None]] = {}
    counted = 0
    is_called = "document-list" in (table.get("class") or "").split()
    rows = list(find_elements(table, "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"))
    # In a list of one column a single cell is a document's, else it is a notice.
    is_narrow = not is_called or any(
        len(row.findall("td")) == 1 for row in rows if next(find_marks(row), None) is not None
    )
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        headings, cells = row.findall("th"), row.findall("td")
        marks = list(find_marks(row))
        if not marks and _is_column_row(headings, cells):
            columns = _map_columns(headings or cells)
        elif not marks and _is_group(headings, cells, following):
            check_group(group, counted, page_url)
            group, counted = parse_heading(find_text(row)), 0
        elif marks or len(cells) > (0 if is_narrow else 1):
            values = _parse_cells(row, columns, held)
            category = values.get("category") or group.name
            by_link = len(marks) > 1 or "description" not in columns.values()
            found = [parse_mark(mark, values, category, page_url, by_link) for mark in marks]
            documents += [document for document in found if document is not None]
            counted += max(len(marks), 1)
            if not any(found) and not row.xpath(".//table"):
                unlinked.append(values.get("description") or find_text(row)[:120] or "(no title)")
    check_group(group, counted, page_url)
    return documents, unlinked


def _is_column_row(headings: list[html.HtmlElement], cells: list[html.HtmlElement]) -> bool:
    """Return whether a row names the columns; where it has one heading only a known name does.

    Plain cells do where all that they say are names of columns, a known one among them.
    """
    if headings and not cells:
        return len(headings) > 1 or fold_label(find_text(headings[0])) in _COLUMNS
    names = [fold_label(text) for cell in cells if (text := find_text(cell))]
    return len(names) > 1 and not headings and all(name in _COLUMNS or name in _NAMES for name in names)


def _is_group(
    headings: list[html.HtmlElement], cells: list[html.HtmlElement], following: html.HtmlElement | None
) -> bool:
    if len(headings) == 1 and not cells:
        return True
    is_spanning = len(cells) == 1 and not headings and cells[0].get("colspan") is not None
    if not is_spanning or cells[0].find(".//strong") is not None:
        # The older markup.
        return is_spanning
    # What stands above documents is what they are called; by itself it is a notice, such as "no documents".
    text = find_text(cells[0])
    is_name = 0 < len(text) <= _LONGEST_GROUP_CHARS and not text.endswith(".")
    return is_name and following is not None and next(find_marks(following), None) is not None


def _map_columns(headings: list[html.HtmlElement]) -> dict[int, str]:
    columns, position = {}, 0
    for heading in headings:
        field = _COLUMNS.get(fold_label(find_text(heading)))
        if field:
            columns[position] = field
        position += _span(heading)
    return columns


def _parse_cells(
    row: html.HtmlElement, columns: dict[int, str], held: dict[int, tuple[int, str | None]]
) -> dict[str, str]:
    """Return a row's texts by field. held are the cells of rows above that reach down to this one."""
    values: dict[str, str] = {}
    reaching: dict[int, tuple[int, str | None]] = {}
    position = 0
    for cell in [*find_elements(row, "./td | ./th"), None]:
        while position in held:
            rows, value = held.pop(position)
            if rows > 1:
                reaching[position] = (rows - 1, value)
            if position in columns and value:
                values[columns[position]] = value
            position += 1
        if cell is None:
            break
        value = find_value(cell)
        if position in columns and value:
            values[columns[position]] = value
        if (rows := _span(cell, "rowspan")) > 1:
            reaching[position] = (rows - 1, value)
        position += _span(cell)
    held.clear()
    held.update(reaching)
    return values


def _span(cell: html.HtmlElement, way: str = "colspan") -> int:
    span = cell.get(way, "1").strip()
    return max(int(span), 1) if re.fullmatch(r"[0-9]{1,3}", span) else 1
