"""What documents state of walking and cycling, as facts: what, whose, how firm, where."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from planning_review.rules.citations import find_quote
from planning_review.rules.cues import Context, Cue, find_clause, find_cues, pick
from planning_review.rules.fact_rows import FactRow, load_fact_rows
from planning_review.rules.gates import (
    can_state_facts,
    is_evidence,
    is_of_works,
    is_under_no_proposal,
    is_under_silence,
    states_nothing,
)
from planning_review.rules.judgement import Citation, Commitment, Fact, Status
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.quantities import Quantity, can_be_a_width, read_change, read_quantities
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.sentences import Sentence, hide_street_names
from planning_review.rules.traffic import Traffic, read_traffic
from planning_review.rules.words import Mention, compile_phrases, find_mentions

_PLACE = re.compile(
    r"\b(?:[A-Z][\w'’]+ ){1,3}(?:Road|Street|Lane|Avenue|Drive|Close|Way|Hill|Crescent|Place|Row)\b"
    r"|\b(?:[A-Z][\w'’]+ ){1,3}(?:Bridge|Green)\b"
    r"|\b(?:[Ff]ootpath|[Bb]ridleway|[Bb]yway) (?:[Nn]o\.? )?\d+(?:/\d+)?\b"
    r"|\b[AB]\d{1,4}\b|\b(?:Block|Unit|Phase|Parcel|Plot|Route|Option|Section|Zone)s? [A-Z0-9]\b\w*"
)
_IN_CAPITALS = re.compile(
    r"\b(?:[A-Z][A-Z'’]+ ){1,3}(?:ROAD|STREET|LANE|AVENUE|DRIVE|CLOSE|WAY|HILL|CRESCENT|PLACE|ROW)\b"
)
_NOT_PLACES = (
    *("The ", "This ", "Each ", "A ", "No ", "Cycle ", "Manual ", "Every "),
    *(
        "Along ",
        "On ",
        "In ",
        "At ",
        "From ",
        "To ",
        "Beside ",
        "Across ",
        "Off ",
        "Near ",
        "Between ",
        "Outside ",
    ),
)
_FACILITIES = """
<cycle track>, <cycle lane>, <shared path>, <path>, <footway>, <right of way>, <crossing>, <street>,
<side road>, <roundabout>, <signals>, <ramp>, <cycle parking>, <car parking>, <bus stop>, <building>
"""
"""A sentence that names none of them is on what its heading names: "No lighting is proposed"."""

_SHARES_OF_JOURNEYS = ("cycling share",)
_OWN_DENIAL = "no, not, without, none, nor, neither, nothing, cannot, nowhere"
_HAS_WILL = "<will>"
_PAST = "was, were, had, did"
_NOW_PAST = "was|were|had been? designed|drawn|agreed"


@dataclass(frozen=True)
class Statement:
    """A fact with what requirements need to know of it beside what is shown; told says its value in words."""

    fact: Fact
    words: str
    title: str
    ocr: bool
    traffic: Traffic
    quantity: Quantity | None = None
    during_works: bool = False
    order: int = 0
    has_unsure_figures: bool = False
    told: str = ""


@dataclass(frozen=True)
class ReadSentence:
    """A sentence as the rules read it: after what it reads on from, its own words from `own` on.

    headed is the heading that it stands under where it names no facility itself ("No lighting is proposed").
    """

    sentence: Sentence
    words: str
    own: int
    before: str
    context: Context
    traffic: Traffic
    headed: str = ""


def read_facts(documents: Sequence[ReadDocument]) -> list[Statement]:
    """Return what the applicant's documents state, in the order of the documents."""
    statements: list[Statement] = []
    for document in documents:
        if is_evidence(document) and can_state_facts(document):
            for number, read in enumerate(read_sentences(document)):
                statements += _read_sentence(document, read, number)
    return statements


def read_sentences(document: ReadDocument) -> Iterator[ReadSentence]:
    """Yield the sentences of a document that can state something of walking or cycling."""
    sentences = document.sentences
    plain = [write_plainly(hide_street_names(s.quote)) for s in sentences]
    title = (write_plainly("during construction works"),) if is_of_works(document) else ()
    candidate, facility = compile_phrases(_list_subjects()), compile_phrases(_FACILITIES)
    for number, sentence in enumerate(sentences):
        said = f"{write_plainly(sentence.lead)}{plain[number]}" if sentence.lead else plain[number]
        is_headed = bool(sentence.headings) and not sentence.is_row and not facility.search(said)
        heading = write_plainly(sentence.headings[-1]) if is_headed else ""
        if not candidate.search(said) and not candidate.search(heading):
            continue
        if states_nothing(sentence.quote, plain[number]) or (
            sentence.is_heading and document.document_type != "drawing"
        ):
            continue
        headings = tuple(write_plainly(h) for h in sentence.headings if h != sentence.quote)
        if is_under_silence(headings):
            continue
        near = [
            plain[n]
            for n in (number - 1, number + 1)
            if 0 <= n < len(sentences) and sentences[n].page == sentence.page
        ]
        lead = write_plainly(hide_street_names(sentence.lead)) if sentence.lead else " "
        # What leads a list goes on in its items; a sentence before another is done.
        joint = "" if sentence.lead == "" or sentence.is_item else " ;"
        words = f"{lead.rstrip()}{joint}{plain[number]}"
        before = plain[number - 1] if number and sentences[number - 1].headings == sentence.headings else " "
        yield ReadSentence(
            sentence,
            words,
            len(words) - len(plain[number]),
            before,
            Context((*headings, *title)),
            read_traffic(words, near),
            heading,
        )


@cache
def _list_subjects() -> str:
    names = {name for row in load_fact_rows() for name in _names(row.about)}
    return ", ".join(f"<{name}>" for name in sorted(names))


@cache
def _names(about: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in about.split(",") if name.strip())


def _read_sentence(document: ReadDocument, read: ReadSentence, order: int) -> Iterator[Statement]:
    for row in load_fact_rows():
        if row.values and not compile_phrases(row.all_values).may_stand_in(read.words):
            continue
        found = list(_read_measure(row, read) if row.unit else _read_values(row, read))
        if not found or (row.unless and compile_phrases(row.unless).search(read.words)):
            continue
        if row.near and not _stands_near(row, read):
            continue
        for stated in found:
            if statement := _make_statement(document, read, row, stated, order):
                yield statement


def _stands_near(row: FactRow, read: ReadSentence) -> bool:
    pattern = compile_phrases(row.near or "")
    if pattern.search(read.words):
        return True
    return row.nearby and any(pattern.search(heading) for heading in read.context.headings)


class _Stated(NamedTuple):
    """A subject and a value, where the value stands in the plain words, and its quantity.

    is_denied: the words are there only to be denied, and state nothing otherwise.
    """

    subject: str
    value: str
    span: tuple[int, int]
    quantity: Quantity | None = None
    is_denied: bool = False


def _read_measure(row: FactRow, read: ReadSentence) -> Iterator[_Stated]:
    if row.attribute in _SHARES_OF_JOURNEYS:
        told_of = (read.words, *(read.context.headings if row.nearby else ()))
        is_told = any(find_mentions(words, _names(row.about)) for words in told_of)
        if is_told and (change := read_change(read.words)):
            yield _Stated(row.about, change.written, (change.start, change.end), change)
        return
    owners = _names(row.owners or row.about)
    # A length below a heading may be of anything there, a slope is the route's.
    led = find_mentions(read.headed, owners) if row.unit == "%" else []
    for quantity in read_quantities(read.words, row.unit or "m", owners):
        owner = led[-1].name if led and quantity.owner is None else quantity.owner or ""
        if owner not in _names(row.about) or quantity.end <= read.own:
            continue
        if not row.smallest <= quantity.low <= quantity.high <= row.largest:
            continue
        if row.is_width and not can_be_a_width(read.words, quantity):
            continue
        subject = _name_kind(row, owner, f"{read.headed}{read.words}")
        yield _Stated(subject, quantity.written, (quantity.start, quantity.end), quantity)


def _name_kind(row: FactRow, owner: str, words: str) -> str:
    for kind in row.kinds:
        is_near = owner in _names(kind.of) and compile_phrases(kind.near).search(words)
        if is_near and not (kind.unless and compile_phrases(kind.unless).search(words)):
            return kind.is_a
    return owner


def _read_values(row: FactRow, read: ReadSentence) -> Iterator[_Stated]:
    taken: list[tuple[int, int]] = []
    stated: list[tuple[str, tuple[int, int], bool]] = []
    for value, phrases, is_denied in _list_values(row):
        for match in compile_phrases(phrases).finditer(read.words):
            if match.end() <= read.own:
                continue
            if is_denied or not any(start < match.end() and match.start() < end for start, end in taken):
                if not is_denied:
                    taken.append(match.span())
                stated.append((value, match.span(), is_denied))
                break
    if not stated:
        return
    if row.first_only:
        stated = stated[:1]
    mentions = find_mentions(read.words, _names(row.about))
    led: list[Mention] = []
    if not mentions and read.sentence.is_row:
        led = find_mentions("".join(read.context.headings[-2:]), _names(row.about))
    if not mentions and not led and read.headed:
        led = find_mentions(read.headed, _names(row.about))
    if not mentions and not led and row.reads_on:
        led = find_mentions(read.before, _names(row.about))
    for value, span, is_denied in stated if mentions or led else ():
        subject = _nearest(mentions, span) if mentions else led[-1].name
        yield _Stated(subject, value, span, is_denied=is_denied)


def _list_values(row: FactRow) -> tuple[tuple[str, str, bool], ...]:
    """Return the values of a row with their phrases, those that are to be denied last."""
    return (
        *((value, phrases, False) for value, phrases in row.values.items()),
        *((value, phrases, True) for value, phrases in row.denied.items()),
    )


def _nearest(mentions: Sequence[Mention], span: tuple[int, int]) -> str:
    """Return the subject a value is said of: the nearest one before it, or in it, else the next."""
    before = [m for m in mentions if m.start <= span[1]]
    return (before[-1] if before else mentions[0]).name


def _make_statement(
    document: ReadDocument, read: ReadSentence, row: FactRow, stated: _Stated, order: int
) -> Statement | None:
    cues = find_cues(read.words, *stated.span, read.context)
    if row.is_removal:
        said = read.words[slice(*stated.span)]
        cues = [cue for cue in cues if cue.means != "rejected" or cue.words not in said]
    during_works = pick(cues, ("during works",)) is not None
    if pick(cues, ("standard", "general", "reported")) or (during_works and not row.during_works):
        return None
    denied = None
    if stated.quantity is None:
        denied = pick(cues, ("absent",) if stated.is_denied else ("denied",))
    value = _turn(row, stated, read.words[slice(*stated.span)], denied is not None)
    if value is None:
        return None
    span, quantity, subject = stated.span, stated.quantity, stated.subject
    # A row of a table tells nothing as it is: it has no verb.
    headings = () if read.sentence.is_row else read.context.headings
    status, by_status = _tell_status(read.words, span, cues, headings)
    commitment, by_commitment = _tell_commitment(cues)
    quote = _choose_quote(read, row, denied)
    if quote is None:
        return None
    match = find_quote(quote, document.text.pages, read.sentence.page)
    if not match.verified or match.page is None:
        return None
    citation = Citation(
        document_id=document.document_id,
        page=match.page,
        quote=quote,
        verified=True,
        part=match.part,
        part_page=match.part_page,
    )
    key = "|".join((document.document_id, str(match.page), quote, row.attribute, subject, value))
    fact = Fact(
        fact_id="fact_" + hashlib.sha256(key.encode()).hexdigest()[:10],
        subject=subject,
        attribute=row.attribute,
        value=value,
        status=status,
        commitment=commitment,
        place=_find_place(read.sentence),
        cues=tuple(
            w
            for w in (read.words[slice(*span)].strip(), denied and denied.words, by_status, by_commitment)
            if w
        ),
        citations=(citation,),
    )
    return Statement(
        fact,
        read.words,
        document.title,
        read.sentence.ocr,
        read.traffic,
        quantity,
        during_works,
        order,
        read.sentence.has_unsure_figures,
        row.told.get(value, f"{row.attribute}: {value}"),
    )


def _choose_quote(read: ReadSentence, row: FactRow, denied: Cue | None) -> str | None:
    """Return the sentence, with what it reads on from where it says nothing without it.

    None where that is too long to be quoted.
    """
    sentence, own = read.sentence, read.words[read.own :]
    if not sentence.lead:
        return sentence.quote
    has_subject = bool(find_mentions(own, _names(row.owners or row.about)))
    has_denial = denied is None or denied.words in own
    has_will = bool(compile_phrases(_HAS_WILL).search(own)) or not sentence.is_item
    if has_subject and has_denial and has_will:
        return sentence.quote
    return f"{sentence.context} {sentence.quote}" if sentence.context else None


def _turn(row: FactRow, stated: _Stated, words: str, is_denied: bool) -> str | None:
    """Return the value that stands when it is denied or not; None where that states nothing."""
    if stated.is_denied:
        return stated.value if is_denied else None
    if not is_denied or compile_phrases(_OWN_DENIAL).search(f" {words}"):
        return stated.value
    values = list(row.values)[:2]
    if row.opposite is None or stated.value not in values:
        return None
    if row.opposite == "first" and stated.value != values[0]:
        return None
    return values[1 - values.index(stated.value)]


def _tell_status(
    words: str, span: tuple[int, int], cues: Sequence[Cue], headings: tuple[str, ...]
) -> tuple[Status, str]:
    """Return whose a statement is, and the words that decided."""
    for meaning in ("rejected", "elsewhere", "by_others", "existing"):
        if cue := pick(cues, (meaning,)):
            return meaning, cue.words
    clause = find_clause(words, *span)
    if will := compile_phrases(_HAS_WILL).search(words, *clause):
        return "proposed", will[0].strip()
    if past := compile_phrases(_PAST).search(words, *clause):
        return "existing", past[0].strip()
    if will := compile_phrases(_HAS_WILL).search(words):
        return "proposed", will[0].strip()
    if is_under_no_proposal(headings):
        return "existing", headings[-1].strip()
    return "proposed", ""


def _tell_commitment(cues: Sequence[Cue]) -> tuple[Commitment, str]:
    for meaning in ("conditional", "possible", "hedged"):
        if cue := pick(cues, (meaning,)):
            return meaning, cue.words
    return "firm", ""


def _find_place(sentence: Sentence) -> str | None:
    """Return the street, block or phase that the sentence names, else the one its headings do."""
    for text in (sentence.quote, *reversed(sentence.headings)):
        if places := list_places(text):
            return places[0]
    return None


def list_places(text: str) -> list[str]:
    """Return the streets, blocks, phases and numbered paths that a text names, in capitals too."""
    places = [match[0].title() for match in _IN_CAPITALS.finditer(text)]
    for match in _PLACE.finditer(_IN_CAPITALS.sub(";", text)):
        place = match[0]
        for article in _NOT_PLACES:
            place = place.removeprefix(article)
        if " " in place or place[0] in "AB":
            places.append(place)
    return places
