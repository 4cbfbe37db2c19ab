"""The installed program itself: other tests fork theirs from a process that has its libraries."""

from pathlib import Path

import pytest

from tests.support.commands import run_command, start_command

NOWHERE = "http://127.0.0.1:9/api"


@pytest.mark.parametrize(
    ("arguments", "status"), [(("--version",), 0), (("nonsense",), 2), (("search", "25/00284/F", ""), 2)]
)
def test_it_ends_as_a_forked_command_does(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    with start_command(arguments, NOWHERE, tmp_path, {}) as program:
        stdout, stderr = program.communicate(timeout=600)
    forked = run_command(arguments, NOWHERE, tmp_path, {})
    assert (program.returncode, stdout, stderr) == (forked.status, forked.stdout, forked.stderr)
    assert program.returncode == status
