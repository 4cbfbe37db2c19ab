"""Reading text, labels and dates out of the register's HTML."""

from collections.abc import Iterator
from datetime import date, datetime, time

from lxml import etree, html

_BLOCKS = {"br", "dd", "div", "dt", "li", "p", "td", "th", "tr"}
# Scripts and form choices are no content; a mobile heading repeats the column's label in each cell.
_HIDDEN_TAGS = {"script", "select", "style"}
_HIDDEN_CLASS = "mobile-heading"
_EMPTY = {"", "-", "–", "—"}


def parse_html(page: bytes | str) -> html.HtmlElement | None:
    """Return the root of a page, or None where there is nothing to parse.

    Bytes are read as UTF-8, else as Windows-1252.
    """
    text = page if isinstance(page, str) else _decode(page)
    # As UTF-8 bytes again: lxml refuses a str that declares an encoding of its own.
    data = text.replace("\x00", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except etree.ParserError:
        return None


def _decode(page: bytes) -> str:
    try:
        return page.decode("utf-8-sig")
    except UnicodeDecodeError:
        return page.decode("cp1252", "replace")


def having_class(name: str) -> str:
    """Return an XPath condition: the element has this class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def find_elements(element: html.HtmlElement, path: str) -> Iterator[html.HtmlElement]:
    """Yield the elements that an XPath finds, in the page's order."""
    for found in element.xpath(path):
        if isinstance(found, html.HtmlElement):
            yield found


def find_text(element: html.HtmlElement) -> str:
    """Return the text that a reader sees in an element, white space made single spaces."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end", "comment"))
    for event, node in walk:
        if event == "start":
            if node.tag in _HIDDEN_TAGS or _HIDDEN_CLASS in (node.get("class") or "").split():
                walk.skip_subtree()
            else:
                parts += [" " if node.tag in _BLOCKS else "", node.text or ""]
        elif node is not element:
            parts += [" " if node.tag in _BLOCKS else "", node.tail or ""]
    return " ".join("".join(parts).split())


def find_value(element: html.HtmlElement) -> str | None:
    """Return an element's text, None where it is empty or a dash, which is how the register says so."""
    return blank_to_none(find_text(element))


def blank_to_none(text: str) -> str | None:
    """Return the text, None where it is empty or a dash."""
    return None if text.strip() in _EMPTY else text.strip()


def parse_date(text: str | None) -> date | None:
    """Return the date of dd/mm/yyyy or ISO text, with or without a time of day; None for anything else."""
    day, _, clock = (text or "").strip().replace("T", " ").partition(" ")
    if clock:
        try:
            time.fromisoformat(clock.strip())
        except ValueError:
            return None
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(day, pattern).date()
        except ValueError:
            continue
    return None
