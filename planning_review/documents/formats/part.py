"""A part of a document that is a file itself, as its container gives it."""

from typing import NamedTuple


class Part(NamedTuple):
    """What a format's `parts` yields.

    place is what people call it by, unique in its container (`attachment 2`); name is the name it has there,
    if any. data is None where it can't be taken out, for the reason.
    """

    place: str
    name: str
    data: bytes | None
    reason: str | None = None
