"""Requirements held against facts: which fact meets one, which breaches it, and how gravely."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from planning_review.policy.requirements import Ask, Requirement, Verdict
from planning_review.rules.facts import Statement
from planning_review.rules.judgement import LineFinding
from planning_review.rules.quantities import Quantity
from planning_review.rules.words import compile_phrases

_ROUNDING = 1e-6
_CONSTRAINT = (
    "constrain*, pinch point, pinch, localised, narrow* to|at|past, short section|length|stretch|distance, "
    "retained tree|hedge, third party land, land ownership, available highway, root protection, "
    "past the|a tree|wall|building"
)


UNSURE_FIGURE = "read by OCR with little certainty, so the figure may be another"

_WEAK_WORDS = {
    "firm": "stated",
    "hedged": "subject to what is not settled",
    "conditional": "on a condition",
    "possible": "no more than a possibility",
}


@dataclass(frozen=True)
class Held:
    """A statement and what it comes to for a requirement."""

    statement: Statement
    finding: LineFinding


def hold(requirement: Requirement, statements: Sequence[Statement]) -> list[Held]:
    """Return what the statements come to for a requirement, one verdict a sentence, the gravest of it."""
    found: dict[tuple[str, int, str], Held] = {}
    for ask in requirement.asks:
        for statement in statements:
            if statement.during_works and not requirement.during_works:
                continue
            for held in _answer(requirement, ask, statement):
                citation = statement.fact.citations[0]
                key = (citation.document_id, citation.page, citation.quote)
                if key not in found or held.finding.severity > found[key].finding.severity:
                    found[key] = held
    return list(found.values())


def _answer(requirement: Requirement, ask: Ask, statement: Statement) -> Iterator[Held]:
    fact = statement.fact
    if fact.attribute != ask.attribute or (ask.of and fact.subject not in _split(ask.of)):
        return
    if ask.near and not compile_phrases(ask.near).search(statement.words):
        return
    if ask.unless and compile_phrases(ask.unless).search(statement.words):
        return
    answer = _measure(ask, statement) if ask.is_measure else _value(ask, statement)
    if answer is None:
        return
    verdict, detail, severity = answer
    if not _counts(ask, statement):
        if fact.status != "proposed":
            return
        verdict, severity, detail = "noted", 0, f"{detail} ({_WEAK_WORDS[fact.commitment]})"
    if (ask.only_breach and verdict != "breach") or (ask.only_met and verdict != "met"):
        return
    if verdict == "met" and not ask.is_measure and not ask.existing_counts and not _commits(statement):
        verdict = "noted"
    if requirement.mark == "M" and ask.is_measure:
        detail = f"{statement.quantity.written if statement.quantity else fact.value} stated"
    check = ask.check or ("its figure stands in no verified source" if requirement.mark == "M" else None)
    if check and verdict == "met":
        verdict = "noted"
    if statement.has_unsure_figures and _rests_on_figure(ask):
        verdict, severity, detail = "noted", 0, f"{detail} ({UNSURE_FIGURE})"
    finding = LineFinding(
        verdict=verdict,
        detail=detail,
        title=statement.title,
        citation=fact.citations[0],
        severity=severity,
        ocr=statement.ocr,
        where=fact.place,
        check=check,
    )
    yield Held(statement, finding)


@cache
def _split(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _counts(ask: Ask, statement: Statement) -> bool:
    """Return whether a statement is this scheme's and firm, as a verdict needs."""
    fact = statement.fact
    if fact.status == "existing" and ask.existing_counts:
        return fact.commitment in ("firm", "hedged")
    if fact.status != "proposed":
        return False
    return (
        fact.commitment == "firm"
        or ask.any_firmness
        or (fact.commitment == "conditional" and ask.conditional_counts)
    )


def _rests_on_figure(ask: Ask) -> bool:
    """Return whether a figure of the sentence decides: one that is measured, or that of its traffic."""
    bounds = (
        ask.speed_over,
        ask.speed_at_most,
        ask.flow_over,
        ask.flow_at_most,
        ask.hour_flow_over,
        ask.heavy_over,
    )
    return ask.is_measure or any(bound is not None for bound in bounds)


def _commits(statement: Statement) -> bool:
    """Return whether a statement undertakes something or says how much, more than naming a thing."""
    return bool(compile_phrases("<commits>").search(statement.words))


def _value(ask: Ask, statement: Statement) -> tuple[Verdict, str, int] | None:
    fact = statement.fact
    if not _fits_traffic(ask, statement):
        return None
    for verdict, values, severity in (
        ("breach", ask.breach, 2),
        ("met", ask.met, 1),
        ("noted", ask.noted, 0),
    ):
        if fact.value in _split(values):
            return verdict, statement.told, severity  # type: ignore[return-value]
    return None


def _measure(ask: Ask, statement: Statement) -> tuple[Verdict, str, int] | None:
    quantity = statement.quantity
    if quantity is None or not _fits_traffic(ask, statement):
        return None
    traffic = statement.traffic
    if (ask.needs_speed or ask.only_at_speeds) and traffic.speed is None:
        return None
    if ask.only_at_speeds and traffic.speed not in ask.only_at_speeds:
        return None
    if ask.flow_above is not None and (traffic.flow_low is None or traffic.flow_low <= ask.flow_above):
        return None
    wanted, absolute = _find_limits(ask, statement)
    words = f"{quantity.written} stated"
    if ask.at_least is not None:
        at_constraint = bool(compile_phrases(_CONSTRAINT).search(statement.words))
        return _judge_at_least(quantity, wanted, absolute, at_constraint, words)
    if ask.at_most is not None:
        return _judge_at_most(quantity, ask.at_most, words)
    if ask.below is not None:
        if quantity.low >= ask.below and quantity.bound not in ("at most", "under"):
            return "breach", f"{words}, less than {ask.below:g} {quantity.unit} is asked", 2
        return (
            ("met", words, 1)
            if quantity.high < ask.below and quantity.bound not in ("at least", "over")
            else None
        )
    if ask.outside is not None:
        low, high = ask.outside
        if low <= quantity.low and quantity.high < high and quantity.bound == "exact":
            return "breach", f"{words}, between {low:g} and {high:g} m", 2
        return ("met", words, 1) if quantity.high < low or quantity.low >= high else None
    if ask.rises_by is not None and quantity.change is not None:
        verdict: Verdict = "breach" if quantity.change < ask.rises_by else "met"
        return verdict, f"{words}, a rise of {quantity.change:.1f} points", 2 if verdict == "breach" else 1
    return None


def _find_limits(ask: Ask, statement: Statement) -> tuple[float, float | None]:
    traffic = statement.traffic
    wanted, absolute = ask.at_least or 0.0, ask.absolute
    for steps, value in ((ask.by_speed, traffic.speed), (ask.by_cycle_flow, traffic.cycles_an_hour)):
        for step in steps:
            if value is not None and value > step.over:
                wanted, absolute = step.desirable, step.absolute
    return wanted, absolute


def _judge_at_least(
    quantity: Quantity, limit: float, absolute: float | None, at_constraint: bool, words: str
) -> tuple[Verdict, str, int] | None:
    asked = f"{words}, at least {limit:g} {quantity.unit} is asked"
    if quantity.bound in ("at most", "under"):
        is_less = quantity.high < limit if quantity.bound == "at most" else quantity.high <= limit
        return ("breach", asked, 2) if is_less else None
    if quantity.low >= limit - _ROUNDING:
        return "met", words, 1
    if quantity.bound == "over" or (quantity.bound == "at least" and quantity.low > 0.95 * limit):
        return None
    if absolute is not None and quantity.low >= absolute - _ROUNDING:
        if at_constraint:
            return "noted", f"{words}, at a stated constraint", 0
        return "breach", f"{asked}, or {absolute:g} {quantity.unit} at a constraint, and none is stated", 2
    return "breach", asked, 2 if absolute is None else 3


def _judge_at_most(quantity: Quantity, limit: float, words: str) -> tuple[Verdict, str, int] | None:
    if quantity.is_ratio and quantity.bound in ("at least", "over", "under"):
        return None  # "less than 1 in 20" is said of gentle and of steep alike
    if quantity.high > limit + 0.01:
        if quantity.bound == "under":
            return None
        return "breach", f"{words}, at most {limit:g} {quantity.unit} is asked", 2
    return ("met", words, 1) if quantity.bound not in ("at least", "over") else None


def _fits_traffic(ask: Ask, statement: Statement) -> bool:
    """Return whether the traffic that was read keeps every bound of an ask."""
    traffic = statement.traffic
    speed, low, high = traffic.speed, traffic.flow_low, traffic.flow_high
    return (
        (ask.speed_over is None or (speed is not None and speed > ask.speed_over + 0.5))
        and (ask.speed_at_most is None or (speed is not None and speed <= ask.speed_at_most + 0.5))
        and (ask.flow_over is None or (low is not None and low > ask.flow_over))
        and (ask.flow_at_most is None or (high is not None and high <= ask.flow_at_most))
        and (ask.hour_flow_over is None or _is_over(traffic.vehicles_an_hour, ask.hour_flow_over))
        and (ask.heavy_over is None or _is_over(traffic.heavy_share, ask.heavy_over))
    )


def _is_over(read: float | None, bound: float) -> bool:
    return read is not None and read > bound
