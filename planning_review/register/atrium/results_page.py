"""A page of a search's results, whole or a fragment: its lines, the printed total, and where it goes on.

The total stands in brackets: `(114)`, `Search Results (114)`, or, beside other modules' numbers,
`Planning (23)`.
"""

import re
from typing import Literal, NamedTuple

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.addresses import (
    is_planning_page,
    make_application_url,
    resolve_address,
)
from planning_review.register.atrium.application_page import find_shown_reference, parse_application_page
from planning_review.register.atrium.paging import Pager, PageSizes, find_page_sizes, parse_pager
from planning_review.register.atrium.results_rows import choose_reference, parse_rows
from planning_review.register.atrium.search_form import is_search_form
from planning_review.register.page_end import check_page_end
from planning_review.register.page_text import find_elements, find_text, having_class, parse_html
from planning_review.register.platform import Council
from planning_review.register.search import FoundApplication

_LIST = f"//table[{having_class('tblResults')}] | //*[@id='resultsArea']"


_TOTAL = re.compile(r"([^()]*)\(\s*(\d[\d,]{0,8})\s*\)")
_WHAT = r"(planning )?(applications?|matches|records|results|entries)"
_NONE_FOUND = re.compile(
    rf"(sorry,? |there (are|were) )*(no|0|zero) {_WHAT}\b.{{0,20}}"
    r"\b(found|match(ed)?|returned|to (show|display)|available)\b.{0,60}|"
    rf"(sorry,? )?(your )?search (has )?(returned|found|produced) (no|0|zero) {_WHAT}\b.{{0,60}}",
    re.IGNORECASE,
)
# A register that is out of order has nothing to show either.
_OUT_OF_ORDER = re.compile(
    r"unavailable|not available|later|error|session|expired|timed? ?out", re.IGNORECASE
)
_CAP = re.compile(
    r"too many (results|records|matches|applications)|"
    r"(only|maximum( number)?( of)?|limited to|restricted to)\b.{0,30}\b\d[\d,]*\b.{0,40}"
    r"\b(shown|displayed|returned|listed|results|records|matches|applications)|"
    r"\bfirst \d[\d,]*\b.{0,40}\b(shown|displayed|returned|listed)",
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


class ResultsPage(NamedTuple):
    """What was served in answer to a search, or as a page of it.

    kind is `list` (also an empty one), `application` where one match was answered with its own page,
    `form` where the search form stands in place of results, and `other` for anything else. total is
    None where none is printed. refusal is what the page says is wrong with the search. is_capped is True
    where it says that it does not show all that was found, whatever number it prints.
    """

    kind: Literal["list", "application", "form", "other"]
    total: int | None = None
    applications: tuple[FoundApplication, ...] = ()
    pager: Pager = Pager()
    sizes: PageSizes | None = None
    refusal: str | None = None
    is_capped: bool = False


class PrintedTotal(NamedTuple):
    """The number of results. is_labelled is False where it stands bare, as `(114)`."""

    number: int
    is_labelled: bool


def parse_results_page(page: bytes | str, page_url: str, council: Council) -> ResultsPage:
    """Read a page or a fragment of results; whether the list is whole is the caller's to judge.

    Raises RegisterLayoutError for a row without a usable reference and for totals that contradict each
    other, and PageCut for a page or a fragment without its end.
    """
    check_page_end(page, page_url)
    root = parse_html(page)
    if root is None:
        return ResultsPage("other")
    # An application's page may hold such tables too: its site's history.
    if is_planning_page(page_url, council) and (match := _parse_single_match(page, page_url, council)):
        return match
    applications = tuple(parse_rows(root, page_url, council))
    printed, refusal, is_form = find_total(root, page_url), find_refusal(root), is_search_form(root)
    is_none, has_list = says_none_found(root), next(find_elements(root, _LIST), None) is not None
    is_counted = printed is not None and (printed.is_labelled or not is_form)
    if applications or has_list or ((is_counted or is_none) and not refusal):
        total = printed.number if printed else 0 if is_none and not applications else None
        pager, sizes = parse_pager(root, page_url), find_page_sizes(root, page_url)
        if not applications and total == 0:
            _check_nothing_left(root, pager, page_url, council)
        cap = find_cap(root, total)
        return ResultsPage("list", total, applications, pager, sizes, cap or refusal, is_capped=bool(cap))
    if is_form:
        return ResultsPage("form", refusal=refusal, is_capped=bool(refusal and _CAP.search(refusal)))
    return _parse_single_match(page, page_url, council) or ResultsPage("other", refusal=refusal)


def _parse_single_match(page: bytes | str, page_url: str, council: Council) -> ResultsPage | None:
    shown = find_shown_reference(page)
    if shown is None:
        return None
    reference = choose_reference([shown], page_url)
    url = page_url if is_planning_page(page_url, council) else make_application_url(council, reference)
    application = parse_application_page(
        page, reference=reference, council_code=council.code, page_url=url
    ).application
    found = FoundApplication(
        reference=reference,
        proposal=application.proposal,
        address=application.site_address,
        application_type=application.application_type,
        status=application.status,
        parish=application.parish,
        received_date=application.received_date,
        valid_date=application.valid_date,
        register_url=url,
    )
    return ResultsPage("application", 1, (found,))


def find_total(root: html.HtmlElement, page_url: str) -> PrintedTotal | None:
    """Return the printed number of planning applications found, None where none is printed.

    A number labelled as planning's counts before a labelled one, and that before a bare one. Raises
    RegisterLayoutError where the page prints two that count the same.
    """
    totals: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for text in _find_short_texts(root):
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
    """Return whether a page says in words that nothing was found."""
    texts = (find_text(each) for each in find_elements(root, "//p | //div[not(*)] | //h2 | //h3 | //td"))
    return any(
        len(text) <= _SHORT_CHARS
        and _NONE_FOUND.fullmatch(text.strip(" .!"))
        and not _OUT_OF_ORDER.search(text)
        for text in texts
    )


def find_cap(root: html.HtmlElement, total: int | None) -> str | None:
    """Return the words in which a page says that it does not show all that was found, None without any.

    A most that is larger than the printed total was not reached.
    """
    places = "//p | //div[not(div)] | //span | //h1 | //h2 | //h3 | //h4 | //li | //strong | //label"
    for element in find_elements(root, f"({places})[not(ancestor-or-self::td)]"):
        text = find_text(element)
        if len(text) <= _SHORT_CHARS and (said := _CAP.search(text)):
            numbers = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", said[0])]
            if total is None or not numbers or total >= min(numbers):
                return text
    return None


def _check_nothing_left(root: html.HtmlElement, pager: Pager, page_url: str, council: Council) -> None:
    """Refuse a page that says that nothing was found and shows the contrary."""
    links = (resolve_address(page_url, link.get("href")) for link in find_elements(root, "//a[@href]"))
    left = next((url for url in links if url and is_planning_page(url, council)), None)
    if left or pager.next_url:
        raise RegisterLayoutError(
            f"{page_url} says that nothing was found and leads to {left or pager.next_url}: its list was not "
            "understood. Open it in a browser."
        )


def find_refusal(root: html.HtmlElement) -> str | None:
    """Return what a page says is wrong with the search, None where it says nothing."""
    complaints = " | ".join(
        f"//*[{having_class(name)}]" for name in ("validation-summary-errors", "field-validation-error")
    )
    texts = [find_text(element) for element in find_elements(root, complaints)]
    return next((text[:200] for text in texts if text), None)


def _find_short_texts(root: html.HtmlElement) -> list[str]:
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
                texts[each] = find_text(each)
            if len(texts[each]) <= _SHORT_CHARS:
                break
    return [text for text in texts.values() if len(text) <= _SHORT_CHARS]
