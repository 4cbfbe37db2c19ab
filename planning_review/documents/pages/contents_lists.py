"""Lists of contents: headings with dots and a page number, which say nothing that the sections don't."""

import re
from collections.abc import Mapping

_TITLE = re.compile(r"(?:(?:table|list) of )?contents:?|index", re.IGNORECASE)
_LEAST_ENTRIES = 3
_LEAST_DOTS = 6
_LEADERS = " \t.…·"
_DIGITS = "0123456789"
_PAGE_NUMBER = re.compile(r"\d{1,4}")


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
