"""Patterns that name pieces of each other are spelt out before they are used."""

import re

import pytest

from planning_review.text.patterns import spell_out, spell_out_all


def test_a_pattern_holds_what_it_names_and_keeps_its_own_braces():
    assert spell_out(r"{path}s?\b.{0,9}\d{2}{path}", {"path": "(?:way)"}) == r"(?:way)s?\b.{0,9}\d{2}(?:way)"


def test_each_may_name_those_above_it():
    assert spell_out_all({"a": "x+", "b": "{a}y", "c": "{b}|{a}"}) == {"a": "x+", "b": "x+y", "c": "x+y|x+"}


@pytest.mark.parametrize("patterns", [{"a": "{b}", "b": "x"}, {"a": "{a}"}])
def test_a_name_that_does_not_stand_above_is_an_error(patterns):
    with pytest.raises(KeyError):
        spell_out_all(patterns)


def test_what_is_no_pattern_once_spelt_out_is_an_error():
    with pytest.raises(re.error):
        spell_out("{open}", {"open": "(?:a"})
