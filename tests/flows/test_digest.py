"""What a digest tells of runs: those that failed and were not made good."""

from datetime import UTC, datetime
from pathlib import Path

from prefect.client.orchestration import get_client

from planning_review.settings import load_settings
from run.digest import make_digest
from tests.support.applications import REFERENCE, review
from tests.support.commands import Command
from tests.support.faulty_register import RegisterServer
from tests.support.server_api import use_server

UNKNOWN = "26/09999/F"


def test_a_failed_run_is_told_with_its_command_until_it_is_made_good(
    command: Command, register: RegisterServer, prefect_url: str, tmp_path: Path
) -> None:
    assert command("review", UNKNOWN, PLANNING_REGISTER_URL=register.url).status == 1
    assert review(command, register).status == 0
    settings = load_settings(PLANNING_DATA_DIR=tmp_path / "data")
    with use_server(prefect_url), get_client(sync_client=True) as client:
        digest = make_digest(settings, client, [], datetime.now(UTC))
    [failed] = [run for run in digest.failed if UNKNOWN in run.name]
    assert failed.command.startswith("planning-review retry ")
    assert "does not know" in failed.message or "not found" in failed.message.lower()
    assert not [run for run in digest.failed if REFERENCE in run.name]
