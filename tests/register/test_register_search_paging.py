"""A search where the register contradicts itself: what counts as proof, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from planning_review.errors import ListNotProven, PermanentError, RegisterLayoutError, RobotsDisallow
from planning_review.register.atrium.search import AtriumSearch
from planning_review.register.councils import get_council
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer
from planning_review.register.search import FoundList, SearchWindow
from tests.support.register_server import Register, send, serve_register
from tests.support.scripted_register import Asked, Reply, Script, ScriptedRegister, list_results, serve_script

DAY = SearchWindow(date_from=date(2026, 10, 5), date_to=date(2026, 10, 5))
TWO_DAYS = DAY.model_copy(update={"date_to": date(2026, 10, 6)})
FOUR_DAYS = DAY.model_copy(update={"date_to": date(2026, 10, 8)})
PAGE_TWO = "/Search/ResultsPage/2?module=PLA"
PAGE_THREE = "/Search/ResultsPage/3?module=PLA"


def find(register: ScriptedRegister | Register, folder: Path, window: SearchWindow = DAY) -> FoundList:
    with AtriumSearch(
        get_council("sample", register.url),
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact=None,
        pages_dir=folder / "pages",
        retry_delays_seconds=(0, 0, 0),
    ) as search:
        return search.find(window)


def make_script(**pages: Reply) -> Script:
    """Return a script of the first page, `first`, and of others by number, `page_2`."""
    by_path = {f"/Search/ResultsPage/{name[5:]}?module=PLA": page for name, page in pages.items()}

    def script(asked: Asked) -> Reply:
        return pages["first"] if asked.is_search else by_path.get(asked.path, Reply())

    return script


def test_number_too_small_at_the_end_of_a_page_is_refused(tmp_path: Path) -> None:
    script = make_script(first=list_results(10, range(10), PAGE_TWO), page_2=list_results(10, [10]))
    with serve_script(script) as register, pytest.raises(ListNotProven, match="counts 10 and 11 were found"):
        find(register, tmp_path)


@pytest.mark.parametrize("page", [Reply(), Reply("gone", 404), Reply("broken", 500), list_results(10, [3])])
def test_page_offered_beyond_the_last_does_no_harm(tmp_path: Path, page: Reply) -> None:
    with serve_script(make_script(first=list_results(10, range(10), PAGE_TWO), page_2=page)) as register:
        assert len(find(register, tmp_path).applications) == 10
        assert register.paths().count(PAGE_TWO) == 1


def test_list_that_moves_is_read_again(tmp_path: Path) -> None:
    totals = iter([11, 12, 12, 12])

    def script(asked: Asked) -> Reply:
        if asked.is_search:
            return list_results(next(totals), range(10), PAGE_TWO)
        return list_results(next(totals), [10, 11]) if asked.path == PAGE_TWO else Reply()

    with serve_script(script) as register:
        assert find(register, tmp_path).total_printed == 12
        assert register.paths("GET").count("/Search/Advanced") == 2


def test_session_that_ends_each_time_proves_nothing(tmp_path: Path) -> None:
    script = make_script(
        first=list_results(11, range(10), PAGE_TWO), page_2=Reply(location="/Search/Advanced")
    )
    with serve_script(script) as register:
        with pytest.raises(ListNotProven, match="session ended each time"):
            find(register, tmp_path)
        assert register.paths().count("/Search/Results") == 2


def test_pages_of_other_hosts_are_never_asked(tmp_path: Path) -> None:
    with serve_script(lambda asked: Reply()) as other:
        script = make_script(first=list_results(11, range(10), f"{other.url}{PAGE_TWO}"))
        with serve_script(script) as register, pytest.raises(ListNotProven, match="not on"):
            find(register, tmp_path)
        assert other.asked == []


def test_list_of_other_dates_is_refused_at_once(tmp_path: Path) -> None:
    script = make_script(first=list_results(2, [1, 2], received="04/10/2026"))
    with serve_script(script) as register:
        with pytest.raises(ListNotProven, match="26/00001/F, received on 04/10/2026"):
            find(register, tmp_path, TWO_DAYS)
        assert register.paths().count("/Search/Results") == 1


@pytest.mark.parametrize("window", [DAY, TWO_DAYS])
def test_list_without_a_number_that_is_the_same_for_all_days_is_no_proof(
    tmp_path: Path, window: SearchWindow
) -> None:
    script = make_script(first=list_results(None, [1, 2]))
    with serve_script(script) as register, pytest.raises(ListNotProven, match="hold 4, not 2"):
        find(register, tmp_path, window)


def answer_by_days(both: int, *, printed_again: int | None = None) -> Script:
    """Return a script of two days with two applications each, and a number printed for both."""
    numbers = iter([both, both if printed_again is None else printed_again])

    def script(asked: Asked) -> Reply:
        if not asked.is_search:
            return Reply()
        form = asked.form
        if form["DateReceivedFrom"] == form["DateReceivedTo"]:
            return list_results(2, [1, 2] if form["DateReceivedFrom"] == "05/10/2026" else [3, 4])
        return list_results(next(numbers), [1, 2, 3])

    return script


def test_halves_that_are_fewer_than_the_whole_are_refused(tmp_path: Path) -> None:
    with serve_script(answer_by_days(5)) as register:
        with pytest.raises(ListNotProven, match=r"counts 5 and 4 were found \(all that the two halves"):
            find(register, tmp_path, TWO_DAYS)
        assert register.paths("POST").count("/Search/Results") == 4


def test_whole_that_shrank_meanwhile_is_proven_by_its_halves(tmp_path: Path) -> None:
    with serve_script(answer_by_days(5, printed_again=4)) as register:
        found = find(register, tmp_path, TWO_DAYS)
    assert (found.total_printed, len(found.applications), found.window) == (4, 4, TWO_DAYS)


def test_application_in_both_halves_counts_once(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if not asked.is_search:
            return Reply()
        is_half = asked.form["DateReceivedFrom"] == asked.form["DateReceivedTo"]
        return list_results(2, [1, 2]) if is_half else list_results(2, [1])

    with serve_script(script) as register:
        assert find(register, tmp_path, TWO_DAYS).total_printed == 2


def test_endless_list_is_halved_unread(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        return list_results(50_000, range(10), PAGE_TWO) if asked.is_search else Reply()

    with serve_script(script) as register:
        with pytest.raises(ListNotProven, match="more than 2000"):
            find(register, tmp_path, TWO_DAYS)
        assert PAGE_TWO not in register.paths()


def test_pages_without_links_are_counted_up(tmp_path: Path) -> None:
    script = make_script(
        first=list_results(12, range(5), PAGE_TWO),
        page_2=list_results(None, range(5, 10)),
        page_3=list_results(None, [10, 11]),
    )
    with serve_script(script) as register:
        assert find(register, tmp_path).total_printed == 12
        assert register.paths()[-1] == PAGE_THREE


def test_unoffered_page_size_is_tried(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if asked.path == "/Search/ChangeResultsPerPage":
            return list_results(12, range(12)) if asked.form == {"resultsPerPage": "250"} else Reply("", 400)
        return list_results(12, range(10), PAGE_TWO) if asked.is_search else Reply()

    with serve_script(script) as register:
        assert find(register, tmp_path).total_printed == 12


def test_unoffered_page_size_that_is_refused_ends_no_session(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if asked.path == "/Search/ChangeResultsPerPage":
            return Reply(location="/Search/Advanced")
        if not asked.is_search:
            return Reply()
        is_day = asked.form["DateReceivedFrom"] == asked.form["DateReceivedTo"]
        return list_results(1, [int(asked.form["DateReceivedFrom"][:2])]) if is_day else list_results(2, [5])

    with serve_script(script) as register:
        assert find(register, tmp_path, TWO_DAYS).total_printed == 2
        assert register.paths("POST").count("/Search/Results") == 3


def test_page_size_that_breaks_everything_is_left_behind(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        is_stuck = "size=250" in asked.headers.get("Cookie", "")
        if asked.path == "/Search/ChangeResultsPerPage":
            return Reply("broken", 400, cookie="size=250; path=/")
        if not asked.is_search:
            return Reply()
        is_day = asked.form["DateReceivedFrom"] == asked.form["DateReceivedTo"]
        day = int(asked.form["DateReceivedFrom"][:2])
        return Reply("broken", 400) if is_stuck else list_results(1 if is_day else 2, [day])

    with serve_script(script) as register:
        assert len(find(register, tmp_path, TWO_DAYS).applications) == 2


def test_what_a_search_sends(tmp_path: Path) -> None:
    script = make_script(first=list_results(11, range(10), PAGE_TWO), page_2=list_results(11, [10]))
    with serve_script(script) as register:
        find(register, tmp_path)
        _, post, page = register.asked
    assert post.body == (
        "__RequestVerificationToken=token&SearchPlanning=true&SearchPlanning=false"
        "&DateReceivedFrom=05%2F10%2F2026&DateReceivedTo=05%2F10%2F2026"
    )
    assert post.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert page.headers["X-Requested-With"] == "XMLHttpRequest"
    assert page.headers["Referer"] == f"{register.url}/Search/Results"
    assert page.headers["User-Agent"].startswith("planning-review/")


def test_terms_that_stand_before_the_results_are_accepted_for_good(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        is_accepted = "terms=yes" in asked.headers.get("Cookie", "")
        if asked.path.startswith("/Disclaimer/Accept"):
            return Reply(location="/Search/Advanced", cookie="terms=yes; path=/")
        if asked.path.startswith("/Disclaimer"):
            return Reply("<h1>Terms</h1>")
        if asked.is_search and not is_accepted:
            return Reply(location="/Disclaimer?returnUrl=%2FSearch%2FResults")
        return list_results(1, [1]) if asked.is_search else Reply()

    with serve_script(script) as register:
        assert find(register, tmp_path).total_printed == 1
        accepted = [each for each in register.asked if each.path.startswith("/Disclaimer/Accept")]
    assert [(each.method, each.path, each.body) for each in accepted] == [
        ("POST", "/Disclaimer/Accept?returnUrl=%2FSearch%2FResults", "")
    ]
    assert accepted[0].headers["Content-Length"] == "0"


def test_terms_that_never_end_stop_the_search(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        is_terms = asked.path.startswith("/Disclaimer")
        return Reply("<h1>Terms</h1>") if is_terms else Reply(location="/Disclaimer?returnUrl=%2F")

    with serve_script(script) as register, pytest.raises(RegisterLayoutError, match="accepted 3 times"):
        find(register, tmp_path)


def test_full_disk_ends_no_search_that_goes_well(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file where the folder should be", encoding="utf-8")
    with serve_script(make_script(first=list_results(1, [1]))) as register:
        assert find(register, tmp_path).total_printed == 1
    with serve_script(make_script(first=list_results(2, [1]))) as register:
        with pytest.raises(ListNotProven, match="could not be kept") as refusal:
            find(register, tmp_path)
        assert refusal.value.pages_dir is None


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST")])
def test_post_is_redirected_as_browsers_do(tmp_path: Path, status: int, method: str) -> None:
    def script(asked: Asked) -> Reply:
        return Reply("", status, "/there", "session=7; path=/") if asked.path == "/here" else Reply("done")

    with serve_script(script) as register:
        http = PacedHttp(get_council("sample", register.url), Pacer(tmp_path, "sample", 0), None, 30)
        with http.post(f"{register.url}/here", {"Referer": "x"}, (("a", "1"), ("a", "2"))) as response:
            assert response.read() == b"done"
        http.forget_cookies()
        with http.get(f"{register.url}/again", {}) as response:
            response.read()
        http.close()
        first, second, third = register.asked
    assert (second.method, second.body) == (method, "a=1&a=2" if method == "POST" else "")
    assert ("Content-Type" in second.headers) is (method == "POST")
    assert second.headers["Cookie"] == "session=7"
    assert "Cookie" not in first.headers
    assert "Cookie" not in third.headers


def test_post_is_not_sent_to_other_hosts(tmp_path: Path) -> None:
    with serve_script(lambda asked: Reply()) as other:
        script: Script = lambda asked: Reply("", 307, f"{other.url}/take")  # noqa: E731
        with serve_script(script) as register:
            http = PacedHttp(get_council("sample", register.url), Pacer(tmp_path, "sample", 0), None, 30)
            with pytest.raises(PermanentError, match="not on"), http.post(f"{register.url}/x", {}, ()):
                pass
            http.close()
        assert other.asked == []


def test_list_that_is_cut_by_the_register_is_asked_for_in_halves(tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if not asked.is_search:
            return Reply()
        first, last = (asked.form[f"DateReceived{end}"] for end in ("From", "To"))
        days = range(int(first[:2]), int(last[:2]) + 1)
        cut = "<p>Only the first 3 are shown.</p>" if len(days) > 2 else ""
        reply = list_results(min(len(days), 3), days[:3])
        return reply._replace(body=cut + reply.body)

    with serve_script(script) as register:
        found = find(register, tmp_path, FOUR_DAYS)
    # As many as the days hold, though each longer list stops at three.
    assert found.total_printed == len(found.applications) == 4


def test_one_day_that_is_cut_is_no_list(tmp_path: Path) -> None:
    page = list_results(3, range(3))
    cut = page._replace(body=f"<p>Too many results were found.</p>{page.body}")
    with serve_script(make_script(first=cut)) as register, pytest.raises(ListNotProven, match="Too many"):
        find(register, tmp_path)


def test_robots_that_keep_programs_out_are_obeyed_before_any_search(tmp_path: Path) -> None:
    with serve_register() as register:
        register.routes["/robots.txt"] = send(200, b"User-agent: *\nDisallow: /Search\n")
        with pytest.raises(RobotsDisallow):
            find(register, tmp_path)
        assert [path for path, _ in register.requests] == ["/robots.txt"]


def make_uncounted(days: dict[int, list[int]], most: int = 10_000) -> Script:
    """Return a script without any number: by day of the month what was received, ten lines a page."""
    listed: list[int] = []

    def script(asked: Asked) -> Reply:
        if asked.is_search:
            first, last = (int(asked.form[f"DateReceived{end}"][:2]) for end in ("From", "To"))
            listed[:] = [n for day in range(first, last + 1) for n in days.get(day, [])][:most]
        elif not asked.path.startswith("/Search/Results/"):
            return Reply()
        if not listed:
            return Reply("<h1>Search Results</h1><p>No applications were found.</p>")
        page = 1 if asked.is_search else int(asked.path.rpartition("/")[2])
        more = f"/Search/Results/{page + 1}" if page * 10 < len(listed) else ""
        return list_results(None, listed[page * 10 - 10 : page * 10], more)

    return script


@pytest.mark.parametrize("window", [DAY, TWO_DAYS, FOUR_DAYS])
def test_list_without_a_number_is_proven_by_its_parts(tmp_path: Path, window: SearchWindow) -> None:
    days = {4: [1], 5: list(range(10, 35)), 6: list(range(40, 47)), 8: [50]}
    wanted = [n for day in range(window.date_from.day, window.date_to.day + 1) for n in days.get(day, [])]
    with serve_script(make_uncounted(days)) as register:
        found = find(register, tmp_path, window)
    assert [each.reference for each in found.applications] == [f"26/{n:05}/F" for n in wanted]
    assert found.total_printed is None


def test_list_without_a_number_that_is_cut_is_searched_by_its_halves(tmp_path: Path) -> None:
    days = {5: list(range(10, 30)), 6: list(range(30, 50)), 7: list(range(50, 60))}
    with serve_script(make_uncounted(days, most=45)) as register:
        assert len(find(register, tmp_path, FOUR_DAYS).applications) == 50


def test_one_day_of_a_list_without_a_number_that_is_cut_is_refused(tmp_path: Path) -> None:
    days = {4: [1], 5: list(range(10, 50))}
    with (
        serve_script(make_uncounted(days, most=25)) as register,
        pytest.raises(ListNotProven, match="prints no number"),
    ):
        find(register, tmp_path)


def test_short_page_in_the_middle_of_a_list_without_a_number_is_refused(tmp_path: Path) -> None:
    script = make_script(
        first=list_results(None, range(10), PAGE_TWO),
        page_2=list_results(None, range(10, 19), PAGE_THREE),
        page_3=list_results(None, [30]),
    )
    with serve_script(script) as register, pytest.raises(ListNotProven, match="page 2 has 9 lines"):
        find(register, tmp_path)
