"""Silence is claimed only where everything that could break it was read."""

from datetime import date

import pytest

from planning_review.decisions.apply import apply_decisions
from planning_review.decisions.model import Decisions, FindingDecision
from planning_review.models import Application
from planning_review.rules.reviewer import ReadingAccount, UnreadDocument
from planning_review.rules.rules_reviewer import EvidenceReviewer
from tests.support.evidence_helpers import find_nothing, make_document

TODAY = date(2026, 11, 23)
HOMES = "Erection of 240 dwellings with access from Banbury Road"
STATEMENT = (
    "The site is farmland of 11 hectares. The scheme is for 240 dwellings of red brick. Cars reach it from "
    "Banbury Road by a priority junction. Policy TR4 requires cycle parking and links for pedestrians."
)
TRIPS = "The scheme would make 145 vehicle movements in the morning peak hour. The junction has capacity."
WHOLE = ReadingAccount(list_doubt="")
MATTERS = {
    "missing-cycle-parking",
    "missing-access-on-foot-and-by-cycle",
    "missing-links-to-the-network",
    "missing-forecast-by-all-modes",
}


def judge(proposal, texts, account=WHOLE, application_type="Full", reference="26/00001/F"):
    application = Application(
        reference=reference,
        council="cherwell",
        proposal=proposal,
        application_type=application_type,
        register_url="",
    )
    documents = [
        make_document([text], document_id=f"1-1-{number}", title=title, document_type=document_type)
        for number, (title, document_type, text) in enumerate(texts)
    ]
    return EvidenceReviewer().judge(application, documents, find_nothing, TODAY, account=account)


def statements(*more, text=STATEMENT):
    return [
        ("Planning Statement", "planning_statement", text),
        ("Design and Access Statement", "design_and_access", "The homes have slate roofs."),
        *more,
    ]


def claimed(judgement):
    return {omission.omission_id for omission in judgement.omissions if omission.is_claimed}


def test_a_silent_application_is_red():
    judgement = judge(HOMES, statements(("Transport Assessment", "transport_assessment", TRIPS)))
    assert claimed(judgement) == MATTERS | {"missing-travel-plan"}
    assert judgement.overall_rating == "red"


def test_what_is_said_in_place_of_what_is_missing_is_quoted():
    judgement = judge(HOMES, statements(("Transport Assessment", "transport_assessment", TRIPS)))
    quoted = {o.omission_id: [c.quote for c in o.citations] for o in judgement.omissions}
    assert quoted["missing-access-on-foot-and-by-cycle"] == [
        "Cars reach it from Banbury Road by a priority junction."
    ]
    assert quoted["missing-forecast-by-all-modes"] == [
        "The scheme would make 145 vehicle movements in the morning peak hour."
    ]
    assert quoted["missing-cycle-parking"] == []


def test_missing_documents_are_named():
    judgement = judge(HOMES, statements())
    assert "missing-transport-assessment" in claimed(judgement)


@pytest.mark.parametrize(
    "account",
    [
        ReadingAccount(),
        ReadingAccount(
            list_doubt="",
            unread=(
                UnreadDocument(
                    title="Transport Assessment",
                    document_type="transport_assessment",
                    reason="locked with a password",
                ),
            ),
        ),
    ],
)
def test_what_was_not_read_keeps_silence_open(account):
    judgement = judge(HOMES, statements(), account)
    assert claimed(judgement) == set()
    assert judgement.overall_rating == "none"
    parking = next(o for o in judgement.omissions if o.omission_id == "missing-cycle-parking")
    assert parking.text.startswith("Not found in what could be read")
    assert parking.why_open


def test_an_unread_document_that_is_listed_is_not_missing():
    unread = UnreadDocument(title="TA", document_type="transport_assessment", reason="damaged")
    judgement = judge(HOMES, statements(), ReadingAccount(list_doubt="", unread=(unread,)))
    assert "missing-transport-assessment" not in {o.omission_id for o in judgement.omissions}


def test_an_unread_document_of_another_subject_opens_nothing():
    unread = UnreadDocument(title="Bat survey", document_type="ecology", reason="damaged")
    judgement = judge(HOMES, statements(), ReadingAccount(list_doubt="", unread=(unread,)))
    assert claimed(judgement) >= MATTERS


def test_unread_drawings_keep_open_what_is_drawn_and_nothing_else():
    unread = UnreadDocument(title="Site layout", document_type="drawing", reason="left out")
    judgement = judge(HOMES, statements(), ReadingAccount(list_doubt="", unread=(unread,)))
    assert "missing-cycle-parking" not in claimed(judgement)
    assert "missing-forecast-by-all-modes" in claimed(judgement)


@pytest.mark.parametrize(
    ("sentence", "breaks"),
    [
        ("Cycle storage will be provided in sheds.", "missing-cycle-parking"),
        ("A footway will lead from the entrance to the bus stop.", "missing-access-on-foot-and-by-cycle"),
        ("A cycle link will be made to the canal towpath.", "missing-links-to-the-network"),
        ("The mode share of the ward gives 12 % by bicycle.", "missing-forecast-by-all-modes"),
        ("A Travel Plan accompanies the application.", "missing-travel-plan"),
        ("Active travel would account for 18 trips between 0700 and 0800.", "missing-forecast-by-all-modes"),
        ("That will be achieved by double-stacked spaces.", "missing-cycle-parking"),
    ],
)
def test_a_word_on_the_matter_breaks_the_silence(sentence, breaks):
    assert breaks in claimed(judge(HOMES, statements()))
    assert breaks not in claimed(judge(HOMES, statements(text=f"{STATEMENT} {sentence}")))


def test_an_outline_is_asked_for_what_it_may_leave_and_not_faulted():
    outline = "Outline application for 240 dwellings, all matters reserved except access"
    judgement = judge(outline, statements(), application_type="Outline")
    asked = {omission.omission_id for omission in judgement.omissions if omission.is_asked}
    assert asked == {"missing-cycle-parking"}
    assert "missing-access-on-foot-and-by-cycle" in claimed(judgement)
    later = judge(HOMES.replace("Erection of", "Outline, all matters reserved:"), statements())
    assert "missing-access-on-foot-and-by-cycle" not in claimed(later)


@pytest.mark.parametrize(
    ("proposal", "application_type"),
    [
        ("Single storey rear extension", "Householder"),
        ("Display of an illuminated sign", "Advertisement Consent"),
        ("Erection of 2 dwellings", "Full"),
        ("Discharge of condition 7 (materials) of 22/00001/F for 240 dwellings", "Discharge of Conditions"),
        (None, None),
    ],
)
def test_nothing_is_expected_of_small_or_later_applications(proposal, application_type):
    judgement = judge(proposal, statements(), application_type=application_type)
    assert judgement.omissions == ()
    assert judgement.overall_rating == "none"


def test_one_core_matter_is_amber():
    text = f"{STATEMENT} A footway and a cycle link will join it. Person trips by each mode were forecast."
    judgement = judge(HOMES, statements(text=text))
    assert {o.omission_id for o in judgement.omissions if o.is_claimed and o.is_core} == {
        "missing-cycle-parking"
    }
    assert judgement.overall_rating == "amber"


def test_a_person_can_dismiss_an_omission():
    judgement = judge(HOMES, statements())
    dismissed = Decisions(
        reference="26/00001/F",
        findings=tuple(
            FindingDecision(finding=omission.omission_id, verdict="dismissed")
            for omission in judgement.omissions
        ),
    )
    decided = apply_decisions(judgement, dismissed, TODAY)
    assert decided.overall_rating == "none"
    assert not any("no such finding" in notice for notice in decided.notices)


def test_what_others_say_breaks_no_silence():
    texts = statements(
        ("Highways reply", "consultation_response", "The cycle parking is too small and the footway narrow.")
    )
    assert claimed(judge(HOMES, texts)) >= MATTERS
