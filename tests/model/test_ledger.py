"""The budget of a model's review: no request is sent whose dearest outcome could go over it."""

import pytest
from genai_prices import Usage, calc_price
from pydantic_ai.messages import ModelResponse
from pydantic_ai.usage import RequestUsage

from planning_review.model.ledger import BudgetReached, Ledger

PROVIDER, MODEL = "anthropic", "claude-sonnet-4-5"
TOKENS = 100_000
CHARACTERS = 3 * TOKENS


def price(**usage: int) -> float:
    return float(calc_price(Usage(**usage), MODEL, provider_id=PROVIDER).total_price)


READ = price(input_tokens=TOKENS)
WRITTEN_TO_CACHE = price(input_tokens=TOKENS, cache_write_tokens=TOKENS)
ANSWERED = price(output_tokens=TOKENS)


def is_sent(budget_usd: float, most_output_tokens: int = 0, spent: RequestUsage | None = None) -> bool:
    ledger = Ledger(PROVIDER, MODEL, budget_usd)
    if spent:
        ledger.record("plan", ModelResponse(parts=[], usage=spent))
    try:
        ledger.check_budget(CHARACTERS, most_output_tokens)
    except BudgetReached:
        return False
    return True


def test_all_of_a_prompt_is_taken_to_be_written_to_the_cache() -> None:
    assert READ < WRITTEN_TO_CACHE
    assert not is_sent((READ + WRITTEN_TO_CACHE) / 2)
    assert is_sent(WRITTEN_TO_CACHE * 1.01)


def test_the_longest_answer_and_what_is_spent_count() -> None:
    budget = WRITTEN_TO_CACHE + ANSWERED / 2
    assert is_sent(budget)
    assert not is_sent(budget, most_output_tokens=TOKENS)
    assert not is_sent(budget, spent=RequestUsage(output_tokens=TOKENS))
    assert is_sent(budget + ANSWERED, spent=RequestUsage(output_tokens=TOKENS))


def test_a_model_without_a_known_price_is_not_held_back() -> None:
    ledger = Ledger(PROVIDER, "a-model-that-nobody-knows", 0.01)
    ledger.check_budget(10**9, 10**6)
    ledger.record("plan", ModelResponse(parts=[], usage=RequestUsage(output_tokens=TOKENS)))
    assert not ledger.is_priced
    assert ledger.cost_usd() is None


@pytest.mark.parametrize("stage", ["plan", "summary"])
def test_cost_is_told_by_stage(stage: str) -> None:
    ledger = Ledger(PROVIDER, MODEL, 1.0)
    for _ in range(2):
        ledger.record(stage, ModelResponse(parts=[], usage=RequestUsage(output_tokens=TOKENS)))
    (used,) = ledger.by_stage()
    assert (used.stage, used.requests, used.output_tokens) == (stage, 2, 2 * TOKENS)
    assert used.cost_usd == ledger.cost_usd() == pytest.approx(2 * ANSWERED)
