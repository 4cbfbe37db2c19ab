"""Answers of a model read item by item: what is wrong with one is kept as a reason, and costs no other."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

_Item = TypeVar("_Item")


class Rejected(BaseModel):
    """Stands in an answer where an item was that is not what was asked for."""

    model_config = ConfigDict(frozen=True)

    reason: str


def _keep_reason(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return Rejected(reason="; ".join(_describe_fault(f["loc"], f["msg"]) for f in faults))


def _describe_fault(place: tuple[int | str, ...], message: str) -> str:
    name = ".".join(map(str, place))
    return f"{name}: {message}" if name else message


Lenient = WrapValidator(_keep_reason)
"""Marks a field or an item of a list that may be Rejected once it was read."""


class Answer(BaseModel):
    """A part of a model's answer; a missing field reads as null, and is told like any other fault."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _name_what_is_missing(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: value.get(name) for name in cls.model_fields}
        return value


def list_faults(answer: BaseModel, place: str = "") -> Iterator[str]:
    """Yield each thing wrong in an answer: which item, which field, and what was wrong."""
    for name in type(answer).model_fields:
        yield from _list_faults_of(getattr(answer, name), f"{place}.{name}" if place else name)


def _list_faults_of(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Rejected):
        yield f"{place}: {value.reason}"
    elif isinstance(value, BaseModel):
        yield from list_faults(value, place)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, item in enumerate(value):
            yield from _list_faults_of(item, f"{place}[{position}]")


def keep_good(items: object, kind: type[_Item]) -> list[_Item]:
    """Return the items of a list that are what was asked for; nothing of a list that was rejected whole."""
    return [item for item in items if isinstance(item, kind)] if isinstance(items, Sequence) else []


def good_text(value: object) -> str:
    """Return a text, empty where it was rejected."""
    return value if isinstance(value, str) else ""
