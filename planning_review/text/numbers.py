"""Numbers in words and figures, up to the hundreds."""

import re

# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
NUMBER_WORDS = {word: n for n, word in enumerate(_SMALL)} | {
    word: 20 + 10 * n for n, word in enumerate(_TENS)
}
"""What each word alone stands for, the smallest first."""

_UP_TO_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(reversed(_SMALL))})"
# Possessive: "twenty-five" is never given back as a range of twenty to five.
NUMBER = (
    rf"(?>\d{{1,3}}(?:,\d{{3}})+|\d+"
    rf"|\b(?:(?:(?:{_UP_TO_99}|a) )?hundred(?: and {_UP_TO_99})?|{_UP_TO_99})\b)"
)
"""A whole number in lower case: "1,200", "25", "twenty-five", "a hundred and ten"."""


def parse_number(words: str) -> int:
    """Return what a number means that NUMBER has found."""
    digits = words.replace(",", "")
    if digits.isdigit():
        return int(digits)
    total = 0
    for word in re.findall(r"[a-z]+", words):
        total = max(total, 1) * 100 if word == "hundred" else total + NUMBER_WORDS.get(word, 0)
    return total
