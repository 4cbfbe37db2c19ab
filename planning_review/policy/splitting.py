"""A policy document split into passages, each with the number that it is cited by.

Four ways of numbering are known: paragraphs ("117. Within this context"), policies with codes and
numbered limbs (TR4, TR4(1)), sections ("6.5.6", "B.45") with captions of tables and figures, and a local
plan's policies ("Policy SLE 4: Improved Transport"). Items such as (a) and (b) stay inside.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from planning_review.documents.chunking import MAX_TOKENS, cut_chunks
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.models import DocumentState, DocumentText, FileKind, Frozen, PageText
from planning_review.policy.labels import (
    Label,
    ends_sentence,
    find_coded_policies,
    find_numbers,
    read_annex,
    read_caption,
    read_chapter,
    read_policy_heading,
    reads_as_heading,
)
from planning_review.policy.policy_lines import Line, read_lines

SPLITTER_VERSION = "1"
"""Part of a passage's identity: raise it when the same text is split in another way."""

_LIMB = re.compile(r"(\d{1,2})\.\s+(\S.*)")
_ITEM = re.compile(r"(?:\(?[a-z]{1,4}[.)]|[•●▪■◦‣–-]|\(\d{1,2}\))\s")
_OPENING = "Opening text"


class LabelledPassage(Frozen):
    """A passage of at most 220 tokens. paragraph is as the document numbers it; page counts from 1."""

    paragraph: str
    heading: str | None
    text: str
    page: int


@dataclass
class _Block:
    """The lines under one label."""

    label: str
    heading: str | None
    page: int
    lines: list[str] = field(default_factory=list)


def split_policy(
    pages: Sequence[str], count_tokens: Callable[[Sequence[str]], list[int]]
) -> list[LabelledPassage]:
    """Return the passages of a document in its order; none is without a label.

    pages is the text page by page; a text file is one page. A passage longer than 220 tokens becomes
    several with the same label. Text before the first number has its heading as label.
    """
    lines = read_lines(pages)
    coded = find_coded_policies(lines)
    blocks = _split_by_code(lines, coded) if coded else _split_by_number(lines, find_numbers(lines))
    texts = [(block, _join_lines(block.lines)) for block in blocks]
    texts = [(block, text) for block, text in texts if any(map(str.isalpha, text))]
    lengths = count_tokens([text for _, text in texts])
    return [
        LabelledPassage(paragraph=block.label, heading=block.heading, text=piece, page=block.page)
        for (block, text), length in zip(texts, lengths, strict=True)
        for piece in ([text] if length <= MAX_TOKENS else _cut_long(text, count_tokens))
    ]


def _split_by_number(lines: Sequence[Line], numbers: dict[int, Label]) -> list[_Block]:
    """Split by paragraph or section numbers, policies of a local plan, captions and annexes."""
    blocks: list[_Block] = []
    heading: str | None = None
    block: _Block | None = None
    for n, line in enumerate(lines):
        before = lines[n - 1] if n else None
        label = numbers.get(n) or read_policy_heading(line, before) or read_caption(line)
        is_titled = n in numbers and _is_title(n, lines, numbers)
        if line.footnote is not None:
            _add_footnote(blocks, line)
            continue
        if is_titled:
            heading = numbers[n].text
            block = _Block(numbers[n].label, heading, line.page)
            blocks.append(block)
        elif label:
            title = label.title or (heading if n in numbers else None)
            block = _Block(label.label, title, line.page, [label.text] if label.text else [])
            blocks.append(block)
        elif (annex := read_annex(line)) or _is_heading(n, lines, numbers):
            heading = annex.title if annex else line.text
            block = _Block(heading or line.text, heading, line.page)
            blocks.append(block)
        elif block is None:
            block = _Block(line.text if reads_as_heading(line) else _OPENING, heading, line.page)
            blocks.append(block)
            if block.label == _OPENING:
                block.lines.append(line.text)
        else:
            block.lines.append(line.text)
    return blocks


def _is_title(n: int, lines: Sequence[Line], numbers: dict[int, Label]) -> bool:
    """Tell whether a numbered line is only the title of its section: no sentence that the next one ends."""
    if not reads_as_heading(Line(lines[n].page, numbers[n].text)):
        return False
    after = next((m for m in range(n + 1, len(lines)) if lines[m].footnote is None), None)
    return after is None or after in numbers or lines[after].text[0].isupper()


def _is_heading(n: int, lines: Sequence[Line], numbers: dict[int, Label]) -> bool:
    """Tell whether a line without a number heads what follows: it is marked so, or a number follows."""
    line = lines[n]
    if not reads_as_heading(line):
        return False
    if line.is_marked_heading:
        return True
    ended = n == 0 or ends_sentence(lines[n - 1].text) or lines[n - 1].footnote is not None
    return n + 1 in numbers and ended


def _split_by_code(lines: Sequence[Line], policies: dict[int, Label]) -> list[_Block]:
    """Split by policy codes and their limbs; outside policies by chapter or annex and paragraph."""
    blocks: list[_Block] = []
    chapter, title, limb = 0, _OPENING, 0
    place, is_policy = _OPENING, False
    for n, line in enumerate(lines):
        match = _LIMB.fullmatch(line.text)
        if line.footnote is not None:
            _add_footnote(blocks, line)
        elif policy := policies.get(n):
            place, title, limb, is_policy = policy.label, policy.title or policy.label, 0, True
            blocks.append(_Block(place, title, line.page))
        elif n + 1 in policies and reads_as_heading(line):
            continue  # it heads a group of policies, and says nothing
        elif (found := read_chapter(line)) and found[0] == chapter + 1 and _begins_anew(lines, n + 1):
            (chapter, title), limb, is_policy = found, 0, False
            place = f"chapter {chapter}"
            blocks.append(_Block(place, title, line.page))
        elif annex := read_annex(line):
            place, title, limb, is_policy = annex.label, annex.title or annex.label, 0, False
            blocks.append(_Block(place, title, line.page))
        elif match and int(match[1]) == limb + 1:
            limb += 1
            label = f"{place}({limb})" if is_policy else f"{place}, paragraph {limb}"
            blocks.append(_Block(label, title, line.page, [match[2]]))
        elif not blocks:
            blocks.append(_Block(line.text if reads_as_heading(line) else _OPENING, None, line.page))
        else:
            blocks[-1].lines.append(line.text)
    return blocks


def _begins_anew(lines: Sequence[Line], n: int) -> bool:
    """Tell whether a line is no continuation of the one before: it begins with a capital or a figure."""
    return n < len(lines) and not lines[n].text[0].islower()


def _add_footnote(blocks: list[_Block], line: Line) -> None:
    """Add a footnote, or its next line, before the block in work, which goes on behind it."""
    label = f"footnote {line.footnote}"
    known = next((block for block in blocks[-20:] if block.label == label), None)
    if known is None:
        known = _Block(label, None, line.page)
        blocks.insert(max(0, len(blocks) - 1), known)
    known.lines.append(line.text)


def _join_lines(lines: Sequence[str]) -> str:
    """Return the lines as running text, each item of a list on a line of its own."""
    text = ""
    for line in lines:
        if not text:
            text = line
        elif _ITEM.match(line):
            text += f"\n{line}"
        elif re.search(r"[A-Za-z]-$", text) and line[0].islower():
            text += line
        else:
            text += f" {line}"
    return text


def _cut_long(text: str, count_tokens: Callable[[Sequence[str]], list[int]]) -> list[str]:
    whole = DocumentText(
        sha256="",
        kind=FileKind.TEXT,
        extractor=EXTRACTOR_VERSION,
        ocr="none",
        state=DocumentState.INDEXED,
        pages=(PageText(number=1, page_class="text", text=text),),
        page_count=1,
    )
    return [chunk.text for chunk in cut_chunks(whole, count_tokens)]
