"""The same files judged by rules, by a model and by both, as a table with cost and seconds."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from recorded import RecordedModel

from planning_review.errors import UsageError
from planning_review.model.connect import Abilities, Connected, Key, connect
from planning_review.model.reviewer import ModelReviewer
from planning_review.models import Application, Passage
from planning_review.policy.passages import find_no_policies
from planning_review.report.wording import describe_judgement
from planning_review.rules.judge_files import read_files
from planning_review.rules.judgement import Judgement
from planning_review.rules.reviewer import ReadDocument, SearchPassages
from planning_review.rules.rules_reviewer import EvidenceReviewer
from planning_review.settings import Settings

_LONG_WORD = re.compile(r"[a-z]{4,}")
REVIEWERS = ("rules", "model", "both")


@dataclass
class Told:
    """What each reviewer says of some files: the quotes of what is not met, and of what is met."""

    not_met: dict[str, list[str]]
    met: dict[str, list[str]]
    disputed: list[str]
    judgement: Judgement
    seconds: dict[str, float]
    replayed: int = 0
    asked: int = 0


@dataclass
class Scores:
    """Right, told and wanted by reviewer, of what is not met."""

    found: dict[str, int] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    wanted: int = 0


def judge_by_model(paths: Sequence[Path], name: str, answers: Path, settings: Settings, on: date) -> Told:
    """Judge files by rules and by a model, whose answers are recorded in a folder or replayed from it."""
    read = read_files([str(path) for path in paths])
    application = Application(reference="files", council="cherwell", register_url="")
    search = make_search(read.documents)
    begun = time.monotonic()
    floor = EvidenceReviewer().judge(application, read.documents, search, on, account=read.account)
    rules_seconds = time.monotonic() - begun
    connected = _connect(name, settings)
    recorded = RecordedModel(name, answers, connected.model if connected else None)
    reviewer = ModelReviewer(
        name,
        settings=settings,
        describe=describe_judgement,
        connected=Connected(
            recorded,
            connected.abilities if connected else Abilities(),
            connected.key if connected else Key("none"),
        ),
    )
    both = reviewer.judge(application, read.documents, search, on, find_no_policies, read.account)
    return Told(
        not_met={
            "rules": _quotes(floor, compliant=False),
            "model": _own_quotes(both, "not met") + _other_quotes(both),
            "both": _quotes(both, compliant=False) + _other_quotes(both),
        },
        met={
            "rules": _quotes(floor, compliant=True),
            "model": _own_quotes(both, "met"),
            "both": _quotes(both, compliant=True),
        },
        disputed=[c.quote for line in both.policy_compliance if line.disputed for c in line.citations],
        judgement=both,
        seconds={"rules": rules_seconds, "model": recorded.seconds, "both": rules_seconds + recorded.seconds},
        replayed=recorded.replayed,
        asked=recorded.asked,
    )


def score(told: Told, wanted: Sequence[str], is_same: Callable[[str, str], bool]) -> Scores:
    """Return how many of the points to raise each reviewer found, and how many of its quotes are on one."""
    scores = Scores(wanted=len(wanted))
    for reviewer in REVIEWERS:
        quotes = list(dict.fromkeys(told.not_met[reviewer]))
        scores.found[reviewer] = sum(any(is_same(quote, point) for quote in quotes) for point in wanted)
        scores.right[reviewer] = sum(any(is_same(quote, point) for point in wanted) for quote in quotes)
        scores.told[reviewer] = len(quotes)
    return scores


def print_table(told: Told, scores: Scores) -> None:
    """Print what each reviewer found of what is to be raised, with cost and seconds."""
    cost = told.judgement.cost_usd
    spent = "not known" if cost is None else f"${cost:.2f}"
    print(f"{'':8}{'found':>12}{'recall':>8}{'quotes right':>16}{'precision':>11}{'cost':>12}{'seconds':>9}")
    for name in REVIEWERS:
        found, right, all_told = scores.found[name], scores.right[name], scores.told[name]
        print(
            f"{name:8}{f'{found} of {scores.wanted}':>12}{found / max(scores.wanted, 1):>8.2f}"
            f"{f'{right} of {all_told}':>16}{right / max(all_told, 1):>11.2f}"
            f"{'$0.00' if name == 'rules' else spent:>12}{told.seconds[name]:>9.1f}"
        )
    for use in told.judgement.stages:
        price = "not known" if use.cost_usd is None else f"${use.cost_usd:.3f}"
        print(
            f"  {use.stage}: {use.requests} requests, {use.input_tokens} tokens in ({use.cache_read_tokens} "
            f"from the cache), {use.output_tokens} out, {price}"
        )
    print(
        f"  answers: {told.asked} asked for now, {told.replayed} replayed; looks: {len(told.judgement.looks)}"
    )
    print(f"  disputed by the model: {len(told.disputed)}; notices: {len(told.judgement.notices)}")
    for notice in told.judgement.notices:
        print(f"  - {notice}")


def make_search(documents: Sequence[ReadDocument]) -> SearchPassages:
    """Return a search over whole pages by the words that they share with a query: no index is needed."""
    pages = [
        (
            set(_LONG_WORD.findall(page.text.casefold())),
            Passage(
                document_id=document.document_id,
                title=document.title,
                page_start=page.number,
                page_end=page.number,
                text=page.text,
                score=0.0,
            ),
        )
        for document in documents
        for page in document.text.pages
    ]

    def search(queries: Sequence[str], limit: int) -> list[list[Passage]]:
        found = []
        for query in queries:
            words = set(_LONG_WORD.findall(query.casefold()))
            ranked = sorted(
                ((len(words & own), number) for number, (own, _) in enumerate(pages)), reverse=True
            )
            found.append([pages[number][1] for shared, number in ranked[:limit] if shared])
        return found

    return search


def _connect(name: str, settings: Settings) -> Connected | None:
    """Return the model, None without a key: then only recorded answers can be had."""
    try:
        return connect(name, settings)
    except UsageError as error:
        if "needs a key" in str(error):
            return None
        raise


def _quotes(judgement: Judgement, *, compliant: bool) -> list[str]:
    return [
        citation.quote
        for line in judgement.policy_compliance
        if line.compliant is compliant and not line.disputed
        for citation in line.citations
    ]


def _own_quotes(judgement: Judgement, verdict: str) -> list[str]:
    return [
        citation.quote
        for line in judgement.policy_compliance
        if line.model and line.model.verdict == verdict
        for citation in line.model.citations
    ]


def _other_quotes(judgement: Judgement) -> list[str]:
    return [citation.quote for matter in judgement.other_matters for citation in matter.citations]


def write_sentences(
    rows: Sequence[dict[str, Any]], filler: str, folder: Path, sentences_a_page: int = 6
) -> None:
    """Write sentences into a lifelike document, each a paragraph among others on nothing of the matter."""
    others = [part for part in filler.split("\n\n") if part and not part.startswith(("#", "|", "Table"))]
    pages: list[str] = []
    for start in range(0, len(rows), sentences_a_page):
        parts = []
        for number, row in enumerate(rows[start : start + sentences_a_page]):
            parts += [others[(start + number) % len(others)], row.get("text") or row["sentence"]]
        pages.append("\n\n".join(parts))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Transport Assessment.txt").write_text("\f".join(pages), encoding="utf-8")
