"""Quantities that the words of a proposal name: new homes, floor space, the size of the site.

Proposals are prose: "12no. two-bedroom flats", "a pair of semi-detached houses", "loss of 2 dwellings".
The words are walked in order, and homes are counted only after words that bring something new.
"""

import re

from planning_review.models import Frozen
from planning_review.text.folding import fold_for_quantities
from planning_review.text.numbers import NUMBER, parse_number

# Figures that count no homes are made words before the walk: references, bedrooms, storeys.
_REFERENCE = re.compile(r"\b[\w.]*\d[\w.]*(?:/[\w.]+)+")
_BEDROOMS = re.compile(
    rf"{NUMBER}-?(?: ?(?:,|-|/|&|\+|\band\b|\bor\b|\bto\b) ?{NUMBER}-?)*"
    r"[ -]*bed(?:room)?(?:ed|s)?\b(?! ?spaces?)"
)
_STOREYS = re.compile(rf"(?:\d+(?:\.\d+)?|{NUMBER}|single)(?: and a half)?[\s-]*stor(?:e?y|ies)s?(?:ed)?\b")
# "home", "house" and "flat" in the names of other things.
_NO_HOMES = re.compile(
    r"\b(?:care|mobile|park|nursing|funeral|childrens?|motor) homes?\b|\bpublic houses?\b|\bflat[- ]roof\w*"
    r"|\b(?:poultry|hen|chicken|pump|summer|boat|pool|school|tree|green|glass|coach|club|ware)[- ]?houses?\b"
)
_QUALITY = (
    r"(?:[a-z]+ed|[a-z]+(?:-[a-z0-9]+)+|bedrooms|storeys|semi|end|terrace|c3|new|affordable|open|market|private|"
    r"residential|retirement|extra|care|student|mews|eco|family|executive|self|build|custom|additional|further|"
    r"replacement|live|work|net|zero|carbon|low|social|rent|ownership|agricultural|"
    r"workers?|town|single|individual|studio|duplex|holiday|starter|first|rural|exception|permanent|principal)"
)
_HOME = (
    r"(?:dwelling ?-?house|dwelling|town ?house|house|home|flat|apartment|maisonette|bungalow|studio|cottage|"
    r"residence|(?:residential|affordable|dwelling|extra care|retirement) unit)s?\b"
    r"(?! ?-?(?:types?|extensions?|curtilage|gardens?|office|gym|working|garage|plots?|mix|number|"
    r"in multiple|annexe?|builder|owners?|elevation|alterations?|entrance)\b)"
)
# What a verb does to the homes named after it: they go, they are only worked on or near, they were there
# before, they are new. After what was there before, "to" brings what is new.
_VERBS = (
    r"(?P<gone>demol\w+|removal|loss|clearance|replacing|in place of|instead of|replacement of)"
    r"|(?P<around>(?:extensions?|alterations?|works|repairs?) (?:to|at|of)|refurbishment|re-?cladding|"
    r"re-?roofing|replacement (?:windows?|doors?|roofs?)|serving|adjacent to|next to|rear of|side of|"
    r"adjoining|incidental to|ancillary to|occup\w+ of|curtilage of|garden of)"
    r"|(?P<was>conversion|convert\w*|change of use|sub-?division|division|amalgamat\w+|merg\w+|from)"
    r"|(?P<new>erect\w*|construct\w*|building of|provi\w+|creat\w+|form|formation|forming|redevelopment|"
    r"development|replacement|comprising|siting|for up to)"
    r"|(?P<into>to|into|as|for|with|by)"
)
# A count must not be the name of something: plot 4, class 3, phase 2.
_NO_NAME = "".join(
    rf"(?<!{word} )"
    for word in (
        "condition",
        "conditions",
        "plot",
        "plots",
        "phase",
        "class",
        "block",
        "no",
        "number",
        "parcel",
    )
)
_WALK = re.compile(
    rf"(?P<homes>(?<![\w./]){_NO_NAME}"
    rf"(?:(?P<pair>pairs? of)|(?:{NUMBER}(?P<range> ?- ?| to | and | or ))?(?P<count>{NUMBER})"
    rf"(?: ?(?:nos?|x)\b)?(?P<pairs> pairs? of)?|(?P<article>an?\b)|(?=[a-z]))"
    # A hyphen stands in a word or before a space, never both ways, and the words are few: text is hostile.
    rf" ?(?:{_QUALITY}(?:[ ,/&]|- )+|and (?={_QUALITY} )){{0,8}}?{_HOME})"
    rf"|\b(?:{_VERBS})\b"
)
_PART = re.compile(
    r"(?:including|comprising|consisting of|to include|of which|made up of|(?<!together )with|:)$"
)
_AREA = re.compile(
    r"(?<![\w/.,])(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) ?(?:"
    r"(?P<metres>sq\.? ?m(?:et(?:re|er)s?|s)?|m2|square met(?:re|er)s?)"
    r"|(?P<feet>sq\.? ?(?:ft|feet)|square f(?:ee|oo)t)"
    r"|(?P<hectares>hectares?|ha)|(?P<acres>acres?))\b"
)
_LONGEST = 5_000
"""Characters of a proposal that are read; the longest real ones have half of that."""
_SQUARE_METRES = {"metres": 1.0, "feet": 0.09290304, "hectares": 10_000.0, "acres": 4046.8564224}
_OF_LAND = re.compile(
    r"\b(?:site|plot|land|curtilage|garden|site area)(?: (?:area|of|extending to|measuring))*$"
)


class Quantities(Frozen):
    """What a proposal names, None where it does not say; dwellings are new ones, those lost not taken off."""

    dwellings: int | None = None
    floor_space_sqm: float | None = None
    site_hectares: float | None = None


def read_quantities(proposal: str | None) -> Quantities:
    """Read the numbers from a proposal's words: of a range the upper end, of several areas the largest."""
    text = fold_for_quantities(proposal or "")[:_LONGEST]
    floor, land = _read_areas(text)
    return Quantities(dwellings=_read_dwellings(text), floor_space_sqm=floor, site_hectares=land)


def _read_areas(text: str) -> tuple[float | None, float | None]:
    floor: list[float] = []
    land: list[float] = []
    for match in _AREA.finditer(text):
        area = float(match["number"].replace(",", "")) * _SQUARE_METRES[match.lastgroup or "metres"]
        if (
            match["hectares"]
            or match["acres"]
            or _OF_LAND.search(text[max(match.start() - 60, 0) : match.start()].rstrip())
        ):
            land.append(area / 10_000)
        else:
            floor.append(area)
    return max(floor, default=None), max(land, default=None)


def _read_dwellings(text: str) -> int | None:
    text = _REFERENCE.sub("reference", text)
    text = re.sub(r"\bno\b\.?|(?<=\d)n(?:os?|r)\b\.?|(?<=\d)x\b|\bx(?=\d)", " no ", text)
    text = _STOREYS.sub("storeys", _BEDROOMS.sub("bedrooms", text))
    text = _NO_HOMES.sub("premises", text)
    # What stands in brackets explains or repeats what stands outside, so it is never added to it.
    stretches = (re.sub(r"\([^()]*\)", " ", text), *re.findall(r"\(([^()]*)\)", text))
    totals = (_add_homes(re.sub(r" +", " ", stretch)) for stretch in stretches)
    return max((total for total in totals if total), default=None)


def _add_homes(text: str) -> int:
    """Return the new homes of a stretch of text: the largest of its sums, as parts follow their whole."""
    state, turned_at, counted_to = "new", 0, 0
    sums = [0]
    for match in _WALK.finditer(text):
        kind = match.lastgroup
        if not match["homes"]:
            if kind == "into":
                if state == "was" or (state == "gone" and match[0] in ("with", "by")):
                    state, turned_at = "new", match.end()
            elif kind is not None:
                state, turned_at = kind, match.end()
            continue
        number = _count_homes(match, text[turned_at : match.start()])
        if state != "new" and not (state == "was" and match["range"] == " to "):
            continue
        if number and _PART.search(text[counted_to : match.start()].rstrip()):
            sums.append(0)
        sums[-1] += number
        counted_to = match.end() if number else counted_to
    return max(sums)


def _count_homes(match: re.Match[str], gap: str) -> int:
    """Return how many homes a match names; without a figure it is one, if it is what the verb brings."""
    if match["pair"]:
        return 2
    if match["count"]:
        return parse_number(match["count"]) * (2 if match["pairs"] else 1)
    brought = gap.strip() in ("", "of") and (match.start() > 0 or " " in match[0])
    brought = brought or (bool(match["article"]) and gap.rstrip().endswith(" and"))
    return int(brought and not match[0].endswith("s"))
