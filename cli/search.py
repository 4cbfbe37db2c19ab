"""`planning-review search`: passages of an application that stands in the index."""

from collections.abc import Callable

import click

from planning_review.errors import UsageError
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.opening import open_council_store
from planning_review.index.search import ApplicationIndex
from planning_review.references import parse_reference
from planning_review.register.councils import get_council
from planning_review.settings import load_settings


def run_search(
    reference: str,
    query: str,
    limit: int,
    council: str | None,
    print_json: Callable[[object], None] | None,
) -> int:
    """Print the passages that answer a query best."""
    settings = load_settings()
    reference = parse_reference(reference)
    code = get_council(council or settings.council, settings.register_url).code
    with open_council_store(settings, code, tell=lambda text: click.echo(text, err=True)) as store:
        index = ApplicationIndex(store, MiniLMEmbedder(), reference)
        passages = index.search(query, limit)
        if not passages and not store.load_passages(reference):
            raise UsageError(
                f"Nothing of {reference} ({code}) is in the index. Review it first: "
                f"planning-review review {reference}"
            )
    if print_json:
        print_json([passage.model_dump(exclude={"heading"}) for passage in passages])
        return 0
    for passage in passages:
        pages = (
            f"page {passage.page_start}"
            if passage.page_start == passage.page_end
            else f"pages {passage.page_start} to {passage.page_end}"
        )
        click.echo(f"{passage.score:.2f}  {passage.title}, {pages}\n      {passage.text[:300]}\n")
    return 0
