"""What kind of document a row of the register is, by rules kept in classification.yaml."""

from functools import cache
from importlib.resources import files

import yaml

from planning_review.documents.phrases import says_any
from planning_review.models import Frozen, ListedDocument

OTHER = "other"
"""The class of a document that no rule knows."""


class VoiceRule(Frozen):
    """How to tell a document by who wrote it, from its group or from its name."""

    document_type: str
    group: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    unless_name: tuple[str, ...] = ()

    def matches(self, document: ListedDocument) -> bool:
        """Tell whether the document is such a one."""
        names = (document.title, document.file_name)
        if any(says_any(text, self.group) for text in (document.category, document.listed_type)):
            return True
        return any(says_any(text, self.name) for text in names) and not any(
            says_any(text, self.unless_name) for text in names
        )


class ClassificationRules(Frozen):
    """All of classification.yaml; names and groups map a class to its phrases, tried in order."""

    voices: tuple[VoiceRule, ...]
    names: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]


def classify_document(document: ListedDocument) -> str:
    """Return the document's class (`transport_assessment`, `drawing`, …), `other` if no rule knows it.

    Only the register's own words are used, so this can be told before a download. Comments and
    consultation responses come first, whatever they are about; then the name; then the group.
    """
    rules = load_classification_rules()
    for rule in rules.voices:
        if rule.matches(document):
            return rule.document_type
    for text in (document.title, document.file_name, document.listed_type):
        if found := _first_class(text, rules.names):
            return found
    for text in (document.listed_type, document.category):
        if found := _first_class(text, rules.groups):
            return found
    return "drawing" if document.drawing_number else OTHER


def list_document_types() -> frozenset[str]:
    """Return every class that a document can have."""
    rules = load_classification_rules()
    return frozenset({rule.document_type for rule in rules.voices} | {*rules.names, *rules.groups, OTHER})


@cache
def load_classification_rules() -> ClassificationRules:
    """Read the rules that come with the package."""
    text = files("planning_review.documents").joinpath("classification.yaml").read_text(encoding="utf-8")
    return ClassificationRules.model_validate(yaml.safe_load(text))


def _first_class(text: str | None, phrases_by_class: dict[str, tuple[str, ...]]) -> str | None:
    return next((name for name, phrases in phrases_by_class.items() if says_any(text, phrases)), None)
