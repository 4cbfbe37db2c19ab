"""What stands where a model and the rules differ, as a table."""

import pytest

from planning_review.model.checking import CheckedAspect, CheckedFinding
from planning_review.model.merging import merge_line, merge_rating
from planning_review.report.finding_words import describe_finding
from planning_review.rules.judgement import Citation, ComplianceLine, LineFinding

OLD = Citation(document_id="1-2-3", page=2, quote="the path is 3 m wide", verified=True)
NEW = Citation(document_id="1-2-3", page=7, quote="the path narrows to 1 m", verified=True)
TITLES = {"1-2-3": "Transport Statement"}


def make_line(compliant):
    return ComplianceLine(
        requirement_id="shared-path-width",
        requirement="A shared path is 3 m wide.",
        policy_source="LTN 1/20",
        edition="July 2020",
        paragraph="Table 6-3",
        compliant=compliant,
        citations=() if compliant is None else (OLD,),
        findings=()
        if compliant is None
        else (
            LineFinding(
                verdict="met" if compliant else "breach",
                detail="as stated",
                title="Transport Statement",
                citation=OLD,
            ),
        ),
    )


def make_finding(verdict, citations=(NEW,), dropped=0):
    return CheckedFinding("shared-path-width", verdict, "It narrows.", tuple(citations), dropped)


def make_checked(rating, citations=(NEW,)):
    return CheckedAspect(rating, "", "", tuple(citations), 0, {}, ())


@pytest.mark.parametrize(
    ("evidence", "verdict", "quoted", "stands", "differs"),
    [
        (None, "not met", True, False, True),
        (None, "not met", False, None, True),
        (None, "met", True, None, True),
        (None, "met", False, None, True),
        (None, "no evidence", True, None, False),
        (True, "not met", True, False, True),
        (True, "not met", False, True, True),
        (True, "met", True, True, False),
        (True, "no evidence", True, True, False),
        (False, "met", True, False, True),
        (False, "met", False, False, True),
        (False, "not met", True, False, False),
        (False, "no evidence", True, False, False),
    ],
)
def test_a_line_is_never_better_than_the_rules_say(evidence, verdict, quoted, stands, differs):
    merged = merge_line(make_line(evidence), make_finding(verdict, (NEW,) if quoted else ()), TITLES)
    assert merged.shown.compliant is stands
    assert merged.rated.compliant is stands
    assert bool(merged.differences) is differs
    assert (merged.shown.edition, merged.shown.paragraph) == ("July 2020", "Table 6-3")


def test_the_worse_of_two_statements_stands_with_both_quotes():
    line = merge_line(make_line(True), make_finding("not met"), TITLES).shown
    assert line.citations == (NEW, OLD)
    assert describe_finding(line) == (
        "Not met: It narrows (Transport Statement, page 7). Found by the model. "
        "The rules found it met (Transport Statement, page 2): the worse of the two stands."
    )


def test_a_model_s_met_is_shown_with_its_quote_and_rates_nothing():
    merged = merge_line(make_line(None), make_finding("met"), TITLES)
    assert merged.shown.citations == (NEW,)
    assert "The model reads this as met (Transport Statement, page 7)" in describe_finding(merged.shown)
    assert merged.rated == make_line(None)


def test_quotes_that_were_not_found_are_told():
    notes = describe_finding(merge_line(make_line(False), make_finding("not met", dropped=2), TITLES).shown)
    assert "2 quotes given by the model were not found in the documents and are left out." in notes


@pytest.mark.parametrize(
    ("evidence", "by_rule", "model", "quoted", "stands"),
    [
        ("red", "red", "green", True, "red"),
        ("amber", "green", "green", True, "amber"),
        ("green", "green", "amber", True, "amber"),
        ("green", "green", "red", True, "red"),
        ("green", "green", "red", False, "green"),
        ("green", "red", "green", True, "red"),
        (None, None, "green", True, None),
        (None, None, "amber", True, "amber"),
        (None, None, "red", True, "red"),
        (None, None, "red", False, None),
        (None, "red", None, True, "red"),
        ("green", "green", None, True, "green"),
    ],
)
def test_an_aspect_is_never_better_than_the_rules_say(evidence, by_rule, model, quoted, stands):
    assert merge_rating(evidence, by_rule, make_checked(model, (NEW,) if quoted else ())) == stands


def test_without_a_model_the_rules_stand():
    assert merge_line(make_line(True), None, TITLES).shown == make_line(True)
