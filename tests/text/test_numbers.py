"""Numbers in words: one table, and every reader's share of it."""

import re

import pytest

from planning_review.rules.plain_words import write_plainly
from planning_review.text.numbers import NUMBER, NUMBER_WORDS, parse_number


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("0", 0),
        ("1,200", 1200),
        ("zero", 0),
        ("nineteen", 19),
        ("twenty-five", 25),
        ("ninety nine", 99),
        ("hundred", 100),
        ("a hundred and ten", 110),
        ("two hundred and thirty-one", 231),
    ],
)
def test_numbers_are_found_whole_and_understood(words, number):
    assert re.fullmatch(NUMBER, words)
    assert parse_number(words) == number


def test_a_number_in_words_is_never_given_back_in_part():
    assert re.match(rf"{NUMBER}-five", "twenty-five") is None
    assert re.findall(NUMBER, "sixteen bones, twenty-five to thirty") == ["sixteen", "twenty-five", "thirty"]


def test_each_word_of_the_table_is_a_number_by_itself():
    assert list(NUMBER_WORDS.values()) == [*range(20), *range(20, 100, 10)]
    assert all(parse_number(word) == value for word, value in NUMBER_WORDS.items())


@pytest.mark.parametrize("word", NUMBER_WORDS)
def test_sentences_are_read_with_the_words_of_the_table(word):
    assert write_plainly(f"{word} metres") == f" {NUMBER_WORDS[word]} m "
