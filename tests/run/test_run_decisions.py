"""People's decisions between machines: nothing that anybody said is lost, and the later day holds."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from blocks.storage import InMemoryStorageBackend
from planning_review.decisions.file import dump_decisions, load_kept_decisions
from planning_review.decisions.model import Decisions, FindingDecision
from planning_review.errors import UsageError
from planning_review.rules.judgement import Judgement
from run.decisions import settle_decisions
from tests.support.evidence_helpers import judge_pages, line_of

REFERENCE, KEY = "25/00001/F", "decisions/25_00001_F.yaml"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge_pages(["The shared path will be 1.8 m wide. The path will be unlit."])


@pytest.fixture
def bucket() -> InMemoryStorageBackend:
    return InMemoryStorageBackend()


def machine(folder: Path, bucket: InMemoryStorageBackend | None) -> Any:
    return SimpleNamespace(
        reference=REFERENCE,
        folder="25_00001_F",
        output_dir=folder,
        texts=SimpleNamespace(private=bucket),
    )


def word(finding: str, verdict: Any, day: date | None = None) -> str:
    decision = FindingDecision(finding=finding, verdict=verdict, by="A. Volunteer", decided_on=day)
    return dump_decisions(Decisions(reference=REFERENCE, findings=(decision,)))


def verdicts(judgement: Judgement) -> dict[str, str]:
    lines = [line_of(judgement, name) for name in ("shared-path-width", "lighting")]
    return {line.requirement_id: line.decision.verdict for line in lines if line.decision}


def test_what_two_machines_were_told_holds_on_both(
    tmp_path: Path, bucket: InMemoryStorageBackend, judgement: Judgement
) -> None:
    one, other = machine(tmp_path / "one", bucket), machine(tmp_path / "other", bucket)
    settle_decisions(one, word("shared-path-width", "dismissed"), judgement, TODAY)
    settle_decisions(other, word("lighting", "confirmed"), judgement, TODAY)
    for each in (one, other, machine(tmp_path / "third", bucket)):
        decided = settle_decisions(each, None, judgement, TODAY)
        assert verdicts(decided) == {"shared-path-width": "dismissed", "lighting": "confirmed"}


@pytest.mark.parametrize(
    ("days_here", "days_there", "holds"),
    [
        (date(2026, 11, 20), date(2026, 11, 22), "dismissed"),
        (date(2026, 11, 22), date(2026, 11, 20), "confirmed"),
    ],
)
def test_of_two_words_on_one_finding_the_later_days_holds_wherever_it_was_said(
    tmp_path: Path,
    bucket: InMemoryStorageBackend,
    judgement: Judgement,
    days_here: date,
    days_there: date,
    holds: str,
) -> None:
    here = machine(tmp_path, bucket)
    tmp_path.joinpath("decisions.yaml").write_text(word("lighting", "confirmed", days_here))
    bucket.uploads[KEY] = word("lighting", "dismissed", days_there).encode()

    assert verdicts(settle_decisions(here, None, judgement, TODAY)) == {"lighting": holds}
    kept = load_kept_decisions(tmp_path)
    assert kept is not None
    assert [decision.verdict for decision in kept.findings] == [holds]
    assert bucket.uploads[KEY] == (tmp_path / "decisions.yaml").read_bytes()


def test_what_is_said_now_goes_before_and_a_wrong_file_changes_nothing(
    tmp_path: Path, bucket: InMemoryStorageBackend, judgement: Judgement
) -> None:
    here = machine(tmp_path, bucket)
    settle_decisions(here, word("lighting", "confirmed"), judgement, TODAY)
    decided = settle_decisions(here, word("lighting", "dismissed"), judgement, TODAY)
    assert verdicts(decided) == {"lighting": "dismissed"}
    before = bucket.uploads[KEY]
    wrong = word("lighting", "confirmed").replace(REFERENCE, "26/00002/F")
    with pytest.raises(UsageError, match="is about 26/00002/F"):
        settle_decisions(here, wrong, judgement, TODAY)
    assert bucket.uploads[KEY] == before


def test_without_a_bucket_they_are_kept_here_and_none_change_nothing(
    tmp_path: Path, judgement: Judgement
) -> None:
    here = machine(tmp_path, None)
    assert settle_decisions(here, None, judgement, TODAY) is judgement
    assert list(tmp_path.iterdir()) == []
    settle_decisions(here, word("lighting", "dismissed"), judgement, TODAY)
    assert verdicts(settle_decisions(here, None, judgement, TODAY)) == {"lighting": "dismissed"}
    assert [path.name for path in tmp_path.iterdir()] == ["decisions.yaml"]
