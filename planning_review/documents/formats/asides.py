"""What stands beside a document's own pages, and is read with it: comments, the words of charts."""

from collections.abc import Iterable, Iterator, Sequence

from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead

Aside = tuple[str, str]
"""Its place, as people call it (`comments`, `chart 2`), and its text."""


def give_asides(events: Iterable[Opened | PageRead], asides: Sequence[Aside]) -> Iterator[Opened | PageRead]:
    """Yield a document's pages, then a page for each aside, with its place."""
    pages = 0
    for event in events:
        if isinstance(event, Opened):
            pages = event.page_count
            yield event.model_copy(update={"page_count": pages + len(asides)})
        else:
            yield event
    for number, (place, text) in enumerate(asides, start=pages + 1):
        page = make_page(number, "text", text)
        yield PageRead(page=page.model_copy(update={"part": place, "part_page": 1}))
