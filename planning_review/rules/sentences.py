"""Pages cut into sentences that can be read alone and quoted verbatim."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from planning_review.documents.pages.edges import find_running_lines, trim_edges
from planning_review.models import PageText
from planning_review.rules.text_blocks import is_cut_off, is_heading, is_item, split_blocks
from planning_review.text.folding import fold_for_patterns
from planning_review.text.sentences import ON_PAGES, split_sentences

LONGEST_QUOTE = 600
"""Characters; what is longer (a table without a full stop) is cut at a semicolon or a space."""

_NUMBER = re.compile(r"^\d{1,2}(?:\.\d{1,3})+\.?\s+(?=[A-Z])")
_PRONOUN = re.compile(r"(?:it|this|these|they|both|each|such|the latter)\b", re.I)
_BARE_SUBJECT = re.compile(
    r"the (?:path|route|track|link|facility|provision|stands|store|spaces|crossing)\b", re.I
)
_STREET_NAME = re.compile(
    r"\b(?!(?:The|A|An|This|That|Each|Every|All|No|Any|New|Proposed|Existing|Cycle|Cycling|Bus|Traffic|Access|Spine|"
    r"Main|High|Primary|Secondary|Tertiary|Internal|Link|Estate|Residential|Shared|Side|Service|Distributor|"
    r"Quiet|Living|Home|Running|General|Advisory|Mandatory|Local|Private|Minor|Major|Loop|Principal|Trunk|"
    r"Relief|Ring|Perimeter|Pedestrian|Foot|Green|Car|Country|Adopted|Public|Development|Site|Nearside)\b)"
    r"[A-Z][\w'’]+ (?:Road|Street|Lane|Avenue|Drive|Close|Way|Hill|Crescent|Place|Terrace|Row|Grove)\b"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence as it stands on a page, white space collapsed.

    lead is what it is to be read after: the sentence before, where it begins with a pronoun, or the line
    that leads a list. context is what stands between lead's start and quote on the page, empty where that
    is too long to be quoted. heading is the last heading above, which it may be itself (is_heading), with a
    number before it that quote leaves out (is_numbered).
    """

    page: int
    quote: str
    heading: str = ""
    context: str = ""
    lead: str = ""
    ocr: bool = False
    is_heading: bool = False
    is_numbered: bool = False


@dataclass(frozen=True)
class _CutOff:
    """The beginning of a sentence that goes on on the next page; page is where it begins."""

    text: str
    page: int
    ocr: bool


@dataclass
class _Before:
    """What a sentence may be read after: the line that leads a list, its items so far, the last sentence."""

    lead: str = ""
    items: str = ""
    last: str = ""


def split_pages(pages: Sequence[PageText]) -> Iterator[Sentence]:
    """Yield the sentences of a document in order; one that runs over a page break is its first page's."""
    running = find_running_lines(pages)
    blocks_of = [split_blocks(trim_edges(page.text, running, head=True, foot=True)) for page in pages]
    heading, before = "", _Before()
    begun: _CutOff | None = None
    for page, blocks, following in zip(pages, blocks_of, [*blocks_of, []][1:], strict=True):
        if begun:
            blocks[0] = f"{begun.text} {blocks[0]}"
        else:
            before.last = ""  # a page may end with a footnote or a caption, which leads nothing
        cut_off = None
        if following and following[0][:1].islower():
            cut_off = _take_cut_off(blocks, page, begun)
        at = 0
        for number, sentence in _read_blocks(blocks, heading, before):
            heading = sentence.heading
            first_page, ocr = page.number, page.ocr
            if begun and number == 0:
                at = blocks[0].find(sentence.quote, at)
                if at < len(begun.text):
                    first_page, ocr = begun.page, page.ocr or begun.ocr
            yield replace(sentence, page=first_page, ocr=ocr)
        begun = cut_off


def _take_cut_off(blocks: list[str], page: PageText, begun: _CutOff | None) -> _CutOff | None:
    """Take the sentence that the end of a page cuts off out of its last block.

    begun is what the page before left, which the first block begins with.
    """
    if not blocks or not is_cut_off(blocks[-1]):
        return None
    text = _split_block(blocks[-1])[-1]
    blocks[-1] = blocks[-1].removesuffix(text).rstrip()
    if begun and len(blocks) == 1 and len(blocks[0]) < len(begun.text):
        return _CutOff(text, begun.page, page.ocr or begun.ocr)
    return _CutOff(text, page.number, page.ocr)


def _read_blocks(blocks: Sequence[str], heading: str, before: _Before) -> Iterator[tuple[int, Sentence]]:
    """Yield a page's sentences with their block's number; the page is for the caller to say."""
    for number, block in enumerate(blocks):
        if not block:
            continue  # all of it goes on on the next page
        is_headed = is_heading(block)
        heading = block if is_headed else heading
        if not is_item(block):
            before.lead = before.items = ""
        for quote in _split_block(block):
            bare = _NUMBER.sub("", quote)
            context, read_after = before.items, before.lead.rstrip(":")
            if not before.lead and before.last and (_PRONOUN.match(bare) or _BARE_SUBJECT.match(bare)):
                context = read_after = before.last
            if len(context) + len(quote) > LONGEST_QUOTE:
                context = ""
            sentence = Sentence(0, quote if context else bare, heading, context, read_after)
            yield number, replace(sentence, is_heading=is_headed, is_numbered=bare != quote)
            before.last = "" if is_heading(quote) else bare
        if block.endswith(":"):
            before.lead = before.items = before.last
        elif before.lead:
            before.items = f"{before.items} {block}"


def fold_for_reading(text: str) -> str:
    """Return a text in the one form that patterns are written for; the names of streets say nothing."""
    return fold_for_patterns(_STREET_NAME.sub("Named Road", text))


def _split_block(block: str) -> list[str]:
    sentences = (sentence.strip() for sentence in split_sentences(block, ON_PAGES))
    return [part for sentence in sentences if sentence for part in _cut(sentence)]


def _cut(piece: str) -> Iterator[str]:
    while len(piece) > LONGEST_QUOTE:
        at = piece.rfind(";", 100, LONGEST_QUOTE)
        at = at + 1 if at > 0 else piece.rfind(" ", 100, LONGEST_QUOTE)
        at = at if at > 0 else LONGEST_QUOTE
        yield piece[:at].strip()
        piece = piece[at:].strip()
    if piece:
        yield piece
