"""Input as a flow's parameters, and the words for what does not fit."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from planning_review.errors import UsageError
from planning_review.models import Frozen

Parameters = TypeVar("Parameters", bound=Frozen)


def parse_parameters(kind: type[Parameters], values: Mapping[str, object]) -> Parameters:
    """Return what a command was asked for as its flow's parameters; raises UsageError."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise UsageError(describe_errors(error)) from None


def describe_errors(error: ValidationError) -> str:
    """Return one clause for each field that is wrong."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors()
    )
