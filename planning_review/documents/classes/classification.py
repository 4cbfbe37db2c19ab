"""What kind of document a row of the register is, by rules kept in classification.yaml."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from planning_review.models import Frozen, ListedDocument
from planning_review.text.phrases import find_phrase, says_any

OTHER = "other"
"""The class of a document that no rule knows."""

_MOST_QUOTED_CHARACTERS = 80


class VoiceRule(Frozen):
    """How to tell a document by who wrote it, from its group or from its name."""

    document_type: str
    group: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    unless_name: tuple[str, ...] = ()

    def explain(self, document: ListedDocument) -> str | None:
        """Return why the document is such a one, None where it is not."""
        for text in (document.category, document.listed_type):
            if text and says_any(text, self.group):
                return _put_it_among(text)
        names = (document.title, document.file_name)
        if any(says_any(text, self.unless_name) for text in names):
            return None
        return next((_call_it(document, text) for text in names if text and says_any(text, self.name)), None)


class ClassificationRules(Frozen):
    """All of classification.yaml; the others map a class to its phrases, tried in order."""

    voices: tuple[VoiceRule, ...]
    names: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    subjects: dict[str, tuple[str, ...]]

    @property
    def all_names(self) -> dict[str, tuple[str, ...]]:
        """What a name can say, strong words and weaker ones."""
        return self.names | self.subjects


class RegisterClass(Frozen):
    """What the register's words alone tell of a document.

    told_by says which of its words: who wrote it (voice), the document's name, its group, its drawing
    number, or none. words are the phrase of a name, folded; other_types are further classes that the
    same words name.
    """

    document_type: str
    told_by: Literal["voice", "name", "group", "number", "nothing"]
    words: str = ""
    reason: str
    other_types: frozenset[str] = frozenset()


def classify_document(document: ListedDocument) -> str:
    """Return the document's class (`transport_assessment`, `drawing`, …), `other` if no rule knows it.

    Only the register's own words are used, so this can be told before a download. Comments and
    consultation responses come first, whatever they are about; then the name; then the group; then the
    subject that the name speaks of.
    """
    return read_register_words(document).document_type


def read_register_words(document: ListedDocument) -> RegisterClass:
    """Return the document's class by the register's words, and which of them told it."""
    rules = load_classification_rules()
    for rule in rules.voices:
        if reason := rule.explain(document):
            return RegisterClass(document_type=rule.document_type, told_by="voice", reason=reason)
    if told := _read_name(document, rules.names):
        return told
    for text in (document.listed_type, document.category):
        told_types = [name for name, phrases in rules.groups.items() if says_any(text, phrases)]
        if told_types and text:
            return RegisterClass(
                document_type=told_types[0],
                told_by="group",
                reason=_put_it_among(text),
                other_types=frozenset(told_types[1:]),
            )
    if told := _read_name(document, rules.subjects):
        return told
    if document.drawing_number:
        reason = f"the register gives it a drawing number ({_shorten(document.drawing_number)})"
        return RegisterClass(document_type="drawing", told_by="number", reason=reason)
    return RegisterClass(
        document_type=OTHER, told_by="nothing", reason="the register's words do not tell what it is"
    )


def list_document_types() -> frozenset[str]:
    """Return every class that the register's words can give a document."""
    rules = load_classification_rules()
    return frozenset({rule.document_type for rule in rules.voices} | {*rules.all_names, *rules.groups, OTHER})


@cache
def load_classification_rules() -> ClassificationRules:
    """Read the rules that come with the package."""
    text = files("planning_review.documents.classes").joinpath("classification.yaml").read_text("utf-8")
    return ClassificationRules.model_validate(yaml.safe_load(text))


def _read_name(
    document: ListedDocument, phrases_by_class: dict[str, tuple[str, ...]]
) -> RegisterClass | None:
    names = [text for text in (document.title, document.file_name, document.listed_type) if text]
    every = load_classification_rules().all_names
    for text in names:
        for document_type, phrases in phrases_by_class.items():
            if words := find_phrase(text, phrases):
                told = {name for name, some in every.items() if any(says_any(t, some) for t in names)}
                return RegisterClass(
                    document_type=document_type,
                    told_by="name",
                    words=words,
                    reason=_call_it(document, text),
                    other_types=frozenset(told - {document_type}),
                )
    return None


def _put_it_among(group: str) -> str:
    return f"the register puts it among {_shorten(group)}"


def _call_it(document: ListedDocument, text: str) -> str:
    """Say which of the register's words tell what a document is."""
    who = "its file is called" if text == document.file_name else "the register calls it"
    return f"{who} {_shorten(text)}"


def _shorten(text: str) -> str:
    return " ".join(text.replace("_", " ").split())[:_MOST_QUOTED_CHARACTERS]
