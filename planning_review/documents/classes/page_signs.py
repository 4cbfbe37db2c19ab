"""The signs of a document's class on its first pages: titles on their own lines, forms, letters, drawings."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from planning_review.documents.classes.page_rules import FormRule, PageRules, find_pattern, load_page_rules
from planning_review.documents.classes.voices import hear_voice
from planning_review.models import Frozen, PageText
from planning_review.text.folding import fold_for_phrases, fold_lines
from planning_review.text.phrases import find_phrase, says_any

FIRST_PAGES = 3
"""How many pages are read for words; what a document is stands no later."""

READ_CHARACTERS = 6_000
_PICTURE_WORDS = 40
_SHEET_WORDS = 300
_FEW_WORDS = 100
_SHEET_SIGNS = 3
_MOST_LETTER_PAGES = 3
_SMALL_WORDS = frozenset({"and", "of", "the", "for", "to", "on"})

COVER_WORDS = 150
"""A page of no more words is a cover; on a fuller one only the first lines can be its title."""

_HEAD_LINES = 12
_MOST_TITLE_WORDS = 16
_MOST_SPLIT_WORDS = 6
_LINES_IN_A_TITLE = 3
_CLASSES_IN_A_LIST = 3
_MOST_SELF_DESCRIPTIONS = 40
_NUMBERED = re.compile(r"(?:\d{1,3}\.\d[\d.]*|\d{1,2}\.)\s+\D")
_LEADERS = re.compile(r"\.{3,}|…|(?:\. ){3,}")
_CONTENTS = ("contents", "table of contents", "list of contents")


class Title(NamedTuple):
    """A title that names a class: its words, folded. verb is what a document says of itself with it."""

    document_type: str
    words: str
    verb: str = ""


def is_cover(text: str) -> bool:
    """Return whether a page has so few words that any line of it may be the title."""
    return len(text.split()) <= COVER_WORDS


def list_title_lines(text: str) -> list[str]:
    """Return the lines of a page that can be part of a title, down to its contents."""
    lines = [piece.strip() for line in text.splitlines() for piece in line.split(" | ") if piece.strip()]
    end = next((n for n, line in enumerate(lines) if fold_for_phrases(line) in _CONTENTS), len(lines))
    return lines[: end if is_cover(text) else min(end, _HEAD_LINES)]


def find_titles(text: str) -> list[Title]:
    """Return the titles on a page in reading order; none where it is a list of several documents."""
    rules = load_page_rules()
    found = list(_match_titles(list_title_lines(text), rules))
    kinds = {title.document_type for title in found} - rules.containers
    return [] if len(kinds) >= _CLASSES_IN_A_LIST else found


def find_self_description(text: str) -> Title | None:
    """Return what a page says that the document is: "This Travel Plan has been prepared by"."""
    rules = load_page_rules()
    folded = fold_for_phrases(text)
    for match in islice(re.finditer(r"\bthis ", folded), _MOST_SELF_DESCRIPTIONS):
        after = folded[match.end() : match.end() + 120]
        for document_type, phrases in rules.titles.items():
            words = find_phrase(after[:60], phrases)
            start = after.find(words) if words else -1
            if words is None or any(w not in rules.qualifiers for w in after[:start].split()):
                continue
            said = find_pattern(rf"\A{rules.describes_itself}", after[start + len(words) :])
            if said:
                return Title(document_type, after[: start + len(words)], said["verb"])
    return None


def _match_titles(lines: list[str], rules: PageRules) -> Iterator[Title]:
    position = 0
    while position < len(lines):
        step = 1
        for count in range(1, _LINES_IN_A_TITLE + 1):
            window = lines[position : position + count]
            if len(window) < count or (
                count > 1 and any(len(line.split()) > _MOST_SPLIT_WORDS for line in window)
            ):
                break
            if title := _match_title(lines, position, count, rules):
                yield title
                step = count
                break
        position += step


def _match_title(lines: list[str], position: int, count: int, rules: PageRules) -> Title | None:
    window = lines[position : position + count]
    if not all(could_be_title(line, rules) for line in window):
        return None
    folded = fold_for_phrases(" ".join(window))
    if len(folded.split()) > _MOST_TITLE_WORDS or says_any(folded, rules.about_another):
        return None
    for document_type, phrases in rules.titles.items():
        words = find_phrase(folded, phrases)
        if words is None:
            continue
        # What a part of the lines says by itself belongs to that part.
        if count > 1 and any(says_any(" ".join(part), (words,)) for part in (window[1:], window[:-1])):
            return None
        before = fold_for_phrases(lines[position - 1]).split() if position else []
        after = fold_for_phrases(lines[position + count]) if position + count < len(lines) else ""
        if before[-1:] and before[-1] in rules.ends_unfinished:
            return None
        if (
            after
            and len(after.split()) <= _LINES_IN_A_TITLE
            and says_any(after.split()[0], rules.title_followed_by)
        ):
            return None
        title = _with_qualifiers(folded, words, rules)
        # "7 Travel Plan" is a section, "7 Elm Row: Travel Plan" a title.
        return None if re.match(rf"\d{{1,2}} {title}", folded) else Title(document_type, title)
    return None


def could_be_title(line: str, rules: PageRules) -> bool:
    """Return whether a line may be a title's: no sentence, no entry of a list of contents, no section."""
    if line.endswith((".", ",", ";")) or _LEADERS.search(line) or _NUMBERED.match(line):
        return False
    return not rules.sentence_words.intersection(fold_for_phrases(line).split())


def _with_qualifiers(folded: str, words: str, rules: PageRules) -> str:
    before = folded[: folded.index(words)].split()
    kept: list[str] = []
    while before and before[-1] in rules.qualifiers:
        kept.insert(0, before.pop())
    if kept and kept[0].isdigit():
        del kept[0]  # a section's number, where no "Stage" stands before it
    return " ".join([*kept, words])


class PageSign(Frozen):
    """What the pages say. reason is a clause ("page 1 says 'Travel Plan'").

    voice: somebody other than the applicant speaks in them. form: they have the form of such a document,
    which no other has. title: its title stands on a
    cover, or the document describes itself so. head: a title over a full page. letter and covering
    letter: a letter, or one that encloses something. sheets: every page is a drawing.
    """

    document_type: str
    told_by: Literal["voice", "form", "title", "head", "letter", "covering_letter", "sheets"]
    reason: str


def find_page_sign(pages: Sequence[PageText]) -> PageSign | None:
    """Return what the pages say, None where they say nothing that can be relied on.

    Who speaks comes before what about: a comment that has a report's title on it is a comment.
    """
    first = [page.model_copy(update={"text": page.text[:READ_CHARACTERS]}) for page in pages[:FIRST_PAGES]]
    written = [page for page in first if page.text.strip()]
    return (
        _find_voice(written)
        or _find_sheets(pages)
        or _find_form(written)
        or _find_title(first)
        or _find_letter(written, len(pages))
    )


def list_titles(pages: Sequence[PageText]) -> list[Title]:
    """Return every title on the first pages."""
    return [title for page in pages[:FIRST_PAGES] for title in find_titles(page.text[:READ_CHARACTERS])]


def _find_sheets(pages: Sequence[PageText]) -> PageSign | None:
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


def _find_voice(pages: Sequence[PageText]) -> PageSign | None:
    rules = load_page_rules()
    if not pages or any(find_pattern(rules.applicants_voice, fold_lines(page.text)) for page in pages):
        return None
    if sign := _match_form(pages[0], rules.voices):
        return sign.model_copy(update={"told_by": "voice"})
    voice = hear_voice([page.text for page in pages])
    if voice is None:
        return None
    reason = f"its first pages are {voice.is_a}: '{voice.words}'"
    return PageSign(document_type=voice.document_type, told_by="voice", reason=reason)


def _find_form(pages: Sequence[PageText]) -> PageSign | None:
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


def _find_title(pages: Sequence[PageText]) -> PageSign | None:
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


def _find_letter(pages: Sequence[PageText], page_count: int) -> PageSign | None:
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
