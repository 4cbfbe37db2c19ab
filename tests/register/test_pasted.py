"""What is pasted in place of a reference, and which council is meant by a word or an address."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from cli.main import main
from planning_review.errors import UsageError
from planning_review.parameters import LetterParameters, ReviewParameters
from planning_review.references import parse_reference
from planning_review.register.councils import find_council_of, find_councils, get_council, list_councils
from planning_review.register.pasted import read_pasted
from planning_review.register.platform import get_platform
from planning_review.settings import load_settings

CHERWELL = "https://planningregister.cherwell.gov.uk"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            f"{CHERWELL}/Planning/Display/25/01178/REM",
            ("25/01178/REM", "cherwell"),
        ),
        (
            "https://planning.northwarks.gov.uk/Planning/Display?applicationNumber=PAP%2F2025%2F0661",
            ("PAP/2025/0661", "north-warwickshire"),
        ),
        ("https://planning.leicester.gov.uk/Planning/Display/20260834", ("20260834", "leicester")),
        (" 25 / 00284 / f ", ("25/00284/F", None)),
        ("25-00284-F", ("25/00284/F", None)),
    ],
)
def test_what_is_pasted_is_understood(text: str, found: tuple[str, str | None]) -> None:
    assert read_pasted(text, None) == found


@pytest.mark.parametrize(
    ("text", "council", "said"),
    [
        ("https://www.example.org/news/25/00284/F", None, "on no register that is known here"),
        (
            f"{CHERWELL}/Planning/Display/25/1/F",
            "oxford",
            "leave one of them out",
        ),
        (
            "https://public.oxford.gov.uk/online-applications/applicationDetails.do?keyVal=ABC&activeTab=summary",
            None,
            "does not name its application's reference",
        ),
        (
            f"{CHERWELL}.evil.test/Planning/Display/25/1/F",
            None,
            "on no register",
        ),
    ],
)
def test_what_cannot_be_understood_says_what_is_missing(text: str, council: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_pasted(text, council)


def test_what_is_pasted_is_understood_in_forms_and_deployments() -> None:
    address = "https://planning.northwarks.gov.uk/Planning/Display?applicationNumber=PAP%2F2025%2F0661"
    for kind in (ReviewParameters, LetterParameters):
        asked = kind(reference=f" {address} ")
        assert (asked.reference, asked.council) == ("PAP/2025/0661", "north-warwickshire")
        assert kind(reference="25-00284-f").reference == "25/00284/F"
        pattern = kind.model_json_schema()["properties"]["reference"]["pattern"]
        assert re.search(pattern, address)
        with pytest.raises(ValidationError, match="leave one of them out"):
            kind(reference=address, council="oxford")


@pytest.mark.parametrize(
    "command", [("letter", "--stance", "object"), ("search", "cycle parking"), ("status",)]
)
def test_what_is_pasted_is_understood_by_other_commands(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLANNING_DATA_DIR", str(tmp_path))
    name, *rest = command
    elsewhere = CliRunner().invoke(main, [name, "https://www.example.org/25/1/F", *rest])
    assert (elsewhere.exit_code, "on no register" in elsewhere.stderr) == (2, True)
    other = CliRunner().invoke(
        main, [name, f"{CHERWELL}/Planning/Display/25/1/F", *rest, "--council", "oxford"]
    )
    assert (other.exit_code, "leave one of them out" in other.stderr) == (2, True)


def test_an_address_of_ones_own_register_is_of_the_council_that_is_named() -> None:
    url = "http://127.0.0.1:8080"
    assert read_pasted(f"{url}/Planning/Display/26/1/F", "sample", url) == ("26/1/F", "sample")


@pytest.mark.parametrize("text", ["cycling", "", "..", "a/../b", "x" * 41, "25/00284/F?", "25/00284/F OR 1"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an application reference"):
        parse_reference(text)


def test_councils_are_found_by_words_and_each_has_its_country() -> None:
    assert {"oxford", "south-oxfordshire", "west-oxfordshire"} <= {
        each["code"] for each in find_councils("OXF")
    }
    assert [each["code"] for each in find_councils("west oxford")] == ["west-oxfordshire"]
    assert "sample" not in {each["code"] for each in find_councils("")}
    assert get_council("glasgow").country == "Scotland"
    assert get_council("anglesey").country == "Wales"
    assert get_council("mid-ulster").country == "Northern Ireland"
    assert len(list_councils()) > 300
    hosts = [get_council(code).register_url for code in list_councils()]
    assert not [url for url in hosts if url.endswith("/") or not url.startswith("http")]


def test_every_address_of_the_list_leads_back_to_its_council() -> None:
    for entry in find_councils(""):
        for address in (entry["register_url"], *entry.get("also", ())):
            if address:
                assert get_council(find_council_of(f"{address}/x") or "").register_url in (
                    address,
                    entry["register_url"],
                )


def test_a_council_that_is_not_read_says_what_works() -> None:
    for code in ("hillingdon", "other-westshire"):
        with pytest.raises(UsageError, match=rf"--council {code} --documents FOLDER"):
            get_platform(get_council(code)).open_client(load_settings())


def test_the_command_says_what_works_for_each() -> None:
    result = CliRunner().invoke(main, ["councils", "oxford", "--json"])
    rows = {row["code"]: row for row in json.loads(result.stdout.splitlines()[-1])}
    assert list(rows["oxford"]) == [
        "code", "name", "platform", "register_url", "country", "tried", "review", "scan", "remark",
    ]  # fmt: skip
    assert (rows["oxford"]["review"], rows["oxford"]["scan"], rows["oxford"]["tried"]) == ("yes", "no", False)
    assert "robots.txt" in rows["oxford"]["remark"]
    assert "saved documents" in CliRunner().invoke(main, ["councils", "hillingdon"]).stdout
    missing = CliRunner().invoke(main, ["councils", "narnia"])
    assert (missing.exit_code, "other-NAME" in missing.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [("review", "26/00001/F"), ("scan",)])
def test_a_council_that_is_not_read_is_bad_usage_before_anything_is_begun(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*arguments, "--council", "hillingdon"])
    assert result.exit_code == 2
    assert "runs on ocella, which is not read here" in result.stderr
