"""The benchmark of a model: what was recorded with a key replays without one, to the same judgement."""

from pathlib import Path

import pytest

from planning_review.errors import UsageError
from planning_review.settings import Settings
from tests.support.evidence_helpers import TODAY
from tests.support.messages_api import serve_messages_api
from tests.support.misbehaviour import find
from tests.support.model_helpers import MODEL, PAGES, PATH, ROUNDABOUT, make_settings, quote

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "judgement"
NO_KEY = Settings(_env_file=None, ANTHROPIC_API_KEY=None)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARK))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "Transport Assessment.txt").write_text("\f".join(PAGES), encoding="utf-8")
    return [Path("docs")]


def test_answers_are_recorded_and_replayed_without_a_key(files, tmp_path):
    from by_model import judge_by_model, print_table, score
    from measure import is_same

    answers = tmp_path / "answers"
    name = "docs/Transport Assessment.txt"
    with serve_messages_api() as api:
        api.by_stage["aspects"] = find("roundabouts", "not met", quote(ROUNDABOUT, 3, name))
        told = judge_by_model(files, MODEL, answers, make_settings(api), TODAY)
        assert told.asked == len(api.requests) == 5
        again = judge_by_model(files, MODEL, answers, NO_KEY, TODAY)
        assert len(api.requests) == 5
    assert (again.asked, again.replayed) == (0, 5)
    # The budget is part of the version; the fence and the time are no part of a question.
    same = {"prompt_version": told.judgement.prompt_version}
    assert again.judgement.model_copy(update=same) == told.judgement
    scores = score(told, [ROUNDABOUT, PATH], is_same)
    assert (scores.found["rules"], scores.found["model"], scores.found["both"]) == (1, 1, 2)
    assert not any(b"sk-ant" in path.read_bytes() for path in answers.iterdir())
    print_table(told, scores)


def test_a_question_that_was_never_answered_is_told(files, tmp_path):
    from by_model import judge_by_model

    with pytest.raises(UsageError, match="No recorded answer"):
        judge_by_model(files, MODEL, tmp_path / "answers", NO_KEY, TODAY)
