"""What the flows are asked: the forms' patterns, and what the settings say where nothing was given."""

import re
import subprocess
import sys

import pytest

from planning_review.parameters import LetterParameters, PolicyParameters, ReviewParameters
from planning_review.references import parse_reference
from planning_review.scan.contract import ScanParameters


def read_pattern(kind: type[ReviewParameters] | type[LetterParameters]) -> str:
    pattern: str = kind.model_json_schema()["properties"]["reference"]["pattern"]
    return pattern


@pytest.mark.parametrize("kind", [ReviewParameters, LetterParameters])
@pytest.mark.parametrize(
    "reference", ["25/00284/F", " 25/00284/f ", "P/26/02488/FUL", "HH.25/1", "2025/0001-A/FUL/LBC/1"]
)
def test_form_takes_every_reference(
    kind: type[ReviewParameters] | type[LetterParameters], reference: str
) -> None:
    assert re.search(read_pattern(kind), reference)
    assert parse_reference(reference)


@pytest.mark.parametrize(
    "nonsense", ["nonsense", "", "25", "25/", "../25/1", "25/00284/F; rm", "https://x/1"]
)
def test_form_refuses_what_is_no_reference(nonsense: str) -> None:
    assert not re.search(read_pattern(ReviewParameters), nonsense)
    item = ScanParameters.model_json_schema()["properties"]["references"]["items"]
    assert not re.search(item["pattern"], nonsense)


def test_what_is_left_empty_is_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNING_COUNCIL", "fylde")
    monkeypatch.setenv("PLANNING_REVIEW_MODEL", "anthropic:claude-sonnet-5-5")
    asked = ReviewParameters(reference="25/00284/F")
    assert (asked.council, asked.model) == ("fylde", "anthropic:claude-sonnet-5-5")
    kinds = (LetterParameters(reference="25/00284/F"), ScanParameters(), PolicyParameters())
    assert [kind.council for kind in kinds] == ["fylde"] * 3
    assert "council" not in ReviewParameters.model_json_schema()["required"]


@pytest.mark.parametrize("command", ["review", "search", "letter", "status"])
def test_reference_is_looked_at_before_prefect_is_loaded(command: str) -> None:
    more = {"search": ["cycle"], "letter": ["--stance", "object"]}.get(command, [])
    script = (
        "import sys\n"
        "from cli.main import main\n"
        "try:\n"
        f"    main({[command, 'hello', *more]!r})\n"
        "finally:\n"
        "    print({'prefect', 'boto3', 'chromadb'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'hello' is not an application reference" in done.stderr
    assert done.stdout == "set()\n"
