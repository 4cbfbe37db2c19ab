"""The requirements as data: whole, consistent, and never more than what was verified."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from planning_review.policy import requirements
from planning_review.policy.editions import load_editions
from planning_review.policy.key_words import check_key_words
from planning_review.policy.passages import PolicyPassage
from planning_review.policy.requirements import (
    ASPECTS,
    load_requirements,
    requirements_version,
)
from planning_review.rules.fact_rows import load_fact_rows
from planning_review.rules.rules_reviewer import EvidenceReviewer

FOLDER = Path(requirements.__file__).parent
BY_ID = {r.id: r for r in load_requirements()}


def find_files():
    return sorted((FOLDER / "requirements").glob("*.yaml"))


def read_version():
    """Return the reviewer's version from the files as they stand now."""
    requirements_version.cache_clear()
    try:
        return EvidenceReviewer().version
    finally:
        requirements_version.cache_clear()


def test_there_are_requirements_on_every_aspect_in_their_order():
    assert {r.aspect for r in BY_ID.values()} == set(ASPECTS)
    assert [ASPECTS.index(r.aspect) for r in load_requirements()] == sorted(
        ASPECTS.index(r.aspect) for r in load_requirements()
    )


@pytest.mark.parametrize("requirement", load_requirements(), ids=lambda r: r.id)
def test_each_can_be_cited_today_by_an_edition_that_exists(requirement):
    assert requirement.citation_on(date(2026, 11, 23)) is not None
    editions = {(e.source, e.edition) for e in load_editions()}
    for text in requirement.cited_as:
        assert {(text.source, edition) for edition in text.paragraphs} <= editions


@pytest.mark.parametrize("requirement", load_requirements(), ids=lambda r: r.id)
def test_nothing_says_that_the_nppf_requires_ltn_1_20(requirement):
    nppf = [text for text in requirement.cited_as if text.source == "NPPF"]
    texts = " ".join([requirement.requirement, requirement.recommendation, requirement.suggested_condition])
    assert not (nppf and "LTN" in texts)
    assert not re.search(r"NPPF|Framework", texts)


def test_what_is_known_from_memory_shows_no_figure_and_carries_no_rating():
    for requirement in BY_ID.values():
        if requirement.mark == "M":
            shown = (requirement.requirement, requirement.recommendation, requirement.suggested_condition)
            assert not any(re.search(r"\d", text) for text in shown), requirement.id


def test_every_ask_names_an_attribute_that_is_read_and_values_that_it_can_have():
    values = {}
    for row in load_fact_rows():
        values.setdefault(row.attribute, set()).update(row.values, row.denied)
    for requirement in BY_ID.values():
        for ask in requirement.asks:
            named = {
                v.strip() for text in (ask.met, ask.breach, ask.noted) for v in text.split(",") if v.strip()
            }
            assert ask.attribute in values, requirement.id
            assert named <= values[ask.attribute], requirement.id
            assert named or ask.is_measure, requirement.id


def test_the_numbers_are_those_of_the_published_tables():
    def limits(requirement_id):
        ask = BY_ID[requirement_id].asks[0]
        return ask.at_least, ask.absolute

    assert limits("one-way-track-width") == (2.0, 1.5)
    assert limits("two-way-track-width") == (3.0, 2.0)
    assert limits("cycle-lane-width") == (2.0, 1.5)
    assert limits("footway-width") == (2.0, 1.5)
    assert BY_ID["shared-path-width"].asks[0].by_cycle_flow[0].desirable == 4.5
    assert [s.desirable for s in BY_ID["carriageway-separation"].asks[0].by_speed] == [1.0, 2.0, 2.5, 3.5]
    assert [s.desirable for s in BY_ID["stopping-sight-distance"].asks[0].by_speed] == [25, 33, 43]


def test_each_aspect_has_a_file_and_no_other_file_lies_there():
    assert {path.name for path in (FOLDER / "requirements").iterdir()} == {
        f"{aspect.lower().replace(' ', '-')}.yaml" for aspect in ASPECTS
    }


@pytest.mark.parametrize(
    ("requirement_id", "day", "paragraph"),
    [
        ("vision-led", date(2026, 11, 23), "TR3(1)(c)"),
        ("vision-led", date(2025, 2, 1), "109, 115(d)"),
        ("choice-of-modes", date(2024, 11, 1), "109"),
        ("least-conflict", date(2025, 2, 1), "117(c)"),
        ("least-conflict", date(2024, 11, 1), "4.2"),
        ("connectivity-tool", date(2026, 11, 23), "TR3(2)"),
    ],
)
def test_the_paragraph_is_that_of_the_edition_of_the_day(requirement_id, day, paragraph):
    assert BY_ID[requirement_id].citation_on(day)[2] == paragraph


def test_what_no_edition_of_the_day_asks_is_left_out():
    assert BY_ID["connectivity-tool"].citation_on(date(2025, 2, 1)) is None
    assert BY_ID["future-scenarios"].citation_on(date(2024, 11, 1)) is None


@pytest.mark.parametrize(
    ("file", "word", "other"),
    [
        ("editions.yaml", "LTN 1/20", "LTN 1/21"),
        *((path.relative_to(FOLDER), "breach_note: ", "breach_note: not ") for path in find_files()),
    ],
    ids=str,
)
def test_judgements_are_made_anew_when_a_word_changes(file, word, other, tmp_path, monkeypatch):
    """Cached judgements rest on the reviewer's version: it is that of every word that decides."""
    shutil.copytree(FOLDER, tmp_path / "policy")
    monkeypatch.setattr(requirements, "_FOLDER", tmp_path / "policy")
    monkeypatch.setattr(requirements, "_REQUIREMENTS", tmp_path / "policy" / "requirements")
    before = read_version()
    text = (tmp_path / "policy" / file).read_text(encoding="utf-8")
    assert word in text
    assert read_version() == before
    (tmp_path / "policy" / file).write_text(text.replace(word, other, 1), encoding="utf-8")
    assert read_version() != before


@pytest.mark.parametrize(
    ("label", "text", "missing", "is_loaded"),
    [
        ("117", "Give priority first to pedestrian and cycle movements.", (), True),
        ("117", "Give priority to pedestrian and cycle movements.", ("first",), True),
        (
            "1170",
            "Give priority first to pedestrian and cycle movements.",
            ("first", "pedestrian", "cycle"),
            False,
        ),
    ],
)
def test_a_requirement_is_held_to_the_words_of_its_paragraph(label, text, missing, is_loaded):
    passage = PolicyPassage(
        source="NPPF",
        edition="December 2024",
        paragraph=label,
        heading=None,
        text=text,
        in_force_from=date(2024, 12, 12),
        in_force_to=None,
        council=None,
        score=0.0,
    )
    checks = {check.requirement_id: check for check in check_key_words("NPPF", "December 2024", [passage])}
    check = checks["cycle-priority"]
    assert (check.missing, check.is_loaded, check.holds) == (missing, is_loaded, is_loaded and not missing)
    assert checks["approved-quality"].is_loaded is False
