"""How many applications a results page says that the search found.

The number stands in brackets: `(114)`, `Search Results (114)`, or, beside other modules' numbers,
`Planning (23)`.
"""

import re
from typing import NamedTuple

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.page_text import find_elements, having_class, read_text

_TOTAL = re.compile(r"([^()]*)\(\s*(\d[\d,]{0,8})\s*\)")
_NONE_FOUND = re.compile(
    r"(sorry,? |there (are|were) |your search (has )?returned )*no (planning )?(applications|matches|records|"
    r"results)\b.{0,20}\b(found|match(ed)?|returned|to (show|display)|available)\b.{0,60}",
    re.IGNORECASE,
)
# A number after any other word counts something else: another module, a basket, saved searches.
_LABEL_WORDS = set(
    re.findall(
        "[a-z]+",
        "a all and application applications between by date for found from list matches matching number of "
        "planning received records result results search searches since the to total valid with your",
    )
)
_INLINE = {"abbr", "b", "em", "i", "mark", "small", "span", "strong", "sup", "u"}
_SHORT_CHARS = 160


class PrintedTotal(NamedTuple):
    """The number of results. is_labelled is False where it stands bare, as `(114)`."""

    number: int
    is_labelled: bool


def read_total(root: html.HtmlElement, page_url: str) -> PrintedTotal | None:
    """Return the printed number of planning applications found, None where none is printed.

    A number labelled as planning's counts before a labelled one, and that before a bare one. Raises
    RegisterLayoutError where the page prints two that count the same.
    """
    totals: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for text in _read_short_texts(root):
        for label, number in _TOTAL.findall(text):
            words = re.findall("[a-z]+", label.casefold())
            if _LABEL_WORDS.issuperset(words):
                rank = 0 if "planning" in words else 1 if words else 2
                totals[rank].add(int(number.replace(",", "")))
    printed = totals[0] or totals[1] or totals[2]
    if len(printed) > 1:
        raise RegisterLayoutError(
            f"{page_url} prints several numbers of results, {' and '.join(map(str, sorted(printed)))}: which "
            "one counts the list is not clear. Open it in a browser."
        )
    is_labelled = bool(totals[0] or totals[1])
    return next((PrintedTotal(number, is_labelled) for number in printed), None)


def says_none_found(root: html.HtmlElement) -> bool:
    """Tell whether a page says in words that nothing was found."""
    texts = (read_text(each) for each in find_elements(root, "//p | //div[not(*)] | //h2 | //h3 | //td"))
    return any(len(text) <= _SHORT_CHARS and _NONE_FOUND.fullmatch(text.strip(" .!")) for text in texts)


def has_results_heading(root: html.HtmlElement) -> bool:
    """Tell whether a page is headed as results, whatever it then shows."""
    headings = find_elements(root, "//h1 | //h2 | //h3 | //h4 | //legend | //caption | //*[@role='heading']")
    return any("result" in read_text(heading).casefold() for heading in headings)


def read_refusal(root: html.HtmlElement) -> str | None:
    """Return what a page says is wrong with the search, None where it says nothing."""
    complaints = " | ".join(
        f"//*[{having_class(name)}]" for name in ("validation-summary-errors", "field-validation-error")
    )
    texts = [read_text(element) for element in find_elements(root, complaints)]
    return next((text[:200] for text in texts if text), None)


def _read_short_texts(root: html.HtmlElement) -> list[str]:
    """Return the texts that hold a bracket, each with what stands before it in the same short block.

    Tables' cells, choices and scripts are left out.
    """
    skipped = "ancestor-or-self::*[self::td or self::th or self::select or self::script or self::style]"
    texts: dict[html.HtmlElement, str] = {}
    for element in find_elements(root, f"//*[text()[contains(., '(')]][not({skipped})]"):
        block = element
        while block.tag in _INLINE and (parent := block.getparent()) is not None:
            block = parent
        for each in (block, element):
            if each not in texts:
                texts[each] = read_text(each)
            if len(texts[each]) <= _SHORT_CHARS:
                break
    return [text for text in texts.values() if len(text) <= _SHORT_CHARS]
