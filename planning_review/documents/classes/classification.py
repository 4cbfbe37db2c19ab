"""The kind of a document: by the register's words before a download, and by its first pages once it is read.

The rules of the register's words are kept in classification.yaml, those of pages in page_rules.yaml.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from planning_review.documents.classes.page_rules import find_pattern, load_page_rules
from planning_review.documents.classes.page_signs import (
    FIRST_PAGES,
    READ_CHARACTERS,
    PageSign,
    could_be_title,
    find_page_sign,
    list_title_lines,
    list_titles,
)
from planning_review.models import Frozen, ListedDocument, PageText
from planning_review.text.phrases import find_phrase, says_any
from planning_review.yaml_files import read_yaml

OTHER = "other"
"""The class of a document that no rule knows."""

_MOST_QUOTED_CHARACTERS = 80

_MOST_NAME_CHARACTERS = 200


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
    return match_register_words(document).document_type


def match_register_words(document: ListedDocument) -> RegisterClass:
    """Return the document's class by the register's words, and which of them told it."""
    rules = load_classification_rules()
    for rule in rules.voices:
        if reason := rule.explain(document):
            return RegisterClass(document_type=rule.document_type, told_by="voice", reason=reason)
    if told := _match_name(document, rules.names):
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
    if told := _match_name(document, rules.subjects):
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
    """Load the rules that come with the package."""
    return ClassificationRules.model_validate(
        read_yaml(files("planning_review.documents.classes").joinpath("classification.yaml"))
    )


def _match_name(
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
    """Return in a clause which of the register's words tell what a document is."""
    who = "its file is called" if text == document.file_name else "the register calls it"
    return f"{who} {_shorten(text)}"


def _shorten(text: str) -> str:
    return " ".join(text.replace("_", " ").split())[:_MOST_QUOTED_CHARACTERS]


class Classification(Frozen):
    """A document's class and, in a clause for a reader, what tells it."""

    document_type: str
    reason: str


def classify_read_document(document: ListedDocument, pages: Sequence[PageText]) -> Classification:
    """Return a document's class by what the register says of it and what its pages say.

    pages are all that were read, in order; only the first three are read for words. Who speaks comes
    first: what the register lists as a comment or a consultation response stays one, whatever it
    quotes. A specific name stands, unless a cover or the document's own words contradict it. First
    pages decide where the name is vague. No document becomes one of the applicant's, or stops being
    one, by a title alone or against the register's name. Without pages it is `classify_document`.
    """
    said = match_register_words(document)
    sign = find_page_sign(pages)
    if sign is None or said.told_by == "voice":
        if said.told_by == "nothing" and pages:
            return _conclude(said, "neither the register's words nor the first pages tell what it is")
        return _conclude(said)
    if sign.told_by == "voice" and said.document_type not in load_page_rules().not_the_applicants:
        return _hand_over(document, said, sign)
    if said.told_by == "number" and sign.told_by == "sheets":
        return _conclude(said, "the register gives it a drawing number and " + _say_sheets(sign))
    if sign.document_type == said.document_type:
        return _conclude(said)
    if said.told_by == "name" and not says_any(said.words, load_page_rules().vague_phrases):
        return _weigh_against_name(document, said, sign, pages)
    return _weigh_against_vague_words(document, said, sign)


def _hand_over(document: ListedDocument, said: RegisterClass, sign: PageSign) -> Classification:
    """Return the class of a document in which another speaks, unless its name says that it answers them."""
    voices = load_classification_rules().voices
    if any(says_any(document.title, rule.unless_name) for rule in voices):
        return _conclude(said, f"{said.reason}, although {sign.reason}")
    is_vague = said.told_by != "name" or says_any(said.words, load_page_rules().vague_phrases)
    reason = sign.reason if is_vague else f"{said.reason}, but {sign.reason}"
    return Classification(document_type=sign.document_type, reason=reason)


def list_all_document_types() -> frozenset[str]:
    """Return every class that a read document can have."""
    return list_document_types() | load_page_rules().document_types


def _weigh_against_name(
    document: ListedDocument, said: RegisterClass, sign: PageSign, pages: Sequence[PageText]
) -> Classification:
    rules = load_page_rules()
    if sign.told_by in ("letter", "sheets") or sign.document_type in said.other_types | rules.containers:
        return _conclude(said)
    if _crosses(said, sign):
        # "Comments on the Travel Plan" is a name of that plan, and says that somebody else speaks.
        if sign.told_by == "form" and says_any(document.title, rules.about_another):
            return Classification(document_type=sign.document_type, reason=sign.reason)
        return _conclude(said, f"{said.reason}, although {sign.reason}")
    if said.document_type in rules.containers and sign.told_by == "title":
        return Classification(document_type=sign.document_type, reason=f"{said.reason}; {sign.reason}")
    if sign.told_by == "head" or _pages_agree(said, pages):
        return _conclude(said)
    if says_any(document.title, rules.parts):
        return _conclude(said, f"{said.reason}, although {sign.reason}")
    return Classification(document_type=sign.document_type, reason=f"{said.reason}, but {sign.reason}")


def _weigh_against_vague_words(
    document: ListedDocument, said: RegisterClass, sign: PageSign
) -> Classification:
    if _crosses(said, sign) and sign.document_type not in said.other_types:
        is_theirs = said.document_type in load_page_rules().not_the_applicants
        if is_theirs or sign.told_by != "form":
            return _conclude(said, f"{said.reason}, although {sign.reason}")
    if sign.told_by == "sheets" and _has_drawing_number(document):
        return Classification(
            document_type=sign.document_type,
            reason="its name has a drawing number and " + _say_sheets(sign),
        )
    return Classification(document_type=sign.document_type, reason=sign.reason)


def _conclude(said: RegisterClass, reason: str | None = None) -> Classification:
    return Classification(document_type=said.document_type, reason=reason or said.reason)


def _crosses(said: RegisterClass, sign: PageSign) -> bool:
    """Return whether the pages would make an applicant's document another's, or the reverse."""
    theirs = load_page_rules().not_the_applicants
    return (said.document_type in theirs) != (sign.document_type in theirs)


def _pages_agree(said: RegisterClass, pages: Sequence[PageText]) -> bool:
    """Return whether a title on the first pages is what the register says, whatever else stands there."""
    if any(title.document_type == said.document_type for title in list_titles(pages)):
        return True
    phrases, rules = load_classification_rules().all_names[said.document_type], load_page_rules()
    lines = [line for page in pages[:FIRST_PAGES] for line in list_title_lines(page.text[:READ_CHARACTERS])]
    return any(says_any(line, phrases) for line in lines if could_be_title(line, rules))


def _say_sheets(sign: PageSign) -> str:
    return sign.reason if "page is" in sign.reason else "the pages are drawings"


def _has_drawing_number(document: ListedDocument) -> bool:
    names = (document.title, document.file_name, document.drawing_number)
    pattern = load_page_rules().drawing_number
    return any(
        find_pattern(pattern, name[:_MOST_NAME_CHARACTERS].upper()) is not None for name in names if name
    )
