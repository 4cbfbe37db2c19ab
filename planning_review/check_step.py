"""One step of `planning-review check`, whatever it checks."""

from typing import NamedTuple


class Step(NamedTuple):
    """One thing that was tried and worked; detail says what was found."""

    name: str
    detail: str
    is_warning: bool = False
