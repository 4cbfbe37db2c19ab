"""Measure search on the bundled sample: does a passage that answers stand among the first five?

.venv/bin/python benchmarks/retrieval/evaluate.py [--policy FILE] [--local-plan FILE] [--misses] [--json]
    [--dense-weight W]

Builds the index in a temporary folder, asks the questions by meaning alone (dense), by words alone
(bm25) and by both (hybrid), and prints for each the hit rate in five and the mean reciprocal rank of the
first right passage (0 where none of ten is right). A passage is right if it stands on a page that
answers; in brackets, if it holds the phrase that answers, too. How documents are cut into passages does
not matter for either. A phrase that is no longer on its page is an error.

Search is tuned on questions.yaml and policy_questions.yaml only. The sets named blind are for an honest
figure: nothing is chosen by them.

--policy asks policy_questions.yaml of the National Planning Policy Framework, December 2024, as a text or
PDF file that you have; --local-plan asks blind_local_plan_questions.yaml of the Fenland Local Plan, 2014.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from corpus import Files, build_sample_files, open_index, read_policy
from questions import (
    HIT_LIMIT,
    KINDS,
    RANK_LIMIT,
    QuestionSet,
    check_answers,
    rank_first,
    read_policy_questions,
    read_questions,
    summarise,
)

from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.hybrid import DENSE_WEIGHT, HybridRanking
from planning_review.index.search import ApplicationIndex, FoundPassage
from planning_review.index.word_index import WordIndex
from planning_review.references import SAMPLE_REFERENCE

BY_MEANING = 1e6  # a weight beside which words only part equals

Ask = Callable[[Sequence[str]], list[list[FoundPassage]]]


def measure_documents(
    files: Files, names: dict[str, str], dense_weight: float, *, show_misses: bool
) -> dict[str, dict[str, Any]]:
    """Return the figures of each method and kind of question, for each set of questions on documents.

    names gives the files of questions by the names of the figures.
    """
    sets, embedder = {name: read_questions(file) for name, file in names.items()}, MiniLMEmbedder()
    with (
        tempfile.TemporaryDirectory(prefix="retrieval-") as folder,
        open_index(Path(folder), embedder, files) as (store, texts),
    ):
        for questions in sets.values():
            check_answers(questions, texts)
        stored = store.load_passages(SAMPLE_REFERENCE)
        passages = [FoundPassage(**p.model_dump(exclude={"id", "position"}), score=0) for p in stored]
        words = WordIndex([(passage.text, passage.heading or "") for passage in passages])

        def search_with(weight: float) -> Ask:
            index = ApplicationIndex(store, embedder, SAMPLE_REFERENCE, dense_weight=weight)
            return lambda asked: index.search_many(asked, RANK_LIMIT)

        methods: dict[str, Ask] = {
            "dense": search_with(BY_MEANING),
            "bm25": lambda asked: [[passages[n] for n in words.search(q, RANK_LIMIT)] for q in asked],
            "hybrid": search_with(dense_weight),
        }
        return {
            name: {"passages": len(passages), "dense_weight": dense_weight}
            | measure_questions(questions, methods, show_misses=show_misses)
            for name, questions in sets.items()
        }


def measure_questions(
    questions: QuestionSet, methods: dict[str, Ask], *, show_misses: bool
) -> dict[str, Any]:
    """Return the figures of each method and kind of question."""
    figures: dict[str, Any] = {}
    for method, ask in methods.items():
        for kind in KINDS:
            asked = getattr(questions, kind)
            answers = [questions.answers_of(question) for question in asked]
            found = list(zip(ask([question.ask for question in asked]), answers, strict=True))
            by_phrase = [rank_first(f, a, by_phrase=True) for f, a in found]
            figures[f"{method} {kind}"] = {
                "questions": len(asked),
                "page": summarise(rank_first(f, a, by_phrase=False) for f, a in found),
                "phrase": summarise(by_phrase),
            }
            if show_misses and method == "hybrid":
                for question, rank in zip(asked, by_phrase, strict=True):
                    if rank is None or rank > HIT_LIMIT:
                        print(f"{kind}, rank {rank or 'over 10'}: {question.ask}", file=sys.stderr)
    return figures


def measure_policy(file: Path, dense_weight: float) -> dict[str, Any]:
    """Return the same figures over a policy document, by paragraph: there is no phrase."""
    questions, embedder = read_policy_questions(), MiniLMEmbedder()
    passages = read_policy(file, embedder)
    vectors = embedder.embed([passage.text for passage in passages])
    ids = [str(n) for n in range(len(passages))]
    texts = [(p.text, f"NPPF {p.paragraph} {p.heading or ''}") for p in passages]
    words = WordIndex(texts)

    def search_with(weight: float) -> Callable[[Sequence[str]], list[list[int]]]:
        ranking = HybridRanking(
            texts,
            ids,
            {id_: n for n, id_ in enumerate(ids)},
            embedder,
            lambda asked, limit: [
                [(ids[n], float(row[n])) for n in row.argsort()[::-1][:limit]] for row in asked @ vectors.T
            ],
            lambda wanted: {id_: vectors[int(id_)] for id_ in wanted},
            dense_weight=weight,
        )
        return lambda asked: [[n for n, _ in row] for row in ranking.rank_many(asked, RANK_LIMIT)]

    methods: dict[str, Callable[[Sequence[str]], list[list[int]]]] = {
        "dense": search_with(BY_MEANING),
        "bm25": lambda asked: [list(words.search(query, RANK_LIMIT)) for query in asked],
        "hybrid": search_with(dense_weight),
    }
    figures: dict[str, Any] = {"passages": len(passages), "dense_weight": dense_weight}
    for method, ask in methods.items():
        for kind in KINDS:
            asked = getattr(questions, kind)
            ranks = []
            for question, row in zip(asked, ask([question.ask for question in asked]), strict=True):
                right = set(map(str, question.paragraphs))
                ranks.append(next((r for r, n in enumerate(row, 1) if passages[n].paragraph in right), None))
            figures[f"{method} {kind}"] = {"questions": len(asked), "page": summarise(ranks)}
    return figures


def print_table(title: str, figures: dict[str, Any]) -> None:
    """Print the figures as a table, those for the phrase in brackets."""
    print(f"{title}: {figures['passages']} passages, dense weight {figures['dense_weight']}")
    print(f"{'method':8} {'questions':12} {'hit rate in 5':>15} {'reciprocal rank':>17}")
    for method in ("dense", "bm25", "hybrid"):
        for kind in KINDS:
            row = figures[f"{method} {kind}"]
            cells = []
            for name in ("hit_rate_5", "mean_reciprocal_rank"):
                strict = f" ({row['phrase'][name]:.3f})" if "phrase" in row else ""
                cells.append(f"{row['page'][name]:.3f}{strict}")
            print(f"{method:8} {row['questions']:3} {kind:8} {cells[0]:>15} {cells[1]:>17}")


def main() -> None:
    """Read the options, measure, and print."""
    parser = argparse.ArgumentParser(description="Measure search on the bundled sample.")
    parser.add_argument("--policy", type=Path, help="the NPPF of December 2024, to be asked too")
    parser.add_argument("--local-plan", type=Path, help="the Fenland Local Plan of 2014, to be asked too")
    parser.add_argument("--dense-weight", type=float, default=DENSE_WEIGHT)
    parser.add_argument("--misses", action="store_true", help="name the questions that hybrid search misses")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        figures = measure_documents(
            build_sample_files(Path(folder)),
            {"sample": "questions.yaml", "sample_blind": "blind_questions.yaml"},
            arguments.dense_weight,
            show_misses=arguments.misses,
        )
    if arguments.policy:
        figures["policy"] = measure_policy(arguments.policy, arguments.dense_weight)
    if arguments.local_plan:
        figures |= measure_documents(
            {"local-plan": ("Local plan", arguments.local_plan)},
            {"local_plan_blind": "blind_local_plan_questions.yaml"},
            arguments.dense_weight,
            show_misses=arguments.misses,
        )
    if arguments.json:
        print(json.dumps(figures))
        return
    for title, table in figures.items():
        print_table(title, table)


if __name__ == "__main__":
    main()
