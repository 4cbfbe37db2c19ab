"""Tell a policy document from its own first pages."""

import re
from collections.abc import Sequence

from planning_review.errors import UsageError
from planning_review.policy.editions import Edition, find_edition, list_editions, load_editions
from planning_review.policy.sources import load_sources
from planning_review.text.folding import fold_case_and_space

_TITLE_CHARACTERS = 600
_EDITION_CHARACTERS = 4000


def name_edition(source: str | None, edition: str | None, opening: str) -> Edition:
    """Return the edition that a document is: as it was named, else as the document itself says.

    opening is its first pages' text. Raises UsageError where a name is not known, or where the document
    does not say which one it is.
    """
    source = find_source_name(source) if source else _recognise_source(opening)
    if edition:
        return require_edition(source, edition)
    editions = list_editions(source)
    start = _fold(opening[:_EDITION_CHARACTERS])
    named = editions if len(editions) == 1 else [e for e in editions if _stands_in(e.edition, start)]
    if len(named) != 1:
        raise UsageError(
            f"It does not say on its first pages which edition of {source} it is. Name it: --edition "
            f"{' or '.join(repr(e.edition) for e in editions)}."
        )
    return named[0]


def find_source_name(name: str) -> str:
    """Return a source's name as it is written here, whatever its case, or raise UsageError."""
    for known in load_sources():
        if known.casefold() == name.strip().casefold() and load_sources()[known].kind != "none":
            return known
    known_names = [known for known, source in load_sources().items() if source.kind != "none"]
    raise UsageError(f"{name!r} is no policy source that is known here. Known: {'; '.join(known_names)}.")


def require_edition(source: str, name: str) -> Edition:
    """Return an edition by its name, or raise UsageError with those that are known."""
    known = [edition.edition for edition in load_editions() if edition.source == source]
    match = next((edition for edition in known if edition.casefold() == name.strip().casefold()), None)
    found = find_edition(source, match) if match else None
    if found is None:
        raise UsageError(f"{source} has no edition {name!r} here. Known: {'; '.join(known)}.")
    return found


def _recognise_source(opening: str) -> str:
    start = _fold(opening[:_TITLE_CHARACTERS])
    titles = {source.title: name for name, source in load_sources().items() if source.kind != "none"}
    found = [title for title in titles if _stands_in(title, start)]
    # "Manual for Streets" stands in "Manual for Streets 2".
    distinct = [title for title in found if not any(title in other and title != other for other in found)]
    if len(distinct) != 1:
        raise UsageError(
            "It does not say at its beginning which policy document it is. Name it: --source and --edition "
            "(`planning-review policies list` shows the names)."
        )
    return titles[distinct[0]]


def _stands_in(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(_fold(words))}(?!\w)", text) is not None


def _fold(text: str) -> str:
    return fold_case_and_space(text.replace("’", "'"))


def read_opening(pages: Sequence[str]) -> str:
    """Return as much of a document's beginning as recognition looks at."""
    return "\n".join(pages)[:_EDITION_CHARACTERS]
