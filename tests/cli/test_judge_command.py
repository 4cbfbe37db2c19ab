"""`planning-review judge`, as a user runs it: files in, one line of JSON out, no server and no index."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main

THEIRS = """Oxfordshire County Council

Dear Sir or Madam

Thank you for consulting us on the above application. The Highway Authority objects to the proposal.
The cycle track along Mill Road would be 1.2 m wide and two-way, which is too narrow.
"""


def judge(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["judge", *arguments])
    return done.exit_code, done.output


def test_a_files_finding_cites_it_as_it_was_typed(tmp_path: Path) -> None:
    file = tmp_path / "Transport Assessment.txt"
    file.write_text(
        "Introduction\n\f4.2 A two-way cycle track of 1.2 m in width will be provided along Mill Road.\n"
    )
    status, output = judge(str(file), "--date", "2026-11-30", "--json")
    answer = json.loads(output.splitlines()[-1])
    assert status == 0
    assert set(answer) == {
        "overall_rating",
        "facts",
        "policy_compliance",
        "omissions",
        "contradictions",
        "worth_reading",
        "documents",
    }
    [document] = answer["documents"]
    assert (document["file"], document["state"]) == (str(file), "indexed")
    cited = [c for fact in answer["facts"] for c in fact["citations"]]
    assert {(c["document_id"], c["page"]) for c in cited} == {(str(file), 2)}


def test_what_another_says_is_shown_and_not_judged(tmp_path: Path) -> None:
    (tmp_path / "HIGHWAYS - RESPONSE.txt").write_text(THEIRS)
    status, output = judge(str(tmp_path))
    assert status == 0
    assert "Not met" not in output
    assert "the highway authority" in output
    assert "1.2 m wide" in output
    assert "consultation response" in output


@pytest.mark.parametrize("arguments", [("nowhere.txt",), (".", "--date", "yesterday")])
def test_bad_usage_ends_with_two(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert judge(*arguments)[0] == 2


def test_no_text_is_no_judgement(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" ")
    status, output = judge(str(tmp_path), "--json")
    assert status == 1
    assert '"overall_rating": null' in output
