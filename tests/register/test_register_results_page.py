"""Pages of results: rows by label, the printed total, the way on, and what is no list at all."""

from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.results_page import ResultsPage, parse_results_page
from planning_review.register.councils import get_council

COUNCIL = get_council("sample", "https://register.example.org")
URL = "https://register.example.org/Search/Results"
PAGES = Path(__file__).parents[1] / "resources" / "register"
HEAD = (
    "<tr><th>reference no.▶</th><th>Location▲▼</th><th>Proposal</th><th>Received Date</th>"
    "<th>Status</th></tr>"
)
SEARCH_FORM = (
    '<form action="/Search/Results" method="post"><input type="hidden" name="AdvancedSearch" value="True">'
    '<input type="checkbox" name="SearchPlanning" value="true"><input name="DateReceivedFrom"></form>'
)


def cell(label: str, value: str) -> str:
    return f'<td><span class="mobile-heading">{label}</span> {value}</td>'


def row(reference: str, link: str | None = None, received: str = "03/02/2025") -> str:
    href = f"/Planning/Display/{reference}" if link is None else link
    return (
        "<tr>"
        + cell("reference no.", f'<a href="{href}">{reference}</a>')
        + cell("Location", "Mill Lane (rear of 12)")
        + cell("Proposal", "Erection of a barn (3) with <b>solar</b> panels")
        + cell("Received Date", received)
        + cell("Status", "Registered")
        + "</tr>"
    )


def table(*rows: str, head: str = HEAD) -> str:
    return f'<table class="tblResults table"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def read(body: str, url: str = URL) -> ResultsPage:
    return parse_results_page(f"<html><body>{body}</body></html>", url, COUNCIL)


def test_rows_by_label() -> None:
    page = read("<h1>Search Results (114)</h1>" + table(row("25/00284/F"), row("25/00285/out", received="-")))
    assert (page.kind, page.total) == ("list", 114)
    first, second = page.applications
    assert first.model_dump() == {
        "reference": "25/00284/F",
        "address": "Mill Lane (rear of 12)",
        "proposal": "Erection of a barn (3) with solar panels",
        "received_date": date(2025, 2, 3),
        "valid_date": None,
        "status": "Registered",
        "application_type": None,
        "parish": None,
        "register_url": "https://register.example.org/Planning/Display/25/00284/F",
    }
    assert (second.reference, second.received_date) == ("25/00285/OUT", None)


def test_columns_in_another_order_without_mobile_headings() -> None:
    head = "<tr><th>Valid Date</th><th>Parish</th><th>Application Type</th><th>Application No</th></tr>"
    link = '<a href="/Planning/Display?applicationNumber=PAP%2F2025%2F0061">view</a>'
    body = f"<tr><td>04/02/2025</td><td>Upper</td><td>Full</td><td>{link}</td></tr>"
    (found,) = read("<p>(1)</p>" + table(body, head=head)).applications
    assert found.reference == "PAP/2025/0061"
    assert found.register_url.endswith("/Planning/Display?applicationNumber=PAP%2F2025%2F0061")
    assert (found.valid_date, found.parish, found.application_type) == (date(2025, 2, 4), "Upper", "Full")


def test_headings_in_plain_cells() -> None:
    head = "<tr><td>Proposal</td><td>Application Number</td><td>Status</td></tr>"
    link = '<a href="/Planning/Display/25/00284/F">25/00284/F</a>'
    (found,) = read(
        "<p>(1)</p>" + table(f"<tr><td>A barn</td><td>{link}</td><td>Valid</td></tr>", head=head)
    ).applications
    assert (found.reference, found.proposal, found.status) == ("25/00284/F", "A barn", "Valid")


def test_cards() -> None:
    card = (
        '<div class="row searchResultsCardRow"><div><a href="/Planning/Display?applicationNumber='
        'PAP%2F2025%2F0061">Mill Lane \nColeshill</a></div>'
        "<div><h2>PAP/2025/0061</h2><span>Full</span><span></span></div><div>A barn</div></div>"
    )
    other = (
        '<div class="row results__item"><a href="/Planning/Display/P/26/02488/FUL">P/26/02488/FUL</a>'
        '<div class="results__address">1 High Street</div></div>'
        '<div class="row results__item"><a href="/Appeals/Display/9">9</a></div>'
    )
    page = read(f'<h1>Search Results (2)</h1><div id="resultsArea">{card}{other}</div>')
    first, second = page.applications
    assert (first.reference, first.address, first.proposal, first.application_type) == (
        "PAP/2025/0061",
        "Mill Lane Coleshill",
        "A barn",
        "Full",
    )
    assert (second.reference, second.address) == ("P/26/02488/FUL", "1 High Street")


def test_fragment_of_bare_rows() -> None:
    page = read(row("25/00284/F") + row("25/00285/F"), f"{URL}Page/2?module=PLA")
    assert [(each.reference, each.status) for each in page.applications] == [
        ("25/00284/F", "Registered"),
        ("25/00285/F", "Registered"),
    ]
    assert page.total is None


@pytest.mark.parametrize(
    "link",
    [
        "/BuildingControl/Display/25/00284/F",
        "/Appeals/Display/25/00284/F",
        "https://elsewhere.example.org/Planning/Display/25/00284/F",
        "//elsewhere.example.org/Planning/Display/25/00284/F",
        "https://register.example.org@elsewhere.example.org/Planning/Display/25/00284/F",
        "http://[bad/Planning/Display/25/00284/F",
        "javascript:alert(1)",
        "/Planning/DisplayMap/25/00284/F",
        "/x?y=/Planning/Display/25/00284/F",
        "",
    ],
)
def test_other_links_are_no_rows(link: str) -> None:
    page = read("<h2>Planning (2)</h2>" + table(row("25/00283/F"), row("25/00284/F", link)))
    assert [each.reference for each in page.applications] == ["25/00283/F"]
    assert page.total == 2


def test_other_modules_row_that_also_names_a_planning_application() -> None:
    links = ("/Appeals/Display/9", "/Planning/Display/24/00001/F")
    appeal = "<tr>" + "".join(f'<td><a href="{link}">{link[-9:]}</a></td>' for link in links) + "</tr>"
    page = read("<h2>Planning (1)</h2>" + table(row("25/00284/F")) + table(appeal))
    assert [each.reference for each in page.applications] == ["25/00284/F"]


def test_address_that_waits_for_script() -> None:
    waiting = '<tr><td><a href="" data-disabled-link="/Planning/Display/25/00284/F">25/00284/F</a></td></tr>'
    (found,) = read("<p>(1)</p>" + table(waiting)).applications
    assert found.register_url == "https://register.example.org/Planning/Display/25/00284/F"


def test_reference_from_the_link_where_the_text_is_none() -> None:
    body = '<tr><td><a href="/Planning/Display/25/00284/F">View details</a></td></tr>'
    assert read("<p>(1)</p>" + table(body)).applications[0].reference == "25/00284/F"


def test_row_without_a_reference_is_loud() -> None:
    body = '<tr><td><a href="/Planning/Display/..%2F..%2Fetc">../../etc</a></td></tr>'
    with pytest.raises(RegisterLayoutError, match="no reference"):
        read("<p>(1)</p>" + table(body))


@pytest.mark.parametrize(
    ("printed", "total"),
    [
        ("<h1>Search Results</h1><span>(114)</span>", 114),
        ("<h1>Search Results <span>(1,114)</span></h1>", 1114),
        ("<ul><li><a>Planning <span>(23)</span></a></li><li><a>Building Control (7)</a></li></ul>", 23),
        ("<p>Search results (30)</p><p>Planning (23)</p><p>Planning Appeals (2)</p><p>(99)</p>", 23),
        ("<p>Results (30)</p><p>(99)</p><p>My basket (4)</p>", 30),
        ("<p>Applications received between 03/02/2025 and 16/02/2025 (60)</p>", 60),
        ("<p>Building Control (7)</p><p>Saved <span>(1)</span></p>", None),
        ("<script>var n = '(5)';</script><p>Results per page (10)</p>", None),
        ("<p>60 applications</p>", None),
        ("<div><b>Building Control</b> (7) <b>Planning</b> (23)</div>", 23),
        (f"<div>{'words ' * 100}<b>Search results</b> <b>(30)</b></div>", 30),
    ],
)
def test_printed_total(printed: str, total: int | None) -> None:
    assert read(printed + table(row("25/00284/F"))).total == total


def test_totals_that_contradict_each_other_are_loud() -> None:
    with pytest.raises(RegisterLayoutError, match="23 and 24"):
        read("<p>Planning (23)</p><p>Planning (24)</p>" + table(row("25/00284/F")))


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Search Results (0)</h1>" + SEARCH_FORM,
        "<h1>Search</h1><p>Planning (0)</p>" + table(),
        "<p>(0)</p>" + table(),
        "<p>No planning applications were found that match your search.</p>",
        "<h1>Search Results</h1><p>Your search returned no results.</p>",
    ],
)
def test_zero_matches(body: str) -> None:
    page = read(body)
    assert (page.kind, page.total, page.applications) == ("list", 0, ())


def test_nothing_found_beside_a_next_page_is_loud() -> None:
    with pytest.raises(RegisterLayoutError, match="says that nothing was found and leads to"):
        read("<p>Planning (0)</p><a aria-label='Next Page.' href='/Search/ResultsPage/2'>Next</a>")


@pytest.mark.parametrize(
    "body",
    [
        # One list of terms a result; one item a result; links with nothing around them.
        "<dl class='searchResultsList'><dt>Application Number</dt><dd>"
        "<a href='/Planning/Display/A/1/26'>A/1/26</a></dd><dt>Proposal</dt>"
        "<dd>A barn</dd></dl><dl class='searchResultsList'><dt>Application Number</dt><dd>"
        "<a href='/Planning/Display/A/2/26'>A/2/26</a></dd><dt>Proposal</dt><dd>A barn</dd></dl>",
        "<ul id='results'><li class='search-results-item'><a href='/Planning/Display/A/1/26'>A/1/26</a>"
        "<label class='form__label'>Proposal</label><div class='form__field'>A barn</div></li>"
        "<li class='search-results-item'><a href='/Planning/Display/A/2/26'>A/2/26</a>"
        "<label class='form__label'>Proposal</label><div class='form__field'>A barn</div></li></ul>",
        "<section><a href='/Planning/Display/A/1/26'>A/1/26</a>"
        "<a href='/Planning/Display/A/2/26'>A/2/26</a></section>",
    ],
)
def test_lists_that_are_no_tables(body: str) -> None:
    page = read(f"<h1>Search Results (2)</h1>{body}")
    assert [each.reference for each in page.applications] == ["A/1/26", "A/2/26"]
    if "barn" in body:
        assert [each.proposal for each in page.applications] == ["A barn", "A barn"]


@pytest.mark.parametrize(
    "odd", ["20260834", "02NP0007", "LB 26/3 & 4", "26/0012/F (A)", "S_26\\88", "TP, 1/26"]
)
def test_odd_reference_ends_no_search(odd: str) -> None:
    rows = (row(odd, "/Planning/Display/" + quote(odd)), row("25/00285/F"))
    page = read("<p>Planning (2)</p>" + table(*rows))
    assert [each.reference for each in page.applications] == [odd, "25/00285/F"]


@pytest.mark.parametrize(
    ("printed", "is_capped"),
    [
        ("(1) Only the first 1 are shown.", True),
        ("(1) Your search found too many results.", True),
        ("(1) A maximum of 500 results will be displayed.", False),
        ("(1) Refine your search", False),
    ],
)
def test_list_that_says_it_is_cut(printed: str, is_capped: bool) -> None:
    total, _, words = printed.partition(" ")
    page = read(f"<h1>Search Results {total}</h1><p>{words}</p>" + table(row("25/00284/F")))
    assert page.is_capped is is_capped
    assert (page.refusal == words) is is_capped


def test_empty_table_without_a_number_proves_nothing() -> None:
    page = read(table())
    assert (page.kind, page.total) == ("list", None)


@pytest.mark.parametrize(
    ("body", "kind", "refusal"),
    [
        ("<h1>Planning Application Search</h1>" + SEARCH_FORM, "form", None),
        ("<h1>Planning Application Search</h1><p>My searches (0)</p><p>(0)</p>" + SEARCH_FORM, "form", None),
        (
            '<h1>Search Results</h1><ul class="validation-summary-errors"><li>Date is wrong</li></ul>'
            + SEARCH_FORM,
            "form",
            "Date is wrong",
        ),
        ("<h1>Sorry, something went wrong</h1>", "other", None),
        ('<form action="/SiteSearch"><input name="q"></form><h1>Sorry</h1>', "other", None),
        ("", "other", None),
        # Headed as results, and nothing that says how many.
        ("<h1>Search Results</h1><p>Nothing here.</p>", "other", None),
        ("<h1>Search Results</h1><p>The register is temporarily unavailable.</p>", "other", None),
        ("<h1>Search Results</h1><p>No results available, please try again later.</p>", "other", None),
        ("<h1>Search Results</h1><div id='app'></div><script src='/main.js'></script>", "other", None),
        ("<h1>Search Results</h1><p>Your session has expired.</p>" + SEARCH_FORM, "form", None),
    ],
)
def test_no_list(body: str, kind: str, refusal: str | None) -> None:
    page = read(body)
    assert (page.kind, page.refusal, page.applications) == (kind, refusal, ())


@pytest.mark.parametrize("name", ["cherwell_full", "form_label_skin", "details_grid_skin"])
@pytest.mark.parametrize("is_redirected", [True, False])
def test_one_match_is_its_own_page(name: str, is_redirected: bool) -> None:
    body = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    references = {
        "cherwell_full": "25/00284/F",
        "form_label_skin": "2025/0661/FUL",
        "details_grid_skin": "P/25/00042/HOU",
    }
    display = f"https://register.example.org/Planning/Display/{references[name]}"
    page = parse_results_page(body, display if is_redirected else URL, COUNCIL)
    assert (page.kind, page.total) == ("application", 1)
    (found,) = page.applications
    assert (found.reference, found.register_url) == (references[name], display)


def test_site_history_of_the_one_match_is_no_list() -> None:
    body = (PAGES / "cherwell_full.html").read_text(encoding="utf-8")
    history = "<h2>Planning (2)</h2>" + table(row("01/00001/F"), row("02/00002/F"))
    page = parse_results_page(
        body.replace("</body>", f"{history}</body>"),
        f"{COUNCIL.register_url}/Planning/Display/25/00284/F",
        COUNCIL,
    )
    assert [each.reference for each in page.applications] == ["25/00284/F"]


def pager(target: str, extra: str = "", module: str = "PLA") -> str:
    return f'<a aria-label="Next Page." href="" data-ajax-target="{target}?module={module}" {extra}>›</a>'


@pytest.mark.parametrize(
    ("links", "next_url", "is_there"),
    [
        (pager("/Search/ResultsPage/2"), "/Search/ResultsPage/2?module=PLA", True),
        (
            pager("/Search/ResultsPage/9", module="BC") + pager("/Search/ResultsPage/2"),
            "/Search/ResultsPage/2?module=PLA",
            True,
        ),
        (pager("/Search/ResultsPage/9", module="BC"), None, True),
        ('<a aria-label="Next page" href="/Search/ResultsPage/2">›</a>', "/Search/ResultsPage/2", True),
        ('<a href="" data-ajax-target="/Search/ResultsPage/2">Next</a>', "/Search/ResultsPage/2", True),
        (pager("/Search/ResultsPage/2", 'aria-disabled="true"'), None, True),
        (f'<ul><li class="disabled">{pager("/Search/ResultsPage/2")}</li></ul>', None, True),
        ('<a aria-label="Next Page." href="#">›</a>', None, True),
        ('<a aria-label="Previous Page." data-ajax-target="/Search/ResultsPage/1">‹</a>', None, True),
        (
            '<a data-ajax-target="/Search/ResultsPage/1"><i class="fa fa-chevron-left"></i></a>'
            '<a data-ajax-target="/Search/ResultsPage/3"><i class="fa fa-chevron-right"></i></a>',
            "/Search/ResultsPage/3",
            True,
        ),
        (
            '<ul class="ajax-pager"><li><span data-ajax-target="/Search/Results?page=1">1</span></li>'
            '<li><span data-ajax-target="/Search/Results?page=2">2</span></li></ul>',
            "/Search/Results?page=2",
            True,
        ),
        ('<ul class="pagination ajax-pager" data-total-pages="1"></ul>', None, True),
        ('<a aria-label="Home" href="/">Home</a><a href="/News">Next</a>', None, True),
        ('<a aria-label="Home" href="/">Home</a>', None, False),
    ],
)
def test_next_page(links: str, next_url: str | None, is_there: bool) -> None:
    page = read("<p>(60)</p>" + table(row("25/00284/F")) + links)
    assert page.pager.find_next(1) == (next_url and f"https://register.example.org{next_url}")
    assert page.pager.is_there is is_there


def test_page_sizes() -> None:
    sizes = (
        '<form action="/Search/ChangeResultsPerPage" method="post"><input type="hidden" name="t" value="k">'
        '<select name="resultsPerPage"><option>10</option><option selected value="25">25</option>'
        "<option>100</option><option>250</option><option>All</option></select></form>"
    )
    page = read("<p>(60)</p>" + table(row("25/00284/F")) + sizes)
    assert page.sizes is not None
    assert (page.sizes.sizes, page.sizes.current) == ((10, 25, 100, 250), 25)
    assert page.sizes.action == "https://register.example.org/Search/ChangeResultsPerPage"
    assert page.sizes.fill_in(100) == (("t", "k"), ("resultsPerPage", "100"))
    assert page.sizes.choose(60) == [100, 250, 10]
    assert page.sizes.choose(600) == [250, 100, 10]
    assert read("<p>(60)</p>" + table(row("25/00284/F"))).sizes is None


def test_text_of_a_row_is_data() -> None:
    hostile = row("25/00284/F").replace(
        "Mill Lane (rear of 12)", "Planning (999) <script>alert('(7)')</script><h1>Search Results (0)</h1>"
    )
    page = read("<h2>Planning (1)</h2>" + table(hostile))
    assert (page.total, len(page.applications)) == (1, 1)
    assert "alert" not in str(page.applications[0].address)
