"""A quote out of a document's attachment: its place goes with it, from the text to the letter."""

from planning_review.documents.chunking import cut_chunks
from planning_review.models import DocumentState, DocumentText, FileKind, PageText, name_place
from planning_review.rules.citations import find_quote
from planning_review.rules.sentences import split_pages

PAGES = (
    PageText(number=1, page_class="text", text="The parish council writes to you about the"),
    PageText(
        number=2,
        page_class="text",
        text="footway on Mill Lane, which is one metre wide.",
        part="attachment 2",
        part_page=1,
    ),
)


def test_a_quote_of_an_attachment_has_its_place() -> None:
    match = find_quote("Mill Lane, which is one metre wide", PAGES, 1)

    assert (match.page, match.part, match.part_page) == (2, "attachment 2", 1)
    assert find_quote("The parish council writes", PAGES, 1).part is None


def test_no_sentence_runs_from_a_document_into_its_attachment() -> None:
    quotes = [sentence.quote for sentence in split_pages(PAGES)]

    assert not any("about the" in quote and "footway" in quote for quote in quotes)


def test_no_passage_runs_from_a_document_into_its_attachment() -> None:
    text = DocumentText(
        sha256="0" * 64, kind=FileKind.PDF, extractor="", ocr="", state=DocumentState.INDEXED, pages=PAGES
    )

    first, second = cut_chunks(text, lambda words: [len(word.split()) for word in words])

    assert (first.part, first.position) == (None, 0)
    assert (second.part, second.part_page, second.position) == ("attachment 2", 1, 1)


def test_a_place_is_called_as_people_do() -> None:
    assert name_place(7, None, None) == "page 7"
    assert name_place(7, "attachment 2", 1) == "attachment 2, page 1"
