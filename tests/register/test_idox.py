"""Public Access: an application found by its reference, its tabs, its documents, and what goes wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from planning_review.errors import (
    ApplicationNotFound,
    BotChallenge,
    DocumentGone,
    PageCut,
    PermanentError,
    RegisterLayoutError,
    RegisterUnavailable,
)
from planning_review.models import ApplicationPage
from planning_review.register.idox.client import IdoxClient
from planning_review.register.platform import Council, get_platform
from planning_review.settings import Settings, load_settings
from tests.support.idox_register import IdoxCase, IdoxFile, IdoxServer, Ways

REFERENCE = "26/01234/FUL"
FILES = (
    IdoxFile(8565684, "Transport Statement", "Supporting Documents"),
    IdoxFile(8565685, "", "Application Form"),
    IdoxFile(8565686, "Site photo", "Photographs", suffix="jpg", published="02 Jun 2026"),
    IdoxFile(8565687, "Caf\xe9 elevation \u2013 rev B", "Drawing", drawing="P-100 B"),
)
CASE = IdoxCase(
    REFERENCE,
    details=(
        ("Application Type", "Full Application"),
        ("Case Officer", "A Planner"),
        ("Parish", "Inventon"),
        ("Ward", "Not Available"),
        ("Applicant Name", "Mill Road Homes Ltd"),
        ("Applicant Address", "1 Elsewhere Street"),
        ("Agent Name", "Plans & Co"),
    ),
    dates=(
        ("Application Received Date", "Fri 20 Nov 2026"),
        ("Application Validated Date", "Tue 24 Nov 2026"),
        ("Neighbour Consultation Date", "Wed 25 Nov 2026"),
        ("Neighbour Consultation Expiry Date", "Wed 16 Dec 2026"),
        ("Latest Site Notice Expiry Date", "Fri 18 Dec 2026"),
        ("Advertisement Expiry Date", "Not Available"),
        ("Determination Deadline", "Tue 19 Jan 2027"),
        ("Permission Expiry Date", "Not Available"),
    ),
    files=FILES,
)
NEIGHBOUR = IdoxCase(
    "26/01234/LBC", proposal="Works to a listed building at 26/01234/FUL", address="Mill Road"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        PLANNING_DATA_DIR=tmp_path / "data",
        PLANNING_TEMP_DIR=tmp_path / "temp",
        PLANNING_REGISTER_INTERVAL_SECONDS=0,
    )


@pytest.fixture
def visit(settings: Settings) -> Callable[..., Iterator[tuple[IdoxClient, IdoxServer]]]:
    """Return what opens a client on a register with the application, and with others where named."""

    @contextmanager
    def open_one(*cases: IdoxCase, **ways: object) -> Iterator[tuple[IdoxClient, IdoxServer]]:
        with IdoxServer(cases or (CASE,), Ways(**ways)) as server:
            council = Council(code="x", name="X", platform="idox", register_url=server.url)
            with get_platform(council).open_client(settings) as client:
                yield client, server

    return open_one


def test_one_match_is_read_from_four_tabs_in_six_requests(visit) -> None:
    with visit() as (client, server):
        page = client.fetch_application(REFERENCE)
        assert server.paths() == [
            "GET /search.do simple",
            "POST /simpleSearchResults.do firstPage",
            "GET /applicationDetails.do summary",
            "GET /applicationDetails.do details",
            "GET /applicationDetails.do dates",
            "GET /applicationDetails.do documents",
        ]
    application = page.application
    assert application.model_dump(exclude={"register_url"}) == {
        "reference": REFERENCE,
        "council": "x",
        "site_address": "Land At Mill Road Inventon",
        "proposal": CASE.proposal,
        "application_type": "Full Application",
        "status": "Awaiting decision",
        "decision": None,
        "applicant": "Mill Road Homes Ltd",
        "agent": "Plans & Co",
        "case_officer": "A Planner",
        "parish": "Inventon",
        "ward": None,
        "received_date": date(2026, 11, 20),
        "valid_date": date(2026, 11, 24),
        # The latest of all that are told of it by.
        "consultation_end": date(2026, 12, 18),
        "target_decision_date": date(2027, 1, 19),
        "decision_date": None,
        "other_fields": {
            "Alternative Reference": "PP-12345678",
            "Applicant Address": "1 Elsewhere Street",
            "Neighbour Consultation Date": "Wed 25 Nov 2026",
            "Neighbour Consultation Expiry Date": "Wed 16 Dec 2026",
            "Latest Site Notice Expiry Date": "Fri 18 Dec 2026",
        },
    }
    assert application.register_url.endswith(f"/applicationDetails.do?activeTab=summary&keyVal={CASE.key}")
    assert page.documents_available
    assert [(d.document_id, d.title, d.category, d.listed_date) for d in page.documents] == [
        ("8565684", "Transport Statement", "Supporting Documents", date(2026, 5, 17)),
        ("8565685", "Application Form", "Application Form", date(2026, 5, 17)),
        ("8565686", "Site photo", "Photographs", date(2026, 6, 2)),
        ("8565687", "Café elevation – rev B", "Drawing", date(2026, 5, 17)),
    ]
    assert all("/files/" in document.register_url for document in page.documents)


@pytest.mark.parametrize(
    "ways",
    [
        {"has_token": False},
        {"lists_single": True},
        {"stale_tokens": 1},
        {"prints_number": False},
        {"columns": ("", "Description", "View", "Drawing Number", "Document Type", "Date Published")},
        {"loses_session_at": 3},
        {"loses_session_at": 6},
    ],
    ids=str,
)
def test_the_same_is_read_of_a_register_that_does_otherwise(visit, ways: dict[str, object]) -> None:
    with visit() as (client, server):
        usual = client.fetch_application(REFERENCE)
        usual_url = server.url
    with visit(**ways) as (client, server):
        page = client.fetch_application(REFERENCE)
    assert without_address(page, server.url) == without_address(usual, usual_url)


def without_address(page: ApplicationPage, url: str) -> str:
    drawings = '"drawing_number":"P-100 B"', '"drawing_number":null'
    return page.model_dump_json().replace(url.partition("/online")[0], "").replace(*drawings)


def test_of_two_matches_the_whole_reference_is_taken(visit) -> None:
    with visit(NEIGHBOUR, CASE) as (client, _):
        assert client.fetch_application(REFERENCE).application.proposal == CASE.proposal
        assert len(client.fetch_application(REFERENCE.lower()).documents) == len(FILES)


def test_a_reference_without_its_ending_is_told_those_that_there_are(visit) -> None:
    with (
        visit(NEIGHBOUR, CASE) as (client, _),
        pytest.raises(ApplicationNotFound, match=r"It has 26/01234/FUL, 26/01234/LBC"),
    ):
        client.fetch_application("26/01234/F")


def test_a_match_on_a_later_page_of_the_list_is_found(visit) -> None:
    others = [replace(NEIGHBOUR, reference=f"26/{n:05}/LBC") for n in range(25)]
    with visit(*others, CASE) as (client, server):
        assert client.fetch_application(REFERENCE).application.reference == REFERENCE
        assert len([path for path in server.paths() if "pagedSearch" in path]) == 2


def test_an_unknown_reference_is_told_after_a_new_token_and_a_control_search(visit) -> None:
    with visit() as (client, server):
        with pytest.raises(ApplicationNotFound, match="does not know application 26/09999/FUL"):
            client.fetch_application("26/09999/FUL")
        sent = [each.form["searchCriteria.simpleSearchString"] for each in server.asked if each.form]
        assert sent == ["26/09999/FUL", "26/09999/FUL", "road"]


def test_a_search_that_finds_nothing_at_all_says_nothing_of_the_application(visit) -> None:
    with (
        visit(is_search_dead=True) as (client, _),
        pytest.raises(RegisterUnavailable, match="its search does not work now, which says nothing"),
    ):
        client.fetch_application(REFERENCE)


@pytest.mark.parametrize(
    ("cases", "ways", "error", "said"),
    [
        ((CASE, NEIGHBOUR), {"most_results": 1}, PermanentError, "too many .*Please enter some more"),
        ((CASE,), {"withdrawn": frozenset({REFERENCE})}, ApplicationNotFound, "no longer shows"),
        ((CASE,), {"hidden_rows": 1}, RegisterLayoutError, "prints 4 documents .* and lists 3"),
        ((CASE,), {"cut_page": "activeTab=documents"}, PageCut, "without </html>"),
        ((CASE,), {"cut_page": "activeTab=dates"}, PageCut, "without </html>"),
        ((CASE,), {"cut_page": "search.do"}, PageCut, "without </html>"),
        ((CASE,), {"wall_at": 4}, BotChallenge, "wants to see a person"),
        (
            (CASE, NEIGHBOUR),
            {"wrong_application": NEIGHBOUR.reference},
            RegisterLayoutError,
            "shows application 26/01234/LBC where 26/01234/FUL",
        ),
    ],
)
def test_what_is_not_the_application_is_an_error_that_says_so(visit, cases, ways, error, said: str) -> None:
    with visit(*cases, **ways) as (client, _), pytest.raises(error, match=said) as caught:
        client.fetch_application(REFERENCE)
    assert type(caught.value) is error


def test_a_page_that_is_not_understood_is_kept_without_its_token(visit, settings: Settings) -> None:
    with visit(hidden_rows=1) as (client, _), pytest.raises(RegisterLayoutError) as caught:
        client.fetch_application(REFERENCE)
    assert caught.value.page_path is not None
    kept = caught.value.page_path.read_text()
    assert "Transport Statement" in kept
    assert "8d3f" not in kept


def test_a_wrong_path_is_told_with_where_it_stands(settings: Settings) -> None:
    with IdoxServer([CASE]) as server:
        wrong = server.url.replace("/online-applications", "/publicaccess")
        council = Council(code="x", name="X", platform="idox", register_url=wrong)
        with (
            get_platform(council).open_client(settings) as client,
            pytest.raises(PermanentError, match=r"answered 403 .*councils\.yaml .*/online-applications"),
        ):
            client.fetch_application(REFERENCE)


def test_no_documents_tab_and_documents_elsewhere_are_not_an_empty_list(visit) -> None:
    with visit(replace(CASE, files=())) as (client, _):
        page = client.fetch_application(REFERENCE)
        assert (page.documents, page.documents_available, page.documents_elsewhere) == ((), False, None)
    with visit(keeps_documents_elsewhere=True) as (client, server):
        page = client.fetch_application(REFERENCE)
        assert not page.documents_available
        assert page.documents_elsewhere == (
            f"{server.url}/applicationDetails.do?activeTab=externalDocuments&keyVal={CASE.key}"
        )


@pytest.mark.parametrize(
    "ways",
    [
        {"needs_session": False},
        {"needs_referer": True},
        {"loses_session_at": 8},
        {"loses_session_at": 8, "page_in_place": 200},
    ],
    ids=str,
)
def test_documents_come_with_the_session_and_where_they_were_linked(visit, tmp_path: Path, ways) -> None:
    with visit(**ways) as (client, server):
        documents = client.fetch_application(REFERENCE).documents
        for document in documents:
            client.download(document, tmp_path / document.document_id)
            assert (tmp_path / document.document_id).read_bytes() == FILES[0].content
        is_lost = "loses_session_at" in ways
        # A lost session costs the file once more, and the tab that begins a new one.
        assert server.count_files() == len(FILES) + is_lost
        assert len(server.asked) == 6 + len(FILES) + 2 * is_lost


def test_a_document_that_is_not_there_is_gone_and_few_sessions_are_spent_on_it(visit, tmp_path: Path) -> None:
    missing = frozenset(each.number for each in FILES)
    with visit(missing_files=missing) as (client, server):
        documents = client.fetch_application(REFERENCE).documents
        for document in documents:
            with pytest.raises(DocumentGone, match="in a new session neither"):
                client.download(document, tmp_path / "file")
        assert not (tmp_path / "file").exists()
        # Twice in vain is enough.
        assert server.count_files() == len(FILES) + 2
