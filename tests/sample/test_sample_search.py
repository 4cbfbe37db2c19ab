"""The search of the small register, spoken to as a browser would: form, session, pages, and refusals."""

import re
from datetime import date, timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from planning_review.sample.served_application import ServedApplication
from planning_review.sample.skin import Skin
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.skins import SKINS, get_skin

FORM = "/Search/Advanced"
RESULTS = "/Search/Results"
START = date(2026, 3, 1)
AJAX = {"X-Requested-With": "XMLHttpRequest", "Referer": "http://127.0.0.1/Search/Results"}


def make_application(number: int, received: date, **fields: str) -> ServedApplication:
    reference = f"26/{number:05}/F"
    own = {
        "Application Number": reference,
        "Application Type": "Full",
        "Location": f"{number} Sample Street",
        "Proposal": f"Proposal {number}",
        "Parish": "Upper Sample",
        "Status": "Valid",
        "Received Date": f"{received:%d/%m/%Y}",
        "Valid Date": f"{received + timedelta(days=3):%d/%m/%Y}",
    }
    return ServedApplication(reference=reference, fields=own | fields)


def make_applications(count: int) -> list[ServedApplication]:
    """Return applications received one a day, from START on."""
    return [make_application(n, START + timedelta(days=n - 1)) for n in range(1, count + 1)]


def open_client(server: RegisterServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=20, follow_redirects=True)


def read_form(client: httpx.Client) -> dict[str, list[str]]:
    """Return the advanced form as a browser submits it untouched: values by name, in order."""
    page = html.fromstring(client.get(FORM).text)
    [form] = page.xpath("//form[.//input[@name='AdvancedSearch']]")
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return values


def search(client: httpx.Client, skin: Skin | None = None, **values: str) -> httpx.Response:
    form = read_form(client) | {"SearchPlanning": ["true", "false"]}
    form |= {name: [value] for name, value in values.items()}
    return client.post((skin or get_skin("cherwell")).form_action, data=form)


def search_days(
    client: httpx.Client, first: date, last: date, by: str = "Received", skin: Skin | None = None
) -> httpx.Response:
    pattern = "%Y-%m-%d" if skin and skin.date_input == "date" else "%d/%m/%Y"
    names = {f"Date{by}From": first.strftime(pattern), f"Date{by}To": last.strftime(pattern)}
    return search(client, skin, **names)


def read_references(page: str, prefix: str = "/Planning/Display") -> list[str]:
    if not page.strip():
        return []
    links = html.fromstring(page).xpath("//tr//a[@href] | //div[@id='resultsArea']//a[@class='h5']")
    found = []
    for link in links:
        if not link.get("href").startswith(prefix):
            continue
        parts = urlsplit(link.get("href"))
        query = parse_qs(parts.query)
        found.append(query["applicationNumber"][0] if query else parts.path.removeprefix(f"{prefix}/"))
    return found


def read_total(page: str) -> int:
    [total] = re.findall(r"(?:Planning|Search Results) (?:<span>)?\((\d+)\)", page)
    return int(total)


def read_next(page: str) -> str | None:
    targets = html.fromstring(page).xpath(
        "//a[@aria-label='Next Page.'][contains(@data-ajax-target, 'module=PLA')]/@data-ajax-target"
        " | //li[not(@class='disabled')]/a[i[contains(@class, 'chevron-right')]]/@data-ajax-target"
    )
    return targets[0] if targets else None


def post_without_length(server: RegisterServer, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0, timeout=20)
    try:
        connection.putrequest("POST", path)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture
def server():
    with RegisterServer(make_applications(25)) as register:
        yield register


@pytest.fixture
def client(server: RegisterServer):
    with open_client(server) as made:
        yield made


def test_form_stands_among_others_and_an_id_stands_twice(client: httpx.Client) -> None:
    page = html.fromstring(client.get(FORM).text)
    assert [form.action for form in page.forms] == [
        "/Search/Site",
        "/Search/WeeklyList",
        RESULTS,
        "/Feedback",
    ]
    first, second = page.xpath("//*[@id='DateReceivedFrom']")
    assert first.get("disabled") is not None
    assert second.get("disabled") is None
    assert page.xpath("//button[text()='Search']")[0].getparent().action == "/Search/Site"
    values = read_form(client)
    assert values["AdvancedSearch"] == ["True"]
    assert values["SearchPlanning"] == ["false"]
    assert values["SearchAppeals"] == ["true", "false"]
    assert values["Decision"] == ["All"]


def test_the_whole_list_is_found_page_by_page(client: httpx.Client) -> None:
    answer = search_days(client, START, START + timedelta(days=24))
    assert [r.status_code for r in answer.history] == [302]
    assert answer.url.path == RESULTS
    assert read_total(answer.text) == 25
    found, page = read_references(answer.text), answer.text
    assert len(found) == 10
    while target := read_next(page):
        fragment = client.get(target, headers=AJAX)
        assert "<html" not in fragment.text
        page = fragment.text
        found += read_references(page)
    assert found == [f"26/{n:05}/F" for n in range(25, 0, -1)]


def test_cells_hide_their_label_and_headings_carry_arrows(client: httpx.Client) -> None:
    page = html.fromstring(search_days(client, START, START + timedelta(days=2)).text)
    table = page.xpath("//table[contains(@class, 'tblResults')]")[0]
    assert table.xpath(".//th/text()")[0] == "Reference No.▶"
    for cell in table.xpath(".//td"):
        assert cell[0].tag == "span"
        assert cell[0].get("class") == "mobile-heading"
    assert table.xpath(".//tbody/tr[1]/td[1]/a/text()") == ["26/00003/F"]


def test_other_modules_look_the_same_and_have_pages_of_their_own(client: httpx.Client) -> None:
    answer = search_days(client, START, START + timedelta(days=2))
    assert read_references(answer.text, "/BuildingControl/Display")[0] == "26/00001/BN"
    assert read_references(answer.text, "/Appeals/Display") == ["26/00001/REF"]
    assert read_next(answer.text) is None
    more = client.get("/Search/ResultsPage/2?module=BLD", headers=AJAX).text
    assert read_references(more, "/BuildingControl/Display") == ["26/00011/BN", "26/00012/BN"]
    without = search(client, SearchBuildingControl="false", SearchAppeals="false").text
    assert "/BuildingControl/" not in without
    assert "/Appeals/" not in without


def test_received_and_valid_dates_are_searched_apart(client: httpx.Client) -> None:
    third = START + timedelta(days=2)
    received = search_days(client, third, third + timedelta(days=1))
    assert read_references(received.text) == ["26/00004/F", "26/00003/F"]
    valid = search_days(client, START + timedelta(days=4), START + timedelta(days=5), by="Valid")
    assert read_references(valid.text) == ["26/00003/F", "26/00002/F"]
    open_ended = search(client, DateReceivedFrom=f"{START + timedelta(days=23):%d/%m/%Y}")
    assert read_references(open_ended.text) == ["26/00025/F", "26/00024/F"]


def test_text_and_choices_narrow(server: RegisterServer, client: httpx.Client) -> None:
    server.add_application(
        make_application(90, START, Parish="Nether Sample", Decision="Refused", Proposal="Barn")
    )
    server.add_application(make_application(91, START, Parish="Nether Sample", Proposal="A barn too"))
    server.add_application(ServedApplication(reference="26/00092/F", fields={"Proposal": "No dates at all"}))
    assert len(read_references(search(client, Proposal="barn").text)) == 2
    assert read_references(search(client, Parish="Nether Sample", Outstanding="true").text) == []
    assert len(read_references(search(client, Parish="Nether Sample").text)) == 2
    assert read_total(search(client).text) == 28
    assert read_total(search_days(client, date(2020, 1, 1), date(2030, 1, 1)).text) == 27


def test_one_match_leads_to_its_page_and_none_is_said(client: httpx.Client) -> None:
    one = search_days(client, START, START)
    assert one.url.path == "/Planning/Display/26/00001/F"
    assert [r.status_code for r in one.history] == [302, 302]
    none = search_days(client, date(2020, 1, 1), date(2020, 1, 2))
    assert read_total(none.text) == 0
    assert read_references(none.text) == []
    assert "Search Results" in none.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"SearchPlanning": "false"},
        {"AdvancedSearch": "False"},
        {"__RequestVerificationToken": "forged"},
        {"DateReceivedFrom": "2026-03-01"},
        {"DateReceivedTo": "31/02/2026"},
        {"DateValidFrom": "soon"},
    ],
)
def test_form_is_served_again_without_a_word(client: httpx.Client, wrong: dict[str, str]) -> None:
    answer = search(client, **wrong)
    assert answer.status_code == 200
    assert "<title>Planning Application Search</title>" in answer.text
    assert "Search Results" not in answer.text


def test_token_belongs_to_its_cookie(server: RegisterServer, client: httpx.Client) -> None:
    form = read_form(client) | {"SearchPlanning": ["true", "false"]}
    with open_client(server) as stranger:
        read_form(stranger)
        assert "Search Results" not in stranger.post(RESULTS, data=form).text
        stranger.cookies.clear()
        assert "Search Results" not in stranger.post(RESULTS, data=form).text
    assert "Search Results" in client.post(RESULTS, data=form).text


def test_form_without_a_required_control_fails(client: httpx.Client) -> None:
    form = read_form(client) | {"SearchPlanning": ["true", "false"]}
    del form["ApplicationType"]
    assert client.post(RESULTS, data=form).status_code == 500


def test_a_page_needs_the_session_and_both_headers(server: RegisterServer, client: httpx.Client) -> None:
    search_days(client, START, START + timedelta(days=24))
    target = "/Search/ResultsPage/2?module=PLA"
    assert client.get(target, headers={"Referer": AJAX["Referer"]}).status_code == 404
    without_referer = client.get(target, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (without_referer.status_code, without_referer.text) == (200, "")
    with open_client(server) as stranger:
        assert stranger.get(target, headers=AJAX).text == ""
        assert "Search Results" not in stranger.get(RESULTS).text
    assert len(read_references(client.get(target, headers=AJAX).text)) == 10
    for other in (
        "/Search/ResultsPage/9?module=PLA",
        "/Search/ResultsPage/2",
        "/Search/ResultsPage/0?module=PLA",
    ):
        assert client.get(other, headers=AJAX).text == ""


def test_criteria_are_kept_for_each_visitor(server: RegisterServer, client: httpx.Client) -> None:
    search_days(client, START, START + timedelta(days=1))
    with open_client(server) as other:
        search_days(other, START + timedelta(days=5), START + timedelta(days=7))
        assert read_total(client.get(RESULTS).text) == 2
        assert read_total(other.get(RESULTS).text) == 3


def test_more_rows_a_page(server: RegisterServer, client: httpx.Client) -> None:
    search_days(client, START, START + timedelta(days=24))
    more = client.post("/Search/ChangeResultsPerPage", data={"resultsPerPage": "100"})
    assert len(read_references(more.text)) == read_total(more.text) == 25
    assert read_next(more.text) is None
    unchanged = client.post("/Search/ChangeResultsPerPage", data={"resultsPerPage": "99999"})
    assert len(read_references(unchanged.text)) == 25
    with open_client(server) as stranger:
        again = stranger.post("/Search/ChangeResultsPerPage", data={"resultsPerPage": "100"})
        assert "Search Results" not in again.text


def test_hundreds_of_applications() -> None:
    with RegisterServer(make_applications(600)) as server, open_client(server) as client:
        answer = search(client)
        assert read_total(answer.text) == 600
        last = client.get("/Search/ResultsPage/60?module=PLA", headers=AJAX).text
        assert len(read_references(last)) == 10
        assert read_next(last) is None
        whole = client.post("/Search/ChangeResultsPerPage", data={"resultsPerPage": "250"}).text
        assert len(set(read_references(whole))) == 250


def test_a_page_breaks_while_the_others_stand(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault("/Search/ResultsPage/3", Fault(kind="status", status=500, times=1), Fault(kind="empty"))
    search_days(client, START, START + timedelta(days=24))
    third = "/Search/ResultsPage/3?module=PLA"
    assert len(read_references(client.get("/Search/ResultsPage/2?module=PLA", headers=AJAX).text)) == 10
    assert client.get(third, headers=AJAX).status_code == 500
    empty = client.get(third, headers=AJAX)
    assert (empty.status_code, empty.text, empty.headers["content-type"]) == (
        200,
        "",
        "text/html; charset=utf-8",
    )


def test_total_is_wrong_by_one(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(RESULTS, Fault(kind="wrong-total"))
    answer = search_days(client, START, START + timedelta(days=4))
    assert (read_total(answer.text), len(read_references(answer.text))) == (6, 5)
    assert read_total(search_days(client, START, START).text) == 2
    assert read_total(search_days(client, date(2020, 1, 1), date(2020, 1, 1)).text) == 1
    server.set_fault(RESULTS)
    assert read_total(search_days(client, START, START + timedelta(days=4)).text) == 5


def test_a_page_repeats_the_one_before(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault("/Search/ResultsPage/3", Fault(kind="repeated-page", times=1))
    search_days(client, START, START + timedelta(days=24))
    second = client.get("/Search/ResultsPage/2?module=PLA", headers=AJAX).text
    third = client.get("/Search/ResultsPage/3?module=PLA", headers=AJAX).text
    assert read_references(third) == read_references(second)
    mended = client.get("/Search/ResultsPage/3?module=PLA", headers=AJAX).text
    assert read_references(mended) == [f"26/{n:05}/F" for n in range(5, 0, -1)]


def test_session_is_lost_once(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault("/Search/ResultsPage/2", Fault(kind="lost-session", times=1))
    search_days(client, START, START + timedelta(days=24))
    target = "/Search/ResultsPage/2?module=PLA"
    assert client.get(target, headers=AJAX).text == ""
    assert client.get(target, headers=AJAX).text == ""
    search_days(client, START, START + timedelta(days=24))
    assert len(read_references(client.get(target, headers=AJAX).text)) == 10


def test_faults_of_the_form_and_of_the_list_are_set_apart(
    server: RegisterServer, client: httpx.Client
) -> None:
    server.set_fault(f"POST {RESULTS}", Fault(kind="status", status=503, times=1))
    server.set_fault(RESULTS, Fault(kind="challenge", times=1))
    assert search(client).status_code == 503
    walled = search(client)
    assert (walled.request.method, walled.status_code) == ("GET", 202)
    assert read_total(client.get(RESULTS).text) == 25


def test_terms_come_before_the_search() -> None:
    with RegisterServer(make_applications(3), skin="details-grid") as server, open_client(server) as client:
        terms = client.get(FORM)
        assert terms.url.path == "/Disclaimer"
        [form] = html.fromstring(terms.text).forms
        assert form.action == "/Disclaimer/Accept?returnUrl=%2FSearch%2FAdvanced"
        # The application's page needs no terms.
        assert client.get("/Planning/Display/26/00001/F").url.path == "/Planning/Display/26/00001/F"
        assert post_without_length(server, form.action) == 411
        accepted = client.post(form.action, content=b"")
        assert accepted.history[0].headers["set-cookie"].startswith("DisclaimerAccepted=")
        assert accepted.url.path == FORM
        away = client.post("/Disclaimer/Accept?returnUrl=//evil.test/x", follow_redirects=False)
        assert away.headers["location"] == FORM


@pytest.mark.parametrize("name", SKINS)
def test_every_skin_lists_the_same(name: str) -> None:
    skin = get_skin(name)
    with RegisterServer(make_applications(25), skin=name) as server, open_client(server) as client:
        if skin.has_disclaimer:
            client.post("/Disclaimer/Accept?returnUrl=%2FSearch%2FAdvanced")
        answer = search_days(client, START, START + timedelta(days=24), skin=skin)
        found, page = read_references(answer.text), answer.text
        while target := read_next(page):
            page = client.get(target, headers=AJAX).text
            found += read_references(page)
        assert found == [f"26/{n:05}/F" for n in range(25, 0, -1)]
        assert read_total(answer.text) == 25
        has_sizes = "ChangeResultsPerPage" in answer.text
        assert has_sizes is bool(skin.page_sizes)
        sizes = client.post("/Search/ChangeResultsPerPage", data={"resultsPerPage": "100"})
        assert (sizes.status_code == 200) is has_sizes
        link = html.fromstring(answer.text).xpath("//a[contains(@href, '/Planning/Display')]/@href")[0]
        assert "26/00025/F" in client.get(link).text
        one = search_days(client, START, START, skin=skin)
        assert (one.url.path == RESULTS) is not skin.redirects_single_match
        none = search_days(client, date(2020, 1, 1), date(2020, 1, 1), skin=skin)
        assert read_total(none.text) == 0
        empty_tables = html.fromstring(none.text).xpath("//div[@id='tabPLA']//table")
        assert bool(empty_tables) is (skin.shows_empty_table and skin.results == "table")


def test_unknown_reference_and_other_route_are_answered_as_the_skin_does() -> None:
    with RegisterServer(make_applications(1), skin="details-grid") as server, open_client(server) as client:
        assert client.get("/Planning/Display/99/99999/F").status_code == 404
    with RegisterServer(make_applications(1), skin="cards") as server, open_client(server) as client:
        assert client.get("/Planning/Display/26/00001/F").status_code == 404
        unknown = client.get("/Planning/Display?applicationNumber=99%2F99999%2FF")
        assert "Planning Application Search" in unknown.text
        server.set_fault("/Planning/Display/26/00001/F", Fault(kind="status", status=503, times=1))
        page = "/Planning/Display?applicationNumber=26%2F00001%2FF"
        assert [client.get(page).status_code for _ in range(2)] == [503, 200]
