"""`check model`: one small request, and what came of it."""

import pytest

from planning_review.errors import PermanentError, UsageError
from planning_review.model.check import check_model
from planning_review.settings import Settings
from tests.support.messages_api import serve_messages_api
from tests.support.misbehaviour import fail_with, refuse
from tests.support.model_helpers import KEY


@pytest.fixture
def api():
    with serve_messages_api() as served:
        yield served


def walk(api, model="anthropic:claude-sonnet-5-5", key=KEY):
    settings = Settings(
        _env_file=None,
        anthropic_api_key=key,
        anthropic_base_url=api.url,
        PLANNING_REVIEW_MODEL=model,
    )
    return {step.name: step for step in check_model(settings)}


def test_each_step_says_what_was_found(api):
    steps = walk(api)
    assert list(steps) == ["name", "address", "taken to have", "answer", "use"]
    assert steps["name"].detail == "anthropic:claude-sonnet-5-5"
    assert steps["address"].detail.startswith(api.url)
    assert "in the form asked for" in steps["answer"].detail
    assert "tokens in" in steps["use"].detail
    assert "$0.0" in steps["use"].detail
    assert len(api.requests) == 1
    assert not any(KEY in step.detail for step in steps.values())


def test_a_model_that_is_about_to_end_is_told(api):
    # Its maker's client warns of it by name.
    steps = walk(api, "anthropic:claude-2.1")
    assert steps["notice"].is_warning
    assert "deprecated" in steps["notice"].detail


def test_the_rules_need_no_model(api):
    assert "no model is asked" in walk(api, "evidence")["name"].detail
    assert api.requests == []


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (refuse, "refused to answer: it can be reached, but not used"),
        (fail_with(401, "authentication_error", KEY), "the key was not accepted"),
        (fail_with(404, "not_found_error", "model: x"), "is not known at http"),
        (fail_with(402, "billing_error", "no credit"), "credit or quota is used up"),
    ],
)
def test_what_failed_is_told_with_the_next_command(api, behaviour, told):
    api.usual = behaviour
    with pytest.raises(PermanentError, match=told) as raised:
        walk(api)
    assert KEY not in str(raised.value)


def test_a_missing_key_is_told_before_any_request(api):
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY"):
        walk(api, key=None)
    assert api.requests == []
