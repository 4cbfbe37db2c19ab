"""Pages cut into sentences that can be read alone and quoted verbatim."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from planning_review.documents.page_edges import find_running_lines, trim_edges
from planning_review.models import PageText

LONGEST_QUOTE = 600
"""Characters; what is longer (a table without a full stop) is cut at a semicolon or a space."""

_BULLET = re.compile(r"\s*(?:[•▪■●○◦‣⁃\uf0b7\uf0a7–—*]|-\s|o\s(?=[A-Za-z])|\(?[a-z]\)|\(?[ivx]{1,4}\))\s*")
_NUMBERED = re.compile(r"\s*\d{1,2}(?:\.\d{1,3})+\.?\s*(?=[A-Z]|$)")
_ENDS = re.compile(r"[.!?:;][\"')\]’”]*\s*$")
_OPEN_END = re.compile(
    r"(?:,|\b(?:and|or|the|of|to|a|an|in|for|with|by|on|at|from|is|are|be|will|that|which))\s*$", re.I
)
_STOP = re.compile(r"[.!?][\"')\]’”]*\s+(?=[\"'(\[‘“]?[A-Z0-9•])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|min|max|no|nos|para|paras|fig|st|mr|mrs|ms|dr|ltd|ref|vs|cf|al|rd|ave|vol|pp?|c|"
    r"sect?|incl?|dept|(?-i:[A-Z])))\.[\"')\]]*$",
    re.I,
)
_NUMBER = re.compile(r"^\d{1,2}(?:\.\d{1,3})+\.?\s+(?=[A-Z])")
_VALUE_LINE = re.compile(
    r"\s*[\d.,–\-~<>≥≤ ]+(?:m|mm|metres?|%|mph|km)?\b[\w ()]{0,20}$|\s*1\s*(?:in|:)\s*\d+\s*$", re.I
)
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


def split_pages(pages: Sequence[PageText]) -> Iterator[Sentence]:
    """Yield the sentences of a document in order; one that runs over a page break is its first page's."""
    running = find_running_lines(pages)
    heading, carried, carried_page = "", "", 0
    for page in pages:
        blocks = _split_blocks(trim_edges(page.text, running, head=True, foot=True))
        first_page = page.number
        if carried and blocks and blocks[0][:1].islower():
            blocks[0] = f"{carried} {blocks[0]}"
            first_page = carried_page
        elif carried:
            yield Sentence(carried_page, carried, heading)
        carried = ""
        if blocks and _is_cut_off(blocks[-1]):
            carried = _split_block(blocks[-1])[-1]
            blocks[-1] = blocks[-1].removesuffix(carried).rstrip()
            carried_page = first_page if len(blocks) == 1 else page.number
        for number, sentence in _read_blocks(blocks, heading):
            heading = sentence.heading
            yield replace(sentence, page=page.number if number else first_page, ocr=page.ocr)
    if carried:
        yield Sentence(carried_page, carried, heading)


def _read_blocks(blocks: Sequence[str], heading: str) -> Iterator[tuple[int, Sentence]]:
    """Yield a page's sentences with their block's number; the page is for the caller to say."""
    lead, items, before = "", "", ""
    for number, block in enumerate(blocks):
        is_heading = _is_heading(block)
        heading = block if is_heading else heading
        is_item = bool(_BULLET.match(block)) or block[:1].islower()
        if not is_item:
            lead = items = ""
        for quote in _split_block(block):
            bare = _NUMBER.sub("", quote)
            context, read_after = items, lead.rstrip(":")
            if not lead and before and (_PRONOUN.match(bare) or _BARE_SUBJECT.match(bare)):
                context = read_after = before
            if len(context) + len(quote) > LONGEST_QUOTE:
                context = ""
            sentence = Sentence(0, quote if context else bare, heading, context, read_after)
            yield number, replace(sentence, is_heading=is_heading, is_numbered=bare != quote)
            before = "" if _is_heading(quote) else bare
        if block.endswith(":"):
            lead = items = before
        elif lead:
            items = f"{items} {block}"


def _is_cut_off(block: str) -> bool:
    return len(block) > 40 and not _ENDS.search(block) and not _is_heading(block)


def fold_for_reading(text: str) -> str:
    """Return a text in the one form that patterns are written for; the names of streets say nothing."""
    text = _STREET_NAME.sub("Named Road", text)
    text = text.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐‑‒–—―−]", "-", text).replace("\u00ad", "")
    text = re.sub(r"[‘’‚`´′]", "'", text)
    text = re.sub(r"[“”„″]", '"', text)
    return " ".join(text.split())


def _split_blocks(text: str) -> list[str]:
    """Join the lines of a page to paragraphs, headings, list items and table rows."""
    blocks: list[str] = []
    lengths = [len(line) for line in text.splitlines() if len(line.strip()) > 15]
    short = min(45.0, 0.75 * median(lengths)) if lengths else 45.0
    open_block, previous = False, ""
    for line in text.splitlines():
        stripped = " ".join(line.split())
        if not stripped:
            # A paragraph set with wide leading comes as one block a line.
            open_block = open_block and not _ENDS.search(previous) and len(previous) >= short
            continue
        new = (
            not open_block
            or bool(_BULLET.match(stripped))
            or bool(_NUMBERED.match(stripped))
            or (len(previous) < short and not _OPEN_END.search(previous) and not stripped[:1].islower())
        )
        if blocks and _VALUE_LINE.fullmatch(stripped) and not _ENDS.search(blocks[-1]):
            new = False
        if (
            blocks
            and new
            and stripped[:1].islower()
            and not _ENDS.search(blocks[-1])
            and not _BULLET.match(stripped)
        ):
            new = False
        if new:
            blocks.append(stripped)
        elif re.search(r"\w-$", blocks[-1]) and stripped[:1].isalpha():
            blocks[-1] += stripped
        else:
            blocks[-1] += f" {stripped}"
        open_block, previous = True, stripped
    return blocks


def _split_block(block: str) -> list[str]:
    pieces, start = [], 0
    for stop in _STOP.finditer(block):
        if _ABBREVIATION.search(block[start : stop.end()].rstrip()):
            continue
        pieces.append(block[start : stop.end()].strip())
        start = stop.end()
    pieces.append(block[start:].strip())
    return [part for piece in pieces if piece for part in _cut(piece)]


def _cut(piece: str) -> Iterator[str]:
    while len(piece) > LONGEST_QUOTE:
        at = piece.rfind(";", 100, LONGEST_QUOTE)
        at = at + 1 if at > 0 else piece.rfind(" ", 100, LONGEST_QUOTE)
        at = at if at > 0 else LONGEST_QUOTE
        yield piece[:at].strip()
        piece = piece[at:].strip()
    if piece:
        yield piece


def _is_heading(text: str) -> bool:
    return (
        len(text) <= 90
        and len(text.split()) <= 12
        and not _ENDS.search(text)
        and not _BULLET.match(text)
        and bool(re.match(r"[A-Z0-9]", text))
        and not re.search(r"\b(?:will|is|are|be|has|have|would|shall)\b|\d\s*m\b", text)
    )
