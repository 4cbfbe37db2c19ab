"""What kind of document a row of the register is, and what its first pages add."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from planning_review.documents.classes.classification import (
    Classification,
    classify_document,
    classify_read_document,
    list_all_document_types,
    list_document_types,
)
from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.documents.extraction import read_text
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.selection import load_selection_rules
from planning_review.documents.workers.messages import PageRead, TextJob, Unreadable
from planning_review.models import DocumentState, DocumentText, FileKind, ListedDocument, PageText
from planning_review.rules.gates import is_evidence
from planning_review.rules.reviewer import ReadDocument
from planning_review.sample.served_application import Listing, ListingEntry
from planning_review.yaml_files import read_yaml
from tests.support.commands import Command
from tests.support.document_files import write_text_pdf

DATA = Path(__file__).parents[1] / "data"
FIRST_PAGES = [
    row for name in ("first_pages.yaml", "first_pages_unseen.yaml") for row in read_yaml(DATA / name)
]
# Written down from the sample's application.yaml and prose.
SAMPLE_TYPES = {
    "Application Form": "application_form",
    "Planning Statement": "planning_statement",
    "Transport Assessment": "transport_assessment",
    "Framework Travel Plan": "travel_plan",
    "Design and Access Statement": "design_and_access",
    "Construction Management Plan": "construction_management",
    "Letter on the path beside the recreation ground": "letter",
    "Viability Assessment": "viability",
    "Ecological Appraisal": "ecology",
    "Site Location Plan": "drawing",
    "Illustrative Site Plan": "drawing",
    "Land Use Parameter Plan": "drawing",
    "Land Use Parameter Plan (Superseded)": "drawing",
    "Land Use Parameter Plan for the notice board": "drawing",
    "Perspective view across the green": "image",
    "Site Notice": "notice",
    "Sampleshire County Council Highways": "consultation_response",
    "Mill Lane, Brackenford": "public_comment",
    "Rose Cottage, Ashmead Lane, Brackenford": "public_comment",
}


def classify(
    title: str,
    category: str | None = None,
    listed_type: str | None = None,
    file_name: str | None = None,
    drawing_number: str | None = None,
) -> str:
    return classify_document(
        ListedDocument(
            document_id="1-2-3",
            title=title,
            category=category,
            listed_type=listed_type,
            file_name=file_name,
            drawing_number=drawing_number,
            register_url="https://register.example/doc",
        )
    )


@pytest.mark.parametrize(
    ("title", "document_type"),
    [
        ("Transport Assessment", "transport_assessment"),
        ("Transport_Assessment_Part_2.pdf", "transport_assessment"),
        ("ES Appendix 8.1 - Transport Assessment", "transport_assessment"),
        ("Transport Assessment and Travel Plan", "transport_assessment"),
        ("Highways Technical Note 02", "transport_assessment"),
        ("Framework Travel Plan", "travel_plan"),
        ("Design & Access Statement", "design_and_access"),
        ("DAS part 3", "design_and_access"),
        ("Planning Statement", "planning_statement"),
        ("Construction Traffic Management Plan", "construction_management"),
        ("CEMP", "construction_management"),
        ("Stage 1 Road Safety Audit", "road_safety_audit"),
        ("Flood Risk Assessment & Drainage Layout", "flood_drainage"),
        ("SuDS Strategy", "flood_drainage"),
        ("Environmental Statement Volume 1", "environmental_statement"),
        ("Statement of Community Involvement", "community_involvement"),
        ("Officer's Report", "officer_report"),
        ("Delegated Reports", "officer_report"),
        ("Draft Section 106 Agreement", "legal_agreement"),
        ("S106 Heads of Terms", "legal_agreement"),
        ("Decision Notice", "decision_notice"),
        ("Application Form - redacted", "application_form"),
        ("Application for Planning Permission", "application_form"),
        ("Site Notice", "notice"),
        ("CGI view 3", "image"),
        ("Proposed Site Layout Rev P04", "drawing"),
        ("Elevations", "drawing"),
        ("Swept Path Analysis - refuse vehicle", "drawing"),
        ("Covering Letter", "letter"),
        ("E-mail to case officer", "letter"),
        ("Public Comment - Transport Assessment", "public_comment"),
        ("Consultation Response - Travel Plan", "consultation_response"),
        ("Bat Survey", "ecology"),
        ("Noise Impact Assessment", "noise"),
        ("Tree Survey and Tree Protection Plan", "drawing"),
        ("Lighting Layout", "drawing"),
        ("Heritage Statement", "heritage"),
        ("Viability Assessment", "viability"),
        ("Land Contamination Report", "contamination"),
        ("Schedule of Fees", "other"),
        ("", "other"),
        ("مخطط 🚲", "other"),
    ],
)
def test_the_name_tells_the_class(title: str, document_type: str) -> None:
    assert classify(title) == document_type


def test_who_speaks_comes_before_what_about() -> None:
    assert classify("Transport Assessment", "Public Comments") == "public_comment"
    assert classify("Transport Assessment", "Consultee Responses") == "consultation_response"
    assert classify("Letter of objection", "Consultation Responses") == "consultation_response"
    assert classify("Public comment", "Consultation Responses") == "public_comment"
    assert classify("Response to consultee comments", "Supporting Documents") == "other"


def test_the_file_name_and_the_type_column_help_where_the_title_is_silent() -> None:
    assert classify("Appendix C", file_name="TravelPlan_v2.pdf") == "travel_plan"
    assert classify("Appendix C", listed_type="Transport Statement") == "transport_assessment"
    assert classify("Travel Plan", file_name="Transport Assessment.pdf") == "travel_plan"


def test_the_group_decides_where_no_name_does() -> None:
    assert classify("1234-PL-001 Rev A", "Proposed Plans") == "drawing"
    assert classify("Transport Assessment", "Proposed Plans") == "transport_assessment"
    assert classify("25/00284/F", "Officer/Committee Consideration") == "officer_report"
    assert classify("25/00284/F", "Decision and Legal Agreements") == "decision_notice"
    assert classify("Form 1", "Application Forms") == "application_form"
    assert classify("1234-PL-001", drawing_number="1234-PL-001") == "drawing"


def test_the_rules_of_selection_speak_of_classes_that_exist() -> None:
    used = {name for rule in load_selection_rules().rules for name in rule.document_types}
    assert used
    assert used <= list_document_types()


def make_pages(texts: list[Any]) -> list[PageText]:
    """Return pages; a text is one of class text, or a mapping of its class to it."""
    pairs = [next(iter(text.items())) if isinstance(text, dict) else ("text", text) for text in texts]
    return [
        PageText(number=number, page_class=page_class, text=text)
        for number, (page_class, text) in enumerate(pairs, start=1)
    ]


def make_row(row: dict[str, Any], **changes: Any) -> ListedDocument:
    """Return the register's row of an entry of first_pages.yaml."""
    facts = {"title": row.get("title", "Document 3"), "category": row.get("category", "Supporting Documents")}
    return ListedDocument(
        document_id="1-2-3", register_url="https://register.example/doc", **(facts | changes)
    )


def read(row: dict[str, Any], **changes: Any) -> Classification:
    return classify_read_document(make_row(row, **changes), make_pages(row["pages"]))


@pytest.mark.parametrize("row", FIRST_PAGES, ids=lambda row: str((row["pages"] or [row["title"]])[0])[:40])
def test_the_first_pages_tell_the_class(row: dict[str, Any]) -> None:
    told = read(row)
    assert told.document_type == row["document_type"], told.reason
    assert row.get("reason", "") in told.reason


def test_there_are_pages_enough_of_every_sort() -> None:
    assert len(FIRST_PAGES) >= 120
    told_by_pages = {row["document_type"] for row in FIRST_PAGES if not row.get("title", "").strip()}
    assert len({row["document_type"] for row in FIRST_PAGES}) >= 30
    assert len(told_by_pages) >= 15


@pytest.mark.parametrize("category", ["Public Comments", "Consultation Responses", "Neighbour Replies"])
def test_a_comment_stays_a_comment_whatever_stands_on_it(category: str) -> None:
    expected = classify("14 Mill Road", category)
    assert expected in ("public_comment", "consultation_response")
    assert {read(row, title="14 Mill Road", category=category).document_type for row in FIRST_PAGES} == {
        expected
    }


def test_only_who_speaks_takes_a_document_over_the_line_against_its_name() -> None:
    theirs = load_page_rules().not_the_applicants
    names = ["Transport Assessment", "Travel Plan", "Noise Report", "Officer Report", "Decision Notice"]
    for name, row in product(names, FIRST_PAGES):
        before, told = classify(name), read(row, title=name, category=None)
        after = told.document_type
        if before not in theirs and after in theirs:
            assert "has the form of" in told.reason or "first pages are" in told.reason
            continue
        assert (before in theirs) == (after in theirs), (name, row["pages"])


def test_no_title_alone_makes_a_council_paper_evidence() -> None:
    theirs = load_page_rules().not_the_applicants
    for row in FIRST_PAGES:
        told = read(row, title="25/00284/F", category="Officer/Committee Consideration")
        assert told.document_type in theirs


def test_what_is_not_evidence_for_the_review_is_another_s_here() -> None:
    text = DocumentText(
        sha256="0" * 64, kind=FileKind.PDF, extractor="1", ocr="none", state=DocumentState.INDEXED
    )
    others = {
        name
        for name in list_all_document_types()
        if not is_evidence(ReadDocument("1-2-3", "Document 3", "Supporting Documents", name, text))
    }
    assert others
    assert others <= load_page_rules().not_the_applicants <= list_all_document_types()
    assert load_page_rules().containers <= list_all_document_types()


def test_only_the_first_three_pages_are_read_for_words() -> None:
    blank = {"picture": ""}
    cover = "Framework Travel Plan\n\nMay 2025"
    assert read({"pages": [blank, blank, cover]}).document_type == "travel_plan"
    assert read({"pages": [blank, blank, blank, cover]}).document_type == "other"


def test_without_pages_the_register_tells_alone() -> None:
    for row in FIRST_PAGES:
        document = make_row(row)
        assert classify_read_document(document, ()).document_type == classify_document(document)


def test_a_reason_quotes_no_more_of_a_page_than_the_words_looked_for() -> None:
    told = read({"pages": ["Travel Plan <script>alert(1)</script> http://evil.example"]})
    assert told == Classification(document_type="travel_plan", reason="page 1 says 'Travel Plan'")


def test_the_reason_names_the_words_of_the_register() -> None:
    file_name = "Transport_Statement_v2.pdf"
    assert read({"title": "Report", "pages": []}, file_name=file_name).reason == (
        "its file is called Transport Statement v2.pdf"
    )
    assert read({"title": "Sheet 1", "pages": [{"drawing": "a"}]}, drawing_number="BRK-1").reason == (
        "the register gives it a drawing number and the page is a drawing"
    )


def read_pages(path: Path) -> list[PageText]:
    """Return a file's pages as they are before OCR; none where it can't be read."""
    try:
        events = list(read_text(TextJob(path=str(path), kind=sniff_kind(path))))
    except Unreadable:
        return []
    return [event.page for event in events if isinstance(event, PageRead)]


def list_sample_entry(entry: ListingEntry, **changes: Any) -> ListedDocument:
    facts = {
        "document_id": entry.document_id,
        "title": entry.title,
        "category": entry.category,
        "file_name": entry.file,
        "drawing_number": entry.drawing_number,
        "register_url": "https://register.example/doc",
    }
    return ListedDocument(**(facts | changes))


def test_every_document_of_the_sample_has_its_class(sample_folder: Path) -> None:
    entries = Listing.read(sample_folder).documents
    pages = {entry.file: read_pages(sample_folder / entry.file) for entry in entries}
    told = {e.title: classify_read_document(list_sample_entry(e), pages[e.file]) for e in entries}
    assert {title: one.document_type for title, one in told.items()} == SAMPLE_TYPES

    # The same with nothing but the pages to go by, for those that have text before OCR.
    unnamed = {
        entry.title: classify_read_document(
            list_sample_entry(entry, title="Document 3", file_name=None, category=None, drawing_number=None),
            pages[entry.file],
        ).document_type
        for entry in entries
        if any(page.text for page in pages[entry.file])
    }
    assert len(unnamed) >= 14
    assert unnamed == {title: SAMPLE_TYPES[title] for title in unnamed}


def test_a_review_has_the_class_that_was_read_and_why(command: Command, tmp_path: Path) -> None:
    saved = tmp_path / "saved" / "Supporting Documents"
    saved.mkdir(parents=True)
    write_text_pdf(
        saved / "Document_3.pdf",
        ["Framework Travel Plan\n\nLand at Corner Field", "Every home will have two cycle parking spaces."],
    )
    comment = "Comments for Planning Application 25/00284/F\nCustomer Details\nCommenter Type: Neighbour\n"
    write_text_pdf(saved / "Document_4.pdf", [comment + "Every home will have nine cycle parking spaces."])
    response = "Dear Ms Osei\n\nAs local highway authority we object to the application.\n"
    write_text_pdf(saved / "Letter.pdf", [response + "Every home will have eight cycle parking spaces."])
    result = command(
        "review",
        "25/00284/F",
        "--documents",
        str(saved.parent),
        "--json",
        PLANNING_REGISTER_URL="http://127.0.0.1:9",
    )
    assert result.status == 0, result.stderr
    review = json.loads(Path(result.line["review_json"]).read_text())
    told = {row["title"]: (row["document_type"], row["document_type_reason"]) for row in review["documents"]}
    assert told == {
        "Document 3": ("travel_plan", "page 1 says 'Framework Travel Plan'"),
        "Document 4": ("public_comment", "page 1 has the form of a comment on an application"),
        "Letter": ("consultation_response", "page 1 has the form of an authority's response"),
    }
    comments = {row["document_id"] for row in review["documents"] if row["title"] != "Document 3"}
    cited = {c["document_id"] for line in review["review"]["policy_compliance"] for c in line["citations"]}
    assert cited
    assert not cited & comments
    assert any("it is the travel plan" in row["summary"] for row in review["review"]["key_documents"])
