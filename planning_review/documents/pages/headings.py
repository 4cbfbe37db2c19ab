"""Headings, from the words alone: the section that each passage stands in, and lists of contents."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

MAX_PATH_CHARACTERS = 200
_MAX_WORDS = 12
_MAX_CHARACTERS = 90
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[A-Z]")
_NAMED = re.compile(r"(?:section|chapter|appendix|policy)\s+[A-Z]{0,4}\s?\d+\w*\b\s*[:–—-]", re.IGNORECASE)
_NOT_A_HEADING = re.compile(r"\.{4}|[,;:.]$|\||^page\b|@|https?:|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"((?:[A-Z]\.?)?\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])")
_NUMBER_ALONE = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?")
_SUBSECTION = re.compile(r"^(\d{1,2})\.\d{1,2}\.?\s", re.MULTILINE)
_PARAGRAPH_GAP = re.compile(r"\n\s*\n")

_TITLE = re.compile(r"(?:(?:table|list) of )?contents:?|index", re.IGNORECASE)
_LEAST_ENTRIES = 3
_LEAST_DOTS = 6
_LEADERS = " \t.…·"
_DIGITS = "0123456789"
_PAGE_NUMBER = re.compile(r"\d{1,4}")


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
        line, rest = split_opening(paragraph.strip())
        yield line, not rest


def split_opening(paragraph: str) -> tuple[str, str]:
    """Return a paragraph's first line, its white space collapsed, and what comes below it.

    A number on a line of its own is part of the line below, as where a tab stands between "4.2" and
    "Cycle routes".
    """
    line, _, rest = paragraph.partition("\n")
    if _NUMBER_ALONE.fullmatch(line.strip()) and rest.partition("\n")[0].strip():
        title, _, rest = rest.partition("\n")
        line = f"{line} {title}"
    return " ".join(line.split()), rest.strip()


class HeadingPath:
    """Where in a document one is: the headings passed so far, by their numbers.

    "4.2 Cycle routes" stands under the last heading numbered 4, whatever came between. One without a
    number stands under the last numbered one, and a policy, chapter or appendix under none. A whole
    number is a section's where pages have paragraphs below it ("4.1") or where it is the next one: else
    it is an address or an item of a list.
    """

    def __init__(self, pages: Sequence[str]) -> None:
        self._parted = {number for page in pages for number in _SUBSECTION.findall(page)}
        self._last = 0
        self._titles: dict[tuple[str, ...], str] = {}
        self._section: list[str] = []

    def enter(self, heading: str) -> str:
        """Pass a heading and return its path: "4 Access > 4.2 Cycle routes", of at most 200 characters."""
        match = _NUMBER.match(heading)
        if match and self._is_section(number := tuple(match[1].split("."))):
            above = [self._titles.get(number[:depth]) for depth in range(1, len(number))]
            self._titles[number] = heading
            self._section = [title for title in above if title] + [heading]
            return _join_path(self._section)
        if _NAMED.match(heading):
            self._section = [heading]
            return heading
        return _join_path([*self._section, heading])

    def _is_section(self, number: tuple[str, ...]) -> bool:
        if len(number) > 1 or not number[0].isdigit():
            return True
        if number[0] not in self._parted and int(number[0]) not in (1, self._last + 1):
            return False
        self._last = int(number[0])
        return True


def _join_path(titles: Sequence[str]) -> str:
    """Join headings, without the uppermost ones where they would be too long together."""
    path = titles[-1]
    for title in reversed(titles[:-1]):
        if len(longer := f"{title} > {path}") > MAX_PATH_CHARACTERS:
            break
        path = longer
    return path


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


def drop_contents(pages: Mapping[int, str]) -> dict[int, str]:
    """Return pages by their numbers without the entries of their lists of contents, figures and tables.

    A list begins on a page with the title "Contents" and goes on while pages have entries: a form with
    dotted lines has no such title. A page on which nothing else stands is left out.
    """
    left: dict[int, str] = {}
    is_list = False
    for number, text in pages.items():
        lines = text.split("\n")
        entries, places = _find_entries([line.strip() for line in lines])
        has_title = any(_TITLE.fullmatch(line.strip()) for line in lines)
        is_list = entries >= _LEAST_ENTRIES and (is_list or has_title)
        if is_list:
            text = "\n".join(line for at, line in enumerate(lines) if at not in places).strip()
        if text:
            left[number] = text
    return left


def _find_entries(lines: list[str]) -> tuple[int, set[int]]:
    """Return how many entries there are, and which lines they take.

    An entry ends in a run of dots and a page number, which may stand on the next line.
    """
    count, places = 0, set[int]()
    for at, line in enumerate(lines):
        stem = line.rstrip(_DIGITS)
        leaders = stem[len(stem.rstrip(_LEADERS)) :]
        if sum(not character.isspace() for character in leaders) < _LEAST_DOTS:
            continue
        last = at
        if stem == line:
            last = next((n for n in range(at + 1, len(lines)) if lines[n]), at)
            if not _PAGE_NUMBER.fullmatch(lines[last]):
                continue
        count += 1
        places.update(range(at, last + 1))
    return count, places
