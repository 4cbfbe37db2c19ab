"""The automatic numbers of a Word file's paragraphs, which stand nowhere in its text. For worker processes.

Source: ECMA-376-1, section 17.9.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

BULLET = "•"
_PLACE = re.compile(r"%([1-9])")
_DEEPEST = 8
_MAX_DIGITS = 6
_MAX_ROMAN = 3999
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True)
class _Level:
    """One level of a list: how its number is written."""

    kind: str
    text: str
    start: int
    style: str | None
    is_legal: bool


class Numbers:
    """The lists of one document, counted on from paragraph to paragraph."""

    def __init__(
        self, root: etree._Element | None, find_style_number: Callable[[str], tuple[str | None, int | None]]
    ) -> None:
        self._find_style_number = find_style_number
        self._levels: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._own_levels: dict[str, dict[int, _Level]] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        if root is not None:
            self._take(root)

    def next_label(self, number: str | None, level: int | None, style: str | None) -> str:
        """Return the number of the next paragraph in a list, as it is shown; nothing where it is in none.

        number and level are the paragraph's own, where it states them; else its style's count.
        """
        if style and (number is None or level is None):
            of_style, level_of_style = self._find_style_number(style)
            number = of_style if number is None else number
            level = level_of_style if level is None else level
        name = self._find_list(number or "")
        levels = self._levels.get(name, {}) | self._own_levels.get(number or "", {})
        if level is None:
            level = next((at for at, each in levels.items() if style and each.style == style), 0)
        if level not in levels:
            return ""
        counts = self._count(name, number or "", level, levels)
        if levels[level].kind == "bullet":
            return BULLET
        return _PLACE.sub(lambda found: _write(int(found[1]) - 1, level, levels, counts), levels[level].text)

    def _take(self, root: etree._Element) -> None:
        for element in root.iterchildren(f"{W}abstractNum"):
            name = element.get(f"{W}abstractNumId", "")
            self._levels[name] = _read_levels(element)
            link = element.find(f"{W}numStyleLink")
            if link is not None:
                self._links[name] = link.get(f"{W}val", "")
        for element in root.iterchildren(f"{W}num"):
            number = element.get(f"{W}numId", "")
            self._lists[number] = _value(element, "abstractNumId") or ""
            for change in element.iterchildren(f"{W}lvlOverride"):
                self._own_levels.setdefault(number, {}).update(_read_levels(change))
                start = _number(_value(change, "startOverride"))
                if start is not None:
                    level = _number(change.get(f"{W}ilvl")) or 0
                    self._restarts.setdefault(number, {})[level] = start

    def _find_list(self, number: str) -> str:
        name = self._lists.get(number, "")
        # A list may only name the style that has its levels.
        link = self._links.get(name)
        if link and not self._levels.get(name):
            linked, _ = self._find_style_number(link)
            return self._lists.get(linked or "", name)
        return name

    def _count(self, name: str, number: str, level: int, levels: dict[int, _Level]) -> dict[int, int]:
        counts = self._counts.setdefault(name, {})
        # A list that starts anew does so with its first paragraph.
        restarts = self._restarts.pop(number, {})
        for at, start in restarts.items():
            counts.pop(at, None)
            if at == level:
                counts[at] = start - 1
        for above in range(level):
            counts.setdefault(above, levels[above].start if above in levels else 1)
        counts[level] = counts[level] + 1 if level in counts else levels[level].start
        for below in range(level + 1, _DEEPEST + 1):
            counts.pop(below, None)
        return counts


def _read_levels(parent: etree._Element) -> dict[int, _Level]:
    levels = {}
    for element in parent.iterchildren(f"{W}lvl"):
        level = _number(element.get(f"{W}ilvl")) or 0
        if level <= _DEEPEST:
            start = _number(_value(element, "start"))
            levels[level] = _Level(
                kind=_value(element, "numFmt") or "decimal",
                text=_value(element, "lvlText") or "",
                start=1 if start is None else start,
                style=_value(element, "pStyle"),
                is_legal=element.find(f"{W}isLgl") is not None,
            )
    return levels


def _value(parent: etree._Element, name: str) -> str | None:
    element = parent.find(f"{W}{name}")
    return None if element is None else element.get(f"{W}val")


def _number(stated: str | None) -> int | None:
    return int(stated) if stated and re.fullmatch(rf"[0-9]{{1,{_MAX_DIGITS}}}", stated) else None


def _write(place: int, level: int, levels: dict[int, _Level], counts: dict[int, int]) -> str:
    if place not in counts:
        return ""
    kind = levels[place].kind if place in levels else "decimal"
    if levels[level].is_legal:
        kind = "decimal"
    return _spell(counts[place], kind)


def _spell(count: int, kind: str) -> str:
    if kind in ("lowerLetter", "upperLetter") and count > 0:
        # After z comes aa, then bb.
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters if kind == "lowerLetter" else letters.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < count <= _MAX_ROMAN:
        rest, letters = count, ""
        for value, letter in _ROMAN:
            times, rest = divmod(rest, value)
            letters += letter * times
        return letters if kind == "lowerRoman" else letters.upper()
    if kind == "decimalZero":
        return f"{count:02d}"
    return "" if kind == "none" else str(count)
