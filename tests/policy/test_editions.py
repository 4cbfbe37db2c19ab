"""Which edition is in force on a day, and what a review cites by it."""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from planning_review.policy.editions import (
    edition_in_force,
    find_edition,
    last_day_of,
    load_editions,
    uncertain_successor,
)
from planning_review.policy.requirements import PolicyText, load_requirements
from planning_review.policy.sources import load_sources
from planning_review.register.councils import list_councils, list_policy_sources
from planning_review.report.finding_words import describe_finding
from planning_review.rules.compliance import make_line
from tests.support.evidence_helpers import judge_pages, line_of

PLAN_2042 = "submitted for examination on 31 July 2025"


@pytest.mark.parametrize(
    ("source", "day", "edition"),
    [
        ("NPPF", date(2012, 3, 26), None),
        ("NPPF", date(2018, 7, 24), "July 2018"),
        ("NPPF", date(2023, 12, 31), "December 2023"),
        ("NPPF", date(2024, 12, 11), "December 2023"),
        ("NPPF", date(2024, 12, 12), "December 2024"),
        ("NPPF", date(2026, 8, 16), "December 2024"),
        ("NPPF", date(2026, 8, 17), "August 2026"),
        ("LTN 1/20", date(2020, 7, 26), None),
        ("LTN 1/20", date(2026, 11, 23), "July 2020"),
        ("Cherwell Local Plan 2011-2031 Part 1", date(2015, 7, 20), "July 2015"),
        ("Cherwell Local Plan Review 2042", date(2026, 11, 23), None),
        ("A source nobody knows", date(2026, 11, 23), None),
    ],
)
def test_the_edition_in_force(source, day, edition):
    found = edition_in_force(source, day)
    assert (found.edition if found else None) == edition


def test_the_unconfirmed_day_of_december_2023_is_said():
    assert uncertain_successor("NPPF", date(2023, 12, 19)).edition == "December 2023"
    assert uncertain_successor("NPPF", date(2023, 12, 20)) is None
    cited = (PolicyText(source="NPPF", paragraphs={}), find_edition("NPPF", "September 2023"), "112(a)")
    line = make_line(load_requirements()[0], cited, [], [], date(2023, 12, 19))
    assert line.later_edition is not None
    assert line.later_edition.edition == "December 2023"
    assert "December 2023 edition may already have been in force" in describe_finding(line)


def test_editions_end_when_the_next_begins():
    assert last_day_of(find_edition("NPPF", "December 2023")) == date(2024, 12, 11)
    assert last_day_of(find_edition("NPPF", "August 2026")) is None
    assert last_day_of(find_edition("Cherwell Local Plan Review 2042", PLAN_2042)) is None


@pytest.mark.parametrize(
    ("source", "edition", "said"),
    [
        ("NPPF", "December 2024", "on 12 December 2024"),
        ("NPPF", "December 2023", "in December 2023"),
        ("Inclusive Mobility", "2022", "in 2022"),
        ("Kidlington LCWIP", "to 2031", None),
        ("Cherwell Local Plan Review 2042", PLAN_2042, None),
    ],
)
def test_no_more_of_a_date_is_said_than_is_certain(source, edition, said):
    assert find_edition(source, edition).say_first_day() == said


def test_every_edition_has_its_source_and_every_source_an_edition():
    assert {edition.source for edition in load_editions()} == set(load_sources())


def test_addresses_say_where_they_were_found_and_are_official():
    found = [(source.page_url, source.found) for source in load_sources().values()]
    found += [(edition.file_url, edition.found) for edition in load_editions()]
    for url, where in found:
        assert (url is None) == (where is None)
        if url:
            assert url.startswith("https://")
            assert urlsplit(url).hostname.endswith(".gov.uk")


def test_councils_name_sources_that_exist_and_are_local():
    for council in list_councils():
        for name in list_policy_sources(council):
            assert load_sources()[name].local
    local = {name for name, source in load_sources().items() if source.local}
    assert local == set(list_policy_sources("cherwell"))


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


def test_the_page_for_people_lists_every_open_question():
    page = " ".join((Path(__file__).parents[2] / "docs" / "policies.md").read_text().split())
    for edition in load_editions():
        if edition.check:
            assert " ".join(edition.check.split()) in page, edition.source
