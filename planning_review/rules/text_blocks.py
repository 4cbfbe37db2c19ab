"""The lines of a page joined to blocks: paragraphs, headings, list items and table rows."""

import re
from statistics import median

_BULLET = re.compile(r"\s*(?:[•▪■●○◦‣⁃\uf0b7\uf0a7–—*]|-\s|o\s(?=[A-Za-z])|\(?[a-z]\)|\(?[ivx]{1,4}\))\s*")
_NUMBERED = re.compile(r"\s*\d{1,2}(?:\.\d{1,3})+\.?\s*(?=[A-Z]|$)")
_TABLE_TITLE = re.compile(r"Table\s+[A-Z]?\d+(?:\.\d+)*\b(?![^.]*\b(?:is|are|shows?|sets?|gives?)\b)")
_ENDS = re.compile(r"[.!?:;][\"')\]’”]*\s*$")
_OPEN_END = re.compile(
    r"(?:,|\b(?:and|or|the|of|to|a|an|in|for|with|by|on|at|from|is|are|be|will|that|which))\s*$", re.I
)
_VALUE_LINE = re.compile(
    r"\s*[\d.,–\-~<>≥≤ ]+(?:m|mm|metres?|%|mph|km)?\b[\w ()]{0,20}$|\s*1\s*(?:in|:)\s*\d+\s*$", re.I
)


def split_blocks(text: str) -> list[str]:
    """Return the blocks of a page's text, each on one line."""
    blocks: list[str] = []
    lengths = [len(line) for line in text.splitlines() if len(line.strip()) > 15]
    short = min(45.0, 0.75 * median(lengths)) if lengths else 45.0
    open_block, previous = False, ""
    for line in text.splitlines():
        stripped = " ".join(line.split())
        if not stripped:
            # A paragraph set with wide leading comes as one block a line.
            is_open = not _ENDS.search(previous) and not _is_numbered_heading(previous)
            open_block = open_block and is_open and len(previous) >= short
            continue
        new = (
            not open_block
            or is_row(stripped)
            or is_row(previous)
            or bool(_BULLET.match(stripped))
            or bool(_NUMBERED.match(stripped))
            or (
                (len(previous) < short or _is_numbered_heading(previous))
                and not _OPEN_END.search(previous)
                and not stripped[:1].islower()
            )
        )
        is_value = _VALUE_LINE.fullmatch(stripped) and not _NUMBERED.match(stripped)
        if blocks and is_value and not _ENDS.search(blocks[-1]):
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


def is_heading(text: str) -> bool:
    """Return whether a block could be a heading: short, and no sentence."""
    return (
        len(text) <= 90
        and len(text.split()) <= 12
        and not _ENDS.search(text)
        and not _BULLET.match(text)
        and not is_row(text)
        and bool(re.match(r"[A-Z0-9]", text))
        and not re.search(r"\b(?:will|is|are|be|has|have|would|shall)\b|\d\s*m\b", text)
    )


def _is_numbered_heading(line: str) -> bool:
    return bool(_NUMBERED.match(line)) and is_heading(line)


def is_row(text: str) -> bool:
    """Return whether a line is a row of a table: cells with a bar between them."""
    return " | " in text


def is_table_title(text: str) -> bool:
    """Return whether a block names the table that follows it."""
    return bool(_TABLE_TITLE.match(text))


def is_item(block: str) -> bool:
    """Return whether a block is an item of a list: it has a bullet, or goes on in lower case."""
    return bool(_BULLET.match(block)) or block[:1].islower()


def is_cut_off(block: str) -> bool:
    """Return whether a block is running text that does not end where it ends."""
    return len(block) > 40 and not _ENDS.search(block) and not is_heading(block)
