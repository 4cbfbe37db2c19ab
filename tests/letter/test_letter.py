"""A letter says what the review's structure says for its stance, each point with its evidence."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from markdown_it import MarkdownIt
from pydantic import ValidationError

from planning_review.errors import UsageError
from planning_review.letter.composition import MAX_WORDS, compose_letter, count_words
from planning_review.letter.contract import Letter
from planning_review.letter.rendering import dump_letter, render_letter_docx, render_letter_markdown
from planning_review.parameters import LetterParameters
from planning_review.policy.requirements import Requirement, load_requirements
from planning_review.report.contract import Review
from planning_review.rules.judgement import Aspect, Decision
from tests.support.handmade_review import (
    BUCKET,
    HOSTILE,
    NARROW,
    make_citation,
    make_hostile_review,
    make_line,
    make_review,
)

DAY = date(2026, 11, 23)
STANCES = ("object", "support", "conditional", "neutral")


def compose(review: Review | None = None, **options: Any) -> Letter:
    facts: dict[str, Any] = {"stance": "object", "letter_date": DAY, "groups": ("Wheels for All",)}
    return compose_letter(review or make_review(), **facts | options)


@pytest.mark.parametrize(
    ("stance", "requirements", "conditions"),
    [
        ("object", ["one-way-track-width"], 0),
        ("support", ["residential-speed"], 0),
        ("conditional", ["one-way-track-width"], 1),
        ("neutral", ["one-way-track-width", "residential-speed"], 0),
    ],
)
def test_stance_chooses_the_points(stance: str, requirements: list[str], conditions: int) -> None:
    letter = compose(stance=stance)

    assert [point.requirement for point in letter.points] == [f"What {name} asks" for name in requirements]
    assert len(letter.conditions) == conditions


@pytest.mark.parametrize("tone", ["formal", "accessible"])
@pytest.mark.parametrize("stance", STANCES)
def test_letter_is_whole_in_every_stance_and_tone(stance: str, tone: str) -> None:
    letter = compose(stance=stance, tone=tone)
    text = render_letter_markdown(letter)

    assert "Wheels for All" in text
    assert "25/00284/F" in text
    assert "{" not in text
    assert "NPPF" not in text
    for point in letter.points:
        (quoted,) = point.citations
        assert f"> “{quoted.quote}”" in text
        assert f"[Transport Assessment, page {quoted.page}]({BUCKET}/1-1-1.pdf#page={quoted.page})" in text
        assert "Local Transport Note 1/20 (July 2020), Table 5-2" in point.text
    assert count_words(letter) <= MAX_WORDS
    assert Letter.model_validate_json(dump_letter(letter)) == letter


def test_tones_differ() -> None:
    formal, accessible = compose(tone="formal"), compose(tone="accessible")
    assert formal.opening != accessible.opening
    assert formal.points[0].text != accessible.points[0].text
    assert formal.letter_id != accessible.letter_id


def test_only_verified_quotes_are_used() -> None:
    stray = make_citation("Never said.", verified=False)
    lines = (
        make_line("crossings", False, stray),
        make_line("surface", False, stray, NARROW),
        make_line("lighting", False),
        make_line("gradient", False, NARROW, dropped_citations=1),
    )
    letter = compose(make_review(judgement={"policy_compliance": lines}))

    (point,) = letter.points
    assert point.requirement == "What surface asks"
    assert [quoted.quote for quoted in point.citations] == [NARROW.quote]
    assert "Never said." not in dump_letter(letter)


@pytest.mark.parametrize(
    ("stance", "compliant", "conditions", "message"),
    [
        ("object", True, ("x",), "no requirement that is not met .* Choose --stance neutral"),
        ("support", False, ("x",), "no requirement that is met .* Choose --stance neutral"),
        ("conditional", False, (), "suggests no condition"),
        ("neutral", None, ("x",), "nothing to put in a letter"),
    ],
)
def test_stance_without_ground_is_refused(
    stance: str, compliant: bool | None, conditions: tuple[str, ...], message: str
) -> None:
    review = make_review(
        judgement={
            "policy_compliance": (make_line("surface", compliant, NARROW),),
            "suggested_conditions": conditions,
        }
    )

    with pytest.raises(UsageError, match=message):
        compose(review, stance=stance)


@pytest.mark.parametrize(
    ("register", "given", "salutation", "closing"),
    [
        ("Ms Jane Smith", None, "Dear Ms Smith", "Yours sincerely"),
        ("Jane Smith", None, "Dear Jane Smith", "Yours sincerely"),
        ("Dr Anna van der Berg", None, "Dear Dr Anna van der Berg", "Yours sincerely"),
        ("Mr Patel", None, "Dear Mr Patel", "Yours sincerely"),
        ("Jane Smith", "Mr Tom Ellis", "Dear Mr Ellis", "Yours sincerely"),
        ("Jane Smith", "", "Dear Jane Smith", "Yours sincerely"),
        (None, None, "Dear Sir or Madam", "Yours faithfully"),
        ("Not Allocated", None, "Dear Sir or Madam", "Yours faithfully"),
        ("Unassigned", None, "Dear Sir or Madam", "Yours faithfully"),
        ("-", None, "Dear Sir or Madam", "Yours faithfully"),
        ("x" * 81, None, "Dear Sir or Madam", "Yours faithfully"),
    ],
)
def test_officer_is_addressed(register: str | None, given: str | None, salutation: str, closing: str) -> None:
    letter = compose(make_review(application={"case_officer": register}), officer=given)

    assert (letter.salutation, letter.closing) == (salutation, closing)
    assert (letter.officer is None) == (closing == "Yours faithfully")
    assert letter.recipient[-2:] == ("Planning Department", "Cherwell District Council")
    assert letter.recipient[0] == (letter.officer or "Planning Department")


def test_letter_names_a_council_whose_register_has_no_address_here() -> None:
    review = make_review().model_copy(update={"council": "leicester"})
    assert compose(review).recipient[-1] == "Leicester City Council"


def test_long_letter_keeps_the_strongest_points() -> None:
    weak = [make_line(f"weak-{n}", False, make_citation(f"Weak {n} " + "word " * 60)) for n in range(10)]
    core = next(requirement for requirement in load_requirements() if requirement.core)
    strong = make_line(core.id, False, NARROW, requirement="What strong asks")
    review = make_review(judgement={"policy_compliance": (*weak, strong)})
    letter = compose(review)

    assert letter.points[0].requirement == "What strong asks"
    assert 1 < len(letter.points) < 11
    assert letter.points_left_out == 11 - len(letter.points)
    assert MAX_WORDS - 100 < count_words(letter) <= MAX_WORDS
    assert f"records {letter.points_left_out} further points" in " ".join(letter.closing_paragraphs)


def test_long_neutral_letter_has_both_kinds() -> None:
    lines = [make_line(f"line-{n}", n >= 10, make_citation(f"Line {n} " + "word " * 60)) for n in range(20)]
    letter = compose(make_review(judgement={"policy_compliance": tuple(lines)}), stance="neutral")

    numbers = [int(point.requirement.split("-")[1].split()[0]) for point in letter.points]
    assert numbers == sorted(numbers)
    unmet = sum(number < 10 for number in numbers)
    assert 0 <= unmet - (len(numbers) - unmet) <= 1


def test_one_point_is_never_left_out() -> None:
    line = make_line("surface", False, make_citation("word " * 900))
    assert len(compose(make_review(judgement={"policy_compliance": (line,)})).points) == 1


def test_a_day_that_is_none_is_refused_before_any_work() -> None:
    assert LetterParameters(reference="25/00284/F", date="2028-02-29").date == "2028-02-29"
    with pytest.raises(ValidationError, match="there is no day 2026-02-29"):
        LetterParameters(reference="25/00284/F", date="2026-02-29")


def test_draft_until_final() -> None:
    draft, final = compose(), compose(final=True)

    assert render_letter_markdown(draft).startswith("**DRAFT: not sent.")
    assert "DRAFT" not in render_letter_markdown(final)
    assert draft.letter_id != final.letter_id
    assert re.fullmatch(r"let_20261123_[0-9a-f]{8}", draft.letter_id)
    assert compose().letter_id == draft.letter_id


def test_reservations_are_told() -> None:
    plain = " ".join(compose().closing_paragraphs)
    assert "could" not in plain
    assert "language model" not in plain
    review = make_review(status="incomplete", judgement={"model": "anthropic:some-model"})
    told = " ".join(compose(review).closing_paragraphs)
    assert "Not all of the application’s documents could be read" in told
    assert "(anthropic:some-model)" in told


def as_heading(requirement: Requirement) -> str:
    return requirement.title[0].upper() + requirement.title[1:]


def test_point_is_named_after_its_requirement() -> None:
    (requirement, *_) = load_requirements()
    aspect = Aspect(name=requirement.aspect, rating="red", key_issue="", analysis="", citations=(NARROW,))
    lines = (make_line(requirement.id, False, NARROW), make_line("long-gone", False, NARROW))
    letter = compose(make_review(judgement={"aspects": (aspect,), "policy_compliance": lines}))

    assert [point.heading for point in letter.points] == [as_heading(requirement), "Long gone"]
    assert [point.aspect for point in letter.points] == [requirement.aspect, None]


def test_core_requirements_come_first_then_the_worst_aspects() -> None:
    core = next(requirement for requirement in load_requirements() if requirement.core)
    others = [r for r in load_requirements() if not r.core and r.aspect != core.aspect]
    amber = others[0]
    red = next(requirement for requirement in others if requirement.aspect != amber.aspect)
    ratings = {core.aspect: "green", amber.aspect: "amber", red.aspect: "red"}
    aspects = tuple(
        Aspect(name=name, rating=rating, key_issue="", analysis="") for name, rating in ratings.items()
    )
    lines = tuple(make_line(requirement.id, False, NARROW) for requirement in (amber, red, core))
    letter = compose(make_review(judgement={"aspects": aspects, "policy_compliance": lines}))

    assert [point.heading for point in letter.points] == [as_heading(each) for each in (core, red, amber)]


def test_hostile_text_stays_text_in_markdown() -> None:
    letter = compose(make_hostile_review(), groups=(HOSTILE,), officer="# [Jane](javascript:x)")
    tokens = MarkdownIt("commonmark").parse(render_letter_markdown(letter))
    tokens += [child for token in tokens for child in token.children or []]

    kinds = {token.type for token in tokens}
    assert not kinds & {"html_inline", "html_block", "image", "code_inline", "heading_open", "fence"}
    links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert links == {f"{BUCKET}/1-1-1.pdf#page=12"}


def test_word_document_holds_the_letter(tmp_path: Path) -> None:
    letter = compose(stance="conditional")
    render_letter_docx(letter, tmp_path / "letter.docx")
    document = Document(str(tmp_path / "letter.docx"))

    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0].startswith("DRAFT")
    assert texts[3] == "Dear Ms Smith"
    assert f"“{NARROW.quote}” Transport Assessment, page 12" in texts
    assert letter.conditions[0] in texts
    assert texts[-2:] == ["Yours sincerely", "Wheels for All"]
    links = [link.url for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert links == [f"{BUCKET}/1-1-1.pdf#page=12"]
    assert document.core_properties.author == "Wheels for All"


def test_word_document_takes_hostile_text(tmp_path: Path) -> None:
    letter = compose(make_hostile_review(), groups=(HOSTILE,), final=True)
    render_letter_docx(letter, tmp_path / "letter.docx")

    document = Document(str(tmp_path / "letter.docx"))
    assert not any("DRAFT" in paragraph.text for paragraph in document.paragraphs)
    assert any("<script>alert(1)</script>" in paragraph.text for paragraph in document.paragraphs)


def test_several_groups_write_together() -> None:
    letter = compose(groups=("Wheels for All", "Castlebrook Cyclists", "Mill Lane Residents"))

    assert letter.opening[0].startswith(
        "Wheels for All, Castlebrook Cyclists and Mill Lane Residents object to this application."
    )
    assert letter.group == "Wheels for All, Castlebrook Cyclists and Mill Lane Residents"


def test_confirmed_findings_come_first() -> None:
    core = next(requirement for requirement in load_requirements() if requirement.core)
    confirmed = make_line("weak", False, NARROW, requirement="What weak asks")
    confirmed = confirmed.model_copy(update={"decision": Decision(verdict="confirmed", decided_on=DAY)})
    review = make_review(judgement={"policy_compliance": (make_line(core.id, False, NARROW), confirmed)})

    assert next(point.requirement for point in compose(review).points) == "What weak asks"


def test_long_conditional_letter_asks_only_for_what_it_argues() -> None:
    requirements = load_requirements()[:30]
    lines = tuple(
        make_line(requirement.id, False, make_citation(f"Line {n} " + "word " * 40))
        for n, requirement in enumerate(requirements)
    )
    conditions = (*(requirement.suggested_condition for requirement in requirements), "One of our own.")
    review = make_review(judgement={"policy_compliance": lines, "suggested_conditions": conditions})
    letter = compose(review, stance="conditional", most_words=400)

    assert count_words(letter) <= 400
    by_title = {as_heading(each): each.suggested_condition for each in requirements}
    assert {by_title[point.heading] for point in letter.points} | {"One of our own."} == set(
        letter.conditions
    )
    assert letter.points_left_out == 30 - len(letter.points)


def test_corrected_finding_is_told_in_the_words_of_the_person() -> None:
    decision = Decision(verdict="corrected", decided_on=DAY, by="A. Volunteer", note="The plan shows 2.4 m.")
    line = make_line("surface", False, NARROW).model_copy(
        update={
            "decision": decision,
        }
    )
    letter = compose(make_review(judgement={"policy_compliance": (line,)}))

    assert letter.points[0].text.endswith("The proposal falls short: The plan shows 2.4 m.")


def test_dismissed_finding_is_in_no_letter() -> None:
    decision = Decision(verdict="dismissed", decided_on=DAY)
    line = make_line("surface", None, NARROW).model_copy(update={"decision": decision})
    other = make_line("lighting", False, NARROW)
    letter = compose(make_review(judgement={"policy_compliance": (line, other)}))

    assert [point.requirement for point in letter.points] == ["What lighting asks"]
