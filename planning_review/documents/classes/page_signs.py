"""What a document's first pages say that it is, and how much that weighs."""

from collections.abc import Sequence
from typing import Literal

from planning_review.documents.classes.page_rules import FormRule, find_pattern, load_page_rules
from planning_review.documents.classes.titles import (
    Title,
    find_self_description,
    find_titles,
    is_cover,
)
from planning_review.models import Frozen, PageText
from planning_review.text.folding import fold_lines

FIRST_PAGES = 3
"""How many pages are read for words; what a document is stands no later."""

READ_CHARACTERS = 6_000
_PICTURE_WORDS = 40
_SHEET_WORDS = 300
_FEW_WORDS = 100
_SHEET_SIGNS = 3
_MOST_LETTER_PAGES = 3
_SMALL_WORDS = frozenset({"and", "of", "the", "for", "to", "on"})


class PageSign(Frozen):
    """What the pages say. reason is a clause ("page 1 says 'Travel Plan'").

    form: they have the form of such a document, which no other has. title: its title stands on a
    cover, or the document describes itself so. head: a title over a full page. letter and covering
    letter: a letter, or one that encloses something. sheets: every page is a drawing.
    """

    document_type: str
    told_by: Literal["form", "title", "head", "letter", "covering_letter", "sheets"]
    reason: str


def read_first_pages(pages: Sequence[PageText]) -> PageSign | None:
    """Return what the pages say, None where they say nothing that can be relied on.

    Who speaks comes before what about: a comment that has a report's title on it is a comment.
    """
    first = [page.model_copy(update={"text": page.text[:READ_CHARACTERS]}) for page in pages[:FIRST_PAGES]]
    written = [page for page in first if page.text.strip()]
    return (
        _read_voice(written)
        or _read_sheets(pages)
        or _read_form(written)
        or _read_title(first)
        or _read_letter(written, len(pages))
    )


def list_titles(pages: Sequence[PageText]) -> list[Title]:
    """Return every title on the first pages."""
    return [title for page in pages[:FIRST_PAGES] for title in find_titles(page.text[:READ_CHARACTERS])]


def _read_sheets(pages: Sequence[PageText]) -> PageSign | None:
    shown = [page for page in pages if page.page_class != "blank"]
    if not shown or not all(_is_sheet(page) for page in shown):
        return None
    if len(shown) == 1:
        return PageSign(document_type="drawing", told_by="sheets", reason="the page is a drawing")
    reason = f"{len(shown)} of {len(pages)} pages are drawings"
    return PageSign(document_type="drawing", told_by="sheets", reason=reason)


def _is_sheet(page: PageText) -> bool:
    text, rules = fold_lines(page.text[:READ_CHARACTERS]), load_page_rules()
    signs = sum(find_pattern(pattern, text) is not None for pattern in rules.title_block)
    if page.page_class == "drawing":
        # A report on large paper has pages of that class too.
        return signs >= _SHEET_SIGNS or not find_titles(page.text[:READ_CHARACTERS])
    words = len(page.text.split())
    has_scale = find_pattern(rules.scale_for_paper, text) is not None
    return (signs > _SHEET_SIGNS and words <= _SHEET_WORDS) or (has_scale and words <= _FEW_WORDS)


def _read_voice(pages: Sequence[PageText]) -> PageSign | None:
    rules = load_page_rules()
    if not pages or any(find_pattern(rules.applicants_voice, fold_lines(page.text)) for page in pages):
        return None
    return _match_form(pages[0], rules.voices)


def _read_form(pages: Sequence[PageText]) -> PageSign | None:
    for page in pages[:2]:
        if sign := _match_form(page, load_page_rules().forms):
            return sign
        if len(page.text.split()) > _PICTURE_WORDS:
            return None
    return None


def _match_form(page: PageText, rules: Sequence[FormRule]) -> PageSign | None:
    text = fold_lines(page.text)
    for rule in rules:
        if (is_cover(page.text) or not rule.cover) and rule.matches(text):
            reason = f"page {page.number} has the form of {rule.is_a}"
            return PageSign(document_type=rule.document_type, told_by="form", reason=reason)
    return None


def _read_title(pages: Sequence[PageText]) -> PageSign | None:
    rules = load_page_rules()
    after_letter = False
    own = _find_own_description(pages)
    for page in pages:
        if _is_letter(page.text) or _is_email(page.text):
            after_letter = True
            continue
        cover = is_cover(page.text)
        if after_letter and not cover:
            break
        if titles := find_titles(page.text):
            title = next((t for t in titles if t.document_type not in rules.containers), titles[0])
            if own and not cover and own.document_type != title.document_type:
                return own
            is_sure = cover or own is not None
            reason = f"page {page.number} says '{write_as_title(title.words)}'"
            return PageSign(
                document_type=title.document_type, told_by="title" if is_sure else "head", reason=reason
            )
        if len(page.text.split()) > _PICTURE_WORDS:
            break  # what stands alone on a line after a full page is a heading
    return own


def _find_own_description(pages: Sequence[PageText]) -> PageSign | None:
    for page in pages:
        if not (_is_letter(page.text) or _is_email(page.text)) and (own := find_self_description(page.text)):
            reason = f"page {page.number} says 'This {write_as_title(own.words)} {own.verb}'"
            return PageSign(document_type=own.document_type, told_by="title", reason=reason)
    return None


def _read_letter(pages: Sequence[PageText], page_count: int) -> PageSign | None:
    if not pages:
        return None
    page = pages[0]
    is_letter = _is_letter(page.text)
    if not is_letter and not _is_email(page.text):
        return None
    encloses = find_pattern(load_page_rules().encloses, fold_lines(page.text))
    covers = encloses is not None and page_count <= _MOST_LETTER_PAGES
    kind = f"a{' covering' if covers else ''} letter" if is_letter else "an e-mail"
    return PageSign(
        document_type="letter",
        told_by="covering_letter" if covers else "letter",
        reason=f"page {page.number} is {kind}",
    )


def _is_letter(text: str) -> bool:
    return find_pattern(load_page_rules().letter, fold_lines(text)) is not None


def _is_email(text: str) -> bool:
    lines = fold_lines(text)
    return all(find_pattern(pattern, lines) for pattern in load_page_rules().email)


def write_as_title(words: str) -> str:
    """Return folded words as a title: `design and access statement` is `Design and Access Statement`."""
    return " ".join(w if w in _SMALL_WORDS else w[:1].upper() + w[1:] for w in words.split())
