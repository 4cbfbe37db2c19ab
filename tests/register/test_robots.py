"""robots.txt: read once a day, kept to by what goes through a register by itself."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from planning_review.errors import BotChallenge, RegisterUnavailable, RobotsDisallow
from planning_review.register.councils import get_council
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer
from planning_review.register.robots import Robots
from tests.support.register_server import Register, send, serve_register


@pytest.fixture
def register() -> Iterator[Register]:
    with serve_register() as served:
        yield served


def read_robots(register: Register, folder: Path) -> Robots:
    council = get_council("sample", register.url)
    pacer = Pacer(folder, council.code, 0)
    return Robots(council, PacedHttp(council, pacer, None, 10), folder)


def test_disallowed_path_is_named_and_the_way_round_is_not_offered(
    register: Register, tmp_path: Path
) -> None:
    register.routes["/robots.txt"] = send(
        200, b"User-agent: *\nDisallow: /Search/\n", Content_Type="text/plain"
    )
    robots = read_robots(register, tmp_path)
    assert robots.allows(f"{register.url}/Planning/Display/26/1/F")
    with pytest.raises(
        RobotsDisallow, match=r"robots.txt asks programs not to fetch /Search/Advanced"
    ) as caught:
        robots.check(f"{register.url}/Search/Advanced")
    assert "planning-review review REFERENCE" in str(caught.value)


def test_rules_for_this_program_by_name(register: Register, tmp_path: Path) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: planning-review\nDisallow: /Search/Results\n"
    register.routes["/robots.txt"] = send(200, rules)
    robots = read_robots(register, tmp_path)
    assert robots.allows(f"{register.url}/Search/Advanced")
    assert not robots.allows(f"{register.url}/Search/Results")


@pytest.mark.parametrize("status", [404, 403, 410])
def test_register_without_one_allows_all(register: Register, tmp_path: Path, status: int) -> None:
    register.routes["/robots.txt"] = send(status, b"<html>no</html>", Content_Type="text/html")
    read_robots(register, tmp_path).check(f"{register.url}/Search/Advanced")


def test_one_that_cannot_be_read_allows_nothing(register: Register, tmp_path: Path) -> None:
    register.routes["/robots.txt"] = send(503)
    with pytest.raises(RegisterUnavailable):
        read_robots(register, tmp_path).check(f"{register.url}/Search/Advanced")
    register.routes["/robots.txt"] = send(202, x_amzn_waf_action="challenge")
    with pytest.raises(BotChallenge):
        read_robots(register, tmp_path).check(f"{register.url}/Search/Advanced")


def test_read_once_a_day(register: Register, tmp_path: Path) -> None:
    register.routes["/robots.txt"] = send(200, b"User-agent: *\nDisallow:\n")
    for _ in range(3):
        read_robots(register, tmp_path).check(f"{register.url}/Search/Advanced")
    assert len(register.requests) == 1
    path = tmp_path / "robots-sample.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "read_at": time.time() - 86_401}))
    register.routes["/robots.txt"] = send(200, b"User-agent: *\nDisallow: /\n")
    assert not read_robots(register, tmp_path).allows(f"{register.url}/Search/Advanced")
    path.write_text("{cut")
    assert not read_robots(register, tmp_path).allows(f"{register.url}/Search/Advanced")
    assert len(register.requests) == 3


def test_crawl_delay_is_told_to_every_process(register: Register, tmp_path: Path) -> None:
    register.routes["/robots.txt"] = send(200, b"User-agent: *\nCrawl-delay: 7\nDisallow: /x\n")
    read_robots(register, tmp_path).check(f"{register.url}/Search/Advanced")
    assert json.loads((tmp_path / "register-sample.json").read_text())["crawl_delay_seconds"] == 7
