"""How a results page leads to the rest of its list, in each of the platform's skins: links, and page sizes.

A link is marked `Next Page.` as a label, `Next` as text, by an arrow alone (`fa-chevron-right`), or by
numbers; the address stands in `data-ajax-target` while `href` is empty.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import html

from planning_review.register.atrium.addresses import resolve_address
from planning_review.register.forms import collect_controls
from planning_review.register.page_text import find_elements, find_text, having_class

_LINKS = f"//a | //*[@data-ajax-target] | //*[{having_class('ajax-pager')}]"
_NUMBER = re.compile(
    r"/Results(?:Page)?/(\d{1,5})\b|[?&](?:page|pageno|pagenum|pagenumber|pageindex|pg|p)=(\d{1,5})\b",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"(?:go to )?next(?: page| results| \d+| applications)*\W*|older\W*|[>»›→]+", re.IGNORECASE
)
_ARROW = f".//i[{having_class('fa-chevron-right')}]"


_SIZES_NAME = "resultsperpage"
_SIZE_NOT_OFFERED = 250
_SIZES_ROUTE = "/Search/ChangeResultsPerPage"


class Pager(NamedTuple):
    """Where a page's list goes on. is_there is False where the page links to no other page at all.

    next_url is the link marked as the next page, numbered the addresses of pages by their number.
    """

    is_there: bool = False
    next_url: str | None = None
    numbered: tuple[tuple[int, str], ...] = ()

    def find_next(self, number: int) -> str | None:
        """Return the address of the page after this one, by its mark or else by its number."""
        return self.next_url or dict(self.numbered).get(number + 1)


def parse_pager(root: html.HtmlElement, page_url: str) -> Pager:
    """Read the links to other pages of planning's list; other modules' lists have their own."""
    is_there, next_url = False, None
    numbered: dict[int, str] = {}
    for link in find_elements(root, _LINKS):
        label = link.get("aria-label", "").strip() or find_text(link)
        is_marked = bool(_NEXT.fullmatch(label)) or "next" in link.get("rel", "").split()
        is_next = link.tag != "ul" and (is_marked or bool(link.xpath(_ARROW)))
        urls = (resolve_address(page_url, link.get(name)) for name in ("data-ajax-target", "href"))
        url = next((url for url in urls if url and _NUMBER.search(url) and _is_of_planning(url)), None)
        is_there = is_there or is_next or link.tag == "ul" or url is not None
        number = _NUMBER.search(url) if url else None
        if url is None or number is None or _is_off(link):
            continue
        if is_next:
            next_url = next_url or url
        else:
            numbered.setdefault(int(number[1] or number[2]), url)
    return Pager(is_there, next_url, tuple(numbered.items()))


def count_up(url: str) -> str | None:
    """Return the address of the page after this one; None where its number can't be seen."""
    match = _NUMBER.search(url)
    if match is None:
        return None
    start, end = match.span(1) if match[1] else match.span(2)
    return f"{url[:start]}{int(url[start:end]) + 1}{url[end:]}"


def _is_off(link: html.HtmlElement) -> bool:
    parent = link.getparent()
    classes = f"{link.get('class', '')} {'' if parent is None else parent.get('class', '')}".split()
    return "disabled" in classes or link.get("aria-disabled", "").lower() == "true"


def _is_of_planning(url: str) -> bool:
    """Return whether a page belongs to planning's list; an address that names no module does."""
    query = parse_qs(urlsplit(url).query)
    modules = [value for name, values in query.items() if name.casefold() == "module" for value in values]
    return all(value.upper() == "PLA" for value in modules)


class PageSizes(NamedTuple):
    """What is offered: sizes sorted, the one in use (None where none is marked), and how to ask.

    name is the control's own; fields are the form's others.
    """

    sizes: tuple[int, ...]
    current: int | None
    action: str
    name: str
    fields: tuple[tuple[str, str], ...] = ()

    def choose(self, total: int) -> list[int]:
        """Return the other sizes worth trying: the smallest that holds the whole list, then larger first."""
        others = [size for size in self.sizes if size != self.current]
        whole = [size for size in others if size >= total][:1]
        return whole + [size for size in reversed(others) if size not in whole]

    def fill_in(self, size: int) -> tuple[tuple[str, str], ...]:
        """Return the fields that ask for a size."""
        return (*self.fields, (self.name, str(size)))


def find_page_sizes(root: html.HtmlElement, page_url: str) -> PageSizes | None:
    """Return the page sizes that a page offers; None where it has no such choice."""
    for select in find_elements(root, "//select"):
        name = select.get("name") or select.get("id") or ""
        if name.casefold() != _SIZES_NAME or select.get("disabled") is not None:
            continue
        sizes, current = set(), None
        for option in find_elements(select, ".//option"):
            text = (option.get("value") or option.text_content()).strip()
            if text.isascii() and text.isdigit() and 0 < len(text) <= 4 and int(text):
                sizes.add(int(text))
                current = int(text) if current is None or option.get("selected") is not None else current
        if not sizes:
            continue
        form = next((each for each in select.iterancestors("form")), None)
        own = form is not None and "changeresultsperpage" in form.get("action", "").casefold()
        fields = tuple(
            (control.name, control.value)
            for control in (collect_controls(form) if form is not None and own else [])
            if control.is_on and control.name.casefold() != _SIZES_NAME
        )
        action = form.get("action", "").strip() if form is not None and own else _SIZES_ROUTE
        try:
            return PageSizes(tuple(sorted(sizes)), current, urljoin(page_url, action), name, fields)
        except ValueError:
            return None
    return None


def guess_page_sizes(page_url: str) -> PageSizes:
    """Return what some registers take that offer no choice: 250 a page."""
    return PageSizes((_SIZE_NOT_OFFERED,), None, urljoin(page_url, _SIZES_ROUTE), "resultsPerPage")
