"""The listed documents that are read, and why not the others, by rules kept in selection.yaml."""

from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from planning_review.documents.classes.classification import classify_document
from planning_review.errors import UsageError
from planning_review.models import Choice, Frozen, ListedDocument
from planning_review.text.phrases import says_any
from planning_review.yaml_files import read_yaml

PUBLIC_COMMENT = "public_comment"
HIDDEN_TITLE = "Comment from the public"


class SelectionRule(Frozen):
    """What becomes of the documents that fit; include is the word that brings left-out ones back."""

    document_types: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    unless_says: tuple[str, ...] = ()
    selected: bool = True
    priority: Literal["normal", "low"] = "normal"
    include: str | None = None
    reason: str
    reason_included: str | None = None

    def fits(self, document: ListedDocument, document_type: str) -> bool:
        """Return whether the rule is about this document."""
        if document_type in self.document_types:
            return True
        texts = (document.title, document.file_name, document.category, document.listed_type)
        return any(says_any(text, self.says) and not says_any(text, self.unless_says) for text in texts)


class SelectionRules(Frozen):
    """All of selection.yaml."""

    rules: tuple[SelectionRule, ...]
    default: SelectionRule


class Selection(Frozen):
    """A choice for every listed document, in the order of the list, and what a reader should know."""

    choices: tuple[Choice, ...]
    warnings: tuple[str, ...] = ()


def choose_documents(documents: Sequence[ListedDocument], include: Collection[str] = ()) -> Selection:
    """Decide for each document whether it is read, with the reason.

    include holds `comments`, `consultees` or both; another word raises UsageError.
    """
    asked = _known_includes(include)
    choices = tuple(_choose(document, asked) for document in documents)
    return Selection(choices=choices, warnings=tuple(_find_warnings(choices)))


def hide_names(choices: Sequence[Choice], application_url: str) -> tuple[Choice, ...]:
    """Return the choices without what may name the neighbours whose comments are left out.

    Their titles and files' names, which stand in their addresses too, often do; nothing of them is read, and
    what is kept of the list is published. Their link leads to the application's page.
    """
    return tuple(
        choice
        if choice.selected or classify_document(choice.document) != PUBLIC_COMMENT
        else choice.model_copy(update={"document": _without_name(choice.document, application_url)})
        for choice in choices
    )


def _without_name(document: ListedDocument, application_url: str) -> ListedDocument:
    # By its type it stays what it was by its name.
    return document.model_copy(
        update={
            "title": HIDDEN_TITLE,
            "file_name": None,
            "listed_type": HIDDEN_TITLE,
            "drawing_number": None,
            "register_url": application_url,
        }
    )


@cache
def load_selection_rules() -> SelectionRules:
    """Load the rules that come with the package."""
    return SelectionRules.model_validate(
        read_yaml(files("planning_review.documents").joinpath("selection.yaml"))
    )


def _known_includes(include: Collection[str]) -> frozenset[str]:
    known = [rule.include for rule in load_selection_rules().rules if rule.include]
    asked = frozenset(word.strip().lower() for word in include)
    if unknown := sorted(asked.difference(known)):
        raise UsageError(
            f"--include does not know {', '.join(repr(word[:40]) for word in unknown)}: "
            f"it takes {' and '.join(known)}, for example --include {','.join(known)}."
        )
    return asked


def _choose(document: ListedDocument, asked: frozenset[str]) -> Choice:
    rules = load_selection_rules()
    document_type = classify_document(document)
    reason_included = None
    for rule in rules.rules:
        if not rule.fits(document, document_type):
            continue
        if rule.include in asked:
            reason_included = rule.reason_included
            continue
        return Choice(document=document, selected=rule.selected, reason=rule.reason, priority=rule.priority)
    return Choice(document=document, selected=True, reason=reason_included or rules.default.reason)


def _find_warnings(choices: tuple[Choice, ...]) -> list[str]:
    warnings = []
    if choices and not any(choice.document.category for choice in choices):
        warnings.append(
            f"None of the {len(choices)} listed documents has a category, so comments and consultation "
            "responses could be told by their names only and some may be read as evidence: look through "
            "the list of documents."
        )
    if choices and not any(choice.selected for choice in choices):
        warnings.append(
            f"All {len(choices)} listed documents are left out, so there is nothing to read: "
            "each one's reason says which option brings it back."
        )
    return warnings
