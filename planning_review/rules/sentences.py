"""Pages cut into sentences that can be read alone and quoted verbatim."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from planning_review.documents.pages.edges import find_running_lines, trim_edges
from planning_review.models import PageText
from planning_review.rules.text_blocks import (
    is_cut_off,
    is_heading,
    is_item,
    is_row,
    is_table_title,
    split_blocks,
)
from planning_review.text.sentences import ON_PAGES, split_sentences

LONGEST_QUOTE = 600
"""Characters; what is longer (a table without a full stop) is cut at a semicolon or a space."""

_NUMBER = re.compile(r"^\d{1,2}(?:\.\d{1,3})+\.?\s+(?=[A-Z])")
_HEADING_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,3})*)\.?\s")
_UNNUMBERED = 9
"""The depth of a heading without a number: under all that have one."""
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
    is too long to be quoted. headings are those above it, the chapter's first, the last of which it may be
    itself (is_heading); is_item: lead is the line that leads its list; a row of a table (is_row) has the
    table's title and its first row there too.
    """

    page: int
    quote: str
    headings: tuple[str, ...] = ()
    context: str = ""
    lead: str = ""
    ocr: bool = False
    has_unsure_figures: bool = False
    is_heading: bool = False
    is_row: bool = False
    is_item: bool = False


@dataclass(frozen=True)
class _CutOff:
    """The beginning of a sentence that goes on on the next page; page is where it begins."""

    text: str
    page: int
    ocr: bool
    has_unsure_figures: bool


@dataclass
class _Before:
    """What a sentence may be read after: the line that leads a list, its items so far, the last sentence."""

    lead: str = ""
    items: str = ""
    last: str = ""


@dataclass
class _Headings:
    """The headings above a place: by depth, as their numbers tell it, and those of the table it is in."""

    path: list[tuple[int, str]] = field(default_factory=list)
    table: list[str] = field(default_factory=list)

    def enter(self, heading: str) -> None:
        number = _HEADING_NUMBER.match(heading)
        depth = number[1].count(".") + 1 if number else _UNNUMBERED
        self.path = [*((d, h) for d, h in self.path if d < depth), (depth, heading)]

    def list_all(self) -> tuple[str, ...]:
        return (*(heading for _, heading in self.path), *self.table)


def split_pages(pages: Sequence[PageText]) -> Iterator[Sentence]:
    """Yield the sentences of a document in order; one that runs over a page break is its first page's."""
    running = find_running_lines(pages)
    blocks_of = [split_blocks(trim_edges(page.text, running, head=True, foot=True)) for page in pages]
    headings, before = _Headings(), _Before()
    begun: _CutOff | None = None
    nexts = zip([*pages, None][1:], [*blocks_of, []][1:], strict=True)
    for page, blocks, (after, following) in zip(pages, blocks_of, nexts, strict=True):
        if begun:
            blocks[0] = f"{begun.text} {blocks[0]}"
        else:
            before.last = ""  # a page may end with a footnote or a caption, which leads nothing
        cut_off = None
        if after and after.part == page.part and following and following[0][:1].islower():
            cut_off = _take_cut_off(blocks, page, begun)
        at = 0
        for number, sentence in _read_blocks(blocks, headings, before):
            first_page, ocr, is_unsure = page.number, page.ocr, page.has_unsure_figures
            if begun and number == 0:
                at = blocks[0].find(sentence.quote, at)
                if at < len(begun.text):
                    first_page, ocr = begun.page, page.ocr or begun.ocr
                    is_unsure = is_unsure or begun.has_unsure_figures
            yield replace(sentence, page=first_page, ocr=ocr, has_unsure_figures=is_unsure)
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
        is_unsure = page.has_unsure_figures or begun.has_unsure_figures
        return _CutOff(text, begun.page, page.ocr or begun.ocr, is_unsure)
    return _CutOff(text, page.number, page.ocr, page.has_unsure_figures)


def _read_blocks(
    blocks: Sequence[str], headings: _Headings, before: _Before
) -> Iterator[tuple[int, Sentence]]:
    """Yield a page's sentences with their block's number; the page is for the caller to say."""
    for number, block in enumerate(blocks):
        if not block:
            continue  # all of it goes on on the next page
        is_headed, row = is_heading(block) and not is_table_title(block), is_row(block)
        if is_headed:
            headings.enter(block)
        if is_table_title(block):
            headings.table = [block]
        elif not row:
            headings.table = []
        if not is_item(block):
            before.lead = before.items = ""
        for quote in _split_block(block):
            bare = _NUMBER.sub("", quote)
            context, read_after = before.items, before.lead.rstrip(":")
            if not before.lead and before.last and (_PRONOUN.match(bare) or _BARE_SUBJECT.match(bare)):
                context = read_after = before.last
            if len(context) + len(quote) > LONGEST_QUOTE:
                context = ""
            sentence = Sentence(0, quote if context else bare, headings.list_all(), context, read_after)
            yield number, replace(sentence, is_heading=is_headed, is_row=row, is_item=bool(before.lead))
            before.last = "" if is_heading(quote) or row else bare
        if row and len(headings.table) < 2:
            headings.table.append(block)
        if block.endswith(":"):
            before.lead = before.items = before.last
        elif before.lead:
            before.items = f"{before.items} {block}"


def hide_street_names(text: str) -> str:
    """Return a text with "Named Road" for each street's name, as the words in names say nothing."""
    return _STREET_NAME.sub("Named Road", text)


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
