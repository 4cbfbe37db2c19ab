"""A search against the small register: every application found and proven, on each skin and fault."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from planning_review.errors import (
    BotChallenge,
    ListNotProven,
    RegisterLayoutError,
    RegisterThrottled,
    RegisterUnavailable,
)
from planning_review.register import retrying
from planning_review.register.atrium.search import AtriumSearch
from planning_review.register.councils import get_council
from planning_review.register.search import FoundList, SearchWindow
from planning_review.sample.served_application import ServedApplication
from planning_review.sample.skin import Skin
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.skins import SKINS, get_skin

FIRST_DAY = date(2026, 10, 5)
WINDOW = SearchWindow(date_from=FIRST_DAY, date_to=FIRST_DAY + timedelta(days=13))
PAGE_THREE = "/Search/ResultsPage/3"
RESULTS = "/Search/Results"


def serve(received: date, number: int, valid: date | None = None) -> ServedApplication:
    return ServedApplication(
        reference=f"26/{number:05}/F",
        fields={
            "Application Number": f"26/{number:05}/F",
            "Application Type": "Full Planning",
            "Location": f"{number} Mill Lane (rear)",
            "Proposal": f"Erection of {number} dwellings ({number})",
            "Status": "Registered",
            "Received Date": f"{received:%d/%m/%Y}",
            "Valid Date": f"{valid:%d/%m/%Y}" if valid else "-",
        },
    )


def make_applications(count: int = 64) -> list[ServedApplication]:
    """Return applications over the window's days, and two received just outside of it."""
    inside = [serve(FIRST_DAY + timedelta(days=n % 14), n) for n in range(1, count + 1)]
    return [
        *inside,
        serve(FIRST_DAY - timedelta(days=1), 901),
        serve(WINDOW.date_to + timedelta(days=1), 902),
    ]


@contextmanager
def open_search(register: RegisterServer, folder: Path) -> Iterator[AtriumSearch]:
    with AtriumSearch(
        get_council("sample", register.url),
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact="maps@example.org",
        pages_dir=folder / "pages",
        timeout_seconds=20,
        retry_delays_seconds=(0, 0, 0),
    ) as search:
        yield search


def find(register: RegisterServer, folder: Path, window: SearchWindow = WINDOW) -> FoundList:
    with open_search(register, folder) as search:
        return search.find(window)


def references(found: FoundList) -> list[str]:
    return sorted(each.reference for each in found.applications)


def numbered(count: int) -> list[str]:
    return [f"26/{n:05}/F" for n in range(1, count + 1)]


def count_requests(register: RegisterServer, method: str, path: str) -> int:
    return sum(each.method == method and each.path.partition("?")[0] == path for each in register.requests)


def kept_folders(folder: Path) -> list[Path]:
    return list((folder / "pages").glob("*"))


@pytest.mark.parametrize("skin", SKINS)
def test_seven_pages_on_every_skin(tmp_path: Path, skin: str) -> None:
    with RegisterServer(make_applications(), skin=skin) as register:
        found = find(register, tmp_path)
        asked = [each.path for each in register.requests]
    assert (references(found), found.total_printed) == (numbered(64), 64)
    assert [path for path in asked if "ResultsPage" in path] == [
        f"/Search/ResultsPage/{n}?module=PLA" for n in range(2, 8)
    ]
    one = next(each for each in found.applications if each.reference == "26/00007/F")
    assert one.proposal == "Erection of 7 dwellings (7)"
    assert one.address == "7 Mill Lane (rear)"
    assert one.register_url.startswith(f"{register.url}/Planning/Display")
    assert kept_folders(tmp_path) == []


def test_behind_a_disclaimer_taken_once(tmp_path: Path) -> None:
    with RegisterServer(make_applications(), skin="details-grid") as register:
        find(register, tmp_path)
        assert count_requests(register, "POST", "/Disclaimer/Accept") == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=500),
        Fault(kind="empty"),
        Fault(kind="reset"),
        Fault(kind="repeated-page"),
        Fault(kind="html"),
        Fault(kind="status", status=404),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
@pytest.mark.parametrize("sizes", [(), (10, 20)], ids=["no-sizes", "sizes"])
def test_broken_page_is_gone_round(tmp_path: Path, fault: Fault, sizes: tuple[int, ...]) -> None:
    skin = get_skin("cherwell").model_copy(update={"page_sizes": sizes})
    with RegisterServer(make_applications(), skin=skin) as register:
        register.set_fault(PAGE_THREE, fault)
        found = find(register, tmp_path)
        searches = count_requests(register, "POST", RESULTS)
        tries = count_requests(register, "GET", PAGE_THREE)
    assert (references(found), found.total_printed) == (numbered(64), 64)
    # Half of the window holds 32: four pages of ten, so it is halved again, or two pages of twenty.
    assert searches == (3 if sizes else 7)
    assert kept_folders(tmp_path) == []
    if fault.kind in ("reset",) or fault.status == 500:
        assert tries % 4 == 0


def test_larger_pages_before_halves(tmp_path: Path) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(PAGE_THREE, Fault(kind="status", status=500))
        assert references(find(register, tmp_path)) == numbered(64)
        assert count_requests(register, "POST", "/Search/ChangeResultsPerPage") == 1
        assert count_requests(register, "POST", RESULTS) == 1


def test_passing_trouble_costs_a_try_each(tmp_path: Path) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(
            PAGE_THREE, Fault(kind="status", status=503, times=2), Fault(kind="reset", times=1)
        )
        register.set_fault("POST /Search/Results", Fault(kind="status", status=502, times=1))
        assert references(find(register, tmp_path)) == numbered(64)
        assert count_requests(register, "GET", PAGE_THREE) == 4
        assert count_requests(register, "POST", "/Search/ChangeResultsPerPage") == 0


def test_a_page_is_asked_for_four_times_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(retrying.time, "sleep", waits.append)
    with RegisterServer(make_applications()) as register:
        register.set_fault("/Search/Advanced", Fault(kind="status", status=503))
        with (
            AtriumSearch(
                get_council("sample", register.url),
                locks_dir=tmp_path / "locks",
                interval_seconds=0,
                contact=None,
                pages_dir=tmp_path / "pages",
            ) as search,
            pytest.raises(RegisterUnavailable),
        ):
            search.find(WINDOW)
        assert count_requests(register, "GET", "/Search/Advanced") == 4
    assert waits == [2, 4, 8]


def test_total_wrong_by_one_is_refused_and_its_pages_kept(tmp_path: Path) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(RESULTS, Fault(kind="wrong-total"))
        with pytest.raises(ListNotProven) as refusal:
            find(register, tmp_path)
    (folder,) = kept_folders(tmp_path)
    assert refusal.value.pages_dir == folder
    assert folder.name.startswith("search-sample-received-2026-10-05-to-2026-10-18-")
    assert str(folder) in str(refusal.value)
    # The first day: 26/00014, 26/00028, 26/00042 and 26/00056.
    assert "05/10/2026 to 05/10/2026" in str(refusal.value)
    assert "counts 5 and 4 were found" in str(refusal.value)
    pages = sorted(folder.glob("*.html"))
    assert "Planning <span>(65)" in pages[1].read_text(encoding="utf-8")
    listed = (folder / "pages.txt").read_text(encoding="utf-8").splitlines()
    assert len(listed) == len(pages) > 7
    assert listed[0] == f"001.html 200 GET {register.url}/Search/Advanced"


def test_total_of_the_whole_against_its_halves(tmp_path: Path) -> None:
    """The number is wrong for the whole window only, and again when it is asked for once more."""
    with RegisterServer(make_applications(), skin="site-results") as register:
        wrong = Fault(kind="wrong-total", times=1)
        register.set_fault(RESULTS, wrong)
        assert references(find(register, tmp_path)) == numbered(64)
        assert count_requests(register, "POST", "/Search/SiteResults") == 4
        register.set_fault(RESULTS, Fault(kind="wrong-total"))
        with pytest.raises(ListNotProven):
            find(register, tmp_path)


def test_one_match(tmp_path: Path) -> None:
    applications = [serve(FIRST_DAY, 7), serve(FIRST_DAY - timedelta(days=1), 8)]
    for skin in SKINS:
        with RegisterServer(applications, skin=skin) as register:
            found = find(register, tmp_path)
            assert (references(found), found.total_printed) == (["26/00007/F"], 1)
            assert found.applications[0].proposal == "Erection of 7 dwellings (7)"


@pytest.mark.parametrize("skin", SKINS)
def test_no_match(tmp_path: Path, skin: str) -> None:
    with RegisterServer([serve(FIRST_DAY - timedelta(days=1), 8)], skin=skin) as register:
        found = find(register, tmp_path)
    assert (found.applications, found.total_printed) == ((), 0)


def test_by_valid_date(tmp_path: Path) -> None:
    late = serve(FIRST_DAY - timedelta(days=90), 77, valid=FIRST_DAY)
    with RegisterServer([*make_applications(20), late], skin="older-groups") as register:
        by_valid = find(register, tmp_path, WINDOW.model_copy(update={"by": "valid"}))
        by_received = find(register, tmp_path)
    assert references(by_valid) == ["26/00077/F"]
    assert references(by_received) == numbered(20)


def test_session_lost_on_a_page_begins_again_once(tmp_path: Path) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(PAGE_THREE, Fault(kind="lost-session", times=1))
        assert references(find(register, tmp_path)) == numbered(64)
        assert count_requests(register, "GET", "/Search/Advanced") == 2


def test_refused_form_is_no_zero(tmp_path: Path) -> None:
    with RegisterServer(make_applications()) as register:
        # The session goes between form and answer, so the token is worth nothing: the form comes again.
        register.set_fault("POST /Search/Results", Fault(kind="lost-session"))
        with pytest.raises(RegisterLayoutError, match="refused the search") as refusal:
            find(register, tmp_path)
    assert refusal.value.page_path == kept_folders(tmp_path)[0]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="challenge"), BotChallenge),
        (Fault(kind="challenge", status=405), BotChallenge),
        (Fault(kind="status", status=500), RegisterUnavailable),
        (Fault(kind="status", status=429, retry_after="3600"), RegisterThrottled),
        (Fault(kind="html"), RegisterLayoutError),
    ],
)
@pytest.mark.parametrize("path", ["/Search/Advanced", RESULTS])
def test_what_stops_a_search(tmp_path: Path, fault: Fault, error: type[Exception], path: str) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(path, fault)
        with pytest.raises(error):
            find(register, tmp_path)
        assert count_requests(register, "GET", path) == (4 if fault.status == 500 else 1)
    assert len(kept_folders(tmp_path)) == (error is RegisterLayoutError)


@pytest.mark.parametrize(
    "fault", [Fault(kind="challenge"), Fault(kind="status", status=429, retry_after="999")]
)
def test_challenge_and_long_patience_on_a_page_stop_at_once(tmp_path: Path, fault: Fault) -> None:
    with RegisterServer(make_applications()) as register:
        register.set_fault(PAGE_THREE, fault)
        with pytest.raises((BotChallenge, RegisterThrottled)):
            find(register, tmp_path)
        assert register.requests[-1].path.startswith(PAGE_THREE)


def test_two_windows_in_one_session(tmp_path: Path) -> None:
    first, second = WINDOW.halve()
    with RegisterServer(make_applications()) as register, open_search(register, tmp_path) as search:
        found = [search.find(window) for window in (first, second)]
    assert sorted([*references(found[0]), *references(found[1])]) == numbered(64)


def test_date_skins_differ_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    """What the register refuses in one skin, it takes in the other: the dates follow the input's type."""
    changes: Sequence[dict[str, Any]] = [{"date_input": "text"}, {"date_input": "date"}]
    for change in changes:
        skin: Skin = get_skin("cherwell").model_copy(update=change)
        with RegisterServer(make_applications(12), skin=skin) as register:
            assert references(find(register, tmp_path)) == numbered(12)
