"""How a store knows an object: what tells other bytes under the same key."""

from typing import Any, NamedTuple


class ObjectMark(NamedTuple):
    """An object's size and its ETag, which other bytes would not have. What an ETag is made of is the
    store's own affair: it is compared with an earlier one of the same object, and believed where it is
    the digest that most stores take."""

    size_bytes: int
    etag: str

    @classmethod
    def read(cls, size_bytes: int, answer: dict[str, Any]) -> "ObjectMark":
        """Return the mark in what a store answers to HEAD, or lists."""
        return cls(size_bytes, str(answer.get("ETag") or "").strip('"'))
