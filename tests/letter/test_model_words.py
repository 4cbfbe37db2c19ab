"""What a letter takes from a model: checked words for the template's, and matters beyond the requirements."""

from datetime import date
from typing import Any

import pytest

from planning_review.errors import UsageError
from planning_review.letter.rendering import render_letter_markdown
from planning_review.policy.arguments import load_arguments
from planning_review.report.contract import Review
from planning_review.report.html import render_html
from planning_review.rules.judgement import Decision, LetterTexts, OtherMatter, PageBox, Picture
from tests.letter.test_letter import DAY, compose, list_requirements
from tests.support.handmade_review import HOSTILE, NARROW, SLOW, make_citation, make_line, make_review

HARM = "Riders are squeezed against the kerb."
ASK = "Please ask for a track of the width that the guidance gives."
OPENING = "The track is too narrow for those who are to use it."
MERGE = make_citation("At the roundabout riders merge with traffic.", page=8)
CONFIRMED = Decision(verdict="confirmed", decided_on=date(2026, 11, 22))


def make_texts(**changes: Any) -> LetterTexts:
    facts: dict[str, Any] = {
        "opening": OPENING,
        "of": ("one-way-track-width",),
        "harms": {"one-way-track-width": HARM},
        "asks": {"one-way-track-width": ASK},
    }
    return LetterTexts(**facts | changes)


def make_matter(**changes: Any) -> OtherMatter:
    facts: dict[str, Any] = {
        "matter_id": "matter-0011aabb",
        "kind": "statement",
        "title": "Merging at the roundabout",
        "text": "Riders have to merge with motor traffic there.",
        "ask": "Please ask for a track round it.",
        "policy_source": "NPPF",
        "edition": "August 2026",
        "paragraph": "TR4",
        "citations": (MERGE,),
    }
    return OtherMatter(**facts | changes)


def review_with(**judgement: Any) -> Review:
    return make_review(judgement=judgement)


def test_a_models_words_stand_in_the_templates_place_and_nothing_else_changes() -> None:
    without, letter = compose(), compose(review_with(letter_texts=make_texts()))
    [before], [after] = without.points, letter.points
    assert (after.harm, after.ask) == (HARM, ASK)
    assert (after.title, after.proposal, after.policy_words) == (
        before.title,
        before.proposal,
        before.policy_words,
    )
    assert letter.opening.endswith(OPENING)
    assert letter.opening.startswith(without.opening.split(". ")[0])
    assert without.points[0].harm == load_arguments()["one-way-track-width"].harm


def test_what_a_model_left_out_is_the_templates() -> None:
    [point] = compose(review_with(letter_texts=make_texts(harms={}, opening=""))).points
    assert point.harm == load_arguments()["one-way-track-width"].harm
    assert point.ask == ASK


def test_an_opening_on_findings_that_the_letter_leaves_out_is_the_templates() -> None:
    texts = make_texts(of=("one-way-track-width", "crossings"))
    assert compose(review_with(letter_texts=texts)).opening == compose().opening


def test_a_support_letter_takes_no_words_of_harm() -> None:
    review = review_with(letter_texts=make_texts())
    assert compose(review, stance="support").opening == compose(stance="support").opening


def test_a_person_who_corrects_a_finding_gets_the_templates_words() -> None:
    corrected = Decision(verdict="corrected", decided_on=DAY, note="It is 1.4 m wide.")
    line = make_line("one-way-track-width", False, NARROW, decision=corrected)
    [point] = compose(review_with(policy_compliance=(line,), letter_texts=make_texts())).points
    assert point.harm == load_arguments()["one-way-track-width"].harm


def test_a_disputed_finding_is_in_no_letter_until_a_person_decides() -> None:
    lines = (
        make_line("one-way-track-width", False, NARROW, disputed=True),
        make_line("crossings", False, MERGE),
    )
    assert list_requirements(compose(review_with(policy_compliance=lines), final=True)) == ["crossings"]
    decided = (lines[0].model_copy(update={"decision": CONFIRMED}), lines[1])
    assert "one-way-track-width" in list_requirements(compose(review_with(policy_compliance=decided)))


def test_a_letter_on_disputed_findings_alone_has_no_ground() -> None:
    line = make_line("one-way-track-width", False, NARROW, disputed=True)
    with pytest.raises(UsageError):
        compose(review_with(policy_compliance=(line,)))


def test_a_matter_beyond_the_requirements_is_a_point_that_puts_nothing_into_policys_mouth() -> None:
    letter = compose(review_with(other_matters=(make_matter(),)), final=True)
    point = letter.points[-1]
    assert point.title == "Merging at the roundabout"
    assert MERGE.quote in point.proposal
    assert point.policy_words in (
        "It bears on TR4 of the National Planning Policy Framework (August 2026).",
        f"It bears on {point.policy_words.removeprefix('It bears on ')}",
    )
    assert "asks for" not in point.policy_words
    assert point.harm == "Riders have to merge with motor traffic there."


def test_what_was_read_off_a_drawing_needs_a_persons_word_before_a_final_letter() -> None:
    picture = Picture(document_id="1-1-1", page=3, box=PageBox(), scale="1:500", file="page_1.png")
    check = "a model read it off a drawing: look at the picture"
    matter = make_matter(kind="picture", pictures=(picture,), needs_check=check)
    review = review_with(other_matters=(matter,))
    draft = compose(review)
    assert draft.points[-1].needs_a_person == check
    with pytest.raises(UsageError, match="matter-0011aabb"):
        compose(review, final=True)
    confirmed = matter.model_copy(update={"decision": CONFIRMED})
    assert compose(review_with(other_matters=(confirmed,)), final=True).points[-1].harm


@pytest.mark.parametrize(
    "change",
    [
        {"citations": ()},
        {"decision": Decision(verdict="dismissed", decided_on=DAY)},
    ],
)
def test_a_matter_without_quotes_or_that_was_dismissed_is_in_no_letter(change: dict[str, Any]) -> None:
    letter = compose(review_with(other_matters=(make_matter(**change),)))
    assert list_requirements(letter) == ["one-way-track-width"]


def test_a_review_shows_what_a_model_raised_with_its_picture() -> None:
    picture = Picture(document_id="1-1-1", page=3, box=PageBox(), scale="1:500", file="page_1.png")
    matters = (
        make_matter(pictures=(picture,), needs_check="look at the picture"),
        make_matter(matter_id="matter-ffffffff", kind="missing", citations=(), read_whole=("1-1-1",)),
        make_matter(
            matter_id="matter-dismissd", title="Gone", decision=Decision(verdict="dismissed", decided_on=DAY)
        ),
    )
    review = review_with(other_matters=matters)
    for text in (review.review.full_markdown, render_html(review, DAY)):
        assert "What else the model raises" in text
        assert MERGE.quote in text
        assert "page_1.png" in text.replace("\\", "")
        assert "look at the picture" in text
        assert "Gone" not in text
    assert "What else the model raises" not in make_review().review.full_markdown


def test_hostile_words_of_a_model_stay_words() -> None:
    texts = make_texts(opening=HOSTILE, harms={"one-way-track-width": HOSTILE})
    matter = make_matter(title=HOSTILE, text=HOSTILE, ask=HOSTILE, citations=(SLOW,))
    review = review_with(letter_texts=texts, other_matters=(matter,))
    page, letter = render_html(review, DAY), render_letter_markdown(compose(review))
    for text in (page, letter, review.review.full_markdown):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
