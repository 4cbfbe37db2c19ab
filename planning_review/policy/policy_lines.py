"""The lines of a policy document without what belongs to the page: running headers, numbers, contents."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_EDGE_LINES = 3
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[ivxlc\d]{1,4}(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)
_NUMBER_ALONE = re.compile(r"(?:[A-Z]\.)?\d{1,3}(?:\.\d{1,3})*\.?")
_LABEL = re.compile(r"\d{1,3}\.(?:\d{1,3}\.?)*\s")
_CONTENTS = re.compile(r"#*\s*(?:table of )?contents(?: page)?", re.IGNORECASE)
_CONTENTS_LINE = re.compile(r"(?:^|\s|\.)\d{1,3}$")
_LEADER = re.compile(r"(?:\.\s?){4,}\d{1,3}$")
_FOOTNOTE = re.compile(r"(\d{1,3})\s+(?=[A-Z“‘(])")
_MARKDOWN_FOOTNOTE = re.compile(r"\[\^(\d{1,3})\]:\s*")
_MARKER = re.compile(r"\[\^\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, never empty. footnote is its number where it begins or continues a footnote."""

    page: int
    text: str
    is_marked_heading: bool = False
    footnote: int | None = None


def read_lines(pages: Sequence[str]) -> list[Line]:
    """Return the lines of the text proper, each page's footnotes after its other lines.

    A `#` before a line marks it as a heading, as in Markdown. Pages count from 1.
    """
    running = _find_running_lines(pages)
    lines: list[Line] = []
    last_footnote = 0
    for number, page in enumerate(pages, start=1):
        kept = _join_numbers(_drop_running(_strip_lines(page), running))
        start = _find_footnotes(kept, last_footnote)
        lines += [_make_line(number, text) for text in kept[:start]]
        for text in kept[start:]:
            if (match := _FOOTNOTE.match(text)) and int(match[1]) == last_footnote + 1:
                last_footnote += 1
                text = text[match.end() :]
            lines.append(Line(number, text, footnote=last_footnote))
    return [line for line in _drop_contents(lines) if line.text]


def _strip_lines(page: str) -> list[str]:
    return [text for line in page.splitlines() if (text := " ".join(line.split()))]


def _find_running_lines(pages: Sequence[str]) -> set[str]:
    """Return what stands at the edge of page after page, or of every other page, figures left out.

    Three in a row are enough: a chapter's own header runs through that chapter only.
    """
    pages_of: dict[str, set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        lines = _strip_lines(page)
        for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]):
            pages_of[_without_digits(line)].add(number)
    return {
        line
        for line, on in pages_of.items()
        if sum(map(str.isalpha, line)) > 2
        and any({first, first + step, first + 2 * step} <= on for first in on for step in (1, 2))
    }


def _drop_running(lines: list[str], running: set[str]) -> list[str]:
    last = len(lines) - _EDGE_LINES
    kept = [
        line
        for n, line in enumerate(lines)
        if not ((n < _EDGE_LINES or n >= last) and _without_digits(line) in running)
    ]
    # What stays may hold a page number above and below.
    while kept and _PAGE_NUMBER.fullmatch(kept[0]):
        del kept[0]
    while kept and _PAGE_NUMBER.fullmatch(kept[-1]):
        del kept[-1]
    return kept


def _without_digits(line: str) -> str:
    """Return a line without its figures, but for a paragraph's number, which is no page's."""
    label = _LABEL.match(line)
    start = label.end() if label else 0
    return line[:start] + re.sub(r"\d+", "", line[start:]).strip()


def _join_numbers(lines: list[str]) -> list[str]:
    """Put a paragraph's number, which a PDF may give as a line of its own, before its text."""
    joined: list[str] = []
    for line in lines:
        if joined and _NUMBER_ALONE.fullmatch(joined[-1]) and "." in joined[-1] and line[0].isalpha():
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _find_footnotes(lines: list[str], last: int) -> int:
    """Return where the page's footnotes begin: at the next number, and only footnotes follow in order."""
    for start, line in enumerate(lines):
        match = _FOOTNOTE.match(line)
        if match and int(match[1]) == last + 1 and start > len(lines) // 4:
            return start
    return len(lines)


def _make_line(page: int, text: str) -> Line:
    footnote = _MARKDOWN_FOOTNOTE.match(text)
    bare = _MARKER.sub("", text[footnote.end() :] if footnote else text)
    marked = bare.lstrip("#")
    return Line(
        page,
        marked.strip().replace("**", ""),
        is_marked_heading=marked != bare,
        footnote=int(footnote[1]) if footnote else None,
    )


def _drop_contents(lines: list[Line]) -> list[Line]:
    """Leave out the list of contents, and lines that lead to a page number by dots wherever they stand."""
    kept: list[Line] = []
    n = 0
    while n < len(lines):
        if _CONTENTS.fullmatch(lines[n].text):
            n = _find_contents_end(lines, n + 1)
            continue
        if not _LEADER.search(lines[n].text):
            kept.append(lines[n])
        n += 1
    return kept


def _find_contents_end(lines: list[Line], start: int) -> int:
    end, strangers = start, 0
    for n in range(start, len(lines)):
        if _CONTENTS_LINE.search(lines[n].text) and not lines[n].is_marked_heading:
            end, strangers = n + 1, 0
        elif lines[n].is_marked_heading or (strangers := strangers + 1) > 2:
            break
    return end
