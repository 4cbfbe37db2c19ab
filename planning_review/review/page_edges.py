"""Running headers, footers and page numbers: what stands between two halves of a sentence."""

import re
from collections import Counter
from collections.abc import Sequence

from planning_review.models import PageText

_EDGE_LINES = 3
_REPEATS = 3
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—|]?\s*\d{1,4}\s*[-–—|]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)


def find_running_lines(pages: Sequence[PageText]) -> frozenset[str]:
    """Return the lines, figures taken out, that stand at the edge of three pages or more."""
    seen: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in page.text.splitlines() if line.strip()]
        seen.update({_without_figures(line) for line in lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]})
    return frozenset(line for line, count in seen.items() if count >= _REPEATS and line)


def is_running_line(line: str, running: frozenset[str]) -> bool:
    """Tell whether a line at a page's edge is a header, a footer or a page number."""
    return not line.strip() or bool(_PAGE_NUMBER.fullmatch(line.strip())) or _without_figures(line) in running


def trim_edges(text: str, running: frozenset[str], *, head: bool, foot: bool) -> str:
    """Return a page's text without the running lines at its head, its foot or both."""
    lines = text.splitlines()
    start, end = 0, len(lines)
    while head and start < end and is_running_line(lines[start], running):
        start += 1
    while foot and end > start and is_running_line(lines[end - 1], running):
        end -= 1
    return "\n".join(lines[start:end])


def _without_figures(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split())).casefold()
