"""What a model's review of an application uses: requests, tokens, dollars by stage, and memory.

    python benchmarks/model_use.py [PAGES]

The stand-in of the Messages API answers, so nothing is paid: tokens are what it counts (four characters each)
by the cache points of the requests; dollars are list prices of claude-sonnet-5-5.
"""

import re
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import planning_review.sample
from planning_review.models import Application, Passage
from planning_review.report.wording import describe_judgement
from tests.support.evidence_helpers import TODAY, make_document
from tests.support.messages_api import serve_messages_api
from tests.support.model_helpers import make_model_reviewer

PROSE = Path(planning_review.sample.__file__).parent / "prose"
PAGE_CHARACTERS = 2_600
KINDS = (
    ("Transport Assessment", "transport_assessment", "transport_assessment.txt", 0.3),
    ("Travel Plan", "travel_plan", "transport_assessment.txt", 0.05),
    ("Design and Access Statement", "design_and_access", "design_and_access.txt", 0.1),
    ("Planning Statement", "planning_statement", "planning_statement.txt", 0.05),
    ("Ecological Appraisal", "ecology", "planning_statement.txt", 0.5),
)


def main() -> None:
    """Judge an application of so many pages, and print what that used."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    documents = [
        make_document(_write_pages(prose, round(pages * share)), f"1-{number}-1", title, None, kind)
        for number, (title, kind, prose, share) in enumerate(KINDS, 1)
    ]
    application = Application(
        reference="26/00001/OUT",
        council="cherwell",
        register_url="",
        proposal="Outline application for up to 240 dwellings",
    )
    passages = _list_passages(documents)

    def search(queries: list[str], limit: int) -> list[list[Passage]]:
        return [_rank(query, passages)[:limit] for query in queries]

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with serve_messages_api() as api:
        reviewer = make_model_reviewer(api)
        begun = time.monotonic()
        judgement = reviewer.judge(application, documents, search, TODAY)
        seconds = time.monotonic() - begun
        sizes = [len(str(request.body)) for request in api.requests]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{pages} pages judged in {seconds:.1f} s by rules and the stand-in's answers")
    print(f"peak memory {peak:.0f} MB with the stand-in in the same process, {before:.0f} MB before")
    print(f"requests of {min(sizes):,} to {max(sizes):,} characters, {sum(sizes):,} in all")
    print(f"{'stage':10}{'requests':>9}{'in':>9}{'from cache':>12}{'to cache':>10}{'out':>7}{'dollars':>9}")
    for use in judgement.stages:
        print(
            f"{use.stage:10}{use.requests:>9}{use.input_tokens:>9}{use.cache_read_tokens:>12}"
            f"{use.cache_write_tokens:>10}{use.output_tokens:>7}{use.cost_usd or 0:>9.3f}"
        )
    print(f"all: {judgement.tokens}, ${judgement.cost_usd:.3f}")
    print(describe_judgement(judgement)[:200])


def _write_pages(prose: str, count: int) -> list[str]:
    text = (PROSE / prose).read_text(encoding="utf-8")
    pages = [text[start : start + PAGE_CHARACTERS] for start in range(0, len(text), PAGE_CHARACTERS)]
    return [f"Page {number}.\n{pages[number % len(pages)]}" for number in range(max(count, 1))]


def _list_passages(documents: list) -> list[tuple[set[str], Passage]]:  # type: ignore[type-arg]
    return [
        (
            set(re.findall(r"[a-z]{4,}", page.text.casefold())),
            Passage(
                document_id=document.document_id,
                title=document.title,
                page_start=page.number,
                page_end=page.number,
                text=page.text[:1_200],
                score=0.0,
            ),
        )
        for document in documents
        for page in document.text.pages
    ]


def _rank(query: str, passages: list[tuple[set[str], Passage]]) -> list[Passage]:
    words = set(re.findall(r"[a-z]{4,}", query.casefold()))
    ranked = sorted(range(len(passages)), key=lambda number: -len(words & passages[number][0]))
    return [passages[number][1] for number in ranked[:5]]


if __name__ == "__main__":
    main()
