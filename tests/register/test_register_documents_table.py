"""The documents table: identity, sizes, links, and what is loud."""

import pytest
from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.document_marks import identify_document
from planning_review.register.atrium.documents_table import DocumentsTable, parse_documents_table
from planning_review.register.page_text import parse_size

URL = "https://register.example.org/Planning/Display/25/00284/F"
HEAD = "<tr><th>All</th><th>Description</th><th>File Size</th></tr>"


def read_table(*rows: str) -> DocumentsTable:
    page = html.document_fromstring(f'<table class="document-list">{"".join(rows)}</table>')
    return parse_documents_table(page, URL)


def row(link: str, description: str = "Plan", size: str = "1 KB") -> str:
    return f"<tr><td>{link}</td><td>{description}</td><td>{size}</td></tr>"


def link(query: str) -> str:
    return f'<a class="singledownloadlink" href="/Document/Download?{query}">open</a>'


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("1.2 MB", 1_258_291),
        ("345 KB", 353_280),
        ("1,024KB", 1_048_576),
        ("0.5 gb", 536_870_912),
        ("512 bytes", 512),
        ("7 B", 7),
        ("-", None),
        ("big", None),
        ("9" * 400 + " MB", None),
        (None, None),
    ],
)
def test_size(text: str | None, size_bytes: int | None) -> None:
    assert parse_size(text) == size_bytes


def test_identity_is_the_registers_own() -> None:
    base = "https://r.example.org/Document/Download?"
    known = identify_document(
        base + "module=PLA&recordNumber=1&planId=2&imageId=3&isPlan=False&fileName=a.pdf"
    )
    assert known == "1-2-3"
    assert identify_document(base + "IMAGEID=3&planid=2&RecordNumber=1&fileName=renamed.pdf") == "1-2-3"


def test_identity_without_the_three_numbers_is_stable_safe_and_apart() -> None:
    base = "https://r.example.org/Document/Download?"
    first = identify_document(base + "recordNumber=1&planId=2&fileName=a.pdf")
    assert identify_document(base + "planId=2&recordNumber=1&module=PLA&fileName=b.pdf") == first
    assert identify_document("https://other.example.org/x?planId=2&recordNumber=1") == first
    others = [
        identify_document(base + query)
        for query in (
            "id=a/b",
            "id=a_b",
            "id=" + "x" * 500,
            "id=" + "x" * 501,
            "fileName=a.pdf",
            "fileName=b.pdf",
        )
    ]
    others.append(identify_document(base + "recordNumber=../../etc&planId=2&imageId=3"))
    assert len({first, *others}) == 8
    for document_id in others:
        assert len(document_id) <= 70
        assert set(document_id) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def test_no_table_is_unavailable_and_an_empty_one_is_not() -> None:
    page = html.document_fromstring("<p>no documents here</p>")
    assert parse_documents_table(page, URL) == ((), False, (), ())
    assert read_table(HEAD) == ((), True, (), ())


def test_one_table_that_yields_nothing_is_loud_though_another_is_fine() -> None:
    good = f'<table class="document-list">{HEAD}{row(link("recordNumber=1&planId=2&imageId=3"))}</table>'
    bad = f'<table class="document-list">{HEAD}{row("<span>open</span>")}{row("<span>open</span>")}</table>'
    page = html.document_fromstring(good + bad)
    with pytest.raises(RegisterLayoutError, match="2 documents and not one link"):
        parse_documents_table(page, URL)


def test_row_without_link_is_named_and_left_out() -> None:
    table = read_table(HEAD, row(link("recordNumber=1&planId=2&imageId=3")), row("", "Viability report"))
    assert [document.title for document in table.documents] == ["Plan"]
    assert table.unlinked_titles == ("Viability report",)


@pytest.mark.parametrize("target", ["javascript:go(1)", "#", "", "mailto:a@b.c", "http://[half", "ftp://x/y"])
def test_link_that_leads_nowhere_is_no_link(target: str) -> None:
    rows = (
        row(link("recordNumber=1&planId=2&imageId=3")),
        row(f'<a class="singledownloadlink" href="{target}">x</a>'),
    )
    assert len(read_table(HEAD, *rows).documents) == 1


def test_columns_follow_their_headings() -> None:
    cells = link("recordNumber=1&planId=2&imageId=3")
    swapped = "<tr><th>File Size</th><th colspan='99999'>Anything</th><th>Description</th></tr>"
    table = read_table(swapped, f"<tr><td>2 KB</td><td>{cells}</td><td>Layout</td></tr>")
    document = table.documents[0]
    assert (document.title, document.size_bytes_listed) == ("Layout", 2048)


def test_table_without_headings_still_yields_its_documents() -> None:
    table = read_table(row(link("recordNumber=1&planId=2&imageId=3&fileName=Travel%20Plan.pdf"), "ignored"))
    document = table.documents[0]
    assert (document.title, document.size_listed, document.category) == ("Travel Plan.pdf", None, None)
