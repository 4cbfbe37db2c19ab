"""Cycle spaces asked for beside those stated; every sum here was done by hand."""

from datetime import date

import pytest

from planning_review.models import Application
from planning_review.policy.parking_standards import Rate, StandardLine, Standards, load_standards
from planning_review.rules.cycle_spaces import read_cycle_spaces
from planning_review.rules.holding import UNSURE_FIGURE
from planning_review.rules.parking_sums import add_up_parking, list_unconfirmed, say_sum
from planning_review.rules.rules_reviewer import EvidenceReviewer
from planning_review.rules.scheme import read_scheme
from tests.support.evidence_helpers import find_nothing, line_of, make_document

TODAY = date(2026, 11, 23)
_ONE = Rate(spaces=1)


def line(use, unit, long=None, short=None, **fields):
    return StandardLine(
        id=f"test-{use}-{unit}-{fields.get('over', 0)}",
        source="Oxfordshire parking standards",
        edition="October 2022",
        use=use,
        unit=unit,
        long_stay=long and Rate(spaces=long[0], per=long[1]),
        short_stay=short and Rate(spaces=short[0], per=short[1]),
        mark="M",
        confirmed_by="A Reader",
        **fields,
    )


LINES = (
    line("homes", "bedroom", (1, 1)),
    line("school", "staff", (1, 20)),
    line("school", "pupil", (1, 10)),
    line("office", "m2", (1, 200), (1, 1000)),
    line("shop", "m2", None, (1, 100), up_to=200),
    line("shop", "m2", (1, 500), (1, 250), over=1000),
)


def apply_for(proposal, application_type="Full"):
    return Application(
        reference="26/00001/F",
        council="cherwell",
        proposal=proposal,
        application_type=application_type,
        register_url="",
    )


def add_up(proposal, text, lines=LINES):
    document = make_document([text])
    scheme = read_scheme(apply_for(proposal), [document])
    return add_up_parking(scheme, lines, read_cycle_spaces([document]))


@pytest.mark.parametrize(
    ("proposal", "text", "required", "stated", "compliant"),
    [
        # 60 x 2 + 120 x 3 + 60 x 4 = 120 + 360 + 240 = 720
        (
            "Erection of 240 dwellings",
            "There will be 60 x 2-bed, 120 x 3-bed and 60 x 4-bed homes. A total of 480 cycle spaces will be "
            "provided.",
            720,
            480,
            False,
        ),
        # 45 / 20 = 2.25, so 3; 420 / 10 = 42; 45 in all
        (
            "Erection of a primary school for 420 pupils and 45 staff",
            "Cycle parking for 30 bicycles will be provided beside the entrance.",
            45,
            30,
            False,
        ),
        # 3,000 / 200 = 15; 3,000 / 1,000 = 3
        (
            "Erection of a 3,000 sqm office building",
            "Twelve Sheffield stands for bicycles (24 spaces) will be provided by the door.",
            18,
            24,
            True,
        ),
        # 1,900 / 500 = 3.8, so 4; 1,900 / 250 = 7.6, so 8
        (
            "Construction of a foodstore (1,900sqm GIA)",
            "Five Sheffield cycle stands will be provided near the entrance.",
            12,
            10,
            False,
        ),
        # 180 / 100 = 1.8, so 2
        ("Erection of a shop of 180 sq m", "Four cycle spaces will be provided outside.", 2, 4, True),
    ],
)
def test_required_beside_stated(proposal, text, required, stated, compliant):
    [one] = add_up(proposal, text)
    assert (one.required, one.stated, one.compliant) == (required, stated, compliant)
    assert all(citation.verified for citation in one.citations)


def test_the_sum_is_shown_as_a_person_would_do_it():
    [one] = add_up(
        "Erection of a 3,100 sqm office building", "There will be 10 cycle spaces in total in the yard."
    )
    # 3,100 / 200 = 15.5, so 16; 3,100 / 1,000 = 3.1, so 4
    assert "3,100 m² ÷ 200 = 15.50, so 16 long-stay" in one.sum_words
    assert say_sum(one).endswith("too few")
    assert "20 " in say_sum(one)
    assert "10 too few" in say_sum(one)


def test_without_the_mix_each_home_has_one_bedroom_at_least():
    [one] = add_up("Erection of 240 dwellings", "A total of 200 cycle spaces will be provided.")
    assert (one.required, one.is_least, one.compliant) == (240, True, False)
    [one] = add_up("Erection of 240 dwellings", "A total of 300 cycle spaces will be provided.")
    assert one.compliant is None, "300 may be too few for the bedrooms that nobody told"


@pytest.mark.parametrize(
    "text",
    [
        "Twenty visitor cycle spaces will be provided in the square.",
        "There are 30 cycle spaces at the station.",
        "The standard asks for 500 cycle parking spaces.",
        "The withdrawn scheme had a total of 100 cycle spaces.",
        "A total of 300 car parking spaces will be provided, and cycles will be kept in garages.",
    ],
)
def test_what_is_no_total_of_this_scheme_is_no_shortfall(text):
    sums = add_up("Erection of 240 dwellings", text)
    assert all(one.compliant is None for one in sums)


def test_a_line_that_nobody_confirmed_is_no_measure():
    bare = tuple(one.model_copy(update={"confirmed_by": None}) for one in LINES)
    text = "A total of 48 cycle spaces will be provided."
    assert add_up("Erection of 240 dwellings", text, bare) == ()
    scheme = read_scheme(apply_for("Erection of 240 dwellings"), [])
    assert [one.use for one in list_unconfirmed(scheme, bare)] == ["homes"]
    application = apply_for("Erection of 240 dwellings")
    document = make_document([text])
    for standards in (load_standards(), Standards(lines=bare)):
        judged = EvidenceReviewer(standards).judge(application, [document], find_nothing, TODAY)
        assert judged.cycle_parking == ()
        assert line_of(judged, "cycle-parking-standard").compliant is None


def test_a_shortfall_is_a_finding_with_its_sum():
    application = apply_for("Erection of 240 dwellings")
    document = make_document(["A total of 48 cycle spaces will be provided in shelters."])
    judged = EvidenceReviewer(Standards(lines=LINES)).judge(application, [document], find_nothing, TODAY)
    found = line_of(judged, "cycle-parking-standard")
    assert found.compliant is False
    assert "48 cycle spaces are stated" in found.findings[0].detail
    assert "240 bedrooms × 1 = 240" in found.findings[0].detail


def test_a_sum_with_a_figure_that_ocr_is_not_sure_of_is_left_open():
    application = apply_for("Erection of 240 dwellings")
    text = "A total of 48 cycle spaces will be provided in shelters."
    document = make_document([text], ocr=True, ocr_confidence=65.0)
    judged = EvidenceReviewer(Standards(lines=LINES)).judge(application, [document], find_nothing, TODAY)
    assert [one.compliant for one in judged.cycle_parking] == [None]
    found = line_of(judged, "cycle-parking-standard")
    assert found.compliant is None
    assert UNSURE_FIGURE in found.findings[0].detail


@pytest.mark.parametrize(
    ("council", "source"), [("cherwell", "Oxfordshire parking standards"), ("sample", "LTN 1/20")]
)
def test_national_guidance_stands_in_only_where_there_is_no_local_standard(council, source):
    assert {one.source for one in load_standards().of_council(council, TODAY)} == {source}
