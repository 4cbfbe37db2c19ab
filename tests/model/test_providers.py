"""The same review by any provider: with tools and pictures or without, and one error where it is away."""

import base64

import pytest

from planning_review.errors import ModelUnavailable, PermanentError, UsageError
from planning_review.model import metering
from planning_review.model.connect import Abilities, connect
from planning_review.settings import Settings
from tests.model.test_looking import DRAWING, PNG, Drawer
from tests.support.chat_api import serve_chat_api
from tests.support.evidence_helpers import judge_pages, line_of, make_document
from tests.support.messages_api import Reply, fill_in, serve_messages_api
from tests.support.misbehaviour import (
    SOON,
    cut_connection,
    edit_aspects,
    fail_with,
    find,
    look,
    refuse,
    write_prose,
)
from tests.support.model_helpers import KEY, PAGES, ROUNDABOUT, judge, quote

NAMES = {"openai:house-model": "OPENAI_BASE_URL", "ollama:qwen3": "OLLAMA_BASE_URL"}


@pytest.fixture
def chat():
    with serve_chat_api() as served:
        yield served


def judge_by(chat, model="openai:house-model", **options):
    options = {NAMES[model]: chat.url} | options
    return judge(chat, model=model, **options)


@pytest.mark.parametrize(
    ("model", "can"),
    [("openai:house-model", "tools,images"), ("ollama:qwen3", "tools"), ("ollama:qwen3", "none")],
)
def test_a_review_comes_out_the_same_with_tools_and_without(chat, model, can):
    chat.by_stage["aspects"] = find("roundabouts", "not met", quote(ROUNDABOUT, 3))
    judgement = judge_by(chat, model, PLANNING_MODEL_CAN=can)
    assert judgement.model == model
    assert [request.stage for request in chat.requests] == ["aspects"] * 3 + ["matters", "texts"]
    assert [c.quote for c in line_of(judgement, "roundabouts").citations] == [ROUNDABOUT]
    assert judgement.cost_usd is None
    assert judgement.tokens["input"] > 0
    is_told = any("calls no tools" in notice for notice in judgement.notices)
    assert is_told is (can == "none")
    has_tools = {"search_passages" in request.tools for request in chat.requests}
    assert has_tools == {can != "none"}


def test_a_picture_reaches_an_openai_compatible_server(chat):
    chat.by_stage["matters"] = look("see_page", document_id="1-2-7", page=1)
    judge_by(chat, documents=[make_document(PAGES), DRAWING], draw=Drawer())
    [image] = chat.asked("matters")[1].images
    assert base64.b64decode(image["source"]["data"]) == PNG


@pytest.mark.parametrize("behaviour", [refuse, write_prose])
def test_a_model_of_no_use_leaves_the_rules(chat, behaviour):
    chat.usual = behaviour
    judgement = judge_by(chat)
    assert judgement.model == "evidence"
    assert judgement.overall_rating == judge_pages(PAGES).overall_rating


def test_wrong_types_go_back_and_cost_nothing_else(chat):
    def spoil(answer, requirements):
        answer |= {"rating": 7, "findings": "none", "key_issue": ["x"]}

    chat.by_stage["aspects"] = edit_aspects(spoil)
    judgement = judge_by(chat)
    assert judgement.model == "openai:house-model"
    assert "rating: Input should be" in chat.requests[1].text


def test_a_server_that_is_overloaded_is_tried_five_times(chat):
    chat.usual = fail_with(503, "overloaded", "Too much to do.", **SOON)
    with pytest.raises(ModelUnavailable, match=r"HTTP 503\), tried 5 times"):
        judge_by(chat)
    assert len(chat.requests) == 5


@pytest.mark.parametrize("model", NAMES)
def test_a_server_that_is_away_is_one_clear_error(model, monkeypatch):
    monkeypatch.setattr(metering, "FIRST_WAIT_SECONDS", 0.01)
    with serve_chat_api() as closed:
        pass
    with pytest.raises(ModelUnavailable, match="tried 5 times"):
        judge_by(closed, model)


def test_a_refused_key_is_named_and_not_shown(chat):
    chat.usual = fail_with(401, "authentication_error", f"bad key {KEY}")
    with pytest.raises(PermanentError, match="Set OPENAI_API_KEY") as raised:
        judge_by(chat, OPENAI_API_KEY=KEY)
    assert KEY not in str(raised.value)


def test_the_tokens_of_a_model_without_a_price_are_bounded(chat):
    judgement = judge_by(chat, PLANNING_MODEL_BUDGET_TOKENS=30_000)
    assert 0 < len(chat.requests) < 5
    assert judgement.tokens["input"] + judgement.tokens["output"] <= 30_000
    assert any("of 30,000 tokens are used" in notice for notice in judgement.notices)


def test_a_server_that_cuts_what_it_is_sent_is_told(chat):
    text = "The site lies west of Bicester and has a footway along one side. " * 400
    chat.usual = lambda request: Reply(tool_input=fill_in(request), usage={"prompt_tokens": 900})
    with pytest.raises(PermanentError, match=r"read only 900 tokens .* PLANNING_MODEL_WHOLE_TOKENS"):
        judge_by(chat, pages=[*PAGES, text])


def test_a_request_that_is_too_long_names_the_setting(chat):
    chat.usual = fail_with(
        400, "invalid_request_error", "This model's maximum context length is 8192 tokens."
    )
    with pytest.raises(PermanentError, match="Lower PLANNING_MODEL_WHOLE_TOKENS"):
        judge_by(chat)


def test_a_connection_that_is_cut_in_an_answer_is_tried_again(monkeypatch):
    monkeypatch.setattr(metering, "FIRST_WAIT_SECONDS", 0.01)
    with serve_messages_api() as api:
        api.script = [cut_connection]
        assert judge(api).model.startswith("anthropic:")
        assert len(api.requests) == 6
        api.usual = cut_connection
        with pytest.raises(ModelUnavailable, match="tried 5 times"):
            judge(api)


@pytest.mark.parametrize(
    ("name", "can", "expected"),
    [
        ("anthropic:x", "", Abilities()),
        ("ollama:x", "", Abilities(images=False)),
        ("openai:x", "none", Abilities(tools=False, images=False)),
        ("openai:x", "tools", Abilities(images=False)),
        ("ollama:x", "images, tools", Abilities()),
    ],
)
def test_what_a_model_can_do_is_a_setting(name, can, expected):
    settings = Settings(
        _env_file=None,
        PLANNING_MODEL_CAN=can,
        ANTHROPIC_API_KEY=KEY,
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=None,
    )
    assert connect(name, settings).abilities == expected


@pytest.mark.parametrize("setting", ["OPENAI_BASE_URL", "OLLAMA_BASE_URL"])
def test_an_address_that_is_none_is_told(setting):
    name = next(name for name, of in NAMES.items() if of == setting)
    with pytest.raises(UsageError, match=f"{setting} is no address"):
        connect(name, Settings(_env_file=None, **{setting: "ftp:/x"}))
