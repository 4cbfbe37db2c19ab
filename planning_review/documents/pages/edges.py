"""Running headers, footers and page numbers: what stands between two halves of a sentence."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from planning_review.models import PageText
from planning_review.text.folding import fold_case_and_space

_EDGE_LINES = 4
_REPEATS = 3
_COMMON_SHARE = 0.2
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—|]?\s*\d{1,4}\s*[-–—|]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)


def find_running_lines(pages: Sequence[PageText]) -> frozenset[str]:
    """Return the lines, figures taken out, that return at the edge of page after page.

    On three pages in a row, or on three of every other (left and right pages differ), or on three and
    a fifth of all: a chapter's own header runs through that chapter only, and drawings between the
    pages have none.
    """
    pages_of: dict[str, set[int]] = defaultdict(set)
    with_text = [page for page in pages if page.text]
    for number, page in enumerate(with_text):
        for line in _edge_lines(page.text):
            pages_of[_as_returning(line)].add(number)
    return frozenset(line for line, numbers in pages_of.items() if line and _returns(numbers, len(with_text)))


def find_body(text: str, running: frozenset[str], *, head: bool = True, foot: bool = True) -> slice:
    """Return where a page's own text stands, without its header (head) and its footer (foot).

    At most four lines go at either edge, and one that is only a number: a page may begin or end with a
    table, and its figures are not the page's.
    """
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text)]
    first, last = 0, len(lines)
    if head:
        # "4" is no page number where "Access" stands right below it: that is a heading.
        first = _count_running(
            [(text[start:end], text.startswith("\n\n", end)) for start, end in lines[:_EDGE_LINES]], running
        )
    if foot:
        rest = lines[first:][-_EDGE_LINES:]
        last -= _count_running([(text[start:end], True) for start, end in reversed(rest)], running)
    if first >= last:
        return slice(0, 0)
    return slice(lines[first][0] if head else 0, lines[last - 1][1] if foot else len(text))


def trim_edges(text: str, running: frozenset[str], *, head: bool, foot: bool) -> str:
    """Return a page's text without the running lines at its head, its foot or both."""
    return text[find_body(text, running, head=head, foot=foot)]


def _count_running(lines: Iterable[tuple[str, bool]], running: frozenset[str]) -> int:
    """Return how many lines from the edge inwards are the page's; each says whether it may be a number."""
    count, has_number = 0, False
    for line, may_be_number in lines:
        if _as_returning(line) not in running:
            if has_number or not may_be_number or not _PAGE_NUMBER.fullmatch(line.strip()):
                break
            has_number = True
        count += 1
    return count


def _edge_lines(text: str) -> Iterable[str]:
    lines = [match.group() for match in _LINE.finditer(text)]
    return (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:])


def _returns(pages: set[int], page_count: int) -> bool:
    if len(pages) < _REPEATS:
        return False
    in_turn = any({page + step, page + 2 * step} <= pages for page in pages for step in (1, 2))
    return in_turn or len(pages) >= page_count * _COMMON_SHARE


def _as_returning(line: str) -> str:
    """Return what of a line is the same on each page: its figures may count the pages.

    Not where it is all figures, or a sentence: requirements that differ in one figure are not the same.
    """
    line = fold_case_and_space(line)
    may_count = any(map(str.isalpha, line)) and not line.endswith((".", ";", ":", "?", "!"))
    return re.sub(r"\d+", "#", line) if may_count else line
