"""A model by its name, as pydantic-ai knows it, with its provider's key and address from the settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model, parse_model_id
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from planning_review.errors import UsageError
from planning_review.settings import Settings

ANTHROPIC_URL = "https://api.anthropic.com"
OLLAMA_URL = "http://127.0.0.1:11434/v1"
_EXAMPLE = "anthropic:claude-sonnet-5-5"
_NO_KEY = "none"
"""Servers of one's own ask for no key, but their client wants one."""


@dataclass(frozen=True)
class Key:
    """A provider's key, None where it needs none or reads it itself, and what it is called."""

    name: str
    secret: str | None = None


@dataclass(frozen=True)
class Abilities:
    """What a model can do beside answering: call tools, and see pictures."""

    tools: bool = True
    images: bool = True


@dataclass(frozen=True)
class Connected:
    """A model that is ready to be asked, what it can do, and its key."""

    model: Model
    abilities: Abilities
    key: Key


def connect(name: str, settings: Settings) -> Connected:
    """Return a model by its full name; nothing is sent.

    Raises UsageError for a name that is not known, a package that is not installed, or a key that is missing.
    """
    provider, model_name = parse_model_id(name)
    if provider is None or not model_name:
        raise UsageError(
            f"There is no reviewer {name!r}: use --model evidence, or a model's full name such as {_EXAMPLE}."
        )
    abilities = _read_abilities(settings.model_can, provider)
    if provider == "anthropic":
        model, key = _make_anthropic(model_name, settings)
    elif provider in ("openai", "openai-chat"):
        model, key = _make_openai(model_name, settings)
    elif provider == "ollama":
        model, key = _make_ollama(model_name, settings)
    else:
        model, key = _infer(name, provider), Key("your provider's own variable")
    return Connected(model, abilities, key)


def _read_abilities(can: str, provider: str) -> Abilities:
    """Return what the setting says; unset, small local models are taken to see no pictures."""
    if not can:
        return Abilities(images=provider != "ollama")
    words = {word.strip() for word in can.split(",")}
    return Abilities(tools="tools" in words, images={"tools", "images"} <= words)


def _make_anthropic(model_name: str, settings: Settings) -> tuple[Model, Key]:
    secret = settings.anthropic_api_key.get_secret_value() if settings.anthropic_api_key else None
    if not secret:
        raise UsageError(
            f"anthropic:{model_name} needs a key: set ANTHROPIC_API_KEY (see .env.example), "
            "or use --model evidence, which needs none."
        )
    url = _check_url("ANTHROPIC_BASE_URL", settings.anthropic_base_url or ANTHROPIC_URL)
    provider = AnthropicProvider(api_key=secret, base_url=url)
    return AnthropicModel(model_name, provider=provider), Key("ANTHROPIC_API_KEY", secret)


def _make_openai(model_name: str, settings: Settings) -> tuple[Model, Key]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    secret = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    key = Key("OPENAI_API_KEY", secret)
    if settings.openai_base_url:
        url = _check_url("OPENAI_BASE_URL", settings.openai_base_url)
        # Its own profile: what only OpenAI's servers take is not sent to others.
        compatible = OpenAICompatibleProvider("openai-compatible", base_url=url, api_key=secret or _NO_KEY)
        return OpenAIChatModel(model_name, provider=compatible), key
    if not secret:
        raise UsageError(
            f"openai:{model_name} needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your "
            "own (see .env.example), or use --model evidence, which needs neither."
        )
    return OpenAIChatModel(model_name, provider=OpenAIProvider(api_key=secret)), key


def _make_ollama(model_name: str, settings: Settings) -> tuple[Model, Key]:
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.providers.ollama import OllamaProvider

    url = _check_url("OLLAMA_BASE_URL", settings.ollama_base_url or OLLAMA_URL)
    provider = OllamaProvider(base_url=url, api_key=_NO_KEY)
    return OllamaModel(model_name, provider=provider), Key("OLLAMA_BASE_URL")


def _infer(name: str, provider: str) -> Model:
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


def _check_url(setting: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(f"{setting} is no address: it takes http(s)://host[:port], without a user.")
    return url
