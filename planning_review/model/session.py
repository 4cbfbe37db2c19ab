"""Questions to a model, stage by stage, from code that is not asynchronous."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic_ai import Agent, ModelRetry, PromptedOutput, RunContext, Tool, ToolOutput
from pydantic_ai.exceptions import AgentRunError, ModelAPIError
from pydantic_ai.messages import CachePoint
from pydantic_ai.models.anthropic import AnthropicModelSettings
from pydantic_ai.usage import UsageLimits

from planning_review.model.connect import Connected
from planning_review.model.ledger import BudgetReached, Ledger
from planning_review.model.lenient import Answer, Rejected, list_faults
from planning_review.model.metering import MeteredModel, NoAnswer

RETRIES = 2
"""How often an answer goes back to the model with what was wrong."""

_MOST_REQUESTS = 2 * RETRIES + 2
_MOST_FAULTS = 20
_NO_USE = "gave no answer that could be used"

_Given = TypeVar("_Given", bound=Answer)
_Result = TypeVar("_Result")
Check = Callable[[_Given], Iterable[str]]
Prompt = Sequence[str | CachePoint]


class ModelSession:
    """Asks one model, over one set of connections, for the length of one review.

    answers are all that it may be asked for, by the name of their tool, and tools what it may look things up
    by: they go along with every request, the same each time, so that the provider's cache holds from one
    question to the next. A model that can't call tools is told what to write instead.

    The event loop runs in a thread of its own, so that it does not matter which thread asks, or whether
    that thread runs a loop itself.
    """

    def __init__(
        self,
        connected: Connected,
        ledger: Ledger,
        system: str,
        timeout_seconds: float,
        answers: Mapping[str, type[Answer]],
        tools: Sequence[Tool[object]] = (),
        most_looks: int = 0,
    ) -> None:
        self._model = MeteredModel(connected.model, ledger, timeout_seconds, connected.key)
        self._abilities = connected.abilities
        self._system = system
        self._timeout_seconds = timeout_seconds
        self._answers = answers
        self._tools = tools if connected.abilities.tools else ()
        self._most_looks = most_looks if self._tools else 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._run(self._model.__aenter__())
        except BaseException:
            self._stop_loop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._run(self._model.__aexit__(kind, error, traceback))
            self._run(self._loop.shutdown_asyncgens())
        finally:
            self._stop_loop()

    def ask(
        self,
        stage: str,
        kind: type[_Given],
        prompt: Prompt,
        most_tokens: int,
        check: Check[_Given] | None = None,
    ) -> _Given:
        """Return an answer, items that stayed wrong Rejected.

        check yields what else is wrong with an answer; it goes back to the model once. Raises NoAnswer,
        BudgetReached, ModelUnavailable or PermanentError.
        """
        kept: list[_Given] = []
        name = next(name for name, answer in self._answers.items() if answer is kind)
        agent = self._make_agent(kind, prompt, most_tokens)

        @agent.output_validator
        def send_back_faults(context: RunContext[object], answer: Answer) -> Answer:
            if not isinstance(answer, kind):
                raise ModelRetry(f"That was not asked for: answer with the tool {name}.")
            kept.append(answer)
            faults = list(list_faults(answer))
            if check and len(kept) == 1:
                faults += check(answer)
            if faults and not context.last_attempt:
                listed = "\n".join(f"- {fault}" for fault in faults[:_MOST_FAULTS])
                raise ModelRetry(f"Some items are not as asked for. Answer again, whole:\n{listed}")
            return answer

        self._model.stage = stage
        asked = f"Answer with the tool {name}." if self._abilities.tools else "Answer with JSON alone."
        try:
            limits = UsageLimits(request_limit=_MOST_REQUESTS + self._most_looks)
            self._run(agent.run([*prompt, asked], usage_limits=limits))
        except (NoAnswer, BudgetReached):
            if not kept:
                raise
        except ModelAPIError:
            raise
        except AgentRunError as error:
            if not kept:
                raise NoAnswer(_NO_USE) from error
        # A later answer that was worse does not cost what was good in an earlier one.
        best = min(reversed(kept), key=lambda answer: len(list(list_faults(answer))))
        if all(isinstance(value, Rejected) for _, value in best):
            raise NoAnswer(_NO_USE)
        return best

    def _make_agent(self, kind: type[Answer], prompt: Prompt, most_tokens: int) -> Agent[object, Answer]:
        settings = AnthropicModelSettings(
            max_tokens=most_tokens, timeout=self._timeout_seconds, max_retries=0
        )
        if any(isinstance(part, CachePoint) for part in prompt):
            settings["anthropic_cache_instructions"] = True
            settings["anthropic_cache_tool_definitions"] = True
        output: Any = PromptedOutput(kind)
        if self._abilities.tools:
            output = [
                ToolOutput(answer, name=name, description=(answer.__doc__ or "").split("\n")[0])
                for name, answer in self._answers.items()
            ]
        return Agent(
            self._model,
            output_type=output,
            instructions=self._system,
            retries=RETRIES,
            tools=self._tools,
            model_settings=settings,
        )

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise
