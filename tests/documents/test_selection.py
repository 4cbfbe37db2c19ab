"""Which documents are read, and what a volunteer is told about it."""

import pytest

from planning_review.documents.classes.classification import classify_document
from planning_review.documents.selection import choose_documents, hide_names
from planning_review.errors import UsageError
from planning_review.models import Choice, ListedDocument


def listed(
    title: str,
    category: str | None = "Supporting Documents",
    listed_type: str | None = None,
    file_name: str | None = None,
) -> ListedDocument:
    return ListedDocument(
        document_id="1-2-3",
        title=title,
        category=category,
        listed_type=listed_type,
        file_name=file_name,
        register_url="https://register.example/doc",
    )


def choose(document: ListedDocument, *include: str) -> Choice:
    return choose_documents([document], include).choices[0]


@pytest.mark.parametrize(
    "category",
    [
        "Public Comments",
        "PUBLIC COMMENT",
        "public  comments ",
        "Public\N{NO-BREAK SPACE}Comments",
        "Neighbour Comments",
        "Neighbours' Responses",
        "Comments from the Public",
        "Letters of Representation",
        "Letter(s) of Representation",
        "Representations",
        "Third Party Representations",
        "Objections",
    ],
)
def test_comments_from_the_public_are_left_out_by_their_category(category: str) -> None:
    choice = choose(listed("Transport Assessment", category))
    assert not choice.selected
    assert "--include comments" in choice.reason
    assert choose(listed("Transport Assessment", category), "comments").selected


@pytest.mark.parametrize(
    "category",
    [
        "Consultation Responses",
        "Consultee Responses",
        "consultee response",
        "Consultation Replies",
        "Statutory Consultees",
        "Internal Consultee Comments",
        "Consultations",
    ],
)
def test_consultation_responses_are_left_out_by_their_category(category: str) -> None:
    choice = choose(listed("Travel Plan", category))
    assert not choice.selected
    assert "--include consultees" in choice.reason
    assert choose(listed("Travel Plan", category), "consultees").selected


@pytest.mark.parametrize(
    ("title", "option"),
    [
        ("Public Comment - Transport Assessment", "comments"),
        ("PublicComment_12.pdf", "comments"),
        ("Public_Comment_Travel_Plan", "comments"),
        ("Letter of Representation re Design and Access Statement", "comments"),
        ("Neighbour comments on the drawings", "comments"),
        ("12 High Street: Letter of Objection", "comments"),
        ("Objection", "comments"),
        ("Consultation Response - Highways Technical Note", "consultees"),
        ("Consultee Response to the Transport Assessment", "consultees"),
        ("Statutory Consultee – Lead Local Flood Authority", "consultees"),
        ("Parish Council Objection", "consultees"),
    ],
)
@pytest.mark.parametrize("category", ["Supporting Documents", None])
def test_a_name_tells_a_comment_whatever_it_is_about(title: str, option: str, category: str | None) -> None:
    choice = choose(listed(title, category))
    assert not choice.selected
    assert f"--include {option}" in choice.reason
    brought_back = choose(listed(title, category), option)
    assert brought_back.selected
    assert f"--include {option}" in brought_back.reason


@pytest.mark.parametrize(
    "title",
    [
        "Consultation Statement",
        "Statement of Community Involvement",
        "Pre-application Consultation Report",
        "Response to Consultation Responses",
        "Applicant's Response to Public Comments",
        "Transport Note: response to consultee comments",
        "Community Consultation Responses, appendix to the Statement of Community Involvement",
        "Representative Cross Sections",
        "Transport Assessment",
        "Public Realm Strategy",
        "Neighbourhood Plan Compliance Note",
    ],
)
def test_what_the_applicant_wrote_is_read(title: str) -> None:
    choice = choose(listed(title))
    assert choice.selected
    assert choice.priority == "normal"
    assert choice.reason


def test_the_groups_of_the_register_decide_before_the_name() -> None:
    assert not choose(listed("Statement of Community Involvement", "Public Comments")).selected
    assert not choose(listed("Applicant's response to comments", "Consultee Responses")).selected
    assert not choose(listed("Appendix A", listed_type="Public Comment")).selected
    assert not choose(listed("Highways", None, file_name="Consultation Response OCC.pdf")).selected


def test_an_objection_among_consultation_responses_is_a_consultees() -> None:
    document = listed("Letter of objection", "Consultation Responses")
    assert choose(document, "consultees").selected
    assert not choose(document, "comments").selected


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("SUPERSEDED Transport Assessment", "Supporting Documents"),
        ("Site Layout (superceded)", "Proposed Plans"),
        ("Transport Assessment", "Superseded Documents"),
        ("Site_Plan_Superseded_RevA", None),
        ("Superseded CGI", "Supporting Documents"),
    ],
)
def test_superseded_documents_are_left_out_for_good(title: str, category: str | None) -> None:
    choice = choose(listed(title, category), "comments", "consultees")
    assert not choice.selected
    assert "superseded" in choice.reason


def test_a_comment_that_is_superseded_stays_out_when_comments_are_asked_for() -> None:
    choice = choose(listed("Superseded", "Public Comments"), "comments")
    assert not choice.selected
    assert "superseded" in choice.reason


@pytest.mark.parametrize("title", ["Site Plan Rev B (supersedes Rev A)", "Schedule of Superseded Drawings"])
def test_what_supersedes_is_read(title: str) -> None:
    assert choose(listed(title)).selected


@pytest.mark.parametrize(
    "title",
    [
        "CGI 01",
        "CGIs",
        "CGI04 Street View",
        "Photomontages",
        "Visualisation – north",
        "Aerial Perspective",
        "Site Notice",
        "Press Notice",
        "Neighbour Notification Letter",
    ],
)
def test_pictures_and_notices_come_last(title: str) -> None:
    choice = choose(listed(title))
    assert choice.selected
    assert choice.priority == "low"
    assert choice.reason


@pytest.mark.parametrize(
    "title",
    [
        "Decision Notice",
        "Design and Access Statement with CGIs",
        "Transport Assessment and perspective on cycling",
        "Proposed Site Layout",
    ],
)
def test_a_word_of_a_picture_or_notice_does_not_put_a_report_last(title: str) -> None:
    assert choose(listed(title)).priority == "normal"


def test_every_document_keeps_its_place_and_has_a_reason() -> None:
    documents = [
        listed("Transport Assessment"),
        listed("Comment", "Public Comments"),
        listed("", None),
        listed("\0" * 3, "\N{ARABIC LETTER ALEF}" * 2000),
        listed("x" * 200_000),
        listed("🚲 مخطط الموقع"),
    ]
    selection = choose_documents(documents)
    assert [choice.document for choice in selection.choices] == documents
    assert all(choice.reason for choice in selection.choices)
    assert [choice.selected for choice in selection.choices] == [True, False, True, True, True, True]
    assert selection.warnings == ()


def test_includes_are_taken_in_any_case_and_both_at_once() -> None:
    comment, response = listed("a", "Public Comments"), listed("b", "Consultee Responses")
    selection = choose_documents([comment, response], [" Comments", "CONSULTEES"])
    assert all(choice.selected for choice in selection.choices)
    assert not choose(response, "comments").selected


def test_an_unknown_include_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'everything': it takes comments and consultees"):
        choose_documents([], ["everything", "comments"])


def test_a_list_without_categories_and_one_left_out_whole_are_warned_of() -> None:
    uncategorised = choose_documents([listed("Travel Plan", None), listed("Letter", None)])
    assert len(uncategorised.warnings) == 1
    assert "None of the 2 listed documents has a category" in uncategorised.warnings[0]
    left_out = choose_documents([listed("x", "Public Comments")])
    assert "All 1 listed documents are left out" in left_out.warnings[0]
    assert choose_documents([]).warnings == ()


@pytest.mark.parametrize(
    ("title", "listed_type", "document_type"),
    [
        ("Representation from nearby resident", "Representation from resident", "public_comment"),
        ("Objector letter", None, "public_comment"),
        ("14 Mill Road", "Contributors", "public_comment"),
        ("Comment from LLFA", None, "consultation_response"),
        ("Bicester Town Council", "Parish Council", "consultation_response"),
    ],
)
def test_the_names_that_registers_give_others_words_leave_them_out(
    title: str, listed_type: str | None, document_type: str
) -> None:
    document = ListedDocument(
        document_id="1-2-3", title=title, listed_type=listed_type, register_url="https://r.example/1"
    )
    [choice] = choose_documents([document]).choices
    assert classify_document(document) == document_type
    assert not choice.selected


@pytest.mark.parametrize(
    "title", ["Response to objectors' comments", "Applicant response to LLFA comments", "Response to LLFA"]
)
def test_what_the_applicant_answers_is_read(title: str) -> None:
    document = ListedDocument(document_id="1-2-3", title=title, register_url="https://r.example/1")
    assert choose_documents([document]).choices[0].selected


def test_left_out_comments_lose_what_may_name_a_neighbour() -> None:
    address = "https://register.example/doc?fileName=objection-from-jane-doe.pdf"
    comment = listed("Objection from Jane Doe", "Correspondence", file_name="objection-from-jane-doe.pdf")
    statement = listed("Transport Assessment")
    choices = choose_documents([comment.model_copy(update={"register_url": address}), statement]).choices
    hidden, kept = hide_names(choices, "https://register.example/application")
    assert "doe" not in hidden.model_dump_json().lower()
    assert hidden.document.document_id == comment.document_id
    assert hidden.document.register_url == "https://register.example/application"
    assert classify_document(hidden.document) == "public_comment"
    assert kept == choices[1]


def test_comments_that_were_asked_for_keep_their_names() -> None:
    comment = listed("Objection from Jane Doe", "Public Comments")
    choices = choose_documents([comment], ("comments",)).choices
    assert hide_names(choices, "https://register.example/application") == choices
