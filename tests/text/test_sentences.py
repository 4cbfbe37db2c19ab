"""Where a sentence ends, by the kind of text it stands in."""

import pytest

from planning_review.text.sentences import (
    IN_ANSWERS,
    IN_REVIEWS,
    ON_PAGES,
    ends_sentence,
    split_sentences,
)

KINDS = {"pages": ON_PAGES, "reviews": IN_REVIEWS, "answers": IN_ANSWERS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "One is here. Two is there!  Is three?\nYes.",
            ["One is here.", "Two is there!", "Is three?", "Yes."],
        ),
        ("It is 2.5 m wide. The rest is not.", ["It is 2.5 m wide.", "The rest is not."]),
        ("a path. then more", ["a path. then more"]),
        ("See it.“So” it is", ["See it.“So” it is"]),
        ("It is so. “So” it is", ["It is so.", "“So” it is"]),
        ("", [""]),
    ],
)
def test_a_sentence_ends_at_a_stop_before_what_could_begin_another(kind, text, sentences):
    assert split_sentences(text, KINDS[kind]) == sentences


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("It is level. 3 m is enough.", {"pages", "reviews"}),
        ("It is level. • Next", {"pages"}),
        ("It is level. [Next]", {"pages"}),
        ("It is “level.” Next", {"pages", "answers"}),
        ("It is (level.”) Next", {"pages"}),
        ("On p. Four it is", {"answers"}),
        ("See No. Four", {"answers"}),
        ("See no. Four", {"reviews", "answers"}),
        ("See Fig. Four", {"answers"}),
        ("Under para. Four", {"reviews", "answers"}),
        ("By J. Smith", {"reviews", "answers"}),
        ("In section c. Four", {"reviews", "answers"}),
        ("Paths, etc. Next", {"pages", "reviews", "answers"}),
        ("Roads (e.g.) Next", {"answers"}),
    ],
)
def test_where_the_kinds_of_text_differ(text, kinds):
    assert {kind for kind, ends in KINDS.items() if len(split_sentences(text, ends)) == 2} == kinds


def test_white_space_around_a_text_is_the_callers():
    assert split_sentences(" One.  Two. ", IN_REVIEWS) == [" One.", "Two. "]


@pytest.mark.parametrize("word", ["here.", "here!", "here?", "here.”)", "2.5.", "(e.g.)", "(A.)"])
def test_words_that_end_a_sentence(word):
    assert ends_sentence(word)


@pytest.mark.parametrize("word", ["here", "here,", "2.5", "etc.", "Etc.", "a.", "A.", "Fig.", "Mrs.", "pp."])
def test_words_that_end_none(word):
    assert not ends_sentence(word)


@pytest.mark.parametrize("word", ["min.", "max.", "rd.", "dept."])
def test_pages_know_abbreviations_at_which_passages_are_cut(word):
    assert split_sentences(f"See {word} Next", ON_PAGES) == [f"See {word} Next"]
    assert ends_sentence(word)
