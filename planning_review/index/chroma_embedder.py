"""Chroma's own embedding functions as an embedder, chosen by the name that Chroma gives them."""

import hashlib
import inspect
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from planning_review.errors import PermanentError, TransientError, UsageError
from planning_review.index.embedding import Embedder, MiniLMEmbedder, Vectors
from planning_review.index.passage_rows import without_surrogates

DEFAULT_EMBEDDER = "minilm"
"""The embedder that ships with the project."""


def make_embedder(name: str = DEFAULT_EMBEDDER) -> Embedder:
    """Return an embedder by its name, as PLANNING_EMBEDDER has it, or raise UsageError.

    `minilm` is the one that ships. Any other is one of chromadb.utils.embedding_functions, with a model
    (or the address of its server) after a colon: `default`, `sentence_transformer:all-mpnet-base-v2`.
    What such a function needs, a package or a key, it looks for itself.
    """
    if name == DEFAULT_EMBEDDER:
        return MiniLMEmbedder()
    function_name, _, model = name.partition(":")
    from chromadb.utils.embedding_functions import known_embedding_functions

    make = known_embedding_functions.get(function_name)
    if make is None:
        known = ", ".join(sorted(known_embedding_functions))
        raise UsageError(
            f"PLANNING_EMBEDDER names {function_name[:60]!r}, which is no embedder. Take {DEFAULT_EMBEDDER} "
            f"(the one that ships), or one of Chroma's: {known}."
        )
    options = _name_option(function_name, make, model) if model else {}
    try:
        return ChromaEmbedder(name, make(**options))
    except (ValueError, ImportError, TypeError) as error:
        # Chroma names the package or the variable that is missing, never a key's value.
        raise UsageError(
            f"The embedder {name} of PLANNING_EMBEDDER can't be used: {str(error).rstrip('.')}. Then give "
            "the same command again, or leave PLANNING_EMBEDDER out for the one that ships."
        ) from error


class ChromaEmbedder:
    """One of Chroma's embedding functions. Threads may share it as far as the function allows."""

    def __init__(self, name: str, function: Callable[[list[str]], Any]) -> None:
        self._name = name
        self._function = function
        # No function tells how it counts, and passages cut alike can be compared across embedders.
        self._counter = MiniLMEmbedder()

    @property
    def version(self) -> str:
        """The function's name and a short hash of what Chroma keeps of its settings; no key is in it."""
        settings: dict[str, Any] = getattr(self._function, "get_config", dict)()
        # What is no plain value, such as a client, differs from run to run.
        known = json.dumps(settings, sort_keys=True, default=lambda value: type(value).__name__)
        return f"chroma-{self._name}-{hashlib.sha256(known.encode()).hexdigest()[:12]}"

    @cached_property
    def dimension(self) -> int:
        """The length of a vector, found by making one."""
        return int(self._call(["cycle track"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 a text, float32 of shape (texts, dimension), in the order given.

        Raises TransientError where the function fails.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._call([without_surrogates(text) for text in texts])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        scaled: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return scaled

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in tokens of the embedder that ships."""
        return self._counter.count_tokens(texts)

    def _call(self, texts: list[str]) -> Vectors:
        try:
            vectors = np.asarray(self._function(texts), dtype=np.float32)
        except Exception as error:  # each function raises what its own library does
            # Only the kind of error: services repeat parts of a key in their messages.
            raise TransientError(
                f"The embedder {self._name} failed ({type(error).__name__}). See that what it needs, a "
                "service, a key or a model's files, can be reached, then give the same command again."
            ) from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise PermanentError(
                f"The embedder {self._name} answered {len(texts)} texts with numbers of the shape "
                f"{vectors.shape}, not with one vector each. Take another one (PLANNING_EMBEDDER)."
            )
        return vectors


def _name_option(function_name: str, make: Callable[..., Any], model: str) -> dict[str, str]:
    accepted = inspect.signature(make).parameters
    key = next((key for key in ("model_name", "model", "url") if key in accepted), None)
    if key is None:
        raise UsageError(
            f"The embedder {function_name} takes no model's name: set PLANNING_EMBEDDER={function_name}."
        )
    return {key: model}
