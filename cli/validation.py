"""Words for input that does not fit."""

from pydantic import ValidationError


def describe_errors(error: ValidationError) -> str:
    """Return one clause for each field that is wrong."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors()
    )
