"""Two documents that state different things of the same place, and can't both be right.

Rather nothing than a false one: what may be of different places, times, parts or cases is not compared
(`contradictions.yaml`), nor what a document itself states in two ways.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import combinations
from typing import NamedTuple

from pydantic import Field

from planning_review.models import DocumentState, Frozen
from planning_review.policy.requirements import Ask, load_requirements
from planning_review.rules.cues import Context, find_cues
from planning_review.rules.cycle_spaces import StatedSpaces
from planning_review.rules.facts import Statement, list_places
from planning_review.rules.holding import Held
from planning_review.rules.judgement import Citation, Contradiction
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.quantities import Quantity
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.words import FOLDER, compile_phrases, find_mentions
from planning_review.yaml_files import read_yaml

_NUMBERED = re.compile(
    r" (?:year|phase|stage|block|unit|option|parcel|plot|scenario) (\w+)(?= )| (20\d\d)(?= )"
)
_OF_TIME = frozenset({"phase", "option", "for a while", "in the end", "works"})
"""Groups of `apart` that tell of when, or in which case."""
_SPACES = "cycle-parking-quantity"
_PROMISED = "segregated-facilities"
"""Requirements to which numbers of cycle spaces, and promised routes, belong."""
_TOLERANCE = 0.02
"""Of a measure: figures are rounded, and "1 in 20" is 5 per cent."""


class Compared(Frozen):
    """A row of `compared`, as contradictions.yaml tells its fields."""

    title: str
    of: str = ""
    sides: tuple[str, ...]
    whole: bool = False

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The subjects, empty for any."""
        return _split(self.of, ",")

    @cached_property
    def values(self) -> tuple[dict[str, frozenset[str]], ...]:
        """The sides of what is no measure: values by attribute."""
        return tuple(_read_side(side) for side in self.sides)

    @property
    def is_measure(self) -> bool:
        """Whether figures are compared."""
        return len(self.sides) == 1


class _Book(Frozen):
    apart: dict[str, str]
    loose: str
    promised: dict[str, str]
    of_the_whole_site: str = Field(alias="of the whole site")
    told_in: tuple[str, ...] = Field(alias="told in")
    beside: tuple[str, ...]
    counted: str
    not_counted: str = Field(alias="not counted")
    compared: tuple[Compared, ...]


class Pair(NamedTuple):
    """Two statements of different documents that can't both hold, and what they are of."""

    title: str
    place: str
    one: Statement
    other: Statement


class _Key(NamedTuple):
    """What two statements have to agree in to be of the same thing."""

    subject: str
    status: str
    places: frozenset[str]
    parts: frozenset[str]


@cache
def _load_book() -> _Book:
    return _Book(**read_yaml(FOLDER / "contradictions.yaml"))


def _split(text: str, mark: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(mark) if part.strip())


def _read_side(side: str) -> dict[str, frozenset[str]]:
    parts = (part.partition(":") for part in side.split(";"))
    return {name.strip(): _split(values, ",") for name, _, values in parts}


def find_contradictions(statements: Sequence[Statement]) -> list[Pair]:
    """Return pairs of statements that contradict each other, at most one for each thing and place."""
    firm = [s for s in statements if s.fact.commitment == "firm" and not s.during_works and not _is_loose(s)]
    return [pair for row in _load_book().compared for pair in _compare(row, firm)]


def find_left_out(
    statements: Sequence[Statement], documents: Sequence[ReadDocument]
) -> tuple[Contradiction, ...]:
    """Return promises, each beside what another document proposes in the same place without it.

    That document was read whole, and has no word on such a thing: what is told elsewhere in it, or on a
    page that could not be read, is not left out. At most one for each promised thing and document.
    """
    promises = [
        s
        for s in statements
        if s.fact.commitment in ("firm", "conditional")
        and s.fact.status == "proposed"
        and s.fact.subject in _load_book().promised
        and not s.during_works
    ]
    found: dict[tuple[str, str], Contradiction] = {}
    for document in documents:
        if document.document_type not in _load_book().told_in or not _is_read_whole(document):
            continue
        for promise in promises:
            key = (promise.fact.subject, document.document_id)
            places = _find_sites(_cite(promise).quote, promise.fact.place)
            is_own = _cite(promise).document_id == document.document_id
            if is_own or not places or key in found or _speaks_of(document, promise.fact.subject):
                continue
            if beside := _find_beside(document, places):
                citation, place = beside
                title = f"a {promise.fact.subject} that only one of them promises"
                said = (_say(promise), "nothing of it")
                told = _tell(title, place, said, (_cite(promise), citation), _PROMISED)
                found[key] = told.model_copy(update={"is_left_out": True})
    return tuple(found.values())


def pick_against(held: Sequence[Held], pairs: Sequence[Pair]) -> tuple[Held, Held] | None:
    """Return a breach and what meets the requirement that contradict each other, the first such pair."""
    met = [h for h in held if h.finding.verdict == "met"]
    breaches = [h for h in held if h.finding.verdict == "breach"]
    together = {frozenset((id(pair.one), id(pair.other))) for pair in pairs}
    return next(
        ((b, m) for b in breaches for m in met if frozenset((id(b.statement), id(m.statement))) in together),
        None,
    )


def tell_contradictions(pairs: Sequence[Pair], stated: Sequence[StatedSpaces]) -> tuple[Contradiction, ...]:
    """Return what the documents contradict each other in, the numbers of cycle spaces among it."""
    told = [_tell_pair(pair) for pair in pairs]
    return tuple(dict.fromkeys((*told, *_compare_spaces(stated), *_compare_rates(stated))))


def _compare(row: Compared, statements: Sequence[Statement]) -> Iterator[Pair]:
    by_key: dict[_Key, dict[str, list[tuple[int, Statement]]]] = {}
    for statement in statements:
        side = _find_side(row, statement)
        key = _make_key(row, statement)
        if side is None or (not key.places and not row.whole):
            continue
        document = _cite(statement).document_id
        by_key.setdefault(key, {}).setdefault(document, []).append((side, statement))
    for key, by_document in by_key.items():
        # What a document states in two ways is of two places that it does not tell apart.
        single = [some[0] for some in by_document.values() if _agree(row, some)]
        for (one_side, one), (other_side, other) in combinations(single, 2):
            if one_side != other_side or (row.is_measure and _excludes(one.quantity, other.quantity)):
                title = row.title.format(subject=key.subject)
                yield Pair(title, ", ".join(sorted(key.places)), one, other)
                break


def _find_side(row: Compared, statement: Statement) -> int | None:
    fact = statement.fact
    if row.subjects and fact.subject not in row.subjects:
        return None
    if row.is_measure:
        return 0 if fact.attribute == row.sides[0] and statement.quantity else None
    for number, side in enumerate(row.values):
        if fact.value in side.get(fact.attribute, ()):
            return number
    return None


def _make_key(row: Compared, statement: Statement) -> _Key:
    fact = statement.fact
    named = frozenset(list_places(_cite(statement).quote)) or frozenset([fact.place] if fact.place else [])
    parts = _find_parts(_cite(statement).quote)
    return _Key(fact.subject if row.subjects else "", fact.status, named, parts)


def _find_parts(quote: str) -> frozenset[str]:
    words = write_plainly(quote)
    for place in list_places(quote):
        words = words.replace(write_plainly(place), " ")
    named = {name for name, phrases in _load_book().apart.items() if compile_phrases(phrases).search(words)}
    return frozenset(named | {match[1] or match[2] for match in _NUMBERED.finditer(words)})


def _is_loose(statement: Statement) -> bool:
    return bool(compile_phrases(_load_book().loose).search(statement.words))


def _find_beside(document: ReadDocument, places: frozenset[str]) -> tuple[Citation, str] | None:
    """Return the first sentence of a document that proposes a way in one of some places, and that place."""
    for sentence in document.sentences:
        words = write_plainly(sentence.quote)
        mentions = find_mentions(words, _load_book().beside)
        if not mentions or sentence.is_heading or not compile_phrases("<will>").search(words):
            continue
        common = places & _find_sites(sentence.quote, None)
        headings = Context(tuple(write_plainly(h) for h in sentence.headings if h != sentence.quote))
        cues = find_cues(words, mentions[0].start, mentions[0].end, headings) if common else []
        is_for_good = not _find_parts(sentence.quote) & _OF_TIME
        if common and not cues and is_for_good and (citation := document.cite(sentence)):
            return citation, ", ".join(sorted(common))
    return None


def _find_sites(quote: str, fallback: str | None) -> frozenset[str]:
    """Return the places that a quote names, "the site" where it is of all of that."""
    named = list_places(quote) or ([fallback] if fallback else [])
    is_whole = compile_phrases(_load_book().of_the_whole_site).search(write_plainly(quote))
    return frozenset([*named, *(["the site"] if is_whole else [])])


def _is_read_whole(document: ReadDocument) -> bool:
    text = document.text
    return text.state is DocumentState.INDEXED and not text.reason and not any(p.reason for p in text.pages)


def _speaks_of(document: ReadDocument, subject: str) -> bool:
    pattern = compile_phrases(_load_book().promised[subject])
    return any(pattern.search(write_plainly(sentence.quote)) for sentence in document.sentences)


def _agree(row: Compared, some: Sequence[tuple[int, Statement]]) -> bool:
    if len({side for side, _ in some}) > 1:
        return False
    return not row.is_measure or len({s.quantity.low for _, s in some if s.quantity}) == 1


def _excludes(one: Quantity | None, other: Quantity | None) -> bool:
    """Return whether two measures can't both hold."""
    if one is None or other is None or one.unit != other.unit:
        return False
    (low, high), (other_low, other_high) = _range(one), _range(other)
    return low > other_high * (1 + _TOLERANCE) or other_low > high * (1 + _TOLERANCE)


def _range(quantity: Quantity) -> tuple[float, float]:
    low = 0.0 if quantity.bound in ("at most", "under") else quantity.low
    high = float("inf") if quantity.bound in ("at least", "over") else quantity.high
    return low, high


def _compare_rates(stated: Sequence[StatedSpaces]) -> Iterator[Contradiction]:
    """Yield two rates of cycle spaces for each home, or bedroom, that differ between documents."""
    rates: dict[tuple[str | None, frozenset[str]], dict[str, list[StatedSpaces]]] = {}
    for one in (s for s in stated if s.per is not None):
        key = (one.stay, _find_parts(one.citation.quote))
        rates.setdefault(key, {}).setdefault(one.citation.document_id, []).append(one)
    for by_document in rates.values():
        single = [some[0] for some in by_document.values() if len({(s.figure, s.per) for s in some}) == 1]
        for one, other in combinations(single, 2):
            if (one.per == other.per) != (one.figure == other.figure):
                counts = (f"{one.figure:g} for each {one.per}", f"{other.figure:g} for each {other.per}")
                yield _tell("the number of cycle spaces", "", counts, (one.citation, other.citation))
                return


def _compare_spaces(stated: Sequence[StatedSpaces]) -> Iterator[Contradiction]:
    """Yield a total of cycle spaces with a number in another document that is larger than all."""
    stated = [one for one in stated if one.per is None and _is_counted(one.citation.quote)]
    totals = [one for one in stated if one.is_total and one.stay is None]
    for total in totals:
        for other in stated:
            # A stand holds two cycles, and not every author counts so.
            is_doubled = other.figure == 2 * total.figure and "stand" in other.citation.quote.casefold()
            if (
                other.figure > total.figure
                and not is_doubled
                and other.citation.document_id != total.citation.document_id
                and not _differ_in_time(total.citation.quote, other.citation.quote)
            ):
                counts = (f"{total.figure:,g} cycle spaces in all", f"{other.figure:,g} cycle spaces")
                yield _tell("the number of cycle spaces", "", counts, (total.citation, other.citation))
                return


def _is_counted(quote: str) -> bool:
    words, book = write_plainly(quote), _load_book()
    return bool(compile_phrases(book.counted).search(words)) and not compile_phrases(book.not_counted).search(
        words
    )


def _differ_in_time(one: str, other: str) -> bool:
    parts, others = _find_parts(one), _find_parts(other)
    return bool((parts ^ others) & _OF_TIME) or _read_numbers(one) != _read_numbers(other)


def _read_numbers(quote: str) -> set[str]:
    return {match[0] for match in _NUMBERED.finditer(write_plainly(quote))}


def _tell_pair(pair: Pair) -> Contradiction:
    asking = (r.id for r in load_requirements() if any(_asks_for(ask, pair.one) for ask in r.asks))
    return _tell(
        pair.title,
        pair.place,
        (_say(pair.one), _say(pair.other)),
        (_cite(pair.one), _cite(pair.other)),
        next(asking, ""),
    )


def _asks_for(ask: Ask, statement: Statement) -> bool:
    fact = statement.fact
    return ask.attribute == fact.attribute and (not ask.of or fact.subject in _split(ask.of, ","))


def _tell(
    title: str,
    place: str,
    said: tuple[str, str],
    cited: tuple[Citation, Citation],
    requirement_id: str = _SPACES,
) -> Contradiction:
    key = "|".join(f"{citation.document_id} {citation.page} {citation.quote}" for citation in cited)
    return Contradiction(
        subject=title,
        place=place,
        text=f"{said[0]}, and {said[1]}",
        citations=cited,
        contradiction_id="differs-" + hashlib.sha256(key.encode()).hexdigest()[:8],
        requirement_id=requirement_id,
    )


def _say(statement: Statement) -> str:
    return statement.told or statement.fact.value


def _cite(statement: Statement) -> Citation:
    return statement.fact.citations[0]
