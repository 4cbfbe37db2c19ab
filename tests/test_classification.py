"""What kind of document a row of the register is."""

import pytest

from planning_review.documents.classification import classify_document, list_document_types
from planning_review.documents.phrases import fold_text, says_any
from planning_review.documents.selection import load_selection_rules
from planning_review.models import ListedDocument


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
        ("Bat Survey", "other"),
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


def test_phrases_meet_whole_words_only() -> None:
    assert says_any("Travel-Plans", ("travel plan",))
    assert says_any("TRAVEL\tPLAN", ("travel plan",))
    assert says_any("Pub\N{ZERO WIDTH SPACE}lic Comment", ("public comment",))
    assert says_any("Policies", ("policy",))
    assert says_any("Consultation", ("consult*",))
    assert not says_any("Travel Planning", ("travel plan",))
    assert not says_any("Unflooded", ("flood",))
    assert says_any("Comments", ("=comment",))
    assert not says_any("Comments received", ("=comment",))
    assert not says_any(None, ("a",))
    assert not says_any("anything", ())


def test_folding_leaves_plain_words() -> None:
    assert fold_text("Design & Access_Statement(s)–v2.PDF") == "design and access statements v2 pdf"
    assert fold_text("Neighbour’s  \N{NO-BREAK SPACE}Comment12") == "neighbours comment 12"
