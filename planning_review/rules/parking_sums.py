"""Cycle parking required by the standard that applies, beside what the documents state: the sum, shown."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planning_review.policy.parking_standards import StandardLine, name_unit, say_rate
from planning_review.rules.cycle_spaces import StatedSpaces
from planning_review.rules.holding import UNSURE_FIGURE
from planning_review.rules.judgement import Citation, LineFinding, ParkingSum
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.scheme import Scheme

TOO_FEW = "too few"


class _Part(NamedTuple):
    """What one line asks: spaces, the sum in words, and whether more may be asked than can be told."""

    line: StandardLine
    long: int
    short: int
    words: str
    is_least: bool


def add_up_parking(
    scheme: Scheme, lines: Sequence[StandardLine], stated: Sequence[StatedSpaces]
) -> tuple[ParkingSum, ...]:
    """Return one sum for each use whose standard is verified and whose size is told.

    Of several uses it can't be told whose the stated spaces are: they are added up, and held together.
    """
    parts = [part for line in lines if line.is_measure for part in _ask(scheme, line)]
    uses = list(dict.fromkeys(part.line.use for part in parts))
    if not parts:
        return ()
    unknown = [use for use in scheme.uses if use not in uses]
    groups = [[part for part in parts if part.line.use == use] for use in uses]
    if len(groups) > 1:
        groups = [parts]
    return tuple(_hold(scheme, group, stated, is_whole=not unknown) for group in groups)


def tell_sums(sums: Sequence[ParkingSum], documents: Sequence[ReadDocument]) -> list[LineFinding]:
    """Return what the sums show of cycle parking to the standard: nothing where neither can be said."""
    read = {document.document_id: document for document in documents}
    return [
        LineFinding(
            verdict="noted" if one.compliant is None else "met" if one.compliant else "breach",
            detail=say_sum(one),
            title=read[citation.document_id].title,
            citation=citation,
            severity=3 if one.compliant is False else 0,
        )
        for one in sums
        for citation in one.citations
    ]


def leave_open_unsure(
    sums: Sequence[ParkingSum], documents: Sequence[ReadDocument]
) -> tuple[ParkingSum, ...]:
    """Return the sums, those open that rest on a page whose figures OCR read with little certainty."""
    unsure = {(d.document_id, p.number) for d in documents for p in d.text.pages if p.has_unsure_figures}
    return tuple(
        one.model_copy(update={"compliant": None, "sum_words": f"{one.sum_words}; {UNSURE_FIGURE}"})
        if any((citation.document_id, citation.page) in unsure for citation in one.citations)
        else one
        for one in sums
    )


def say_sum(one: ParkingSum) -> str:
    """Return a sum in words: what is stated, what is asked for, and how that comes about."""
    least = "at least " if one.is_least else ""
    place = f", {one.place}" if one.place else ""
    asked = (
        f"by {one.policy_source} ({one.edition}{place}) it would be {least}{one.required:,} ({one.sum_words})"
    )
    if one.stated is None:
        return f"No number of cycle spaces is stated; {asked}"
    most = "at most " if one.stated_is_most else ""
    short = one.required - one.stated
    fewer = f": {short:,} {TOO_FEW}" if one.compliant is False else ""
    return f"{most}{one.stated:,} cycle spaces are stated; {asked}{fewer}"


def list_unconfirmed(scheme: Scheme, lines: Sequence[StandardLine]) -> tuple[StandardLine, ...]:
    """Return the lines that would be held against the scheme if somebody had confirmed them."""
    return tuple(line for line in lines if not line.is_measure and line.use in scheme.uses)


def _ask(scheme: Scheme, line: StandardLine) -> list[_Part]:
    if line.use == "homes":
        return _ask_for_homes(scheme, line)
    amount = scheme.amount(line.use, line.unit)
    if amount is None or (line.unit == "m2" and not line.fits(amount.figure)):
        return []
    return [_make_part(line, amount.figure, is_least=False)]


def _ask_for_homes(scheme: Scheme, line: StandardLine) -> list[_Part]:
    if not scheme.homes:
        return []
    fitting = [(bedrooms, count) for bedrooms, count in scheme.bedrooms if line.fits(bedrooms)]
    sized = line.over > 0 or line.up_to is not None
    if line.unit == "home" and not sized:
        return [_make_part(line, scheme.homes, is_least=False)]
    if scheme.bedrooms:
        amount = sum(n * b for b, n in fitting) if line.unit == "bedroom" else sum(n for _, n in fitting)
        return [_make_part(line, amount, is_least=False)] if amount else []
    # Without the mix each home has one bedroom at least, and a line for larger homes can't be held.
    return [_make_part(line, scheme.homes, is_least=True)] if line.unit == "bedroom" and not sized else []


def _make_part(line: StandardLine, amount: float, *, is_least: bool) -> _Part:
    long = line.long_stay.count(amount) if line.long_stay else 0
    short = line.short_stay.count(amount) if line.short_stay else 0
    sums = []
    for rate, spaces, stay in ((line.long_stay, long, "long-stay"), (line.short_stay, short, "short-stay")):
        if rate:
            written = f"{amount:,g} {name_unit(line.unit, amount)}"
            by = f" ÷ {rate.per:,g}" if rate.per != 1 else ""
            times = f" × {rate.spaces:g}" if rate.spaces != 1 or not by else ""
            exact = amount * rate.spaces / rate.per
            rounded = (
                f" = {exact:,.2f}, so {spaces:,}" if not math.isclose(exact, spaces) else f" = {spaces:,}"
            )
            sums.append(f"{written}{by}{times}{rounded} {stay}")
    return _Part(line, long, short, "; ".join(sums), is_least)


class _Count(NamedTuple):
    """What is stated: spaces of each stay (other: of neither), and whether it is all that there is to be.

    is_most: several numbers are told, and this is all of them. is_sure: a total, or a rate for each home.
    """

    long: int
    short: int
    other: int
    is_most: bool
    is_sure: bool
    citations: tuple[Citation, ...]

    @property
    def spaces(self) -> int:
        return self.long + self.short + self.other


def _hold(
    scheme: Scheme, parts: Sequence[_Part], stated: Sequence[StatedSpaces], *, is_whole: bool
) -> ParkingSum:
    required_long, required_short = sum(p.long for p in parts), sum(p.short for p in parts)
    count = _count_stated(scheme, stated)
    is_least = any(part.is_least for part in parts)
    first = parts[0].line
    return ParkingSum(
        uses=tuple(dict.fromkeys(part.line.use for part in parts)),
        required_long=required_long,
        required_short=required_short,
        is_least=is_least,
        stated=count.spaces if count else None,
        stated_is_most=count is not None and count.is_most,
        compliant=_compare(scheme, count, required_long, required_short, is_open=is_least or not is_whole),
        policy_source=first.source,
        edition=first.edition,
        place=first.place,
        lines=tuple(part.line.id for part in parts),
        rates=tuple(dict.fromkeys(say_rate(part.line) for part in parts)),
        sum_words="; ".join(part.words for part in parts),
        citations=count.citations if count else (),
    )


def _compare(
    scheme: Scheme, count: _Count | None, required_long: int, required_short: int, *, is_open: bool
) -> bool | None:
    """Return whether enough is stated; None where that can't be said.

    Homes have cycles in sheds and garages too, so a number that is no total of theirs may be one of many.
    """
    if count is None or (scheme.homes and not count.is_sure):
        return None
    if count.spaces < required_long + required_short:
        only_short = count.short and not count.long and not count.other and required_long
        only_long = count.long and not count.short and not count.other and required_short
        if only_short or (only_long and count.long >= required_long):
            return None
        return False
    return None if count.is_most or is_open else True


def _count_stated(scheme: Scheme, stated: Sequence[StatedSpaces]) -> _Count | None:
    """Return the spaces that are stated, None where no number is.

    A total that is called so counts; else a rate for each home; else all different numbers together, which is
    the most that they can mean.
    """
    totals = [s for s in stated if s.is_total and s.per is None]
    if totals:
        largest = max(totals, key=lambda s: s.figure)
        return _Count(0, 0, int(largest.figure), False, True, (largest.citation,))
    counted: dict[tuple[float, str], StatedSpaces] = {}
    for one in stated:
        figure = _multiply(scheme, one)
        if figure is not None:
            counted.setdefault((figure, one.stay or "other"), one)
    if not counted:
        return None
    by_stay = {
        stay: int(sum(figure for figure, other in counted if other == stay))
        for stay in ("long", "short", "other")
    }
    stays = [stay for _, stay in counted]
    is_split = len(stays) == len(set(stays)) and (len(stays) == 1 or "other" not in stays)
    return _Count(
        by_stay["long"],
        by_stay["short"],
        by_stay["other"],
        is_most=not is_split,
        is_sure=all(one.per is not None for one in counted.values()),
        citations=tuple(dict.fromkeys(one.citation for one in counted.values())),
    )


def _multiply(scheme: Scheme, stated: StatedSpaces) -> float | None:
    if stated.per is None:
        return stated.figure
    if stated.per == "bedroom":
        bedrooms = sum(bedrooms * count for bedrooms, count in scheme.bedrooms)
        return stated.figure * bedrooms if bedrooms else None
    return stated.figure * scheme.homes if scheme.homes else None
