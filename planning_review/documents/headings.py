"""Which paragraphs of a page are headings: a simple rule, from the words alone."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_MAX_WORDS = 12
_MAX_CHARACTERS = 90
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[A-Z]")
_NAMED = re.compile(r"(?:section|chapter|appendix|policy)\s+[A-Z]{0,4}\s?\d+\w*\b\s*[:–—-]", re.IGNORECASE)
_NOT_A_HEADING = re.compile(r"\.{4}|[,;:.]$|\||^page\b|@|https?:", re.IGNORECASE)
_PARAGRAPH_GAP = re.compile(r"\n\s*\n")


def find_headings(pages: Sequence[str]) -> set[str]:
    """Return the lines that are headings somewhere in these pages.

    A line is one where it stands alone as a paragraph (or begins one as "Policy 5:" or in
    capitals), is short, starts with a capital or a number and doesn't end as a sentence does. Lines
    that return on page after page are the page's own header or footer, and none.
    """
    first_lines = [list(_first_lines(page)) for page in pages]
    pages_with = Counter(line for lines in first_lines for line in {_without_digits(x) for x, _ in lines})
    most = max(2, len(pages) // 10)
    return {
        line
        for lines in first_lines
        for line, is_alone in lines
        if _reads_as_heading(line, is_alone) and pages_with[_without_digits(line)] <= most
    }


def _first_lines(page: str) -> Iterable[tuple[str, bool]]:
    for paragraph in _PARAGRAPH_GAP.split(page):
        line, newline, _ = paragraph.strip().partition("\n")
        yield " ".join(line.split()), not newline


def _without_digits(line: str) -> str:
    return re.sub(r"\d+", "", line)


def _reads_as_heading(line: str, is_alone: bool) -> bool:
    words = line.split()
    if not words or len(words) > _MAX_WORDS or len(line) > _MAX_CHARACTERS or _NOT_A_HEADING.search(line):
        return False
    letters = sum(map(str.isalpha, line))
    if letters < 3 or letters < len(line) * 0.5:
        return False
    if _NAMED.match(line) or (line.isupper() and len(words) > 1):
        return True
    # A number alone doesn't make the first line of a paragraph a heading: policies number them all.
    return is_alone and (line[0].isupper() or bool(_NUMBERED.match(line)))
