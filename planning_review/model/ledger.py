"""What a model's review used: requests, tokens and cost by stage, against a budget."""

from decimal import Decimal

from genai_prices import Usage, calc_price
from pydantic_ai.messages import ModelResponse
from pydantic_ai.usage import RequestUsage

from planning_review.errors import PlanningReviewError
from planning_review.model.whole import CHARACTERS_A_TOKEN
from planning_review.rules.judgement import StageUse


class BudgetReached(PlanningReviewError):
    """The next request may cost more than what is left; nothing was sent."""


class Ledger:
    """Adds up the use of one review. A model without a known price has no cost, and its tokens are bounded.

    budget_tokens counts all that is sent and answered, from the cache or not; None sets no bound.
    """

    def __init__(
        self, provider: str, model: str, budget_usd: float, budget_tokens: int | None = None
    ) -> None:
        self._provider = provider
        self._model = model
        self._budget = Decimal(str(budget_usd))
        self._budget_tokens = budget_tokens
        self._stages: dict[str, list[RequestUsage]] = {}
        self._costs: dict[str, list[Decimal | None]] = {}
        self.is_priced = self._price(RequestUsage(input_tokens=1, output_tokens=1)) is not None

    @property
    def spent_usd(self) -> Decimal:
        """What is known to be spent."""
        return sum((cost for costs in self._costs.values() for cost in costs if cost), Decimal(0))

    def check_budget(self, characters: int, most_output_tokens: int, picture_tokens: int = 0) -> None:
        """Raise BudgetReached where a request of so many characters may go over a budget."""
        tokens = characters // CHARACTERS_A_TOKEN + 1 + picture_tokens
        used = self.tokens()
        total = used["input"] + used["output"] + tokens + most_output_tokens
        if self._budget_tokens is not None and total > self._budget_tokens:
            raise BudgetReached(
                f"{used['input'] + used['output']:,} of {self._budget_tokens:,} tokens are used."
            )
        # As dear as it can get: every token of the prompt written to the cache, the longest answer.
        dearest = RequestUsage(
            input_tokens=tokens, cache_write_tokens=tokens, output_tokens=most_output_tokens
        )
        estimate = self._price(dearest)
        if estimate is not None and self.spent_usd + estimate > self._budget:
            raise BudgetReached(f"${self.spent_usd:.2f} of ${self._budget:.2f} is spent.")

    def record(self, stage: str, response: ModelResponse) -> None:
        """Add a response's use to its stage."""
        self._stages.setdefault(stage, []).append(response.usage)
        self._costs.setdefault(stage, []).append(self._price(response.usage))

    def by_stage(self) -> tuple[StageUse, ...]:
        """Return the use of each stage, in the order in which they began."""
        return tuple(
            StageUse(
                stage=stage,
                requests=len(uses),
                input_tokens=sum(use.input_tokens for use in uses),
                output_tokens=sum(use.output_tokens for use in uses),
                cache_read_tokens=sum(use.cache_read_tokens for use in uses),
                cache_write_tokens=sum(use.cache_write_tokens for use in uses),
                cost_usd=_add(self._costs[stage]),
            )
            for stage, uses in self._stages.items()
        )

    def cost_usd(self) -> float | None:
        """Return the cost of all stages, None where a price is not known."""
        return _add([cost for costs in self._costs.values() for cost in costs])

    def tokens(self) -> dict[str, int]:
        """Return the tokens of all stages; input holds what the cache gave or took."""
        stages = self.by_stage()
        return {
            "input": sum(use.input_tokens for use in stages),
            "output": sum(use.output_tokens for use in stages),
            "cache_read": sum(use.cache_read_tokens for use in stages),
            "cache_write": sum(use.cache_write_tokens for use in stages),
        }

    def _price(self, usage: RequestUsage) -> Decimal | None:
        counted = Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )
        try:
            return calc_price(counted, self._model, provider_id=self._provider).total_price
        except (LookupError, ValueError):
            return None


def _add(costs: list[Decimal | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return round(float(sum(known, Decimal(0))), 6) if len(known) == len(costs) else None
