"""The rules of page_rules.yaml, loaded once."""

import re
from functools import cache, cached_property
from importlib.resources import files

from planning_review.models import Frozen
from planning_review.yaml_files import read_yaml


class FormRule(Frozen):
    """A form of page that only one kind of document has (`is_a` names it for a reader).

    all and any are patterns; cover asks for a page of few words.
    """

    document_type: str
    is_a: str
    cover: bool = False
    all: tuple[str, ...]
    any: tuple[str, ...] = ()

    def matches(self, text: str) -> bool:
        """Return whether a page's lines, in lower case, have this form."""
        return all(_find(p, text) for p in self.all) and (
            not self.any or any(_find(p, text) for p in self.any)
        )


class PageRules(Frozen):
    """All of page_rules.yaml, which says what each part is for."""

    not_the_applicants: frozenset[str]
    containers: frozenset[str]
    vague_phrases: tuple[str, ...]
    parts: tuple[str, ...]
    drawing_number: str
    titles: dict[str, tuple[str, ...]]
    qualifiers: frozenset[str]
    sentence_words: frozenset[str]
    about_another: tuple[str, ...]
    title_followed_by: tuple[str, ...]
    ends_unfinished: frozenset[str]
    describes_itself: str
    applicants_voice: str
    voices: tuple[FormRule, ...]
    forms: tuple[FormRule, ...]
    letter: str
    email: tuple[str, ...]
    encloses: str
    scale_for_paper: str
    title_block: tuple[str, ...]

    @cached_property
    def document_types(self) -> frozenset[str]:
        """Every class that a page can give a document."""
        formed = {rule.document_type for rule in self.voices + self.forms}
        return frozenset({*self.titles, "letter", "drawing"} | formed)


@cache
def load_page_rules() -> PageRules:
    """Load the rules that come with the package."""
    return PageRules.model_validate(
        read_yaml(files("planning_review.documents.classes").joinpath("page_rules.yaml"))
    )


def find_pattern(pattern: str, text: str) -> re.Match[str] | None:
    """Return where a pattern of the rules stands in a page's lines."""
    return _compile(pattern).search(text)


def _find(pattern: str, text: str) -> bool:
    return find_pattern(pattern, text) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)
