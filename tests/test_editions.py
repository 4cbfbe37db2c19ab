"""Which edition is in force on a day, and what a review cites by it."""

from datetime import date

import pytest
from evidence_helpers import judge_pages, line_of

from planning_review.policy.editions import edition_in_force, load_editions, uncertain_successor


@pytest.mark.parametrize(
    ("source", "day", "edition"),
    [
        ("NPPF", date(2012, 3, 26), None),
        ("NPPF", date(2018, 7, 24), "July 2018"),
        ("NPPF", date(2023, 12, 31), "December 2023"),
        ("NPPF", date(2024, 12, 11), "December 2023"),
        ("NPPF", date(2024, 12, 12), "December 2024"),
        ("NPPF", date(2026, 8, 31), "December 2024"),
        ("NPPF", date(2026, 9, 1), "August 2026"),
        ("LTN 1/20", date(2020, 7, 26), None),
        ("LTN 1/20", date(2026, 11, 23), "July 2020"),
        ("A source nobody knows", date(2026, 11, 23), None),
    ],
)
def test_the_edition_in_force(source, day, edition):
    found = edition_in_force(source, day)
    assert (found.edition if found else None) == edition


def test_the_unconfirmed_day_of_august_2026_is_said():
    assert uncertain_successor("NPPF", date(2026, 8, 15)).edition == "August 2026"
    assert uncertain_successor("NPPF", date(2026, 9, 1)) is None
    note = line_of(judge_pages(["Nothing."], decision_date=date(2026, 8, 15)), "cycle-priority").notes
    assert "August 2026 edition may already have been in force" in note


def test_no_two_editions_of_a_source_begin_on_one_day():
    firsts = [(e.source, e.in_force_from) for e in load_editions()]
    assert len(set(firsts)) == len(firsts)


@pytest.mark.parametrize(
    ("decided", "edition", "paragraph"),
    [
        (None, "August 2026", "TR4(1)(a)"),
        (date(2026, 3, 1), "December 2024", "117(a)"),
        (date(2024, 6, 1), "December 2023", "116(a)"),
    ],
)
def test_national_policy_is_that_of_the_decision_else_of_today(decided, edition, paragraph):
    judgement = judge_pages(["Nothing."], decision_date=decided)
    line = line_of(judgement, "cycle-priority")
    assert (line.policy_source, line.edition, line.paragraph) == ("NPPF", edition, paragraph)
    assert judgement.policy_editions["NPPF"] == edition


def test_a_paragraph_that_was_not_verified_leaves_its_line_out():
    then = judge_pages(["The path will be unlit."], decision_date=date(2026, 3, 1))
    assert "lighting" not in {line.requirement_id for line in then.policy_compliance}
    assert "lighting" not in " ".join(then.recommendations).lower()
    assert line_of(judge_pages(["The path will be unlit."]), "lighting").compliant is False


def test_before_the_guidance_was_published_it_is_not_cited():
    judgement = judge_pages(["The shared path will be 2.0m wide."], decision_date=date(2020, 1, 1))
    assert {"LTN 1/20", "ATE planning toolkit"}.isdisjoint(judgement.policy_editions)


def test_an_edition_that_asks_for_less_is_worded_so():
    line = line_of(judge_pages(["Nothing."], decision_date=date(2026, 3, 1)), "travel-plan")
    assert line.paragraph == "118"
    assert "fallback" not in line.requirement
