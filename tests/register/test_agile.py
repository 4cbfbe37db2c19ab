"""Agile: an application by its reference, its documents, lists by registration, and what goes wrong."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from planning_review.errors import (
    ApplicationNotFound,
    DocumentGone,
    ListNotProven,
    PageCut,
    PermanentError,
    RegisterLayoutError,
    RobotsDisallow,
)
from planning_review.register.councils import get_council
from planning_review.register.platform import Council, Platform, get_platform
from planning_review.register.search import SearchWindow
from planning_review.settings import Settings, load_settings
from tests.support.agile_register import CLIENT, AgileCase, AgileFile, AgileServer, AgileWays

REFERENCE = "P2026/0417/FUL"
DAY = date(2026, 11, 20)
WEEK = SearchWindow(date_from=DAY, date_to=DAY + timedelta(days=6))
CASE = AgileCase(
    20774,
    REFERENCE,
    DAY,
    files=(AgileFile("f4e6-50", "Transport Statement"), AgileFile("a/b=", "Site plan", "Plans")),
    others={
        "fullProposal": "Erection of 24 dwellings with access from Mill Road and a cycle store",
        "receivedDate": "2026-11-18T00:00:00",
        "validDate": "2026-11-20T00:00:00",
        "ward": "Canalside",
        "parish": "",
        "officerName": "A Planner",
        "applicantSurname": "Mill Road Homes",
        "decisionText": None,
        "consultationEndDate": "2026-12-14T00:00:00",
        "neighbourExpiryDate": "2026-12-11T00:00:00",
        "isLocked": False,
    },
)


def make_case(number: int, day: date = DAY) -> AgileCase:
    return AgileCase(number, f"P2026/{number:04}/HH", day)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        PLANNING_DATA_DIR=tmp_path / "data",
        PLANNING_TEMP_DIR=tmp_path / "temp",
        PLANNING_REGISTER_INTERVAL_SECONDS=0,
    )


def open_platform(server: AgileServer, **options: str) -> Platform:
    options = {"client": CLIENT, **options}
    return get_platform(
        Council(code="x", name="X", platform="agile", register_url=server.url, options=options)
    )


@pytest.fixture
def fetch(settings: Settings) -> Callable[..., Any]:
    def fetch_one(server: AgileServer, reference: str = REFERENCE, **options: str) -> Any:
        with open_platform(server, **options).open_client(settings) as client:
            return client.fetch_application(reference)

    return fetch_one


@pytest.fixture
def find(settings: Settings) -> Callable[..., Any]:
    def find_all(server: AgileServer, window: SearchWindow = WEEK) -> Any:
        with open_platform(server).open_search(settings, may_retry=False) as search:
            return search.find(window)

    return find_all


def test_application_and_documents_are_read_in_three_requests(fetch) -> None:
    with AgileServer([make_case(1), CASE]) as server:
        page = fetch(server)
        assert len(server.asked) == 3
    assert page.application.model_dump(exclude_none=True) == {
        "reference": REFERENCE,
        "council": "x",
        "register_url": f"{server.url}/application-details/20774",
        "site_address": "Land At Mill Road Inventon",
        "proposal": "Erection of 24 dwellings with access from Mill Road and a cycle store",
        "application_type": "Full",
        "status": "Registered",
        "applicant": "Mill Road Homes",
        "case_officer": "A Planner",
        "ward": "Canalside",
        "received_date": date(2026, 11, 18),
        "valid_date": date(2026, 11, 20),
        "consultation_end": date(2026, 12, 14),
        "other_fields": {"Neighbour expiry date": "2026-12-11T00:00:00"},
    }
    assert [(d.title, d.category, d.listed_date) for d in page.documents] == [
        ("Transport Statement", "Supporting Documents", DAY),
        ("Site plan", "Plans", DAY),
    ]
    assert page.documents_available


@pytest.mark.parametrize("opens_files_by", ["hash", "client"])
def test_documents_are_had_by_either_address(settings, tmp_path: Path, opens_files_by: str) -> None:
    with (
        AgileServer([CASE], AgileWays(opens_files_by=opens_files_by)) as server,
        open_platform(server).open_client(settings) as client,
    ):
        page = client.fetch_application(REFERENCE)
        for document in page.documents:
            client.download(document, tmp_path / "part")
            assert (tmp_path / "part").read_bytes() == b"%PDF-1.4 small"
        address = f"{server.url}/api/application/document/{CLIENT}/x"
        gone = page.documents[0].model_copy(update={"register_url": address})
        with pytest.raises(DocumentGone, match="no longer serves"):
            client.download(gone, tmp_path / "part")


def test_no_documents_listed_is_not_that_there_are_none(fetch) -> None:
    with AgileServer([make_case(7)]) as server:
        page = fetch(server, "P2026/0007/HH")
        elsewhere = fetch(server, "P2026/0007/HH", documents_elsewhere="https://docs.example.org")
    assert not page.documents_available
    assert page.documents_elsewhere == page.application.register_url
    assert elsewhere.documents_elsewhere == "https://docs.example.org"


def test_document_without_an_address_is_named(fetch) -> None:
    with AgileServer(
        [AgileCase(7, REFERENCE, DAY, files=(*CASE.files, AgileFile(None, "Travel Plan")))]
    ) as server:
        page = fetch(server)
    assert len(page.documents) == 2
    assert "Travel Plan" in page.warnings[0]


@pytest.mark.parametrize(
    ("reference", "error", "match"),
    [
        ("P2026/0999/FUL", ApplicationNotFound, "does not know"),
        ("P2026", ApplicationNotFound, "It has P2026/0417"),
    ],
)
def test_unknown_reference(fetch, reference: str, error: type[Exception], match: str) -> None:
    with AgileServer([CASE]) as server, pytest.raises(error, match=match):
        fetch(server, reference)


@pytest.mark.parametrize(
    ("ways", "error", "match"),
    [
        (AgileWays(answers_shell=True), RegisterLayoutError, "did not answer with JSON.*kept at"),
        (AgileWays(refuses="BadReference"), RegisterLayoutError, "BadReference is not valid"),
        (AgileWays(cut_at=20), PageCut, "did not come whole"),
        (AgileWays(total=500), RegisterLayoutError, "counts 500 applications"),
    ],
)
def test_no_answer_is_no_unknown_reference(
    fetch, ways: AgileWays, error: type[Exception], match: str
) -> None:
    with AgileServer([make_case(1)], ways) as server, pytest.raises(error, match=match):
        fetch(server)


def test_client_that_the_interface_does_not_know(fetch) -> None:
    with AgileServer([CASE]) as server, pytest.raises(PermanentError, match="does not know 'THEIRS'"):
        fetch(server, client="THEIRS")


@pytest.mark.parametrize("page_size", [100, 3])
def test_list_is_proven_and_keeps_its_days(find, page_size: int) -> None:
    cases = [make_case(20 + n, DAY + timedelta(days=n)) for n in range(-1, 9)]
    with AgileServer(cases, AgileWays(page_size=page_size)) as server:
        found = find(server)
        assert (
            find(
                server,
                WEEK.model_copy(
                    update={"date_from": DAY + timedelta(days=20), "date_to": DAY + timedelta(days=21)}
                ),
            ).applications
            == ()
        )
    assert [each.reference for each in found.applications] == [f"P2026/{20 + n:04}/HH" for n in range(7)]


@pytest.mark.parametrize(
    ("ways", "error", "match"),
    [
        (AgileWays(total=11), ListNotProven, "counts 11 and 3 were found"),
        (AgileWays(ignores_dates=True), ListNotProven, "did not search by these dates"),
        (AgileWays(answers_shell=True), RegisterLayoutError, "did not answer with JSON"),
        (AgileWays(refuses="x"), RegisterLayoutError, "x is not valid"),
        (AgileWays(cut_at=80), PageCut, "did not come whole"),
        (AgileWays(robots="User-agent: *\nDisallow: /api/"), RobotsDisallow, "asks programs not to"),
    ],
)
def test_list_that_is_not_whole_is_an_error(
    find, ways: AgileWays, error: type[Exception], match: str
) -> None:
    cases = [make_case(n) for n in range(3)] + [make_case(9, DAY - timedelta(days=400))]
    with AgileServer(cases, ways) as server, pytest.raises(error, match=match):
        find(server)


def test_check_walks_from_the_interface_to_a_document(settings) -> None:
    with AgileServer([CASE]) as server:
        steps = list(open_platform(server).walk_checks(settings, DAY))
    assert [step.name for step in steps] == [
        "interface",
        "robots.txt",
        "unknown application",
        "search",
        "application",
        "documents",
        "download",
    ]
    assert "14 bytes, pdf" in steps[-1].detail


def test_councils_share_the_interface_and_its_pace() -> None:
    from planning_review.register.agile.addresses import describe_api, is_shared

    for code in ("islington", "lake-district", "redbridge"):
        assert is_shared(describe_api(get_council(code)))
    assert not is_shared(describe_api(get_council("islington", "http://127.0.0.1:9")))
