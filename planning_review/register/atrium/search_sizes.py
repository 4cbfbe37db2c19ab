"""The page sizes that a results page offers, and the request that takes one."""

from typing import NamedTuple
from urllib.parse import urljoin

from lxml import html

from planning_review.register.atrium.page_text import find_elements
from planning_review.register.atrium.search_controls import collect_controls

_NAME = "resultsperpage"
_UNOFFERED_SIZE = 250
_ROUTE = "/Search/ChangeResultsPerPage"


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


def read_page_sizes(root: html.HtmlElement, page_url: str) -> PageSizes | None:
    """Return the page sizes that a page offers; None where it has no such choice."""
    for select in find_elements(root, "//select"):
        name = select.get("name") or select.get("id") or ""
        if name.casefold() != _NAME or select.get("disabled") is not None:
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
            if control.is_on and control.name.casefold() != _NAME
        )
        action = form.get("action", "").strip() if form is not None and own else _ROUTE
        try:
            return PageSizes(tuple(sorted(sizes)), current, urljoin(page_url, action), name, fields)
        except ValueError:
            return None
    return None


def guess_page_sizes(page_url: str) -> PageSizes:
    """Return what some registers take that offer no choice: 250 a page."""
    return PageSizes((_UNOFFERED_SIZE,), None, urljoin(page_url, _ROUTE), "resultsPerPage")
