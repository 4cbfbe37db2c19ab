"""Two documents contradict each other only in the same thing, place, part, time and case."""

import pytest

from planning_review.models import DocumentState
from tests.support.evidence_helpers import judge_documents, make_document

PATH = "The shared path along Mill Road will be 2.5 metres wide."


def judge(one, other, other_type="transport_assessment"):
    return judge_documents(
        [
            make_document([one], "1-1-1", "Planning Statement", document_type="planning_statement"),
            make_document([other], "1-1-2", "Transport Assessment", document_type=other_type),
        ]
    ).contradictions


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (
            PATH,
            "A shared path 3.0 metres wide will be provided along Mill Road.",
            "the width of a shared path",
        ),
        (PATH, "MILL ROAD: 2.0m SHARED PATH", "the width of a shared path"),
        (
            "A toucan crossing will be provided on Bell Lane.",
            "An uncontrolled crossing of Bell Lane is proposed.",
            "the kind of crossing",
        ),
        (
            "The path to Mill Lane will be lit.",
            "No lighting is proposed to the path to Mill Lane.",
            "lighting",
        ),
        (
            "Public footpath 12 will be kept on its present line.",
            "Public footpath 12 will be stopped up.",
            "what becomes of a right of way",
        ),
        (
            "A total of 40 cycle parking spaces will be provided.",
            "Cycle parking for 64 cycles will be provided.",
            "the number of cycle spaces",
        ),
        (
            "One cycle space per bedroom will be provided.",
            "Cycle parking will be provided at one space per dwelling.",
            "the number of cycle spaces",
        ),
        (
            "A cycle track will be provided along Priory Road.",
            "The footway along Priory Road will be widened to 2.0 metres.",
            "a cycle track that only one of them promises",
        ),
    ],
)
def test_documents_that_state_different_things_are_found(one, other, what):
    (found,) = judge(one, other, "drawing" if other.isupper() else "transport_assessment")
    assert found.subject == what
    assert {citation.document_id for citation in found.citations} == {"1-1-1", "1-1-2"}


@pytest.mark.parametrize(
    "other",
    [
        "The shared path along Oak Avenue will be 3.0 metres wide.",
        "The shared path will be 3.0 metres wide.",
        "The existing shared path along Mill Road is 1.8 metres wide.",
        "South of the railway the shared path along Mill Road will be 3.0 metres wide.",
        "In Phase 2 the shared path along Mill Road will be 3.0 metres wide.",
        "Option B would have a shared path 3.0 metres wide along Mill Road.",
        "A shared path of 3.0 metres along Mill Road was considered and discounted.",
        "LTN 1/20 recommends a shared path of 3.0 metres along Mill Road.",
        "The shared path along Mill Road will generally be 3.0 metres wide.",
        "The shared path along Mill Road will be at least 2.0 metres wide.",
        "The shared path along Mill Road will be between 2.5 and 3.0 metres wide.",
        "The shared path along Mill Road will be 2500mm wide.",
        "The shared path along Mill Road will be 3.0 metres wide. "
        "The shared path along Mill Road will be 2.0 metres wide.",
        "The carriageway of Mill Road will be 5.5 metres wide beside the shared path.",
    ],
)
def test_what_only_seems_to_differ_is_not_told(other):
    assert judge(PATH, other) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "A total of 160 cycle parking spaces will be provided.",
            "In Block A 40 cycle parking spaces will be provided.",
        ),
        (
            "In Phase 1 a total of 40 cycle parking spaces will be provided.",
            "In Phase 2 a total of 64 cycle parking spaces will be provided.",
        ),
        ("A total of 40 cycle parking spaces will be provided.", "There will be 40 cycle stands in total."),
        (
            "One cycle space per bedroom will be provided for the flats.",
            "Houses will have one cycle space per dwelling in a shed.",
        ),
    ],
)
def test_numbers_of_parts_times_and_kinds_contradict_no_total(one, other):
    assert judge(one, other) == ()


def test_nothing_is_left_out_of_a_document_that_was_not_read_whole_or_speaks_of_it():
    promise = make_document(
        ["A cycle track will be provided along Priory Road."], "1-1-1", document_type="planning_statement"
    )
    footway = "The footway along Priory Road will be widened to 2.0 metres."
    whole = make_document([footway], "1-1-2")
    (found,) = judge_documents([promise, whole]).contradictions
    assert found.place == "Priory Road"
    spoken = make_document([footway, "Section 6 deals with the cycle route."], "1-1-2")
    assert judge_documents([promise, spoken]).contradictions == ()
    pages = (*whole.text.pages, whole.text.pages[0].model_copy(update={"number": 2, "reason": "too large"}))
    text = whole.text.model_copy(update={"pages": pages, "state": DocumentState.INDEXED})
    partly = make_document([footway], "1-1-2").__class__("1-1-2", "T", "R", "transport_assessment", text)
    assert judge_documents([promise, partly]).contradictions == ()
