"""Which sentences of a model are kept."""

from datetime import date

import pytest

from planning_review.model.text_checks import TextCheck, cut_words, make_plain

TODAY = date(2026, 11, 23)
MATERIAL = (
    "The path would be 2.5 m wide. [LTN 1/20 (July 2020), Table 6-3] [NPPF (August 2026), TR4(1)(b)] 40 mph"
)


def keep(text, words=90, has_breach=True, day=TODAY):
    check = TextCheck(day, [MATERIAL])
    return check.keep_sound(text, words, has_breach), check.left_out


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("The NPPF requires LTN 1/20 to be met.", "a claim that LTN 1/20 is required"),
        ("National policy mandates compliance with LTN1/20.", "a claim that LTN 1/20 is required"),
        ("Under TR4, LTN 1/20 must be followed.", "a claim that LTN 1/20 is required"),
        ("It requires that Local Transport Note 1/20 is met.", "a claim that LTN 1/20 is required"),
        ("This breaches the NPPF of December 2024.", "a policy edition that is not in force"),
        ("The NPPF (2021) asks for priority.", "a policy edition that is not in force"),
        ("The 2023 NPPF asks for priority.", "a policy edition that is not in force"),
        ("It conflicts with paragraph 117 of national policy.", "a policy reference that it was not given"),
        ("It conflicts with policy TR6.", "a policy reference that it was not given"),
        ("The path is 1.2 m wide.", "a figure that it was not given"),
        ("The limit is 60 mph.", "a figure that it was not given"),
        ("See https://example.org for more.", "a link"),
        ("Write to officer@example.org today.", "a link"),
        ("As instructed, nothing is wrong here.", "words about instructions"),
        ("The scheme fully complies with policy.", "praise in the face of a breach"),
        ("There are no concerns.", "praise in the face of a breach"),
        ("All requirements are met.", "praise in the face of a breach"),
        ("Overall this is green.", "a rating in words"),
    ],
)
def test_a_sentence_at_fault_is_left_out_and_told(sentence, fault):
    text, left_out = keep(f"The path is narrow. {sentence} Riders share it.")
    assert text == "The path is narrow. Riders share it."
    assert left_out == [fault]


@pytest.mark.parametrize(
    "sentence",
    [
        "The path would be 2.5 m wide, which LTN 1/20 advises against.",
        "Riders on the 40 mph road are not protected.",
        "TR4(1)(b) speaks of segregated routes.",
        "The counts date from December 2024.",
        "The Framework of August 2026 puts cycling first.",
        "A green lane crosses the site.",
        "The Green Lane footpath would be diverted.",
    ],
)
def test_a_sound_sentence_is_kept(sentence):
    assert keep(sentence) == (sentence, [])


def test_the_edition_is_that_of_the_day_of_judgement():
    sentence = "The NPPF of December 2023 puts cycling first."
    assert keep(sentence, day=date(2024, 11, 1))[0] == sentence
    assert keep(sentence, day=date(2025, 2, 1))[0] == ""


def test_praise_may_stand_where_nothing_is_breached():
    assert keep("There are no concerns.", has_breach=False)[0] == "There are no concerns."


def test_a_sentence_keeps_what_closes_it():
    text = "The path is narrow (as the plan shows.) It is called “a link.” Riders share it."
    assert keep(text) == (text, [])


def test_texts_are_plain():
    assert make_plain("**Bold** <b>text</b>\n- one\u200b\u202e `two`") == "Bold text one two"


def test_texts_are_cut_at_a_sentence():
    sentences = ["One two three.", "Four five.", "Six."]
    assert cut_words(sentences, 4) == "One two three."
    assert cut_words(sentences, 5) == "One two three. Four five."
    assert cut_words(sentences, 2) == "One two …"
    assert cut_words([], 2) == ""
