"""What each part of the judgement is good for: the figures with the part, and without it.

    python benchmarks/judgement/ablation.py --sentences FILE [--prose FILE]

The sentences are those of `measure.py`; the prose is a text file of which no line says anything on walking
and cycling, so that every line of a finding is false. A part is left out by putting in its place what lets
everything pass.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from planning_review.models import Application, DocumentState, DocumentText, FileKind, PageText
from planning_review.rules import facts, holding
from planning_review.rules.cues import Cue, Meaning, find_cues
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.rules_reviewer import EvidenceReviewer

_DAY = date(2026, 11, 30)
_WHOSE: tuple[Meaning, ...] = (
    "rejected", "elsewhere", "by_others", "standard", "general", "reported", "existing",
)  # fmt: skip
_HOW_FIRM: tuple[Meaning, ...] = ("conditional", "possible", "hedged")

Replaced = tuple[Any, str, Callable[..., Any]]


def main() -> None:
    """Print a row for all parts together, and one for each part left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sentences", type=Path, required=True)
    parser.add_argument("--prose", type=Path)
    asked = parser.parse_args()
    rows = yaml.safe_load(asked.sentences.read_text(encoding="utf-8"))
    prose = asked.prose.read_text(encoding="utf-8").splitlines() if asked.prose else []
    print("| without | not met: right | found | met: right | found | false lines of prose |")
    print("|---|---|---|---|---|---|")
    for name, replaced in {"(nothing)": [], **list_parts()}.items():
        with _left_out(replaced):
            print(f"| {name} | {' | '.join(measure(rows, prose))} |", flush=True)


def list_parts() -> dict[str, list[Replaced]]:
    """Return by name what is put in a part's place."""
    return {
        "whose it is": [(facts, "find_cues", _without(_WHOSE))],
        "how firm it is": [(facts, "find_cues", _without(_HOW_FIRM))],
        "yes or no": [(facts, "find_cues", _without(("denied", "absent")))],
        "headings of other subjects": [(facts, "is_under_silence", lambda headings: False)],
        "lines that state nothing": [(facts, "states_nothing", lambda quote, words: False)],
        "words that must stand near": [(facts, "_stands_near", lambda row, read: True)],
        "met needs an undertaking": [(holding, "_commits", lambda statement: True)],
    }


def measure(rows: Sequence[dict[str, Any]], prose: Sequence[str]) -> Iterator[str]:
    """Yield the cells of a row: precision and recall of not met and of met, false lines of prose."""
    told = [judge_sentence(row["text"]) for row in rows]
    for verdict, answers in ((False, ("breach",)), (True, ("compliant", "compliance", "met"))):
        wanted = [row.get("answer", row.get("truth")) in answers for row in rows]
        said = [verdict in verdicts for verdicts in told]
        right = sum(a and b for a, b in zip(wanted, said, strict=True))
        yield f"{right} of {sum(said)}"
        yield f"{right} of {sum(wanted)}"
    lines = [line for line in prose if line.strip()]
    yield f"{sum(bool(judge_sentence(line)) for line in lines)} of {len(lines)}"


def judge_sentence(text: str) -> set[bool]:
    """Return the verdicts that a sentence of a transport assessment comes to."""
    read = DocumentText(
        sha256="0" * 64,
        kind=FileKind.PDF,
        extractor="1",
        ocr="none",
        state=DocumentState.INDEXED,
        pages=(PageText(number=1, page_class="text", text=text),),
        page_count=1,
    )
    document = ReadDocument("1", "Transport Assessment", "Reports", "transport_assessment", read)
    application = Application(reference="sentence", council="cherwell", register_url="")
    judged = EvidenceReviewer().judge(
        application, [document], lambda queries, limit: [[] for _ in queries], _DAY
    )
    return {line.compliant for line in judged.policy_compliance if line.compliant is not None}


def _without(meanings: Sequence[Meaning]) -> Callable[..., list[Cue]]:
    def find_others(*asked: Any) -> list[Cue]:
        return [cue for cue in find_cues(*asked) if cue.means not in meanings]

    return find_others


@contextmanager
def _left_out(replaced: Sequence[Replaced]) -> Iterator[None]:
    patches = [mock.patch.object(where, name, instead) for where, name, instead in replaced]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


if __name__ == "__main__":
    main()
