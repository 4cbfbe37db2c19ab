"""What kind of document a file is once it has been read: the register's words and the first pages."""

from collections.abc import Sequence

from planning_review.documents.classes.classification import (
    RegisterClass,
    list_document_types,
    load_classification_rules,
    read_register_words,
)
from planning_review.documents.classes.page_rules import find_pattern, load_page_rules
from planning_review.documents.classes.page_signs import (
    FIRST_PAGES,
    READ_CHARACTERS,
    PageSign,
    list_titles,
    read_first_pages,
)
from planning_review.documents.classes.titles import could_be_title, list_title_lines
from planning_review.models import Frozen, ListedDocument, PageText
from planning_review.text.phrases import says_any

_MOST_NAME_CHARACTERS = 200


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
    said = read_register_words(document)
    sign = read_first_pages(pages)
    if sign is None or said.told_by == "voice":
        if said.told_by == "nothing" and pages:
            return _conclude(said, "neither the register's words nor the first pages tell what it is")
        return _conclude(said)
    if said.told_by == "number" and sign.told_by == "sheets":
        return _conclude(said, "the register gives it a drawing number and " + _say_sheets(sign))
    if sign.document_type == said.document_type:
        return _conclude(said)
    if said.told_by == "name" and not says_any(said.words, load_page_rules().vague_phrases):
        return _weigh_against_name(document, said, sign, pages)
    return _weigh_against_vague_words(document, said, sign)


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
    """Tell whether the pages would make an applicant's document another's, or the reverse."""
    theirs = load_page_rules().not_the_applicants
    return (said.document_type in theirs) != (sign.document_type in theirs)


def _pages_agree(said: RegisterClass, pages: Sequence[PageText]) -> bool:
    """Tell whether a title on the first pages is what the register says, whatever else stands there."""
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
