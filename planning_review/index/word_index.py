"""Search by words: BM25 over an in-memory SQLite FTS5 table."""

import math
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from planning_review.index.everyday_words import everyday_pattern, field_words

_MAX_TERMS = 64  # of a query: someone may paste a page; SQLite's parser has its limits
_LEAST_RARITY = 1e-6  # of a word that more than half of the texts have, as FTS5's BM25 has it
_WORDS = re.compile(r"\w+")
# A query's best text gets the full score for words: "rain and flooding" must not give it for "and".
_STOP_WORDS = frozenset(
    _WORDS.findall(
        "a about all an and any are as at be been but by can could did do does for from had has have how if "
        "in into is it its may me my of on or our shall should so some than that the their them then there "
        "these they this to was we were what when where which who why will with would you your"
    )
)


class WordIndex:
    """Texts with their headings, numbered from 0. Threads may share it."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE passages USING fts5(text, heading, tokenize='porter unicode61')"
        )
        self._database.executemany(
            "INSERT INTO passages (rowid, text, heading) VALUES (?, ?, ?)",
            [(number, text, heading) for number, (text, heading) in enumerate(texts)],
        )
        self._size = len(texts)
        self._numbers_with: dict[str, frozenset[int]] = {}  # by a term; queries share many

    def search(self, query: str, limit: int) -> dict[int, float]:
        """Return the numbers of the best texts with any word of the query, with their BM25, best first."""
        expression = match_expression(query)
        if not expression:
            return {}
        with self._lock:
            # FTS5 gives the better match the lower number.
            rows = self._database.execute(
                "SELECT rowid, -bm25(passages) FROM passages WHERE passages MATCH ? "
                "ORDER BY bm25(passages), rowid LIMIT ?",
                (expression, limit),
            ).fetchall()
        return dict(rows)

    def share_found(self, query: str, numbers: Collection[int]) -> dict[int, float]:
        """Return for each of some texts how much of the query's words it has, from 0 to 1.

        A word counts by how rare it is, one that no text has as much as one that a single text has.
        """
        found, in_all = dict.fromkeys(numbers, 0.0), 0.0
        for term in find_terms(query):
            having = self._find_numbers(term)
            count = max(len(having), 1)
            rarity = max(math.log((self._size - count + 0.5) / (count + 0.5)), _LEAST_RARITY)
            in_all += rarity
            for number in having.intersection(found):
                found[number] += rarity
        return {number: share / in_all for number, share in found.items()} if in_all else found

    def _find_numbers(self, term: str) -> frozenset[int]:
        with self._lock:
            if term not in self._numbers_with:
                rows = self._database.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (term,))
                self._numbers_with[term] = frozenset(number for (number,) in rows)
            return self._numbers_with[term]


def match_expression(query: str) -> str:
    """Return any text as an FTS5 query: its terms joined by OR; "" where it has none."""
    return " OR ".join(find_terms(query))


def find_terms(query: str) -> list[str]:
    """Return a query's different words, each as an FTS5 expression, at most 64.

    Figures and codes stay together as phrases ("5-2", "1/20", "3.5m"), other words are taken apart.
    Words such as "the" are left out. A word of everyday speech is one with planning's own for it:
    ("bike" OR "cycle").
    """
    # An accent may be pasted as a character of its own, at which a word would be parted.
    query = unicodedata.normalize("NFC", query)
    terms: dict[str, None] = {}
    end = 0
    for match in everyday_pattern().finditer(query):
        terms.update(dict.fromkeys(_split(query[end : match.start()])))
        everyday = match.group().lower()
        terms[f'("{everyday}" OR "{field_words()[everyday]}")'] = None
        end = match.end()
    terms.update(dict.fromkeys(_split(query[end:])))
    return list(terms)[:_MAX_TERMS]


def _split(text: str) -> Iterator[str]:
    for piece in text.lower().split():
        words = _WORDS.findall(piece)
        if any(character.isdigit() for character in piece):
            words = [" ".join(words)]
        yield from (f'"{word}"' for word in words if word not in _STOP_WORDS)
