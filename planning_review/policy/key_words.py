"""What requirements say, held against the loaded text of the paragraphs that they cite."""

import re
from collections.abc import Iterator, Sequence

from planning_review.models import Frozen
from planning_review.policy.passages import PolicyPassage
from planning_review.policy.requirements import load_requirements
from planning_review.text.folding import fold_case_and_space

_NUMBER = re.compile(r"(?:(?:Table|Figure|chapter|[A-Z]{1,4})\s*)?[0-9]+(?:[.-][0-9]+)*", re.IGNORECASE)


class KeyWordCheck(Frozen):
    """What a loaded paragraph says of the key words of a requirement; is_loaded: the paragraph was found."""

    requirement_id: str
    paragraph: str
    missing: tuple[str, ...]
    is_loaded: bool

    @property
    def holds(self) -> bool:
        """Whether each key word stands in the paragraph."""
        return self.is_loaded and not self.missing


def check_key_words(source: str, edition: str, passages: Sequence[PolicyPassage]) -> Iterator[KeyWordCheck]:
    """Yield a check for each requirement that cites an edition, passages being all that is loaded of it.

    Limbs ("117(a)") are looked for in the whole of their paragraph, a section (8.3) in all below it.
    """
    for requirement in load_requirements():
        for text in requirement.cited_as:
            paragraph = text.paragraphs.get(edition)
            if text.source != source or paragraph is None or not text.key_words:
                continue
            found = [
                p.text for p in passages if any(_is_within(p.paragraph, n) for n in _list_numbers(paragraph))
            ]
            words = fold_case_and_space(" ".join(found))
            yield KeyWordCheck(
                requirement_id=requirement.id,
                paragraph=paragraph,
                missing=tuple(word for word in text.key_words if not _begins_a_word(word, words)),
                is_loaded=bool(found),
            )


def _list_numbers(paragraph: str) -> list[str]:
    """Return the whole paragraphs that a citation names: 117 of 117(b),(c)."""
    return [
        number
        for part in paragraph.split(",")
        if (match := _NUMBER.match(part.strip()))
        for number in [match[0]]
    ]


def _is_within(label: str, number: str) -> bool:
    """Return whether a passage's label is a paragraph, one of its limbs or one below it."""
    number = number.removeprefix("chapter ")
    return re.match(rf"{re.escape(number)}(?![0-9A-Za-z])", label, re.IGNORECASE) is not None


def _begins_a_word(word: str, words: str) -> bool:
    return re.search(rf"(?<![0-9a-z.]){re.escape(word)}", words) is not None
