"""A model whose answers are kept: what was asked once is answered from the folder, without a key."""

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.test import TestModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from planning_review.errors import UsageError

_FENCE = re.compile(r"<<<([0-9a-f]{16})")
_OF_THE_RUN = ("timestamp", "run_id", "conversation_id", "provider_response_id")
_RESPONSE: TypeAdapter[ModelResponse] = TypeAdapter(ModelResponse)


class RecordedModel(WrapperModel):
    """Answers from a folder what was asked before, and asks the model for the rest, if there is one.

    seconds is how long the answers took when they were given.
    """

    def __init__(self, name: str, folder: Path, model: Model | None) -> None:
        super().__init__(model or TestModel(model_name=name.partition(":")[2]))
        self._is_live = model is not None
        self._folder = folder
        self.seconds = 0.0
        self.asked = self.replayed = 0

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Return the recorded response, or a new one, which is recorded."""
        path = self._folder / f"{_name_request(messages, model_request_parameters)}.json"
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            self.replayed += 1
            self.seconds += kept["seconds"]
            return _RESPONSE.validate_python(kept["response"])
        if not self._is_live:
            raise UsageError(
                f"No recorded answer to this question stands in {self._folder}: prompts, documents or rules "
                "have changed since. Record again with the model's key."
            )
        begun = time.monotonic()
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        seconds = time.monotonic() - begun
        self.asked += 1
        self.seconds += seconds
        kept = {"seconds": round(seconds, 2), "response": _RESPONSE.dump_python(response, mode="json")}
        self._folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        return response


def _name_request(messages: list[ModelMessage], parameters: ModelRequestParameters) -> str:
    """Return the identity of a request: all that is asked, without the run's times and fence."""
    asked = _drop(ModelMessagesTypeAdapter.dump_python(messages, mode="json"))
    tools = [
        (t.name, t.parameters_json_schema) for t in (*parameters.function_tools, *parameters.output_tools)
    ]
    text = json.dumps([asked, tools], sort_keys=True, default=str)
    for word in set(_FENCE.findall(text)):
        text = text.replace(word, "fence")
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _drop(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop(each) for key, each in value.items() if key not in _OF_THE_RUN}
    return [_drop(each) for each in value] if isinstance(value, list) else value
