"""The installed program itself: other tests fork theirs from a process that has its libraries."""

from pathlib import Path

import pytest

from tests.support.commands import run_command, start_command

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:9/api"


@pytest.mark.parametrize(
    ("arguments", "status"), [(("--version",), 0), (("nonsense",), 2), (("search", "25/00284/F", ""), 2)]
)
def test_it_ends_as_a_forked_command_does(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    with start_command(arguments, NOWHERE, tmp_path, {}) as program:
        stdout, stderr = program.communicate(timeout=600)
    forked = run_command(arguments, NOWHERE, tmp_path, {})
    # A slow start is told of, and one of the two may be slower.
    said = [line for line in stderr.splitlines() if not line.startswith("Starting …")]
    forked_said = [line for line in forked.stderr.splitlines() if not line.startswith("Starting …")]
    assert (program.returncode, stdout, said) == (forked.status, forked.stdout, forked_said)
    assert program.returncode == status
