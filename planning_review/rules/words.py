"""The named lists of phrases that rules share, and the mentions of them in a sentence."""

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from planning_review.text.phrases import PhraseLists, PhrasePattern
from planning_review.yaml_files import read_yaml

FOLDER = Path(__file__).parent


class Mention(NamedTuple):
    """A phrase of a named list in a plain sentence: characters from start up to end."""

    name: str
    start: int
    end: int


@cache
def load_lists() -> PhraseLists:
    """Read words.yaml."""
    return PhraseLists(read_yaml(FOLDER / "words.yaml"))


@cache
def compile_phrases(phrases: str) -> PhrasePattern:
    """Return the pattern of some phrases, which may name the lists of words.yaml."""
    return load_lists().compile(phrases)


@lru_cache(maxsize=512)
def _find_list(words: str, name: str) -> tuple[tuple[int, int], ...]:
    return tuple(m.span() for m in compile_phrases(f"<{name}>").finditer(words))


def find_mentions(words: str, names: tuple[str, ...]) -> list[Mention]:
    """Return where phrases of some lists stand, in the order of the words; the first name wins a place."""
    found: list[Mention] = []
    for name in names:
        for start, end in _find_list(words, name):
            if not any(m.start < end and start < m.end for m in found):
                found.append(Mention(name, start, end))
    return sorted(found, key=lambda m: m.start)


def read_rule_bytes() -> bytes:
    """Return every rule as it is written, for the reviewer's version."""
    return b"".join(path.read_bytes() for path in sorted([*FOLDER.rglob("*.yaml"), *FOLDER.glob("*.json")]))
