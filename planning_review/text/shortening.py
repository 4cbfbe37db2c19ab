"""The length of a review: what counts as a word, and what gives way where there are too many."""

import re
from collections.abc import Callable, Iterator

from planning_review.models import Frozen
from planning_review.text.sentences import IN_REVIEWS, split_sentences

MOST_SUMMARY_WORDS = 120
MOST_REVIEW_WORDS = 1500

LISTS_OF_DOCUMENTS = (
    "Key documents",
    "What could not be read, or only in part",
    "Left out, and why",
    "All documents",
)
"""Headings of the Markdown whose sections are lists of documents: they are as long as the application."""

_HEADING = re.compile(r"^#{1,6} (.+)$")
_LINK_ADDRESS = re.compile(r"(?<=\])\([^()\s]*\)")
_WORD = re.compile(r"\S*\w\S*")


class Room(Frozen):
    """How much of a review is written out; what is not stands in a table.

    quotes and analysis_words (None: all) are by aspect.
    """

    quotes: int
    analysis_words: int | None
    conditions: bool = True
    recommendations: bool = True


ROOMS = (
    Room(quotes=2, analysis_words=None),
    Room(quotes=1, analysis_words=None),
    Room(quotes=1, analysis_words=None, conditions=False),
    Room(quotes=1, analysis_words=70, conditions=False),
    Room(quotes=1, analysis_words=40, conditions=False),
    Room(quotes=0, analysis_words=40, conditions=False),
    Room(quotes=0, analysis_words=40, conditions=False, recommendations=False),
    Room(quotes=0, analysis_words=0, conditions=False, recommendations=False),
)
"""From the fullest review to the barest: quotes go first, then conditions to a
table, where they read as well, then analysis, then the other advice."""


def count_words(markdown: str) -> int:
    """Return how many words of a review's Markdown a reader reads from top to end.

    A word is what white space parts, where it holds a letter or a digit. Tables, the lists of
    documents (with their headings) and the addresses of links do not count; quotes, sources,
    headings, facts and notices do.
    """
    return sum(len(_WORD.findall(_LINK_ADDRESS.sub("", line))) for line in _list_counted(markdown))


def fit_review(render: Callable[[Room], str], most_words: int) -> str:
    """Return the fullest text within most_words, else the barest."""
    text = ""
    for room in ROOMS:
        text = render(room)
        if count_words(text) <= most_words:
            break
    return text


def shorten_text(text: str, most_words: int) -> str:
    """Return a text's first whole sentences within most_words; a first one that is longer is cut."""
    if len(text.split()) <= most_words:
        return text
    kept: list[str] = []
    for sentence in split_sentences(text, IN_REVIEWS):
        if sum(len(part.split()) for part in [*kept, sentence]) > most_words:
            break
        kept.append(sentence)
    if kept or not most_words:
        return " ".join(kept)
    return " ".join(text.split()[:most_words]).rstrip(",;:") + " …"


def first_sentence(text: str) -> str:
    """Return a text up to the end of its first sentence."""
    return split_sentences(text, IN_REVIEWS)[0]


def _list_counted(markdown: str) -> Iterator[str]:
    is_list = False
    for line in markdown.splitlines():
        if heading := _HEADING.match(line):
            is_list = heading[1] in LISTS_OF_DOCUMENTS
        if not is_list and not line.startswith("|"):
            yield line
