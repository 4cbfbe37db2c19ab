"""A page of a search's results, whole or a fragment: its lines, the printed total, and where it goes on."""

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
from planning_review.register.atrium.results_counts import (
    find_cap,
    find_refusal,
    find_total,
    says_none_found,
    says_too_many,
)
from planning_review.register.atrium.results_rows import choose_reference, parse_rows
from planning_review.register.atrium.search_form import is_search_form
from planning_review.register.page_end import check_page_end
from planning_review.register.page_text import find_base, find_elements, having_class, parse_html
from planning_review.register.platform import Council
from planning_review.register.search import FoundApplication

_LIST = f"//table[{having_class('tblResults')}] | //*[@id='resultsArea']"


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
    base = find_base(root, page_url)
    applications = tuple(parse_rows(root, base, council))
    printed, refusal, is_form = find_total(root, page_url), find_refusal(root), is_search_form(root)
    is_none = not applications and says_none_found(root)
    has_list = next(find_elements(root, _LIST), None) is not None
    is_counted = printed is not None and (printed.is_labelled or not is_form)
    if applications or has_list or ((is_counted or is_none) and not refusal):
        total = printed.number if printed else 0 if is_none and not applications else None
        pager, sizes = parse_pager(root, base), find_page_sizes(root, base)
        if not applications and total == 0:
            _check_nothing_left(root, pager, page_url, council)
        cap = find_cap(root, total)
        return ResultsPage("list", total, applications, pager, sizes, cap or refusal, is_capped=bool(cap))
    if is_form:
        return ResultsPage("form", refusal=refusal, is_capped=bool(refusal and says_too_many(refusal)))
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


def _check_nothing_left(root: html.HtmlElement, pager: Pager, page_url: str, council: Council) -> None:
    """Refuse a page that says that nothing was found and shows the contrary."""
    links = (resolve_address(page_url, link.get("href")) for link in find_elements(root, "//a[@href]"))
    left = next((url for url in links if url and is_planning_page(url, council)), None)
    if left or pager.next_url:
        raise RegisterLayoutError(
            f"{page_url} says that nothing was found and leads to {left or pager.next_url}: its list was not "
            "understood. Open it in a browser."
        )
