"""The shape of an interest file, and what in one contradicts itself."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from planning_review.models import Frozen
from planning_review.policy.editions import Mark


def _refuse_bare_text(value: object) -> object:
    # A lone string would be read letter by letter, each letter a phrase that fits nearly everything.
    if isinstance(value, str):
        raise ValueError("must be a list: put it in [square brackets]")
    return value


def _write_as_read(phrase: str) -> str:
    """Return a phrase as the folded text would hold it: "Pre-school" would else never be found."""
    text = re.sub(r"['’]", "", phrase.casefold().replace("&", " and "))
    words = re.sub(r"[^\w*]+", " ", text).strip()
    if not words.strip("* "):
        raise ValueError(f"{phrase!r} holds no word to look for")
    return "=" + words if phrase.startswith("=") else words


Names = Annotated[tuple[str, ...], BeforeValidator(_refuse_bare_text)]
Phrases = Annotated[
    tuple[Annotated[str, AfterValidator(_write_as_read)], ...], BeforeValidator(_refuse_bare_text)
]


class Default(Frozen):
    """What is decided where no rule fits."""

    verdict: Literal["in", "out"]
    reason: str


class Kind(Frozen):
    """A kind of application: what it is called, the printed types and the reference suffixes that tell it.

    Each suffix has the mark of how its meaning is known; with M, memory only, a reason says "probably".
    """

    called: str
    types: Phrases = ()
    suffixes: dict[str, Mark] = Field(default_factory=dict)


class InterestRule(Frozen):
    """What is decided for applications that meet every condition given.

    A reason may hold {kind}, {words}, {dwellings}, {floor_space}, {hectares}, where the rule asks for them.
    """

    name: str
    verdict: Literal["in", "out"]
    reason: str
    kinds: Names = ()
    unless_kinds: Names = ()
    says: Phrases = ()
    unless_says: Phrases = ()
    ignoring: Phrases = ()
    dwellings_at_least: int | None = Field(None, ge=1)
    dwellings_at_most: int | None = Field(None, ge=1)
    floor_space_sqm_at_least: float | None = Field(None, gt=0)
    floor_space_sqm_at_most: float | None = Field(None, gt=0)
    site_hectares_at_least: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        asked = {
            "kind": bool(self.kinds),
            "words": bool(self.says),
            "dwellings": bool(self.dwellings_at_least or self.dwellings_at_most),
            "floor_space": bool(self.floor_space_sqm_at_least or self.floor_space_sqm_at_most),
            "hectares": bool(self.site_hectares_at_least),
        }
        if not any(asked.values()):
            raise ValueError(f"the rule {self.name!r} has no condition, so it would decide everything")
        try:
            self.reason.format(**{name: "" for name, given in asked.items() if given})
        except (KeyError, IndexError, ValueError, AttributeError):
            known = ", ".join(f"{{{name}}}" for name, given in asked.items() if given)
            raise ValueError(f"the reason of {self.name!r} may hold only {known}") from None
        return self


class Places(Frozen):
    """Parishes, or parts of an address between commas, that decide by themselves."""

    always: Names = ()
    never: Names = ()


class InterestRules(Frozen):
    """All of an interest file: places first, then the rules in their order, then the default."""

    places: Places = Places()
    kinds: dict[str, Kind] = Field(default_factory=dict)
    rules: tuple[InterestRule, ...]
    default: Default

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [rule.name for rule in self.rules]
        for rule in self.rules:
            if names.count(rule.name) > 1:
                raise ValueError(f"two rules are named {rule.name!r}")
            for kind in (*rule.kinds, *rule.unless_kinds):
                if kind not in self.kinds:
                    raise ValueError(f"the rule {rule.name!r} names a kind that `kinds` has not: {kind!r}")
        return self
