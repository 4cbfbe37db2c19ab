"""`planning-review search`: passages of an application that stands in the index."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from planning_review.documents.classes.classification import list_document_types
from planning_review.documents.manifest import Manifest
from planning_review.errors import PermanentError, UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.collections import list_collections
from planning_review.index.opening import open_council_store
from planning_review.index.passage_store import PageRange, PassageStore
from planning_review.index.search import ApplicationIndex, FoundPassage, PassagePlace
from planning_review.index.word_index import WordIndex
from planning_review.models import name_place
from planning_review.references import parse_reference, reference_folder
from planning_review.register.councils import get_council
from planning_review.report.contract import Review
from planning_review.report.output_files import find_newest_review
from planning_review.report.presentation import plain_text
from planning_review.settings import Settings, load_settings

_SNIPPET_CHARACTERS = 300
_PIECE_ENDS = re.compile(r"(?<=[.;!?])\s+|\n\s*\n|\n(?=[^\n]*\|)")
_NOT_IN_THE_CONTRACT = {"heading", "also_in"}
_ONLY_OF_PARTS = {"part", "part_page"}


def run_search(
    reference: str,
    query: str,
    limit: int,
    council: str | None,
    print_json: Callable[[object], None] | None,
    *,
    document_types: Sequence[str] = (),
    document_ids: Sequence[str] = (),
    pages: str | None = None,
) -> int:
    """Print the passages that answer a query best, of some documents or pages where those are named."""
    settings = load_settings()
    reference = parse_reference(reference)
    if not any(map(str.isalnum, query)):
        raise UsageError(
            f"{query[:20]!r} has no word or figure to look for. Ask such as: width of the cycle track"
        )
    page_range = _parse_pages(pages) if pages else None
    code = get_council(council or settings.council, settings.register_url).code
    wanted = _choose_documents(
        settings.output_dir / reference_folder(reference, code), reference, document_types, document_ids
    )
    embedder = make_embedder(settings.embedder)
    with open_council_store(settings, code, tell=lambda text: click.echo(text, err=True)) as store:
        index = ApplicationIndex(store, embedder, reference, wanted, pages=page_range)
        passages = index.search(query, limit)
        if not passages:
            _explain_nothing(store, reference, code, wanted, pages)
    if print_json:
        print_json([_list_fields(passage) for passage in passages])
        return 0
    find_place = _make_finder(settings, reference_folder(reference, code))
    for passage in passages:
        _print_passage(passage, query, find_place(passage.document_id))
    return 0


def _list_fields(passage: FoundPassage) -> dict[str, object]:
    """Return a passage's fields; those of a part only where it stands in one (an attachment)."""
    left_out = _NOT_IN_THE_CONTRACT if passage.part else _NOT_IN_THE_CONTRACT | _ONLY_OF_PARTS
    return passage.model_dump(exclude=left_out)


def _make_finder(settings: Settings, folder: str) -> Callable[[str], str | None]:
    """Return what finds where a document opens: its public link, the file here, or the register's link."""
    try:
        content = (settings.output_dir / folder / "manifest.json").read_bytes()
        entries = {entry.document_id: entry for entry in Manifest.model_validate_json(content).documents}
    except (OSError, ValidationError):
        entries = {}

    def find_place(document_id: str) -> str | None:
        entry = entries.get(document_id)
        if entry is None:
            return None
        path = settings.raw_dir / (entry.key or "")
        return entry.public_url or (path.as_uri() if path.is_file() else entry.register_url)

    return find_place


def _parse_pages(text: str) -> PageRange:
    numbers = re.fullmatch(r"\s*([0-9]{1,6})\s*(?:-\s*([0-9]{1,6})\s*)?", text)
    first, last = (int(numbers[1]), int(numbers[2] or numbers[1])) if numbers else (0, 0)
    if not 1 <= first <= last:
        raise UsageError(f"--pages {text[:20]!r}: give a page or a range of them, such as 3 or 3-9.")
    return PageRange(first=first, last=last)


def _choose_documents(
    folder: Path, reference: str, document_types: Sequence[str], document_ids: Sequence[str]
) -> list[str] | None:
    """Return the ids of the documents that are asked for, None for all of them.

    The types are those that the newest review shows: each review tells them anew by the rules of its
    day, whereas passages stay in the index as they are.
    """
    if not document_types:
        return list(document_ids) or None
    if unknown := set(document_types) - list_document_types():
        known = ", ".join(sorted(list_document_types()))
        raise UsageError(f"--type {', '.join(sorted(unknown))}: there is no such type. There are: {known}.")
    path = find_newest_review(folder)
    if path is None:
        raise UsageError(
            f"The types of documents are those of a review, and there is none of {reference} in {folder}. "
            f"Review it first, or leave --type out: planning-review review {reference}"
        )
    try:
        documents = Review.model_validate_json(path.read_bytes()).documents
    except ValidationError:
        raise PermanentError(
            f"{path} is not a review that can be read. Move it away and review {reference} again."
        ) from None
    return [
        document.document_id
        for document in documents
        if document.document_type in document_types
        and (not document_ids or document.document_id in document_ids)
    ]


def _explain_nothing(
    store: PassageStore,
    reference: str,
    council: str,
    document_ids: Sequence[str] | None,
    pages: str | None,
) -> None:
    """Say why nothing was found; raise UsageError where nothing of it is in the index."""
    indexed = store.list_documents(reference)
    if not indexed:
        elsewhere = [
            content
            for content in list_collections(store.index)
            if content.council == council and reference in content.holds
        ]
        if elsewhere:
            raise UsageError(
                f"{reference} ({council}) is in the index as the embedder {elsewhere[0].embedder} and the "
                f"chunker {elsewhere[0].cutting} have made it, not as those in use would. Make it anew from "
                f"the stored text: planning-review index rebuild {reference} --council {council}"
            )
        raise UsageError(
            f"Nothing of {reference} ({council}) is in the index. Review it first: "
            f"planning-review review {reference}"
        )
    if document_ids is not None and not indexed & set(document_ids):
        click.echo("No document that is asked for is in the index.", err=True)
    elif pages:
        click.echo(f"--pages {pages.strip()}: nothing of what is asked for stands there.", err=True)


def _print_passage(passage: FoundPassage, query: str, place: str | None) -> None:
    """Print a passage in short, without what a terminal would obey."""
    snippet = plain_text(_cut_snippet(passage.text, query))
    click.echo(f"{passage.score:.2f}  {_name_place(passage)}\n      {snippet}")
    if place:
        click.echo(f"      {plain_text(place)}#page={passage.page_start}")
    for other in passage.also_in:
        click.echo(f"      also in {_name_place(other)}")
    click.echo()


def _cut_snippet(text: str, query: str) -> str:
    """Return at most 300 characters of a passage on one line, from the sentence or row that answers best."""
    pieces = [" ".join(piece.split()) for piece in _PIECE_ENDS.split(text.strip())]
    rests = [" ".join(pieces[first:]) for first in range(len(pieces))]
    if len(rests[0]) <= _SNIPPET_CHARACTERS:
        return rests[0]
    # What stands at the end is shown with what comes before it.
    tail = rests[0][-_SNIPPET_CHARACTERS:].partition(" ")[2]
    heads = [rest for rest in rests if len(rest) > _SNIPPET_CHARACTERS]
    snippets = [f"{head[:_SNIPPET_CHARACTERS].rsplit(' ', 1)[0]} …" for head in heads] + [tail]
    best = next(iter(WordIndex([(snippet, "") for snippet in snippets]).search(query, 1)), 0)
    return f"… {snippets[best]}" if best else snippets[0]


def _name_place(place: FoundPassage | PassagePlace) -> str:
    first, last = place.page_start, place.page_end
    # The pages of a part are counted on from the document's own, which nobody else does.
    is_one = first == last or place.part
    pages = name_place(first, place.part, place.part_page) if is_one else f"pages {first} to {last}"
    return f"{plain_text(place.title)} ({plain_text(place.document_id)}), {pages}"
