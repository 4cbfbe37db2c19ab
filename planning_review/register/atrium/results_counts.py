"""What a page of results says of its list in words and numbers: how many, none, not all, refused.

A number counts the list where it stands in brackets, `(114)`, `Search Results (114)` or, beside other
modules' numbers, `Planning (23)`, and where a short text says nothing else: `Showing 1 to 10 of 37 results`,
`37 applications found`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.register.page_text import find_elements, find_text, having_class
from planning_review.text.numbers import NUMBER, parse_number

_KIND = r"(?:applications?|matches|records?|results?|entries|items)"
_WHAT = rf"(?:(?:planning|matching|search) )*{_KIND}"
_TOTAL = re.compile(rf"([^()]*)\(\s*(\d[\d,]{{0,8}})\s*({_WHAT}(?: found)?)?\s*\)", re.IGNORECASE)
_COUNT = r"(\d[\d,]{0,8})"
_FOUND = r"(?:(?:were|was|have been|has been) )?(?:found|returned|matched|match|in total)"
_SENTENCE_OF_A_TOTAL = re.compile(
    rf"(?:(?:showing|displaying|viewing|{_WHAT}|page) )*"
    rf"\d[\d,]*(?: ?[-–] ?| to | ?\.\. ?)\d[\d,]* (?:out )?of {_COUNT}"
    rf"(?: {_WHAT})?(?: {_FOUND})?|"
    rf"(?:showing|displaying|viewing) \d[\d,]* (?:out )?of {_COUNT} {_WHAT}(?: {_FOUND})?|"
    rf"(?:there (?:are|is|were)|we (?:have )?found|found|total(?: of)?:?|your search (?:has )?"
    rf"(?:returned|found|produced|matched)) (?:a total of )?{_COUNT} {_WHAT}"
    rf"(?: {_FOUND}(?: (?:for|by|your|matching|to)\b.{{0,60}})?)?|"
    rf"{_COUNT} {_WHAT} {_FOUND}(?: (?:for|by|your|matching|to)\b.{{0,60}})?|"
    # Bare, what are called results are the search's; applications may be all that there are.
    rf"{_COUNT} (?:(?:planning|search) )?(?:results?|matches|records?)|"
    rf"(?:(?:total|number of|total number of) )?{_WHAT}(?: {_FOUND})? ?[:\-] ?{_COUNT}|"
    rf"total(?: {_WHAT})?(?: {_FOUND})? ?:? ?{_COUNT}",
    re.IGNORECASE,
)
# Of the page alone.
_OF_THE_PAGE = re.compile(r"per page|each page|this page", re.IGNORECASE)
_BADGES = ("badge", "count", "label", "pill", "counter")

_NO = r"(?:no|0|zero|not any)"
_NONE_FOUND = re.compile(
    rf"(?:sorry,? |unfortunately,? |there (?:are|were) |we found )*{_NO} {_WHAT}\b.{{0,40}}"
    rf"\b(?:found|match(?:ed|ing)?|returned|to (?:show|display)|available)\b.{{0,100}}|"
    rf"(?:sorry,? )?(?:your |the )?search (?:has )?(?:returned|found|produced) {_NO} {_WHAT}\b.{{0,100}}|"
    rf"(?:sorry,? )?(?:your |the )?search (?:criteria )?(?:did not|didn't|does not) "
    rf"(?:match|find|return|produce) (?:any|a single) {_WHAT}\b.{{0,100}}|"
    rf"(?:sorry,? )?we (?:could not|couldn't|did not|didn't|were unable to) find any {_WHAT}\b.{{0,100}}|"
    rf"{_NO} {_WHAT}|"
    rf"(?:sorry,? )?nothing (?:was |has been )?(?:found|matched|matches)\b.{{0,100}}",
    re.IGNORECASE,
)
# A register that is out of order has nothing to show either.
_OUT_OF_ORDER = re.compile(
    r"unavailable|not available|\blater\b|\berror|session|expired|timed? ?out|maintenance|difficult|problem|"
    r"out of (?:order|service)|unable to (?:process|complete|connect)|went wrong",
    re.IGNORECASE,
)
_PAGE_OUT_OF_ORDER = re.compile(
    r"(?:service|system|site|search|register|database|website)(?: facility)? (?:is|are) "
    r"(?:currently |temporarily |not |presently )*"
    r"(?:unavailable|available at the moment|down|undergoing|being updated|offline|out of)|"
    r"experiencing (?:some )?(?:technical )?(?:difficult|problem)|an (?:unexpected )?error (?:has )?occurred|"
    r"something went wrong|your session has|(?:essential|planned|scheduled) maintenance (?:is|work)",
    re.IGNORECASE,
)
_SHOWN = r"(?:shown|displayed|returned|listed)"
_LARGE = rf"(?:{NUMBER}|(?:(?:a|one|two|three|four|five) )?(?:hundred|thousand))"
_CAP = re.compile(
    rf"too many {_WHAT}|"
    rf"(?:only|maximum(?: number)?(?: of)?|limited to|restricted to|up to|more than|over|exceed(?:s|ed)?)\b"
    rf"(?!.{{0,30}}\b(?:days?|weeks?|months?|years?)\b).{{0,30}}\b{_LARGE}\b.{{0,40}}"
    rf"\b(?:{_SHOWN}|{_KIND})|"
    rf"\bfirst {_LARGE}\b.{{0,40}}\b(?:{_SHOWN}|{_KIND})|"
    rf"not all (?:of )?(?:the |your )?{_WHAT} (?:are|can be|could be) {_SHOWN}|"
    rf"more {_WHAT} than (?:can|could) be (?:shown|displayed|returned|listed)|"
    rf"(?:some|more) {_WHAT} (?:were|are|have been) (?:found than|left out|not {_SHOWN}|omitted)",
    re.IGNORECASE,
)
# A number after any other word counts something else: another module, a basket, saved searches.
_LABEL_WORDS = set(
    re.findall(
        "[a-z]+",
        "a all and application applications between by date for found from list matches matching number of "
        "planning received record records result results search searches since the to total valid with your "
        "page",
    )
)
_INLINE = {"abbr", "b", "em", "i", "mark", "small", "span", "strong", "sup", "u"}
_SHORT_CHARS = 160
_PLACES = "//p | //div[not(div)] | //span | //h1 | //h2 | //h3 | //h4 | //li | //strong | //label"


class PrintedTotal(NamedTuple):
    """The number of results. is_labelled is False where it stands bare, as `(114)`."""

    number: int
    is_labelled: bool


def find_total(root: html.HtmlElement, page_url: str) -> PrintedTotal | None:
    """Return the printed number of planning applications found, None where none is printed.

    A number labelled as planning's counts before a labelled one, that before a sentence of its own, and
    that before a bare one. Raises RegisterLayoutError where the page prints two that count the same.
    """
    totals: dict[int, set[int]] = {0: set(), 1: set(), 2: set(), 3: set()}
    for text in _find_short_texts(root):
        for label, number, kind in _TOTAL.findall(text):
            words = re.findall("[a-z]+", re.sub(r"page \d+ of \d+", "", label.casefold()))
            if _LABEL_WORDS.issuperset(words):
                rank = 0 if "planning" in words else 1 if words or kind else 3
                totals[rank].add(_to_int(number))
    totals[0].update(_find_badges(root))
    for text in _find_said(root):
        if (said := _SENTENCE_OF_A_TOTAL.fullmatch(text.strip(" .!:"))) and not _OF_THE_PAGE.search(text):
            totals[2].add(_to_int(next(filter(None, said.groups()))))
    printed = next((found for found in totals.values() if found), set())
    if len(printed) > 1:
        raise RegisterLayoutError(
            f"{page_url} prints several numbers of results, {' and '.join(map(str, sorted(printed)))}: which "
            "one counts the list is not clear. Open it in a browser."
        )
    is_labelled = any(totals[rank] for rank in (0, 1, 2))
    return next((PrintedTotal(number, is_labelled) for number in printed), None)


def says_none_found(root: html.HtmlElement) -> bool:
    """Return whether a page says in words that nothing was found, and not that it is out of order."""
    texts = [find_text(each) for each in find_elements(root, f"{_PLACES} | //td")]
    short = [text for text in texts if len(text) <= _SHORT_CHARS]
    if any(_PAGE_OUT_OF_ORDER.search(text) for text in short):
        return False
    return any(_NONE_FOUND.fullmatch(text.strip(" .!")) and not _OUT_OF_ORDER.search(text) for text in short)


def find_cap(root: html.HtmlElement, total: int | None) -> str | None:
    """Return the words in which a page says that it does not show all that was found, None without any.

    A most that is larger than the printed total was not reached.
    """
    for text in _find_said(root):
        if said := _CAP.search(text):
            words = re.sub(r"\bone (?=hundred|thousand)", "a ", said[0].lower())
            numbers = [_read_number(number) for number in re.findall(_LARGE, words)]
            if total is None or not numbers or total >= min(numbers):
                return text
    return None


def says_too_many(text: str) -> bool:
    """Return whether a refusal is one of a search that found more than is shown."""
    return bool(_CAP.search(text))


def find_refusal(root: html.HtmlElement) -> str | None:
    """Return what a page says is wrong with the search, None where it says nothing."""
    complaints = " | ".join(
        f"//*[{having_class(name)}]" for name in ("validation-summary-errors", "field-validation-error")
    )
    texts = [find_text(element) for element in find_elements(root, complaints)]
    return next((text[:200] for text in texts if text), None)


def _read_number(words: str) -> int:
    return 1000 * max(parse_number(words), 1) if "thousand" in words else parse_number(words)


def _to_int(number: str) -> int:
    return int(number.replace(",", ""))


def _find_said(root: html.HtmlElement) -> Iterator[str]:
    """Yield the short texts that stand by themselves, those of a list's own lines left out."""
    for element in find_elements(root, f"({_PLACES})[not(ancestor-or-self::td[not(@colspan)])]"):
        text = find_text(element)
        if 0 < len(text) <= _SHORT_CHARS:
            yield text


def _find_badges(root: html.HtmlElement) -> Iterator[int]:
    """Yield the number of planning's tab, where it stands in an element of its own."""
    badges = " or ".join(having_class(name) for name in _BADGES)
    for badge in find_elements(root, f"//span[{badges}] | //sup"):
        number = find_text(badge).strip("()")
        parent = badge.getparent()
        label = "" if parent is None else find_text(parent).partition(find_text(badge))[0].casefold().strip()
        if re.fullmatch(r"\d[\d,]{0,8}", number) and label in ("planning", "planning applications"):
            yield _to_int(number)


def _find_short_texts(root: html.HtmlElement) -> list[str]:
    """Return the texts that hold a bracket, each with what stands before it in the same short block.

    Tables' cells, choices and scripts are left out.
    """
    skipped = "ancestor-or-self::*[self::td or self::th or self::select or self::script or self::style]"
    texts: dict[html.HtmlElement, str] = {}
    for element in find_elements(root, f"//*[text()[contains(., '(')]][not({skipped})]"):
        block = element
        while block.tag in _INLINE and (parent := block.getparent()) is not None:
            block = parent
        for each in (block, element):
            if each not in texts:
                texts[each] = find_text(each)
            if len(texts[each]) <= _SHORT_CHARS:
                break
    return [text for text in texts.values() if len(text) <= _SHORT_CHARS]
