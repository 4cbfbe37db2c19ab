"""Which of the applications that a scan finds are worth a review, by rules kept in interest.yaml."""

import re
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from planning_review.errors import UsageError
from planning_review.models import Frozen
from planning_review.register.search import FoundApplication
from planning_review.scan.interest_rules import InterestRule, InterestRules, Kind
from planning_review.text.folding import fold_for_phrases
from planning_review.text.phrases import find_phrase
from planning_review.text.quantities import Quantities, read_quantities
from planning_review.yaml_files import read_yaml

_DEFAULT_FILE = files("planning_review.scan").joinpath("interest.yaml")
_LONGEST_WORDS = 60
"""Characters of a proposal's own words that a reason repeats."""
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b")


class Verdict(Frozen):
    """Whether an application is reviewed, and why, in words for a reader of the list."""

    interesting: bool
    reason: str


def load_interest_rules(path: Path | None = None) -> InterestRules:
    """Read the rules that come with the package, or a group's own file in their place.

    Raises UsageError with the file and the key of everything in it that is wrong.
    """
    name = str(path) if path else "interest.yaml"
    try:
        return InterestRules.model_validate(read_yaml(path or _DEFAULT_FILE))
    except (OSError, UnicodeDecodeError) as error:
        problem = f"can't be read ({getattr(error, 'strerror', None) or 'it is not UTF-8 text'})"
    except yaml.YAMLError as error:
        problem = "is not YAML: " + " ".join(str(error).split())
    except ValidationError as error:
        problem = "; ".join(_describe_error(item) for item in error.errors())
    raise UsageError(
        f"{name} {problem}. It is the file of PLANNING_INTEREST_FILE, if that is set; the head of "
        "planning_review/scan/interest.yaml says what such a file may hold."
    )


def judge_interest(application: FoundApplication, rules: InterestRules) -> Verdict:
    """Decide whether an application is worth a review: by its place, else by the first rule that fits."""
    for places, interesting in ((rules.places.always, True), (rules.places.never, False)):
        if place := _find_place(application, places):
            reason = f"In {place}, where everything is reviewed." if interesting else f"Left out: in {place}."
            return Verdict(interesting=interesting, reason=reason)
    kinds = _tell_kinds(application, rules.kinds)
    quantities = read_quantities(application.proposal)
    for rule in rules.rules:
        facts = _fit_rule(rule, application.proposal, kinds, quantities)
        if facts is not None:
            reason = rule.reason.format(**facts)
            return Verdict(interesting=rule.verdict == "in", reason=reason[:1].upper() + reason[1:])
    return Verdict(interesting=rules.default.verdict == "in", reason=rules.default.reason)


def _fit_rule(
    rule: InterestRule, proposal: str | None, kinds: dict[str, str], quantities: Quantities
) -> dict[str, str] | None:
    """Return what the rule's reason may tell, or None where a condition does not hold."""
    kind = next((kinds[kind] for kind in rule.kinds if kind in kinds), None)
    words = find_phrase(proposal, rule.says, rule.ignoring)
    if (
        (rule.kinds and kind is None)
        or any(kind in kinds for kind in rule.unless_kinds)
        or (rule.says and words is None)
        or find_phrase(proposal, rule.unless_says, rule.ignoring) is not None
        or not _is_within(quantities.dwellings, rule.dwellings_at_least, rule.dwellings_at_most)
        or not _is_within(
            quantities.floor_space_sqm, rule.floor_space_sqm_at_least, rule.floor_space_sqm_at_most
        )
        or not _is_within(quantities.site_hectares, rule.site_hectares_at_least, None)
    ):
        return None
    homes = quantities.dwellings or 0
    return {
        "kind": kind or "",
        "words": (words or "")[:_LONGEST_WORDS],
        "dwellings": f"{homes:,} new home{'' if homes == 1 else 's'}",
        "floor_space": f"{quantities.floor_space_sqm or 0:,.0f}",
        "hectares": f"{quantities.site_hectares or 0:,.4g}",
    }


def _is_within(value: float | None, at_least: float | None, at_most: float | None) -> bool:
    if at_least is None and at_most is None:
        return True
    return value is not None and (at_least or 0) <= value <= (at_most or float("inf"))


def _tell_kinds(application: FoundApplication, kinds: dict[str, Kind]) -> dict[str, str]:
    """Return the kinds that an application is of, each in the words for a reason."""
    suffix = application.reference.rpartition("/")[2].upper()
    told: dict[str, str] = {}
    for name, kind in kinds.items():
        if find_phrase(application.application_type, kind.types):
            told[name] = kind.called
        elif mark := {known.upper(): mark for known, mark in kind.suffixes.items()}.get(suffix):
            probably = "probably " if mark == "M" else ""
            told[name] = f"{probably}{kind.called} (by the {suffix} in its reference)"
    return told


def _find_place(application: FoundApplication, places: tuple[str, ...]) -> str | None:
    # Parts of an address, not words in it: Oxford is not Oxford Road.
    parts = [application.parish or "", *(application.address or "").split(",")]
    folded = {_POSTCODE.sub("", fold_for_phrases(part)).strip() for part in parts}
    return next((place for place in places if fold_for_phrases(place) in folded - {""}), None)


def _describe_error(error: ErrorDetails) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    what = (
        "is not a key that it knows"
        if error["type"] == "extra_forbidden"
        else error["msg"].removeprefix("Value error, ")
    )
    return f"{where or 'the file'}: {what}"
