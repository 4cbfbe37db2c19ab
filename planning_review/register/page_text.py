"""Reading text, labels, dates and sizes out of the register's HTML."""

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from urllib.parse import urljoin

from lxml import etree, html

from planning_review.dates import LONDON

_BLOCKS = {"br", "dd", "div", "dt", "li", "p", "td", "th", "tr"}
# Scripts and form choices are no content; a mobile heading repeats the column's label in each cell.
_HIDDEN_TAGS = {"script", "select", "style"}
_HIDDEN_CLASS = "mobile-heading"
_EMPTY = {"", "-", "–", "—"}
# What a byte that is no UTF-8 stands for, by the mark that `surrogateescape` leaves.
_WINDOWS_CHARS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(128, 256)}

_MONTHS = {name.casefold(): number for number, name in enumerate(month_name) if name}
_CENTURY = 2000
_SIZE = re.compile(r"(\d[\d,]{0,14}(?:\.\d{1,9})?|\.\d{1,9})\s*(bytes?|[kmg]?b)", re.IGNORECASE)
_UNIT_BYTES = {"kb": 1024, "mb": 1024**2, "gb": 1024**3}
_DAY = re.compile(
    r"""(?:[a-z]{3,9}day,?\s+|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\.?,?\s+)?  # of the week
    (?: (?P<day>\d{1,2}) (?P<sep>[/.-]) (?P<month>\d{1,2}) (?P=sep) (?P<year>\d{4}|\d{2})
      | (?P<iso_year>\d{4}) - (?P<iso_month>\d{2}) - (?P<iso_day>\d{2})
      | (?P<word_day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s-]+(?P<word>[a-z]{3,9})\.?,?[\s-]+
        (?P<word_year>\d{4}|\d{2})
      | (?P<us_word>[a-z]{3,9})\.?\s+(?P<us_day>\d{1,2})(?:st|nd|rd|th)?,\s*(?P<us_year>\d{4}) )
    (?: (?:\s*[T,]\s*|\s+)(?:at\s+)?
      (?P<clock>\d{1,2}(?:[:.]\d{2}){1,2}(?:\.\d+)?(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?|noon|midnight)
      (?:\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}|GMT|BST))? )?""",
    re.IGNORECASE | re.VERBOSE,
)
_UNIVERSAL = re.compile(
    r"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})", re.IGNORECASE
)


def parse_html(page: bytes | str) -> html.HtmlElement | None:
    """Return the root of a page, or None where there is nothing to parse.

    Bytes are read as UTF-8, and those that are none as Windows-1252: one bad byte spoils itself alone.
    """
    text = page if isinstance(page, str) else decode_text(page)
    # As UTF-8 bytes again: lxml refuses a str that declares an encoding of its own.
    data = text.replace("\x00", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except etree.ParserError:
        return None


def decode_text(page: bytes) -> str:
    """Return bytes as text: UTF-8, and each byte that is none as Windows-1252 has it."""
    return page.decode("utf-8", "surrogateescape").removeprefix("\ufeff").translate(_WINDOWS_CHARS)


def having_class(name: str) -> str:
    """Return an XPath condition: the element has this class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def find_elements(element: html.HtmlElement, path: str) -> Iterator[html.HtmlElement]:
    """Yield the elements that an XPath finds, in the page's order."""
    found_all = _compile(path)(element)
    for found in found_all if isinstance(found_all, list) else ():
        if isinstance(found, html.HtmlElement):
            yield found


@cache
def _compile(path: str) -> etree.XPath:
    # A path is asked of every row of a long list: reading it each time took most of the time.
    return etree.XPath(path)


def is_hidden(element: html.HtmlElement) -> bool:
    """Return whether an element is there for scripts alone: no reader sees it."""
    style = (element.get("style") or "").replace(" ", "").casefold()
    return "display:none" in style or element.get("hidden") is not None or element.get("type") == "hidden"


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
    """Return the day that a text is, in any of the ways registers write one; None for anything else.

    Day before month: 12/12/2026, 12-12-26, 2026-12-12, Sat 12 Dec 2026, 12th December 2026, each with
    or without a time of day. A time with a zone counts in London: midnight there may be written as
    eleven the evening before.
    """
    text = " ".join((text or "").split())
    if universal := _UNIVERSAL.fullmatch(text):
        return _parse_universal(*universal.groups())
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    year = parts["year"] or parts["iso_year"] or parts["word_year"] or parts["us_year"]
    day = parts["day"] or parts["iso_day"] or parts["word_day"] or parts["us_day"]
    word = parts["word"] or parts["us_word"]
    month = _find_month(word) if word else int(parts["month"] or parts["iso_month"])
    try:
        return date(int(year) + (_CENTURY if len(year) == 2 else 0), month, int(day))
    except ValueError:
        return None


def parse_size(text: str | None) -> int | None:
    """Return the bytes of a printed size such as `1.2 MB`; None for anything else."""
    match = _SIZE.fullmatch((text or "").strip())
    if match is None:
        return None
    return round(float(match[1].replace(",", "")) * _UNIT_BYTES.get(match[2].lower(), 1))


def find_dates(text: str) -> Iterator[date]:
    """Yield the days that are named in a text, in its order."""
    for match in _DAY.finditer(" ".join(text.split())):
        if (day := parse_date(match[0])) is not None:
            yield day


def find_base(root: html.HtmlElement, page_url: str) -> str:
    """Return what the addresses on a page are relative to: its own, unless it says another."""
    base = next(find_elements(root, "//head/base[@href]"), None)
    try:
        return page_url if base is None else urljoin(page_url, base.get("href", "").strip())
    except ValueError:
        return page_url


def _find_month(word: str) -> int:
    """Return a month's number by its name or the beginning of it, 0 where it is none."""
    found = (number for name, number in _MONTHS.items() if name.startswith(word.casefold()))
    return next(found, 0)


def _parse_universal(moment: str, zone: str) -> date | None:
    zone = "+00:00" if zone.upper() in ("Z", "UTC") else zone
    try:
        return datetime.fromisoformat(f"{moment.replace(' ', 'T')}{zone}").astimezone(LONDON).date()
    except ValueError:
        return None
