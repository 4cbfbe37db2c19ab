"""Learn which sentences a reviewer of walking and cycling would raise, for verifier_weights.json.

    python scripts/train_verifier.py

The sentences are all of our own: planning_review/rules/labelled/, the tables of tests/data/ that the rules
are tried with, and the prose of the sample, of which each sentence counts as quiet. It takes a minute; the
same sentences and signs give the same weights.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from planning_review.index.embedding import MiniLMEmbedder
from planning_review.models import PageText
from planning_review.rules.cues import Context, find_cues
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.sentences import hide_street_names, split_pages
from planning_review.rules.verifier import LABELLED, WEIGHTS, Matrix, join_features, list_signs, read_signs
from planning_review.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
PROSE = (
    "transport_assessment",
    "travel_plan",
    "design_and_access",
    "planning_statement",
    "construction_plan",
)
PENALTY = 3.0
STEPS = 25


class Labelled(NamedTuple):
    """A sentence, whether it is one to raise, and how much it counts."""

    text: str
    raised: bool
    weight: float


def main() -> None:
    """Train, and write the weights."""
    rows = list(read_labelled())
    signs = [list_signs_of(row.text) for row in rows]
    raised = np.array([float(row.raised) for row in rows])
    counts = np.array([row.weight for row in rows])
    # Few are to be raised in a real document, and none must drown among the quiet.
    balance = counts[raised == 0].sum() / counts[raised == 1].sum()
    counts = np.where(raised == 1, counts * balance, counts)
    vectors = MiniLMEmbedder().embed([row.text for row in rows])
    weights = {
        "signs": list_signs(),
        "signs_only": fit(np.asarray(signs), raised, counts),
        "with_meaning": fit(join_features(vectors, signs), raised, counts),
    }
    WEIGHTS.write_text(json.dumps(weights, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{len(rows)} sentences, {int(raised.sum())} of them to raise: {WEIGHTS}")


def list_signs_of(text: str) -> list[float]:
    """Return the signs of a sentence that stands under no heading."""
    words = write_plainly(hide_street_names(text))
    return read_signs(words, {cue.means for cue in find_cues(words, 0, len(words), Context())})


def read_labelled() -> Iterator[Labelled]:
    """Yield every labelled sentence, those written for this purpose with the most weight."""
    for path in sorted(LABELLED.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Labelled(line, path.stem == "raise", 1.5)
    data = ROOT / "tests" / "data"
    for _, sentence, complies in read_yaml(data / "evidence_cases.yaml"):
        yield Labelled(sentence, complies is False, 0.2)
    for path in sorted(data.glob("blind_sentences*.yaml")):
        for row in read_yaml(path):
            yield Labelled(row["sentence"], bool(row["breach"]), 0.3)
    for name in PROSE:
        text = (ROOT / "planning_review" / "sample" / "prose" / f"{name}.txt").read_text(encoding="utf-8")
        for page in text.split("---"):
            for sentence in split_pages([PageText(number=1, page_class="text", text=page)]):
                if len(sentence.quote.split()) > 5 and "{{" not in sentence.quote:
                    yield Labelled(sentence.quote, False, 0.2)


def fit(features: Matrix, raised: Matrix, counts: Matrix) -> list[float]:
    """Return the weights of a logistic regression with a quadratic penalty, by Newton's method."""
    columns = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.full(columns.shape[1], PENALTY)
    penalty[-1] = 0.0
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        told = 1.0 / (1.0 + np.exp(-columns @ weights))
        slope = columns.T @ (counts * (told - raised)) + penalty * weights
        curve = (columns * (counts * told * (1.0 - told))[:, None]).T @ columns + np.diag(penalty)
        weights -= np.linalg.solve(curve, slope)
    return [round(float(weight), 4) for weight in weights]


if __name__ == "__main__":
    main()
