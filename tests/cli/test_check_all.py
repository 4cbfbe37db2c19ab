"""`planning-review check all`: each thing is tried, whatever is wrong with another, and says what to do."""

import pytest

from cli.server.background import find_free_port
from tests.support.checked_register import APPLICATIONS
from tests.support.commands import Command
from tests.support.faulty_register import RegisterServer

PARTS = ["folders", "storage", "register", "model", "reading", "prefect", "notify"]


def list_parts(stdout: str) -> list[str]:
    """Return the parts that said something, each once, in their order."""
    return list(dict.fromkeys(line.split(":")[0] for line in stdout.splitlines() if ": " in line))


def test_all_that_works_ends_with_0(command: Command) -> None:
    with RegisterServer(APPLICATIONS) as register:
        result = command("check", "all", PLANNING_REGISTER_URL=register.url)
    assert result.status == 0, result.stderr
    assert list_parts(result.stdout) == PARTS
    assert result.stdout.endswith("All of it works.\n")


def test_one_fault_hides_no_other(command: Command) -> None:
    closed = f"127.0.0.1:{find_free_port()}"
    result = command(
        "check",
        "all",
        PLANNING_REGISTER_URL=f"http://{closed}",
        PLANNING_REVIEW_MODEL="anthropic:claude-sonnet-5-5",
        PREFECT_API_URL=f"http://{closed}/api",
    )
    assert result.status == 1
    assert list_parts(result.stderr)[:3] == ["register", "model", "prefect"]
    assert "3 of 7 not right: register, model, prefect" in result.stderr
    assert "ANTHROPIC_API_KEY" in result.stderr
    assert "docs/operations.md" in result.stderr
    assert "Traceback" not in result.stderr
    # What is right was tried all the same.
    assert {"folders", "storage", "reading"} <= set(list_parts(result.stdout))


def test_faults_of_settings_alone_end_with_2(command: Command) -> None:
    with RegisterServer(APPLICATIONS) as register:
        result = command(
            "check",
            "all",
            PLANNING_REGISTER_URL=register.url,
            PLANNING_REVIEW_MODEL="anthropic:claude-sonnet-5-5",
        )
    assert result.status == 2
    assert "1 of 7 not right: model" in result.stderr


@pytest.mark.proof
def test_readers_on_other_machines_are_tried(command: Command) -> None:
    with RegisterServer(APPLICATIONS) as register:
        result = command(
            "check",
            "all",
            PLANNING_REGISTER_URL=register.url,
            PLANNING_DASK_SCHEDULER=f"tcp://127.0.0.1:{find_free_port()}",
        )
    assert result.status == 1
    assert "1 of 7 not right: reading" in result.stderr
    assert "reading: NOT RIGHT: " in result.stderr


def test_server_that_is_named_and_does_not_answer_stops_a_review_before_it_begins(command: Command) -> None:
    closed = f"http://127.0.0.1:{find_free_port()}"
    # Its name needs no looking up: the register is not what is missing.
    register_url = f"http://127.0.0.1:{find_free_port()}"
    result = command(
        "review", "25/00284/F", PREFECT_API_URL=f"{closed}/api", PLANNING_REGISTER_URL=register_url
    )
    assert result.status == 1
    assert f"The Prefect server {closed} does not answer" in result.stderr
    assert "correct PREFECT_API_URL" in result.stderr
    assert "Traceback" not in result.stderr
