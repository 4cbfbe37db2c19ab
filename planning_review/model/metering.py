"""One request to a model: within its time and the budget, tried again only where the server is overloaded."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from pydantic_ai.messages import BinaryContent, ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from planning_review.errors import ModelUnavailable, PermanentError, PlanningReviewError
from planning_review.model.connect import Key
from planning_review.model.ledger import Ledger
from planning_review.model.whole import CHARACTERS_A_TOKEN

MOST_TRIES = 5
FIRST_WAIT_SECONDS = 1.0
"""Before the second try, doubled before each later one, where the server names no time."""

_LONGEST_WAIT_SECONDS = 60.0
_MOST_TIMEOUTS = 2
_LONGEST_REASON = 200
_MOST_CHARACTERS_A_TOKEN = 12
"""English has four to five: a server that counts so few tokens has cut what it was sent."""
_TOO_LONG = re.compile(r"too long|context|maximum", re.IGNORECASE)


class NoAnswer(PlanningReviewError):
    """A model gave nothing that can be used; the message is the reason, worded to follow its name."""


PICTURE_TOKENS = 1_600
"""What a picture of the size that is sent counts in a budget, on the dear side."""


class MeteredModel(WrapperModel):
    """A model whose every request is bounded and counted. stage names what is asked at the moment."""

    def __init__(self, wrapped: Model, ledger: Ledger, timeout_seconds: float, key: Key) -> None:
        super().__init__(wrapped)
        self._ledger = ledger
        self._timeout_seconds = timeout_seconds
        self._secret = key.secret
        self._key_name = key.name
        self.stage = ""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Send a request; raise BudgetReached, NoAnswer, ModelUnavailable or PermanentError."""
        parameters = model_request_parameters
        tools = sum(len(str(tool)) for tool in (*parameters.output_tools, *parameters.function_tools))
        written, pictures = _measure(messages)
        self._ledger.check_budget(
            written + tools, (model_settings or {}).get("max_tokens", 0), pictures * PICTURE_TOKENS
        )
        response = await self._send(
            lambda: self.wrapped.request(messages, model_settings, model_request_parameters)
        )
        self._ledger.record(self.stage, response)
        read, sent = response.usage.input_tokens, _count_text(messages)
        if read and sent > _MOST_CHARACTERS_A_TOKEN * read:
            # Nothing may be said of documents that were cut on the way.
            raise PermanentError(
                f"{self.model_name} read only {read:,} tokens of some {sent // CHARACTERS_A_TOKEN:,}: its "
                "server cuts what is longer than its context. Raise that (Ollama: OLLAMA_CONTEXT_LENGTH), or "
                "lower PLANNING_MODEL_WHOLE_TOKENS, and run the same command again."
            )
        if response.finish_reason == "content_filter":
            raise NoAnswer("refused to answer")
        return response

    async def _send(self, send: Callable[[], Awaitable[ModelResponse]]) -> ModelResponse:
        timeouts = 0
        for attempt in range(1, MOST_TRIES + 1):
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await send()
            except (TimeoutError, ModelTimeoutError):
                timeouts += 1
                if timeouts == _MOST_TIMEOUTS:
                    raise ModelUnavailable(
                        f"{self.model_name} did not answer within {self._timeout_seconds:g} seconds, "
                        f"{timeouts} times. Run the same command again, or raise "
                        "PLANNING_MODEL_TIMEOUT_SECONDS."
                    ) from None
            except ModelAPIError as error:
                asked = error.retry_after
                wait = FIRST_WAIT_SECONDS * 2 ** (attempt - 1) if asked is None else asked
                can_wait = _is_overload(error) and wait <= _LONGEST_WAIT_SECONDS and attempt < MOST_TRIES
                if not can_wait:
                    raise self._explain(error, attempt) from None
                await asyncio.sleep(wait)
        raise ModelUnavailable(f"{self.model_name} gave no answer in {MOST_TRIES} tries. Run it again later.")

    def _explain(self, error: ModelAPIError, attempts: int) -> PlanningReviewError:
        status = f" (HTTP {error.status_code})" if isinstance(error, ModelHTTPError) else ""
        evidence = "or use --model evidence, which needs no key"
        if isinstance(error, ModelAuthenticationError):
            return PermanentError(
                f"{self.model_name}: the key was not accepted{status}. Set {self._key_name} to a key that "
                f"may use this model and try it with `planning-review check model`, {evidence}."
            )
        if isinstance(error, ModelQuotaExceededError):
            return PermanentError(
                f"{self.model_name}: the account's credit or quota is used up{status}. Top it up, {evidence}."
            )
        if isinstance(error, ModelNotFoundError):
            return PermanentError(
                f"{self.model_name} is not known at {self.base_url}{status}. Check PLANNING_REVIEW_MODEL "
                f"and the provider's address with `planning-review check model`."
            )
        if _is_overload(error) or isinstance(error, ModelServerError):
            after = f", tried {attempts} times" if attempts > 1 else ""
            wait = error.retry_after or 0
            asked = f"; it asks to wait {wait:g} seconds" if wait > _LONGEST_WAIT_SECONDS else ""
            return ModelUnavailable(
                f"{self.model_name}: {self._reason(error)}{status}{after}{asked}. "
                f"Run the same command again later, {evidence}."
            )
        reason = self._reason(error)
        lower = " Lower PLANNING_MODEL_WHOLE_TOKENS." if _TOO_LONG.search(reason) else ""
        return PermanentError(
            f"{self.model_name} did not take the request{status}: {reason}.{lower} "
            f"Try `planning-review check model`, {evidence}."
        )

    def _reason(self, error: ModelAPIError) -> str:
        """Return the server's own words, short, on one line and without the key."""
        body = error.body.get("error") if isinstance(error.body, dict) else None
        message = body.get("message") if isinstance(body, dict) else None
        words = " ".join(str(message or error.message).split())
        if self._secret:
            words = words.replace(self._secret, "(key)")
        return words[:_LONGEST_REASON].rstrip(". ")


def _measure(messages: list[ModelMessage]) -> tuple[int, int]:
    """Return the characters of messages, pictures left out, and how many pictures they have."""
    pictures = 0
    left_out = 0
    for part in (part for message in messages for part in message.parts):
        content = getattr(part, "content", None)
        for item in content if isinstance(content, list | tuple) else ():
            if isinstance(item, BinaryContent):
                pictures += 1
                left_out += len(item.base64)
    return len(ModelMessagesTypeAdapter.dump_json(messages)) - left_out, pictures


def _count_text(messages: list[ModelMessage]) -> int:
    """Return the characters of what people and tools say in messages, without what their format adds."""
    contents = [getattr(part, "content", None) for message in messages for part in message.parts]
    items = [item for content in contents for item in (content if isinstance(content, list) else [content])]
    return sum(len(item) for item in items if isinstance(item, str))


def _is_overload(error: ModelAPIError) -> bool:
    """Return whether waiting may mend it: 429, 503, 529, or no connection."""
    return isinstance(error, ModelRateLimitError | ModelUnavailableError | ModelConnectionError)
