"""A page of a search's results, whole or a fragment: rows, printed total, next page, page sizes."""

from typing import Literal, NamedTuple

from planning_review.register.atrium.application_page import parse_application_page, read_shown_reference
from planning_review.register.atrium.page_text import find_elements, having_class, parse_html
from planning_review.register.atrium.search_form import is_search_form
from planning_review.register.atrium.search_pager import Pager, read_pager
from planning_review.register.atrium.search_rows import choose_reference, is_planning_page, read_rows
from planning_review.register.atrium.search_sizes import PageSizes, read_page_sizes
from planning_review.register.atrium.search_total import (
    has_results_heading,
    read_refusal,
    read_total,
    says_none_found,
)
from planning_review.register.councils import Council
from planning_review.register.found import FoundApplication

_LIST = f"//table[{having_class('tblResults')}] | //*[@id='resultsArea']"


class ResultsPage(NamedTuple):
    """What was served in answer to a search, or as a page of it.

    kind is `list` (also an empty one), `application` where one match was answered with its own page,
    `form` where the search form stands in place of results, and `other` for anything else. total is
    None where none is printed. refusal is what the page says is wrong with the search.
    """

    kind: Literal["list", "application", "form", "other"]
    total: int | None = None
    applications: tuple[FoundApplication, ...] = ()
    pager: Pager = Pager()
    sizes: PageSizes | None = None
    refusal: str | None = None


def parse_results_page(page: bytes | str, page_url: str, council: Council) -> ResultsPage:
    """Read a page or a fragment of results; whether the list is whole is the caller's to judge.

    Raises RegisterLayoutError for a row without a usable reference and for totals that contradict each
    other.
    """
    root = parse_html(page)
    if root is None:
        return ResultsPage("other")
    # An application's page may hold such tables too: its site's history.
    if is_planning_page(page_url, council) and (match := _read_single_match(page, page_url, council)):
        return match
    applications = tuple(read_rows(root, page_url, council))
    printed, refusal, is_form = read_total(root, page_url), read_refusal(root), is_search_form(root)
    has_list = next(find_elements(root, _LIST), None) is not None
    is_headed = has_results_heading(root) or says_none_found(root)
    if printed is not None and (printed.is_labelled or not is_form):
        is_headed = True
    if applications or has_list or (is_headed and not refusal):
        total = printed.number if printed else None
        if printed is None and not applications and not has_list:
            total = 0
        pager, sizes = read_pager(root, page_url), read_page_sizes(root, page_url)
        return ResultsPage("list", total, applications, pager, sizes, refusal)
    if is_form:
        return ResultsPage("form", refusal=refusal)
    return _read_single_match(page, page_url, council) or ResultsPage("other", refusal=refusal)


def _read_single_match(page: bytes | str, page_url: str, council: Council) -> ResultsPage | None:
    shown = read_shown_reference(page)
    if shown is None:
        return None
    reference = choose_reference([shown], page_url)
    url = page_url if is_planning_page(page_url, council) else council.application_url(reference)
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
