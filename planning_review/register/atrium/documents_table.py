"""The documents table of an application's page.

A row's meaning comes from the table's own column headings, and its category from the group heading
above it. A row without a usable link is no document that anyone could read: it is named in
`unlinked_titles`, so that it is not lost, and left out of the documents.
"""

import hashlib
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.page_text import (
    find_elements,
    find_text,
    find_value,
    having_class,
    parse_date,
)
from planning_review.text.folding import fold_label

_COLUMNS = {
    "documenttype": "listed_type",
    "type": "listed_type",
    "date": "listed_date",
    "datepublished": "listed_date",
    "description": "description",
    "filesize": "size",
    "size": "size",
    "drawingrevnumber": "drawing_number",
    "drawingnumber": "drawing_number",
}
_SIZE = re.compile(r"(\d[\d,]{0,14}(?:\.\d{1,9})?|\.\d{1,9})\s*(bytes?|[kmg]?b)", re.IGNORECASE)
_UNIT_BYTES = {"kb": 1024, "mb": 1024**2, "gb": 1024**3}


_IDENTITY = ("recordnumber", "planid", "imageid")
# These say how a file is called and served, not which one it is.
_NOT_IDENTITY = {"filename", "module", "isplan"}
_PLAIN = re.compile(r"[A-Za-z0-9]+")


class DocumentsTable(NamedTuple):
    """What the page lists. is_available is False where the page has no documents table at all."""

    documents: tuple[ListedDocument, ...]
    is_available: bool
    unlinked_titles: tuple[str, ...]


def parse_documents_table(page: html.HtmlElement, page_url: str) -> DocumentsTable:
    """Read every documents table of a page, in the page's order; the first row of an id counts.

    Raises RegisterLayoutError for a table that has rows and yields no document.
    """
    documents: dict[str, ListedDocument] = {}
    unlinked: list[str] = []
    tables = list(find_elements(page, f"//table[{having_class('document-list')}]"))
    for table in tables:
        found, rows_without_link = _parse_table(table, page_url)
        if rows_without_link and not found:
            raise RegisterLayoutError(
                f"{page_url} lists {len(rows_without_link)} documents and not one link to them was "
                "understood: the register's layout may have changed."
            )
        for document in found:
            documents.setdefault(document.document_id, document)
        unlinked += rows_without_link
    return DocumentsTable(tuple(documents.values()), bool(tables), tuple(unlinked))


def parse_size(text: str | None) -> int | None:
    """Return the bytes of a printed size such as `1.2 MB`; None for anything else."""
    match = _SIZE.fullmatch((text or "").strip())
    if match is None:
        return None
    return round(float(match[1].replace(",", "")) * _UNIT_BYTES.get(match[2].lower(), 1))


def _parse_table(table: html.HtmlElement, page_url: str) -> tuple[list[ListedDocument], list[str]]:
    """Return a table's documents, and the titles of its rows that have no usable link."""
    documents: list[ListedDocument] = []
    unlinked: list[str] = []
    columns: dict[int, str] = {}
    category: str | None = None
    for row in find_elements(table, "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"):
        headings, cells = row.findall("th"), row.findall("td")
        if len(headings) > 1 and not cells:
            columns = _map_columns(headings)
        elif _is_group(headings, cells):
            category = _parse_group(row)
        elif len(cells) > 1:
            values = _parse_cells(row, columns)
            document = _parse_document(row, values, category, page_url)
            if document is None:
                unlinked.append(values.get("description") or find_text(row)[:120] or "(no title)")
            else:
                documents.append(document)
    return documents, unlinked


def _is_group(headings: list[html.HtmlElement], cells: list[html.HtmlElement]) -> bool:
    if len(headings) == 1 and not cells:
        return True
    # The older markup. A spanning cell without <strong> is a notice, such as "no documents".
    is_spanning = len(cells) == 1 and not headings and cells[0].get("colspan") is not None
    return is_spanning and cells[0].find(".//strong") is not None


def _parse_group(row: html.HtmlElement) -> str | None:
    text = find_text(row).strip(" +-▲▼▶►")
    return re.sub(r"\s*\(\d+\)$", "", text) or None


def _map_columns(headings: list[html.HtmlElement]) -> dict[int, str]:
    columns, position = {}, 0
    for heading in headings:
        field = _COLUMNS.get(fold_label(find_text(heading)))
        if field:
            columns[position] = field
        position += _span(heading)
    return columns


def _parse_cells(row: html.HtmlElement, columns: dict[int, str]) -> dict[str, str]:
    values, position = {}, 0
    for cell in find_elements(row, "./td | ./th"):
        value = find_value(cell)
        if position in columns and value:
            values[columns[position]] = value
        position += _span(cell)
    return values


def _span(cell: html.HtmlElement) -> int:
    span = cell.get("colspan", "1").strip()
    return max(int(span), 1) if re.fullmatch(r"[0-9]{1,3}", span) else 1


def _parse_document(
    row: html.HtmlElement, values: dict[str, str], category: str | None, page_url: str
) -> ListedDocument | None:
    url = _find_link(row, page_url)
    if url is None:
        return None
    query = {name.lower(): value.strip() for name, value in parse_qsl(urlsplit(url).query)}
    document_id = identify_document(url)
    file_name = query.get("filename") or None
    return ListedDocument(
        document_id=document_id,
        title=values.get("description") or file_name or f"Document {document_id}",
        file_name=file_name,
        category=category,
        listed_type=values.get("listed_type"),
        listed_date=parse_date(values.get("listed_date")),
        size_listed=values.get("size"),
        size_bytes_listed=parse_size(values.get("size")),
        drawing_number=values.get("drawing_number"),
        register_url=url,
    )


def _find_link(row: html.HtmlElement, page_url: str) -> str | None:
    """Return the address of a row's document, absolute.

    Some skins fill `href` by script and keep the address in `data-disabled-link` until then.
    """
    for link in find_elements(row, f".//a[{having_class('singledownloadlink')}]"):
        if url := _find_target(link, page_url):
            return url
    for link in find_elements(row, ".//a"):
        url = _find_target(link, page_url)
        if url and "/document/" in url.lower():
            return url
    return None


def _find_target(link: html.HtmlElement, page_url: str) -> str | None:
    for attribute in ("href", "data-disabled-link"):
        target: str = link.get(attribute, "").strip()
        if not target or target.startswith("#"):
            continue
        try:
            url, _ = urldefrag(urljoin(page_url, target))
        except ValueError:
            continue
        if url.startswith(("http://", "https://")):
            return url
    return None


def identify_document(url: str) -> str:
    """Return the document_id of an address: `recordNumber-planId-imageId`.

    Where one of the three is missing or is no plain number or word, the id is made from what
    identifies the address otherwise: its query without file name, module and isPlan, sorted by name;
    if nothing is left, its path and whole query. It is that text made safe, 60 characters at most,
    followed by eight digits of its sha256, and so the same on every visit and apart from its
    neighbours'. The case of parameter names does not count.
    """
    parts = urlsplit(url)
    query = [(name.lower(), value.strip()) for name, value in parse_qsl(parts.query)]
    values = [dict(query).get(name, "") for name in _IDENTITY]
    if all(_PLAIN.fullmatch(value) for value in values):
        return "-".join(values)
    rest = sorted((name, value) for name, value in query if name not in _NOT_IDENTITY)
    text = "_".join(f"{name}-{value}" for name, value in rest) or f"{parts.path}_{parts.query}"
    safe = re.sub(r"[^A-Za-z0-9-]+", "_", text).strip("_-")[:60]
    return f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
