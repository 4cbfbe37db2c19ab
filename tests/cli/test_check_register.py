"""`planning-review check register` over each skin's shape, and what it says where something is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.support.checked_register import APPLICATIONS, PDF, make_application
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.skins import SKINS, get_skin

STEPS = [
    "unknown application",
    "robots.txt",
    "terms",
    "search form",
    "search",
    "application",
    "documents",
    "download",
]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command against a register, with a data folder of this test's own."""
    monkeypatch.chdir(tmp_path)

    def run(url: str | None, council: str = "sample") -> Result:
        environment = {
            "PLANNING_DATA_DIR": str(tmp_path / "data"),
            "PLANNING_TEMP_DIR": str(tmp_path / "temp"),
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
            "PLANNING_REGISTER_URL": url,
            "PLANNING_COUNCIL": None,
        }
        arguments = ["check", "register", "--council", council]
        return CliRunner().invoke(main, arguments, env=environment)

    return run


def read_steps(result: Result) -> dict[str, str]:
    """Return what each step said, by its name; the first line names the council."""
    lines = [line.removeprefix("register: ") for line in result.stdout.splitlines()]
    return dict(line.partition(": ")[::2] for line in lines[1:])


@pytest.mark.parametrize("name", SKINS)
def test_each_skin_is_walked_from_search_to_document(name: str, check, tmp_path: Path) -> None:
    skin = get_skin(name)
    council = "north-warwickshire" if skin.display_route == "query" else "wychavon"
    with RegisterServer(APPLICATIONS, skin=name) as server:
        result = check(server.url, council)
        asked = [request.path for request in server.requests]
    assert result.exit_code == 0, result.output
    steps = read_steps(result)
    assert list(steps) == STEPS
    assert ("accepted" in steps["terms"]) is skin.has_disclaimer
    written = "yyyy-mm-dd" if skin.date_input == "date" else "dd/mm/yyyy"
    assert steps["search form"].startswith(
        f"received and valid dates as {written}, POST to {skin.form_action}; fields AdvancedSearch, "
    )
    assert "found 12 of 12 printed; the list shows reference, proposal, address" in steps["search"]
    assert "read site_address, proposal, received_date, valid_date, other fields 1" in steps["application"]
    assert "empty or not shown: application_type, status," in steps["application"]
    assert steps["documents"].endswith(": listed 1, categories 1")
    assert steps["download"].endswith(f"{len(PDF)} bytes, pdf")
    # Nothing that was fetched to look at is left behind.
    assert not list((tmp_path / "temp").iterdir())
    assert len([path for path in asked if path.startswith("/Document/")]) == 1


def test_wrong_display_route_is_named(check) -> None:
    with RegisterServer(APPLICATIONS, skin="cards") as server:
        result = check(server.url, "wychavon")
    assert result.exit_code == 1
    assert list(read_steps(result)) == STEPS[:5]
    assert "application: expected the page of 26/" in result.stderr
    assert "display_route in councils.yaml may be wrong" in result.stderr


@pytest.mark.parametrize(
    ("path", "fault", "passed", "said"),
    [
        (
            "/Planning/Display/00/00000/F",
            Fault(kind="status", status=503),
            0,
            "unknown application: expected the register not to know 00/00000/F",
        ),
        (
            "/Search/Advanced",
            Fault(kind="status", status=500),
            1,
            "terms: expected the search at http",
        ),
        (
            "/Search/Advanced",
            Fault(kind="challenge"),
            1,
            "wants to see a person",
        ),
        (
            "/Search/Advanced",
            Fault(kind="html"),
            2,
            "search form: expected a form with two enabled fields for the date received",
        ),
        (
            "/Search/Results",
            Fault(kind="wrong-total"),
            3,
            "search: expected a list of the last 7 days as long as the number printed",
        ),
        (
            "/Search/Results",
            Fault(kind="lost-session"),
            3,
            "search: expected a list of the last 7 days",
        ),
        (
            "/Planning/Display/26/00007/F",
            Fault(kind="no-summary"),
            4,
            "application: expected the page of 26/00007/F, which the list names",
        ),
        (
            "/Planning/Display/26/00007/F",
            Fault(kind="no-documents"),
            5,
            "documents: expected a documents table on one of 26/00007/F",
        ),
        (
            "700-7-1",
            Fault(kind="html"),
            6,
            "download: expected the bytes of 'Site Plan 7'. There came a web page",
        ),
        ("700-7-1", Fault(kind="empty"), 6, "There came nothing"),
        ("700-7-1", Fault(kind="status", status=404), 6, "no longer serves it"),
    ],
)
def test_failing_step_says_what_was_expected(
    path: str, fault: Fault, passed: int, said: str, check, tmp_path: Path
) -> None:
    with RegisterServer([make_application(7, 1)], skin="older-groups") as server:
        server.set_fault(path, fault)
        result = check(server.url)
    assert result.exit_code == 1
    assert list(read_steps(result)) == STEPS[: passed + (passed > 0)]
    assert said in result.stderr
    # What a slow machine is told besides is that the command has begun.
    [line] = [line for line in result.stderr.splitlines() if not line.startswith("Starting …")]
    assert line.startswith("planning-review: register: ")


def test_pages_of_a_list_that_is_not_proven_are_kept(check, tmp_path: Path) -> None:
    with RegisterServer(APPLICATIONS) as server:
        server.set_fault("/Search/Results", Fault(kind="wrong-total"))
        result = check(server.url)
    assert result.exit_code == 1
    [folder] = (tmp_path / "data" / "pages").iterdir()
    assert str(folder) in result.stderr


def test_a_quiet_week_is_followed_by_a_longer_look(check) -> None:
    with RegisterServer([make_application(1, 20), make_application(2, 20)]) as server:
        assert "found 2 of 2 printed" in read_steps(check(server.url))["search"]
    with RegisterServer([make_application(1, 40)]) as server:
        result = check(server.url)
        assert result.exit_code == 1
        assert "lists no applications received from" in result.stderr


def test_documents_are_looked_for_on_the_next_applications(check) -> None:
    newest, next_one = make_application(1, 0, with_document=False), make_application(2, 1)
    with RegisterServer([newest, next_one]) as server:
        steps = read_steps(check(server.url))
        assert steps["application"].startswith("26/00001/F: ")
        assert steps["documents"] == "26/00002/F: listed 1, categories 1"
    with RegisterServer([newest, make_application(3, 1, with_document=False)]) as server:
        result = check(server.url)
        assert result.exit_code == 0
        assert read_steps(result)["documents"].startswith(
            "warning: the table is there and empty on 26/00001/F"
        )


def test_bad_council_is_refused_before_any_request(check) -> None:
    with RegisterServer(APPLICATIONS) as server:
        assert check(server.url, "narnia").exit_code == 2
        assert server.requests == []
    result = check(None, "hillingdon")
    assert result.exit_code == 2
    assert "which is not read here. Save the application's documents" in result.stderr
