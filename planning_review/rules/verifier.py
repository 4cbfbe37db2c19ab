"""How likely a sentence is one that a reviewer of walking and cycling would raise, learnt from labelled ones.

A logistic regression over what the rules see in a sentence (cues, reasons) and over its meaning (the vector
of the embedder that ships with the project). `scripts/train_verifier.py` makes the weights from the
sentences in labelled/ and those of the tests, the same weights each time.
"""

import json
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.export_model import has_model, model_dir
from planning_review.models import Frozen
from planning_review.rules.cues import Meaning
from planning_review.rules.reasons import ReasonRow, load_reasons
from planning_review.rules.words import FOLDER, compile_phrases

LABELLED = FOLDER / "labelled"
WEIGHTS = FOLDER / "verifier_weights.json"
MEANING_SCALE = 4.0
"""Brings a vector of length 1 to the size of the signs, so that one penalty suits both."""

_LONG_WORDS = 20

Matrix = npt.NDArray[np.float64]


class Weights(Frozen):
    """The learnt weights, the last of each the constant. signs_only is for what is not embedded."""

    signs: tuple[str, ...]
    signs_only: tuple[float, ...]
    with_meaning: tuple[float, ...]


@cache
def load_weights() -> Weights:
    """Read the weights; they must be those of today's signs."""
    weights = Weights(**json.loads(Path(WEIGHTS).read_text(encoding="utf-8")))
    if weights.signs != list_signs():
        raise ValueError(f"{WEIGHTS} was made of other signs. Run: python scripts/train_verifier.py")
    return weights


def list_signs() -> tuple[str, ...]:
    """Return what each sign looks for, as it is written."""
    return (*get_args(Meaning), "<will>", "N", "long", *(row.say for row in _list_rows()))


def read_signs(words: str, said: Collection[Meaning]) -> list[float]:
    """Return the signs of a plain sentence, 1 where it has one; said is what its cues mean."""
    signs = [meaning in said for meaning in get_args(Meaning)]
    signs += [bool(compile_phrases(phrase).search(words)) for phrase in ("<will>", "N")]
    signs.append(words.count(" ") > _LONG_WORDS)
    signs += [bool(compile_phrases(row.say).search(words)) for row in _list_rows()]
    return [float(sign) for sign in signs]


def score_by_signs(signs: Sequence[Sequence[float]]) -> Matrix:
    """Return the score of each sentence by its signs alone, the likeliest highest."""
    return _score(np.asarray(signs, dtype=np.float64), load_weights().signs_only)


def score_by_meaning(quotes: Sequence[str], signs: Sequence[Sequence[float]]) -> Matrix:
    """Return the score of each sentence by its meaning too; by signs where the model is not set up."""
    if not has_model(model_dir()):
        return score_by_signs(signs)
    return _score(join_features(_load_embedder().embed(quotes), signs), load_weights().with_meaning)


def join_features(vectors: npt.ArrayLike, signs: Sequence[Sequence[float]]) -> Matrix:
    """Return meaning and signs side by side."""
    return np.hstack([np.asarray(vectors, dtype=np.float64) * MEANING_SCALE, np.asarray(signs)])


@cache
def _load_embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


def _score(features: Matrix, weights: Sequence[float]) -> Matrix:
    learnt = np.asarray(weights)
    scores: Matrix = features @ learnt[:-1] + learnt[-1]
    return scores


def _list_rows() -> tuple[ReasonRow, ...]:
    reasons = load_reasons()
    return (*reasons.about, *reasons.rows, *reasons.less)
