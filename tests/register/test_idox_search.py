"""The search of a Public Access register: a list is proven by the number that it prints, or is an error."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from planning_review.dates import london_today
from planning_review.errors import BotChallenge, ListNotProven, RobotsDisallow
from planning_review.register.councils import _read_councils
from planning_review.register.idox.platform import Idox
from planning_review.register.platform import Council
from planning_review.register.search import SearchWindow
from planning_review.settings import Settings, load_settings
from tests.support.idox_register import IdoxCase, IdoxFile, IdoxServer, Ways

LAST = date(2026, 11, 30)
WINDOW = SearchWindow(date_from=LAST - timedelta(days=13), date_to=LAST)


def make_cases(count: int, *, days: int = 14) -> list[IdoxCase]:
    """Return applications received on the last days, and two of the days beside them."""
    cases = [
        IdoxCase(
            f"26/{n:05}/HOU",
            proposal=f"Extension number {n}",
            received=LAST - timedelta(days=n % days),
            validated=LAST - timedelta(days=n % days) if n % 3 else None,
        )
        for n in range(count)
    ]
    beyond = [
        IdoxCase("26/90001/HOU", received=LAST + timedelta(days=1)),
        IdoxCase("26/90000/HOU", received=WINDOW.date_from - timedelta(days=1)),
    ]
    return [*cases, *beyond]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        PLANNING_DATA_DIR=tmp_path / "data",
        PLANNING_TEMP_DIR=tmp_path / "temp",
        PLANNING_REGISTER_INTERVAL_SECONDS=0,
    )


@pytest.fixture
def searching(
    settings: Settings,
) -> Callable[..., Iterator[tuple[Callable[[SearchWindow], object], IdoxServer]]]:
    """Return what opens a search on a register with cases."""

    @contextmanager
    def open_one(cases: list[IdoxCase], **ways: object):
        with IdoxServer(cases, Ways(**ways)) as server:
            council = Council(code="x", name="X", platform="idox", register_url=server.url)
            with Idox(council).open_search(settings, may_retry=False) as search:
                yield search, server

    return open_one


@pytest.mark.parametrize(
    ("count", "ways", "requests"),
    [
        # robots.txt, the form, the list; the list once more with 100 a page; its later pages.
        (29, {}, 4),
        (12, {}, 4),
        (7, {}, 3),
        (7, {"prints_showing": False}, 3),
        (29, {"offers_sizes": False}, 5),
        (29, {"has_token": False}, 4),
        (150, {}, 5),
        (29, {"is_end_exclusive": True}, 4),
        (29, {"stale_tokens": 1}, 6),
        (29, {"loses_session_at": 5, "offers_sizes": False}, None),
        (29, {"loses_session_at": 5, "offers_sizes": False, "fails_without_session": 500}, None),
        (60, {"most_results": 20}, None),
        (1, {}, None),
        (1, {"lists_single": True}, None),
    ],
    ids=str,
)
def test_the_whole_window_and_nothing_else_is_found(
    searching, count: int, ways, requests: int | None
) -> None:
    cases = make_cases(count)
    with searching(cases, **ways) as (search, server):
        found = search.find(WINDOW)
    assert sorted(each.reference for each in found.applications) == [each.reference for each in cases[:count]]
    assert found.total_printed == count
    assert requests in (None, len(server.asked))
    first = min(found.applications, key=lambda each: each.reference)
    assert (first.proposal, first.received_date, first.status) == (
        "Extension number 0",
        LAST,
        "Awaiting decision",
    )
    assert f"keyVal={cases[0].key}" in first.register_url


def test_what_was_validated_is_searched_by_that_date(searching) -> None:
    cases = make_cases(30)
    with searching(cases) as (search, _):
        found = search.find(WINDOW.model_copy(update={"by": "valid"}))
    wanted = [c.reference for c in cases if c.validated and WINDOW.date_from <= c.validated <= LAST]
    assert sorted(each.reference for each in found.applications) == sorted(wanted)


def test_none_is_proven_by_a_new_token_and_by_what_is_found_for_certain(searching) -> None:
    with searching([IdoxCase("26/1/F", received=date(2025, 1, 1), validated=None)]) as (search, server):
        assert search.find(WINDOW).applications == ()
        sent = [each.path for each in server.asked if each.method == "POST"]
        assert sent == ["/advancedSearchResults.do"] * 2 + ["/simpleSearchResults.do"]


@pytest.mark.parametrize(
    ("ways", "error", "said"),
    [
        ({"is_search_dead": True}, ListNotProven, "nothing for 'road' either"),
        ({"ignores_dates": True}, ListNotProven, "did not search by these dates"),
        ({"most_results": 2}, ListNotProven, "too many applications received from 17/11/2026 to 17/11/2026"),
        ({"prints_showing": False, "offers_sizes": False}, ListNotProven, "prints no number"),
        ({"cut_page": "pagedSearch"}, Exception, "."),
        ({"wall_at": 4}, BotChallenge, "wants to see a person"),
        (
            {"robots": "User-agent: *\nDisallow: /online-applications/search.do"},
            RobotsDisallow,
            "no scan of X",
        ),
        ({"robots": "User-agent: *\nDisallow: /*pagedSearch"}, RobotsDisallow, "no scan of X"),
    ],
    ids=str,
)
def test_what_is_no_whole_list_is_an_error(searching, ways, error, said: str) -> None:
    with searching(make_cases(45), **ways) as (search, server), pytest.raises(error, match=said):
        search.find(WINDOW)
    if "robots" in ways:
        assert [each.target for each in server.asked] == ["/robots.txt"]


def test_a_row_without_a_reference_is_no_proof(searching) -> None:
    said = pytest.raises(ListNotProven, match=r"1 rows that were not understood\. .*kept in")
    with searching([*make_cases(5), IdoxCase("", received=LAST)]) as (search, _), said:
        search.find(WINDOW)


def test_what_the_search_met_is_read_without_another(settings: Settings) -> None:
    with IdoxServer(make_cases(12)) as server:
        platform = Idox(Council(code="x", name="X", platform="idox", register_url=server.url))
        with platform.open_search(settings) as search:
            search.find(WINDOW)
        before = len(server.asked)
        with platform.open_client(settings) as client:
            assert client.fetch_application("26/00003/HOU").application.proposal == "Extension number 3"
        assert [path.split()[-1] for path in server.paths()[before:]] == ["summary", "details", "dates"]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run `check register` for a council of this platform, with a data folder of this test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(
        _read_councils(), "sample", {"name": "X", "platform": "idox", "register_url": "http://127.0.0.1:9"}
    )

    def run(url: str):
        environment = {
            "PLANNING_DATA_DIR": str(tmp_path / "data"),
            "PLANNING_TEMP_DIR": str(tmp_path / "temp"),
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
            "PLANNING_REGISTER_URL": url,
        }
        return CliRunner().invoke(main, ["check", "register", "--council", "sample"], env=environment)

    return run


CHECKED = [
    IdoxCase(
        f"26/0000{n}/HOU", received=london_today() - timedelta(days=n), files=(IdoxFile(9000 + n, "Plan"),)
    )
    for n in range(4)
]


def test_the_check_walks_from_the_forms_to_a_document_and_says_what_it_saw(check) -> None:
    with IdoxServer(CHECKED, Ways(robots="User-agent: *\nDisallow: /")) as server:
        result = check(server.url)
        asked = len(server.asked)
    assert result.exit_code == 0, result.output
    lines = [line.removeprefix("register: ") for line in result.stdout.splitlines()][1:]
    steps = dict(line.partition(": ")[::2] for line in lines)
    assert list(steps) == [
        "robots.txt",
        "simple search",
        "control",
        "advanced search",
        "unknown application",
        "search",
        "application",
        "documents",
        "download",
    ]
    assert "review works, scan does not" in steps["robots.txt"]
    assert steps["simple search"].startswith("token _csrf; fields _csrf, searchCriteria.simpleSearchString")
    assert "both ranges of dates; fields _csrf, date(applicationReceivedStart)" in steps["advanced search"]
    assert "found 4 of 4 printed" in steps["search"]
    assert "read site_address, proposal, status, received_date, valid_date" in steps["application"]
    assert steps["documents"].endswith("listed 1, categories 1")
    assert "14 bytes, pdf" in steps["download"]
    assert asked == 18


@pytest.mark.parametrize(
    ("ways", "step", "said"),
    [
        ({"is_search_dead": True}, "control", "answered with a page of the kind 'none found'"),
        ({"columns": ("Description",)}, "application", "prints 1 documents .* lists 0"),
        (
            {"page_in_place": 404, "missing_files": frozenset(range(9000, 9004))},
            "download",
            "does not serve it",
        ),
        ({"prints_showing": False, "offers_sizes": False, "page_size": 2}, "search", "prints no number"),
    ],
    ids=str,
)
def test_the_check_stops_at_what_is_wrong(check, ways, step: str, said: str) -> None:
    with IdoxServer(CHECKED, Ways(**ways)) as server:
        result = check(server.url)
    assert result.exit_code == 1
    assert f"register: {step}: expected" in result.stderr

    assert re.search(said, result.stderr), result.stderr
