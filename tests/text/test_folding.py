"""Each fold hides what its purpose must not see, and keeps what another one hides."""

import pytest

from planning_review.text.folding import (
    drop_invisible,
    fold_case_and_space,
    fold_for_patterns,
    fold_for_phrases,
    fold_for_quantities,
    fold_label,
    fold_lines,
    fold_quote,
    fold_visible,
)

FOLDS = {
    "case and space": fold_case_and_space,
    "phrases": fold_for_phrases,
    "label": fold_label,
    "quantities": fold_for_quantities,
    "patterns": fold_for_patterns,
    "lines": fold_lines,
    "visible": fold_visible,
    "quote": lambda text: fold_quote(text).squeezed,
}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (
            "St. John’s  Road",
            {
                "case and space": "st. john’s road",
                "phrases": "st johns road",
                "label": "stjohnsroad",
                "quantities": "st. johns road",
                "patterns": "st. john's road",
                "lines": "st. john's road",
                "visible": "St. John's Road",
                "quote": "st.john'sroad",
            },
        ),
        (
            "Co–operative\n“Plan”",
            {
                "case and space": "co–operative “plan”",
                "phrases": "co operative plan",
                "label": "cooperativeplan",
                "quantities": "co-operative “plan”",
                "patterns": 'co-operative "plan"',
                "lines": "co–operative\n“plan”",
                "visible": 'Co–operative "Plan"',
                "quote": 'cooperative"plan"',
            },
        ),
        (
            "2½ ﬁelds(s) & TreePlan12",
            {
                "case and space": "2½ fields(s) & treeplan12",
                "phrases": "21 2 fieldss and tree plan 12",
                "label": "2½fieldsstreeplan12",
                "quantities": "21⁄2 fields(s) & treeplan12",
                "patterns": "2.5 fields(s) & treeplan12",
                "lines": "21⁄2 fields(s) & treeplan12",
                "visible": "21⁄2 fields(s) & TreePlan12",
                "quote": "21⁄2fields(s)&treeplan12",
            },
        ),
        (
            "wi\N{SOFT HYPHEN}der pa\N{ZERO WIDTH SPACE}th",
            {
                "case and space": "wi\N{SOFT HYPHEN}der pa\N{ZERO WIDTH SPACE}th",
                "phrases": "wider path",
                "label": "widerpath",
                "quantities": "wi\N{SOFT HYPHEN}der pa\N{ZERO WIDTH SPACE}th",
                "patterns": "wider pa\N{ZERO WIDTH SPACE}th",
                "lines": "wi\N{SOFT HYPHEN}der pa\N{ZERO WIDTH SPACE}th",
                "visible": "wider path",
                "quote": "widerpath",
            },
        ),
    ],
)
def test_the_folds_differ_as_their_purposes_do(text, folded):
    assert {name: fold(text) for name, fold in FOLDS.items()} == folded


@pytest.mark.parametrize("name", [name for name in FOLDS if name != "visible"])
def test_every_fold_but_the_visible_hides_case(name):
    assert FOLDS[name]("CYCLE Route") == FOLDS[name]("cycle rOUTE")


def test_the_visible_fold_keeps_case_for_its_quotes():
    assert fold_visible("IGNORE  this") == "IGNORE this"


@pytest.mark.parametrize("name", FOLDS)
def test_every_fold_hides_how_white_space_is_set(name):
    assert FOLDS[name]("a \N{NO-BREAK SPACE}\tb") == FOLDS[name]("a b")


def test_phrases_get_plain_words():
    assert fold_for_phrases("Design & Access_Statement(s)–v2.PDF") == "design and access statements v2 pdf"
    assert fold_for_phrases("Neighbour’s  \N{NO-BREAK SPACE}Comment12") == "neighbours comment 12"


def test_a_label_is_known_whatever_stands_around_it():
    assert fold_label(" reference no.▶") == "referenceno"


def test_lines_are_kept_for_what_is_known_by_its_lines():
    assert fold_lines(" Dear Sir,\n\n \nYours   Faithfully") == "dear sir,\nyours faithfully"


def test_only_a_proposal_may_begin_with_white_space():
    assert fold_for_quantities(" Two flats ") == " two flats "


def test_a_folded_quote_knows_where_each_character_stood():
    folded = fold_quote("A straße-\nname")
    assert folded.squeezed == "astrassename"
    assert [folded.text[at] for at in folded.positions] == list("Astraßßename")


def test_a_folded_quote_keeps_points_and_commas_between_figures():
    assert fold_quote("2.5 m").squeezed != fold_quote("25 m").squeezed


def test_what_has_no_shape_is_dropped_and_the_rest_left_as_it_is():
    text = "A\N{RIGHT-TO-LEFT OVERRIDE}b\N{WORD JOINER} \N{ZERO WIDTH NO-BREAK SPACE}’c’"
    assert drop_invisible(text) == "Ab ’c’"
