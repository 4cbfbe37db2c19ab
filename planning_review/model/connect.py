"""A model by its name, as pydantic-ai knows it."""

from urllib.parse import urlsplit

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model, parse_model_id
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from planning_review.errors import UsageError

ANTHROPIC = "anthropic"
ANTHROPIC_URL = "https://api.anthropic.com"
_EXAMPLE = "anthropic:claude-sonnet-5-5"


def make_model(name: str, api_key: str | None, base_url: str | None) -> Model:
    """Return a model that is ready to be asked; nothing is sent.

    api_key and base_url are Anthropic's; other providers read their own variables. Raises UsageError for
    a name that is not known, a package that is not installed, or a key that is missing.
    """
    provider, model_name = parse_model_id(name)
    if provider is None or not model_name:
        raise UsageError(
            f"There is no reviewer {name!r}: use --model evidence, or a model's full name such as {_EXAMPLE}."
        )
    if provider == ANTHROPIC:
        return _make_anthropic(model_name, api_key, base_url)
    try:
        return infer_model(name)
    except ImportError:
        raise UsageError(
            f"The package for {provider} models is not installed: run "
            f"`pip install 'pydantic-ai-slim[{provider}]'` in the project's environment, "
            f"or use --model {_EXAMPLE}."
        ) from None
    except (UserError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"The model {name!r} can't be used: {reason} Use --model evidence, or {_EXAMPLE}."
        ) from None


def _make_anthropic(model_name: str, api_key: str | None, base_url: str | None) -> Model:
    if not api_key:
        raise UsageError(
            f"anthropic:{model_name} needs a key: set ANTHROPIC_API_KEY (see .env.example), "
            "or use --model evidence, which needs none."
        )
    url = base_url or ANTHROPIC_URL
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError("ANTHROPIC_BASE_URL is no address: it takes http(s)://host[:port], without a user.")
    return AnthropicModel(model_name, provider=AnthropicProvider(api_key=api_key, base_url=url))
