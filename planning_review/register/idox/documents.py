"""The documents tab: its table, proven by the number that the tab prints and by the page's own links."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urldefrag

from lxml import html

from planning_review.documents.formats.table import drop_file_suffix
from planning_review.errors import RegisterLayoutError
from planning_review.models import ListedDocument
from planning_review.register.idox.addresses import resolve_address, split_file_address
from planning_review.register.idox.page import IdoxPage
from planning_review.register.page_text import find_elements, find_text, find_value, parse_date, parse_size
from planning_review.text.folding import fold_label

# Order and number of the columns are each council's own.
_COLUMNS = {
    "datepublished": "listed_date",
    "date": "listed_date",
    "documenttype": "listed_type",
    "type": "listed_type",
    "description": "description",
    "documentdescription": "description",
    "drawingnumber": "drawing_number",
    "drawingno": "drawing_number",
    "filesize": "size",
    "size": "size",
}
_NONE = re.compile(
    r"there are no (?:documents|files)|no documents (?:are |have been |were )?(?:found|available)"
)


class DocumentsTab(NamedTuple):
    """What a documents tab lists. columns are the headings that were understood."""

    documents: tuple[ListedDocument, ...]
    unlinked_titles: tuple[str, ...]
    columns: tuple[str, ...]


def parse_documents(page: IdoxPage, printed: int | None) -> DocumentsTab:
    """Read every row of the documents table.

    printed is the number beside the tab's name, None where there is none. Raises RegisterLayoutError
    unless all that the page counts and links to was read: a list cut short is no list.
    """
    documents: list[ListedDocument] = []
    unlinked: list[str] = []
    columns: dict[int, str] = {}
    for table in _find_tables(page.root):
        for row in find_elements(table, "./tr | ./thead/tr | ./tbody/tr"):
            cells = list(find_elements(row, "./td"))
            if not cells:
                columns = _map_columns(row) or columns
                continue
            document = _parse_row(row, columns, page.url)
            if document is not None:
                documents.append(document)
            elif len(cells) > 1:
                unlinked.append(_read_cells(row, columns).get("description") or find_text(row)[:120])
    _check_count(page, printed, len(documents) + len(unlinked), {each.register_url for each in documents})
    return DocumentsTab(_tell_apart(documents), tuple(unlinked), tuple(dict.fromkeys(columns.values())))


def _find_tables(root: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the documents table; where none is called that, every table with a link to a file."""
    named = list(find_elements(root, "//table[@id='Documents' or @summary='Documents']"))
    return named or list(find_elements(root, "//table[.//a[contains(@href, '/files/')]][not(.//table)]"))


def _check_count(page: IdoxPage, printed: int | None, rows: int, urls: set[str]) -> None:
    links = {url for link in find_elements(page.root, "//a[@href]") if (url := _find_file(link, page.url))}
    says_none = bool(_NONE.search(find_text(page.root).casefold()))
    if printed is not None and printed != rows:
        found = f"prints {printed} documents beside the tab's name and lists {rows}"
    elif missed := links - urls:
        found = f"links to {len(missed)} files outside the list that was read, such as {min(missed)}"
    elif rows == 0 and not says_none and printed is None:
        found = "lists no document and does not say that there are none"
    elif rows and not urls:
        found = f"lists {rows} documents and not one link to them was understood"
    else:
        return
    raise RegisterLayoutError(
        f"{page.url} {found}, so the documents are not known whole: the register's layout may have changed. "
        "Open it in a browser; documents saved there can be reviewed with --documents FOLDER."
    )


def _map_columns(row: html.HtmlElement) -> dict[int, str]:
    fields = (_COLUMNS.get(fold_label(find_text(cell))) for cell in find_elements(row, "./th"))
    return {index: field for index, field in enumerate(fields) if field}


def _read_cells(row: html.HtmlElement, columns: dict[int, str]) -> dict[str, str]:
    values = {}
    for index, cell in enumerate(find_elements(row, "./td | ./th")):
        value = find_value(cell)
        if value and index in columns:
            values[columns[index]] = value
    return values


def _parse_row(row: html.HtmlElement, columns: dict[int, str], page_url: str) -> ListedDocument | None:
    links = (_find_file(link, page_url) for link in find_elements(row, ".//a[@href]"))
    # Not the first link: "Measure document" stands before it, and leads to another program.
    url = next((link for link in links if link), None)
    if url is None:
        return None
    values = _read_cells(row, columns)
    number, file_name = split_file_address(url) or ("", "")
    file_name = unquote(file_name)
    kind = values.get("listed_type")
    return ListedDocument(
        document_id=_identify(number, file_name),
        title=values.get("description") or kind or file_name,
        file_name=file_name,
        # The type is all the grouping that there is.
        category=kind,
        listed_type=kind,
        listed_date=parse_date(values.get("listed_date")),
        size_listed=values.get("size"),
        size_bytes_listed=parse_size(values.get("size")),
        drawing_number=values.get("drawing_number"),
        register_url=url,
    )


def _find_file(link: html.HtmlElement, page_url: str) -> str | None:
    url = resolve_address(page_url, link.get("href"))
    if url is None or not url.startswith(("http://", "https://")) or split_file_address(url) is None:
        return None
    return urldefrag(url)[0]


def _identify(number: str, file_name: str) -> str:
    """Return the document's number, which ends its file's name; else that of its address.

    The number of the address is the server's own, and may not be the same for ever.
    """
    own = re.search(r"-(\d{3,20})$", drop_file_suffix(file_name))
    return own[1] if own else number.lower()


def _tell_apart(documents: list[ListedDocument]) -> tuple[ListedDocument, ...]:
    """Keep one row of each file; other files under a number that is taken get their address's as well."""
    kept: dict[str, ListedDocument] = {}
    for document in documents:
        first = kept.setdefault(document.document_id, document)
        if first.register_url != document.register_url:
            number, _ = split_file_address(document.register_url) or ("", "")
            own = f"{document.document_id}-{number.lower()}"
            kept.setdefault(own, document.model_copy(update={"document_id": own}))
    return tuple(kept.values())
