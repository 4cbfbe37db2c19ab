"""The councils: addresses of pages, and which addresses are theirs."""

import pytest

from planning_review.errors import UsageError
from planning_review.register.by_hand import FINDER_URL
from planning_review.register.councils import get_council, list_councils, name_council
from planning_review.register.platform import get_platform


def test_cherwell_keeps_the_slashes() -> None:
    cherwell = get_council("Cherwell ")
    assert cherwell.code == "cherwell"
    address = "https://planningregister.cherwell.gov.uk/Planning/Display/25/01178/REM"
    assert get_platform(cherwell).application_url("25/01178/REM") == address


def test_query_route_and_an_address_of_ones_own() -> None:
    council = get_council("north-warwickshire", "http://127.0.0.1:8080/")
    address = "http://127.0.0.1:8080/Planning/Display?applicationNumber=2025%2F0661%2FFUL"
    assert get_platform(council).application_url("2025/0661/FUL") == address


def test_councils_besides_cherwell_and_the_sample() -> None:
    others = set(list_councils()) - {"cherwell", "sample"}
    assert len(others) > 300
    for code in others:
        council = get_council(code, "http://127.0.0.1:8080")
        assert council.name
        assert get_platform(council).application_url("25/00284/F").startswith("http://127.0.0.1:8080")


def test_council_without_an_address_leads_to_where_registers_are_found() -> None:
    assert get_council("reading").register_url == FINDER_URL
    given = get_council("reading", "https://register.example.org/")
    assert get_platform(given).application_url("26/00001/F") == "https://register.example.org"


def test_a_council_has_its_name_without_an_address() -> None:
    assert name_council("leicester") == "Leicester City Council"
    assert name_council("west-somewhere") == "west-somewhere"


def test_unknown_council_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"not a known council\. .*councils WORDS"):
        get_council("narnia")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.b", "cherwell.gov.uk", "https://", "https://me:hunter2@a.b", "http://a:99999", "http://a/?x=1"],
)
def test_bad_address_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(UsageError, match="PLANNING_REGISTER_URL") as caught:
        get_council("cherwell", url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://r.example.org/Document/Download?x=1", True),
        ("https://R.example.org:443/x", True),
        ("http://r.example.org/x", False),
        ("https://r.example.org.evil.test/x", False),
        ("https://r.example.org@evil.test/x", False),
        ("https://evil@r.example.org/x", False),
        ("https://r.example.org:8443/x", False),
        ("https://r.example.org:99999/x", False),
        ("//r.example.org/x", False),
        ("file:///etc/passwd", False),
        ("http://[half", False),
    ],
)
def test_which_addresses_are_the_registers(url: str, is_ours: bool) -> None:
    assert get_council("cherwell", "https://r.example.org").serves(url) is is_ours


def test_http_may_move_up_to_https() -> None:
    assert get_council("cherwell", "http://r.example.org").serves("https://r.example.org/x")
    assert not get_council("cherwell", "http://r.example.org:81").serves("https://r.example.org/x")
