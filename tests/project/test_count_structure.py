"""What `scripts/count_structure.py` counts, on a made package whose figures can be counted by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "count_structure.py"

FILES = {
    "house/__init__.py": "",
    "house/flow.py": """
from house.door import Door, open_door
from house.tell import describe, shout


def run(parameters):
    door = Door(parameters.key)
    door.turn()
    made = open_door(parameters)
    shout(made)
    return describe(parameters.name)
""",
    "house/door.py": """
from dataclasses import dataclass

from house.tell import describe


@dataclass
class Door:
    key: str

    def turn(self):
        return self.key


def open_door(asked):
    describe(asked)
    log = _unlock
    return log("nothing of it")


def _unlock(word):
    from house import flow

    return flow
""",
    "house/tell.py": """
def describe(name):
    return name.title()


def shout(text):
    return text.upper()
""",
    "tests/__init__.py": "import house.tell",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.lstrip())
    return tmp_path


def count(checkout: Path, *options: str) -> list[str]:
    start = "house/flow.py:run:parameters"
    command = [sys.executable, str(SCRIPT), "--checkout", str(checkout), "--held", start, "--made", start]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_modules_importers_and_circles_are_counted(checkout: Path) -> None:
    lines = count(checkout)
    assert lines[:5] == [
        "modules 4",
        "lines of a module, median 8",
        "lines of the largest 23 (house/door.py)",
        # The flow is imported by the door alone, the door by the flow alone; two tell.
        "modules with one importer 2",
        "import circles house.door ↔ house.flow",
    ]


def test_a_walk_passes_what_gets_the_value_and_nothing_else(checkout: Path) -> None:
    lines = count(checkout, "--path")
    held, made = (number for number, line in enumerate(lines) if ": house/flow.py:run" in line)
    # flow | Door, turn, open_door | describe, which the flow calls again with the same.
    assert lines[held].startswith("3 3 0 6 held:")
    assert lines[held + 1 : made] == [
        "house/flow.py: run",
        "house/door.py: Door",
        "house/door.py: turn",
        "house/door.py: open_door",
        "house/tell.py: describe",
    ]
    # What open_door returns was made of it: shout gets it only there.
    assert lines[made].startswith("3 3 0 8 made:")
    assert lines[made + 1 :] == [*lines[held + 1 : made], "house/tell.py: shout"]


def test_a_file_come_to_again_is_a_return(checkout: Path) -> None:
    door = checkout / "house/door.py"
    door.write_text(door.read_text().replace("describe(asked)\n", "describe(asked)\n    _unlock(asked)\n"))
    held = next(line for line in count(checkout) if "held:" in line)
    assert held.startswith("3 4 1 ")


def test_a_start_that_is_not_there_is_refused(checkout: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--checkout", str(checkout), "--held", "house/flow.py:run:other"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "house/flow.py:run:other" in done.stderr


def test_the_project_s_own_walks_begin_somewhere() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    counts = [line.split() for line in done.stdout.splitlines() if ":" in line and "py:" in line]
    assert [int(files) > 5 for files, *_ in counts] == [True, True]
