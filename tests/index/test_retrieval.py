"""The evaluation of search: its questions, and that hybrid search is no worse than either of its parts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

EVALUATION = Path(__file__).parents[2] / "benchmarks" / "retrieval"
KINDS = ("worded", "lay")


@pytest.fixture(scope="module")
def all_figures() -> dict[str, Any]:
    """What the evaluation prints of the bundled sample, read, cut and indexed anew."""
    done = subprocess.run(
        [sys.executable, EVALUATION / "evaluate.py", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@pytest.fixture(scope="module", params=["sample", "sample_blind"])
def figures(request: pytest.FixtureRequest, all_figures: dict[str, Any]) -> dict[str, Any]:
    """Those of the questions that the search was tuned on, and of those it was not."""
    figures: dict[str, Any] = all_figures[request.param]
    return figures


@pytest.mark.parametrize(("kind", "least"), [("worded", 50), ("lay", 60)])
def test_there_are_questions_enough_of_each_kind(figures: dict[str, Any], kind: str, least: int) -> None:
    assert figures[f"hybrid {kind}"]["questions"] >= least
    assert figures["passages"] > 100


@pytest.mark.parametrize("kind", KINDS)
def test_hybrid_search_finds_at_least_what_the_better_of_its_parts_does(
    figures: dict[str, Any], kind: str
) -> None:
    hits = {method: figures[f"{method} {kind}"]["page"]["hits_5"] for method in ("dense", "bm25", "hybrid")}
    # One question of some sixty goes either way: the dates in the sample's passages are today's.
    assert hits["hybrid"] >= max(hits["dense"], hits["bm25"]) - 1, hits


def test_most_questions_find_their_answer(figures: dict[str, Any]) -> None:
    assert figures["hybrid worded"]["page"]["hit_rate_5"] >= 0.95
    assert figures["hybrid lay"]["page"]["hit_rate_5"] >= 0.6
    assert figures["hybrid worded"]["page"]["mean_reciprocal_rank"] >= 0.9


def test_a_passage_that_answers_is_told_from_one_on_another_page() -> None:
    """Run where the evaluation's own modules are found."""
    code = """
from planning_review.index.search import FoundPassage, PassagePlace
from questions import rank_first, summarise

def passage(document_id, first, last, text, also_in=()):
    place = {"document_id": document_id, "title": "t", "page_start": first, "page_end": last}
    return FoundPassage(**place, text=text, score=0, also_in=also_in)

answers = {("a", 3): "kerb radii of 10m"}
found = [passage("a", 1, 2, "Kerb radii of 10m"), passage("b", 3, 3, "kerb radii of 10m"),
         passage("a", 2, 4, "something else"), passage("a", 3, 3, "with kerb\\nradii of 10m")]
assert rank_first(found, answers, by_phrase=False) == 3
assert rank_first(found, answers, by_phrase=True) == 4
assert rank_first(found[:2], answers, by_phrase=False) is None
place = PassagePlace(document_id="a", title="t", page_start=3, page_end=3)
assert rank_first([passage("b", 9, 9, "KERB RADII of 10m", (place,))], answers, by_phrase=True) == 1
assert summarise([1, 6, None, 5]) == {"hits_5": 2, "hit_rate_5": 0.5,
                                      "mean_reciprocal_rank": (1 + 1 / 6 + 1 / 5) / 4}
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=EVALUATION, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
